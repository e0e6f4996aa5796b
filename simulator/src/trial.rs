//! A run with its goals.

use std::sync::Arc;

use postroom_core::{Blueprint, Event, Sink, Timestamp};

use crate::{
    goals::{Goals, Judgement},
    intervention::{CommandOf, ErrorOf, Intervention, InterventionError, ReplyOf},
    report::{Report, Reporter},
    scenario::{Scenario, ScenarioError},
    world::World,
};

/// A world that is run forwards while its goals are watched.
///
/// # Example: is a message lost where the worker acknowledges before it works?
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, Trial, Verdict};
///
/// let text = include_str!("../examples/acks_too_early.json");
/// let mut scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut lost = Vec::new();
/// for seed in 0..10 {
///     let mut trial = Trial::new(Scenario { seed, ..scenario.clone() })?;
///     trial.run_until(Timestamp::from_millis(60_000));
///     lost.push(trial.judge()[0].verdict == Verdict::Unmet);
/// }
/// assert!(lost.contains(&true) && lost.contains(&false), "now and then");
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone)]
pub struct Trial<S: Blueprint> {
    world: World<S>,
    /// The goals, and who watches for the report if somebody does.
    watch: (Goals, Watch),
}

/// Who watches for a report, if anybody does.
#[derive(Clone)]
struct Watch(Option<Reporter>);

impl Sink for Watch {
    fn record(&mut self, at: Timestamp, event: Event) {
        if let Some(reporter) = &mut self.0 {
            reporter.record(at, event);
        }
    }
}

impl<S: Blueprint> Trial<S> {
    /// The beginning of a scenario.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn new(scenario: impl Into<Arc<Scenario<S>>>) -> Result<Self, ScenarioError> {
        Self::watched(scenario, Watch(None))
    }

    /// The beginning of a scenario that is to end in a report, which costs some time.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn reporting(scenario: impl Into<Arc<Scenario<S>>>) -> Result<Self, ScenarioError> {
        Self::watched(scenario, Watch(Some(Reporter::default())))
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> &World<S> {
        &self.world
    }

    /// The goals as far as the world has come.
    #[must_use]
    pub fn goals(&self) -> &Goals {
        &self.watch.0
    }

    /// Does everything that is due up to and including `to`, and moves on to `to`.
    ///
    /// # Panics
    /// As [`World::step`].
    pub fn run_until(&mut self, to: Timestamp) {
        while !self.run_steps(to, u64::MAX) {}
    }

    /// The same in at most `steps` steps: true once `to` is reached.
    ///
    /// # Panics
    /// As [`World::step`].
    pub fn run_steps(&mut self, to: Timestamp, steps: u64) -> bool {
        for _ in 0..steps {
            if !self.step_by(to) {
                break;
            }
        }
        self.pass_to(to)
    }

    /// Changes the world at its present time, as a watcher of a [`Run`](crate::Run) may.
    ///
    /// # Errors
    /// As [`World::intervene`].
    pub fn intervene(
        &mut self,
        what: Intervention<CommandOf<S>>,
    ) -> Result<Option<ReplyOf<S>>, InterventionError<ErrorOf<S>>> {
        let reply = self.world.intervene(what, &mut self.watch);
        self.look();
        reply
    }

    /// What became of the goals if the run ends now, in their order.
    #[must_use]
    pub fn judge(&self) -> Vec<Judgement> {
        self.watch.0.at_the_end()
    }

    /// The report of the run so far; none unless it began with [`Trial::reporting`].
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.watch.1.0.as_ref().map(|reporter| reporter.report(&self.world))
    }

    /// Does the next thing if it is due by `to`.
    pub(crate) fn step_by(&mut self, to: Timestamp) -> bool {
        let stepped = self.world.step_by(to, &mut self.watch);
        if stepped {
            self.look();
        }
        stepped
    }

    /// Lets time pass to `to` where nothing is due before; whether it could.
    pub(crate) fn pass_to(&mut self, to: Timestamp) -> bool {
        let reached = self.world.pass_to(to);
        if reached {
            self.look();
        }
        reached
    }

    fn watched(
        scenario: impl Into<Arc<Scenario<S>>>,
        mut watch: Watch,
    ) -> Result<Self, ScenarioError> {
        let world = World::new(scenario, &mut watch)?;
        let goals = Goals::new(&world)?;
        let mut this = Self { world, watch: (goals, watch) };
        this.look();
        Ok(this)
    }

    fn look(&mut self) {
        let (goals, Watch(reporter)) = &mut self.watch;
        goals.look(&self.world);
        if let Some(reporter) = reporter {
            reporter.look(&self.world);
        }
    }
}
