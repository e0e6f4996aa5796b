//! The goals of a run, with all that its watcher did.

use postroom_core::Blueprint;

use super::Run;
use crate::{intervention::CommandOf, scenario::ScenarioError, trial::Trial};

impl<S: Blueprint> Run<S>
where
    CommandOf<S>: Clone,
{
    /// A trial of what has happened in the current branch, up to its present time: everything is
    /// run once more from the beginning while the goals watch.
    ///
    /// # Errors
    /// As [`ScenarioError`] says, where a goal names what is not there.
    ///
    /// # Example: a task that is met by doing something
    /// ```
    /// use postroom_core::Timestamp;
    /// use postroom_simulator::{Intervention, Mode, Run, Scenario, Topology, Verdict};
    ///
    /// let text = include_str!("../../examples/acks_too_early.json");
    /// let mut scenario: Scenario<Topology> =
    ///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
    /// scenario.seed = 11;
    /// let mut run = Run::new(scenario)?;
    /// let healthy = Mode::Healthy;
    /// run.intervene(Intervention::SetMode { provider: "warehouse".to_owned(), mode: healthy })?;
    /// run.advance_to(Timestamp::from_millis(60_000));
    /// assert_eq!(run.trial()?.judge()[0].verdict, Verdict::Met, "nothing is lost");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trial(&self) -> Result<Trial<S>, ScenarioError> {
        let mut trial = Trial::new(self.world.shared_scenario())?;
        let (steps, now) = (self.world.steps(), self.world.now());
        loop {
            let is_open = trial.world().interventions() < self.world.interventions();
            let input = self.current.input_after(trial.world()).filter(|_| is_open);
            if let Some(input) = input {
                trial.pass_to(input.at);
                // It was made here before: it cannot be refused now.
                let _ = trial.intervene(input.what.clone());
            } else if trial.world().steps() == steps || !trial.step_by(now) {
                break;
            }
        }
        trial.pass_to(now);
        Ok(trial)
    }
}
