//! The goals of a scenario, asked on many seeds, bit by bit.

use std::sync::Arc;

use postroom_core::Timestamp;
use postroom_simulator::{Scenario, ScenarioError, Topology, Trial, Verdict};

/// Seeds that are asked: the scenario's own, and those that follow it.
pub const SEEDS: u64 = 20;

/// What has been asked and answered so far.
pub struct Proof {
    scenario: Arc<Scenario<Topology>>,
    until: Timestamp,
    /// Seeds that have answered.
    asked: u64,
    /// The run of the next seed, if it is under way.
    trial: Option<Trial<Topology>>,
    goals: Vec<Answers>,
}

/// What the seeds answered about one goal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Seeds on which it is met.
    pub met: u64,
    /// Seeds on which it is not.
    pub unmet: u64,
    /// The first of these, and since when.
    pub first: Option<(u64, Timestamp)>,
}

impl Proof {
    /// Nothing is asked yet; each run will end at `until`.
    #[must_use]
    pub fn new(scenario: Arc<Scenario<Topology>>, until: Timestamp) -> Self {
        let goals = vec![Answers::default(); scenario.goals.len()];
        Self { scenario, until, asked: 0, trial: None, goals }
    }

    /// When each run ends.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Seeds that have answered.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// The answers, in the order of the goals.
    #[must_use]
    pub fn goals(&self) -> &[Answers] {
        &self.goals
    }

    /// Whether every seed has answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.asked >= SEEDS
    }

    /// Goes on for at most so many steps of a run.
    ///
    /// # Errors
    /// As [`Trial::new`]; not for a scenario that runs already.
    pub fn work(&mut self, steps: u64) -> Result<(), ScenarioError> {
        if self.is_done() {
            return Ok(());
        }
        let seed = self.scenario.seed.wrapping_add(self.asked);
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => Trial::new(Scenario { seed, ..Scenario::clone(&self.scenario) })?,
        };
        if !trial.run_steps(self.until, steps) {
            self.trial = Some(trial);
            return Ok(());
        }
        for (answers, judgement) in self.goals.iter_mut().zip(trial.judge()) {
            if judgement.verdict == Verdict::Met {
                answers.met += 1;
            } else {
                answers.unmet += 1;
                answers.first.get_or_insert((seed, judgement.at_us));
            }
        }
        self.asked += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        templates::{TEMPLATES, template},
        text::open,
    };

    #[test]
    fn every_template_meets_its_goals_on_every_seed() {
        for template in &TEMPLATES {
            let scenario = open(template.document).expect("a scenario").scenario;
            assert!(!scenario.goals.is_empty(), "{}", template.id);
            let until = if template.id == "down-for-an-hour" { 5_460_000 } else { 300_000 };
            let mut proof = Proof::new(scenario, Timestamp::from_millis(until));
            while !proof.is_done() {
                proof.work(u64::MAX).expect("it runs");
            }
            for answers in proof.goals() {
                assert_eq!(answers.met, SEEDS, "{}: {answers:?}", template.id);
            }
        }
    }

    #[test]
    fn a_goal_that_is_not_met_names_the_first_seed() {
        let text = template("work-queue").expect("it is there").document;
        let text = text.replace("\"value\": 100", "\"value\": 0");
        let scenario = open(&text).expect("a scenario").scenario;
        let seed = scenario.seed;
        let mut proof = Proof::new(scenario, Timestamp::from_millis(300_000));
        let mut bits = 0;
        while !proof.is_done() {
            proof.work(100).expect("it runs");
            bits += 1;
        }
        assert!(bits > 2 * SEEDS, "a seed takes several bits: {bits}");
        let answers = &proof.goals()[0];
        assert_eq!((answers.met, answers.unmet), (0, SEEDS));
        assert!(answers.first.is_some_and(|(first, at)| first == seed && at > Timestamp::ZERO));
    }
}
