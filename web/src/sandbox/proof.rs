//! The goals of a scenario, asked on many seeds: what is asked, and what has been answered.

use std::sync::Arc;

use postroom_core::{MessageId, Recorded, Timestamp};
use postroom_simulator::{Judgement, Scenario, ScenarioError, Topology, Trial, Verdict, culprit};
use serde::{Deserialize, Serialize};

use crate::{
    panels::{Names, words},
    run,
};

/// Seeds that are asked: the scenario's own, and those that follow it.
pub const SEEDS: u64 = 200;
/// Lines that tell the path of a message: its first, and the last before the goal failed.
pub const PATH_LINES_MAX: usize = 12;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The scenario, with the first seed.
    pub scenario: Arc<Scenario<Topology>>,
    /// When each run ends.
    pub until: Timestamp,
    /// How many seeds.
    pub seeds: u64,
}

/// What has been answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Seeds that have answered.
    pub asked: u64,
    /// In the order of the goals.
    pub goals: Vec<Answer>,
}

/// What the seeds answered about one goal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Seeds on which it is met.
    pub met: u64,
    /// Seeds on which it is not.
    pub unmet: u64,
    /// The first of these.
    pub first: Option<Finding>,
}

/// Where a goal is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// On this seed.
    pub seed: u64,
    /// Since then.
    pub at: Timestamp,
    /// The message to blame, if one is.
    pub message: Option<MessageId>,
    /// What befell it up to then, in words.
    pub path: Vec<(Timestamp, String)>,
}

/// The asking, bit by bit.
pub struct Proof {
    question: Question,
    answers: Answers,
    /// The run of the next seed, if it is under way.
    trial: Option<Trial<Topology>>,
}

impl Proof {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(question: Question) -> Self {
        let goals = vec![Answer::default(); question.scenario.goals.len()];
        Self { question, answers: Answers { asked: 0, goals }, trial: None }
    }

    /// What has been answered so far.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Whether every seed has answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.answers.asked >= self.question.seeds
    }

    /// Goes on for at most so many steps of a run.
    ///
    /// # Errors
    /// As [`Trial::new`]; not for a scenario that runs already.
    pub fn work(&mut self, steps: u64) -> Result<(), ScenarioError> {
        if self.is_done() {
            return Ok(());
        }
        let seed = self.question.scenario.seed.wrapping_add(self.answers.asked);
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => Trial::new(with_seed(&self.question.scenario, seed))?,
        };
        if !trial.run_steps(self.question.until, steps) {
            self.trial = Some(trial);
            return Ok(());
        }
        for (answer, judged) in self.answers.goals.iter_mut().zip(trial.judge()) {
            if judged.verdict == Verdict::Met {
                answer.met += 1;
                continue;
            }
            answer.unmet += 1;
            if answer.first.is_none() {
                answer.first = Some(finding(&self.question.scenario, seed, &judged)?);
            }
        }
        self.answers.asked += 1;
        Ok(())
    }
}

fn with_seed(scenario: &Scenario<Topology>, seed: u64) -> Scenario<Topology> {
    Scenario { seed, ..scenario.clone() }
}

fn finding(
    scenario: &Arc<Scenario<Topology>>,
    seed: u64,
    judged: &Judgement,
) -> Result<Finding, ScenarioError> {
    let mut finding = Finding { seed, at: judged.at_us, message: None, path: Vec::new() };
    let Some(found) = &judged.found else { return Ok(finding) };
    let Some(culprit) = culprit(scenario, seed, judged.at_us, found)? else { return Ok(finding) };
    finding.message = Some(culprit.message);
    let names = Names::of(&run::open(Arc::clone(scenario))?.layout());
    let mut steps = culprit.steps;
    if steps.len() > PATH_LINES_MAX {
        steps.drain(1..=steps.len() - PATH_LINES_MAX);
    }
    let lines = steps.into_iter().map(|step| {
        let recorded = Recorded { at: step.at, command: 0, index: 0, event: step.event };
        (step.at, words::what(&recorded, &names))
    });
    finding.path = lines.collect();
    Ok(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{
        templates::{TEMPLATES, template},
        text::open,
    };

    fn asked(text: &str, until_ms: u64, seeds: u64, steps: u64) -> (Answers, u64) {
        let scenario = open(text).expect("a scenario").scenario;
        let until = Timestamp::from_millis(until_ms);
        let mut proof = Proof::new(Question { scenario, until, seeds });
        let mut bits = 0;
        while !proof.is_done() {
            proof.work(steps).expect("it runs");
            bits += 1;
        }
        (proof.answers().clone(), bits)
    }

    #[test]
    fn every_template_meets_its_goals_on_every_seed() {
        for template in &TEMPLATES {
            let until_ms = if template.id == "down-for-an-hour" { 5_460_000 } else { 300_000 };
            let (answers, _) = asked(template.document, until_ms, 20, u64::MAX);
            assert!(!answers.goals.is_empty(), "{}", template.id);
            for answer in answers.goals {
                assert_eq!(answer.met, 20, "{}: {answer:?}", template.id);
            }
        }
    }

    #[test]
    fn a_goal_that_is_not_met_names_the_first_seed() {
        let text = template("work-queue").expect("it is there").document;
        let text = text.replace("\"value\": 100", "\"value\": 0");
        let seed = open(&text).expect("a scenario").scenario.seed;
        let (answers, bits) = asked(&text, 300_000, 20, 100);
        assert!(bits > 40, "a seed takes several bits: {bits}");
        let answer = &answers.goals[0];
        assert_eq!((answer.met, answer.unmet), (0, 20));
        let first = answer.first.as_ref().expect("it is not met");
        assert!(first.seed == seed && first.at > Timestamp::ZERO);
    }

    #[test]
    fn the_path_of_a_lost_message_is_told_in_words() {
        let text = include_str!("../../../simulator/examples/acks_too_early.json");
        let (answers, _) = asked(text, 600_000, 20, u64::MAX);
        let lost = &answers.goals[0];
        assert!(lost.met > 0 && lost.unmet > 0, "now and then: {lost:?}");
        let first = lost.first.as_ref().expect("it is lost");
        let words: Vec<&str> = first.path.iter().map(|(_, words)| words.as_str()).collect();
        assert!(words.len() > 2 && words.len() <= PATH_LINES_MAX, "{words:?}");
        assert!(first.message.is_some());
        assert!(first.path.is_sorted_by_key(|(at, _)| *at));
        assert_eq!(first.path.last().map(|(at, _)| *at), Some(first.at));
        assert_eq!(answers.goals[1].first, None);
    }

    #[test]
    fn question_and_answers_survive_the_way_to_a_worker() {
        let text = include_str!("../../../simulator/examples/acks_too_early.json");
        let scenario = open(text).expect("a scenario").scenario;
        let question = Question { scenario, until: Timestamp::from_millis(60_000), seeds: 3 };
        let json = serde_json::to_string(&question).expect("plain data");
        assert_eq!(serde_json::from_str::<Question>(&json).expect("the same"), question);
        let (answers, _) = asked(text, 600_000, 20, u64::MAX);
        let json = serde_json::to_string(&answers).expect("plain data");
        assert_eq!(serde_json::from_str::<Answers>(&json).expect("the same"), answers);
    }
}
