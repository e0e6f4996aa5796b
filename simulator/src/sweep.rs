//! One question to many seeds.

use std::collections::BTreeMap;

use postroom_core::{
    Blueprint, Event, Hosted, MessageId, QueueId, Sink, Timestamp,
    observe::{Lineage, MessagePath, PathStep},
};
use serde::{Deserialize, Serialize};

use crate::{
    goals::{Judgement, Measure, Measured, Verdict},
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
            let (scenario, at) = (with_seed(scenario, failure.seed), failure.at_us);
            if found.metric.measure == Measure::OldestAgeMs && found.value > 0 {
                found.queue.clone_from(&found.metric.queue);
                found.message = oldest(scenario.clone(), found.queue.as_deref(), at)?;
            }
            if let Some(message) = found.message {
                failure.path = tell(scenario, message, found.queue.as_deref(), at)?;
            }
        }
        Ok(())
    }
}

/// The message whose copy has been in a queue for the longest time.
fn oldest<S: Blueprint>(
    scenario: Scenario<S>,
    queue: Option<&str>,
    at: Timestamp,
) -> Result<Option<MessageId>, ScenarioError> {
    let mut present = Present::default();
    let mut world = World::new(scenario, &mut present)?;
    world.run_until(at, &mut present);
    let is_there = |id: QueueId| world.machine().queue_name(id) == queue;
    let copies = present.copies.iter().filter(|((id, _), _)| is_there(*id));
    Ok(copies.min_by_key(|(_, place)| **place).map(|((_, message), _)| *message))
}

/// Which copies are in queues, with their places in the order of arrival.
#[derive(Default)]
struct Present {
    came: u64,
    copies: BTreeMap<(QueueId, MessageId), u64>,
}

impl Sink for Present {
    fn record(&mut self, _: Timestamp, event: Event) {
        match event {
            Event::Enqueued { queue, message, .. } => {
                self.came += 1;
                self.copies.insert((queue, message), self.came);
            }
            Event::Acked { queue, message, .. }
            | Event::DeadLettered { queue, message, .. }
            | Event::Discarded { queue, message, .. }
            | Event::Redriven { queue, message, .. } => {
                self.copies.remove(&(queue, message));
            }
            _ => {}
        }
    }
}

/// Listens to one message.
struct OnlyOne {
    message: MessageId,
    lineage: Lineage,
}

impl Sink for OnlyOne {
    fn record(&mut self, at: Timestamp, event: Event) {
        if event.message() == Some(self.message) {
            self.lineage.record(at, event);
        }
    }
}

/// What befell a message up to a time, and of its copies the one in this queue: as few lines as tell
/// it.
fn tell<S: Blueprint>(
    scenario: Scenario<S>,
    message: MessageId,
    queue: Option<&str>,
    until: Timestamp,
) -> Result<Vec<String>, ScenarioError> {
    let mut only = OnlyOne { message, lineage: Lineage::default() };
    let mut world = World::new(scenario, &mut only)?;
    world.run_until(until, &mut only);
    let Some(path) = only.lineage.of(message) else { return Ok(Vec::new()) };
    let mut trace = Trace::new();
    for step in steps(path, &world, queue) {
        trace.record(step.at, step.event);
    }
    let text = trace.named(world.machine()).to_text();
    Ok(text.lines().map(str::to_owned).collect())
}

/// The steps of a message and of its copy that was in this queue, or of all its copies.
fn steps<S: Blueprint>(path: &MessagePath, world: &World<S>, queue: Option<&str>) -> Vec<PathStep> {
    let is_there = |step: &PathStep| {
        let name = step.event.queue().and_then(|queue| world.machine().queue_name(queue));
        queue.is_none() || name == queue
    };
    let copies = path.copies().iter().filter(|copy| copy.steps().iter().any(is_there));
    let steps = copies.flat_map(|copy| copy.steps());
    let mut steps: Vec<PathStep> = path.steps().iter().chain(steps).copied().collect();
    steps.sort_by_key(|step| step.at);
    steps
}

fn with_seed<S: Clone>(scenario: &Scenario<S>, seed: u64) -> Scenario<S> {
    Scenario { seed, ..scenario.clone() }
}
