//! One question to many seeds.

use postroom_core::{Blueprint, Sink, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    culprit::culprit,
    goals::{Judgement, Measured, Verdict},
    report::Report,
    scenario::{Scenario, ScenarioError},
    trace::Trace,
    trial::Trial,
    world::World,
};

/// What many seeds answered. Its [`Display`](std::fmt::Display) is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The scenario's name.
    pub scenario: String,
    /// Each run went so far.
    pub until_us: Timestamp,
    /// So many seeds were asked.
    pub seeds: u64,
    /// In the order of the scenario.
    pub goals: Vec<GoalOverSeeds>,
    /// What all the runs together came to.
    pub report: Report,
}

/// What became of one goal on many seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalOverSeeds {
    /// The goal's name.
    pub goal: String,
    /// The seeds on which it is not met, in the order in which they were asked.
    pub failed: Vec<u64>,
    /// The first of them, told in full.
    pub first: Option<Failure>,
}

/// A goal that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The scenario with this seed shows it again.
    pub seed: u64,
    /// When it was decided, or since when its condition is false.
    pub at_us: Timestamp,
    /// What was measured then.
    pub found: Option<Measured>,
    /// The path of the message to blame up to then, a line for each step; empty if there is none.
    pub path: Vec<String>,
}

/// What one seed answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedResult {
    /// The seed.
    pub seed: u64,
    /// What became of the goals, in their order.
    pub goals: Vec<Judgement>,
    /// What the run came to.
    pub report: Report,
}

/// Asks the goals of `scenario` of every seed, one after the other, each up to `until`.
///
/// # Errors
/// As [`ScenarioError`] says.
///
/// # Example: the first seed on which something is lost, and how
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, sweep};
///
/// let text = include_str!("../examples/acks_too_early.json");
/// let scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// let sweep = sweep(&scenario, 0..20, Timestamp::from_millis(60_000))?;
/// let failure = sweep.goals[0].first.as_ref().expect("it has a flaw");
/// assert_eq!(failure.seed, sweep.goals[0].failed[0]);
/// let last = failure.path.last().expect("a message is to blame");
/// assert!(last.ends_with("failed, Transient"), "acknowledged, then the work failed: {last}");
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
pub fn sweep<S: Blueprint>(
    scenario: &Scenario<S>,
    seeds: impl IntoIterator<Item = u64>,
    until: Timestamp,
) -> Result<Sweep, ScenarioError> {
    let mut sweep = Sweep::new(scenario, until);
    for seed in seeds {
        sweep.add(try_seed(scenario, seed, until)?);
    }
    sweep.explain(scenario)?;
    Ok(sweep)
}

/// Runs `scenario` with another seed up to `until`: a part of a sweep, for a thread of its own.
///
/// # Errors
/// As [`ScenarioError`] says.
pub fn try_seed<S: Blueprint>(
    scenario: &Scenario<S>,
    seed: u64,
    until: Timestamp,
) -> Result<SeedResult, ScenarioError> {
    let mut trial = Trial::reporting(with_seed(scenario, seed))?;
    trial.run_until(until);
    let report = trial.report().unwrap_or_default();
    Ok(SeedResult { seed, goals: trial.judge(), report })
}

impl Sweep {
    /// A sweep that has asked no seed yet.
    #[must_use]
    pub fn new<S>(scenario: &Scenario<S>, until: Timestamp) -> Self {
        let goals = scenario.goals.iter().map(|goal| GoalOverSeeds {
            goal: goal.name.clone(),
            failed: Vec::new(),
            first: None,
        });
        Self {
            scenario: scenario.name.clone(),
            until_us: until,
            seeds: 0,
            goals: goals.collect(),
            report: Report::default(),
        }
    }

    /// Adds what one more seed answered. To get the same sweep again, add them in the same order.
    pub fn add(&mut self, result: SeedResult) {
        self.seeds += 1;
        self.report.add(&result.report);
        for (sum, judged) in self.goals.iter_mut().zip(result.goals) {
            if judged.verdict == Verdict::Met {
                continue;
            }
            sum.failed.push(result.seed);
            sum.first.get_or_insert(Failure {
                seed: result.seed,
                at_us: judged.at_us,
                found: judged.found,
                path: Vec::new(),
            });
        }
    }

    /// Whether every goal is met on every seed.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.goals.iter().all(|goal| goal.failed.is_empty())
    }

    /// Finds the path of the message to blame for each first failure: runs its seed once more.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn explain<S: Blueprint>(&mut self, scenario: &Scenario<S>) -> Result<(), ScenarioError> {
        for failure in self.goals.iter_mut().filter_map(|goal| goal.first.as_mut()) {
            let Some(found) = &mut failure.found else { continue };
            let Some(culprit) = culprit(scenario, failure.seed, failure.at_us, found)? else {
                continue;
            };
            found.message = Some(culprit.message);
            found.queue = culprit.queue;
            let world = World::new(scenario.clone(), &mut ())?;
            let mut trace = Trace::new();
            culprit.steps.iter().for_each(|step| trace.record(step.at, step.event));
            let text = trace.named(world.machine()).to_text();
            failure.path = text.lines().map(str::to_owned).collect();
        }
        Ok(())
    }
}

/// The scenario with another seed.
pub(crate) fn with_seed<S: Clone>(scenario: &Scenario<S>, seed: u64) -> Scenario<S> {
    Scenario { seed, ..scenario.clone() }
}
