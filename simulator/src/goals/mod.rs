//! Goals: what is asked of a run, and what became of it.
//!
//! A goal is a condition over what can be measured: counts of events, queues, latencies, what
//! providers took. [`Goals`] watches one run: it listens to its events and looks at its world after
//! each step. It decides nothing about messages, so it can be thrown away and made anew from the
//! beginning; a copy of it is a snapshot.
//!
//! [`Trial`](crate::Trial) is a run with its goals, and [`sweep()`](crate::sweep()) many of them.

mod check;
mod copies;
mod document;
mod judge;
mod meters;
#[cfg(test)]
mod tests;
mod words;

use postroom_core::{Blueprint, Event, Hosted, MessageId, QueueId, Sink, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::document::{
    Comparison, Condition, Goal, HeldFor, Measure, Metric, Reason, Throughout, Within,
};
use self::{judge::Node, meters::Meters};
use crate::{scenario::ScenarioError, world::World};

/// The goals of one run, as far as it has come.
///
/// Feed it every event as a [`Sink`], and let it [`look`](Goals::look) after every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goals {
    goals: Vec<(String, Node)>,
    meters: Meters,
    /// The queues' names, by their numbers.
    queues: Vec<String>,
    /// When something changes by itself.
    wakes_at: Option<Timestamp>,
}

/// What became of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is met.
    Met,
    /// It is not met.
    Unmet,
    /// It may still become either.
    Pending,
}

/// A goal judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The goal's name.
    pub goal: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Since when that is so: when it was decided, or since when its condition is as it is.
    pub at_us: Timestamp,
    /// What was measured then: that which decided, of several. None for a condition that compares
    /// nothing.
    pub found: Option<Measured>,
}

/// What a goal found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// The metric.
    pub metric: Metric,
    /// What it was: a count, or milliseconds.
    pub value: u64,
    /// The whole, where a share is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<u64>,
    /// The message that made it so much. None where it is too little, or no message is to blame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The queue in which it did so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
}

impl Goals {
    /// The goals of a world that has just begun.
    ///
    /// # Errors
    /// As [`ScenarioError`] says, where a goal names what is not there.
    pub fn new<S: Blueprint>(world: &World<S>) -> Result<Self, ScenarioError> {
        let (scenario, machine) = (world.scenario(), world.machine());
        let mut meters = Meters::default();
        let mut goals = Vec::with_capacity(scenario.goals.len());
        for (i, goal) in scenario.goals.iter().enumerate() {
            let field = format!("goals[{i}].that");
            let node = Node::new(&goal.that, &field, &mut meters, scenario, machine)?;
            goals.push((goal.name.clone(), node));
        }
        let ids = (0..).map(QueueId::new);
        let queues = ids.map_while(|id| machine.queue_name(id).map(str::to_owned)).collect();
        let mut this = Self { goals, meters, queues, wakes_at: None };
        this.meters.look(world);
        this.judge_at(world.now());
        Ok(this)
    }

    /// Looks at the world after a step.
    pub fn look<S: Blueprint>(&mut self, world: &World<S>) {
        if self.goals.is_empty() {
            return;
        }
        let now = world.now();
        self.pass_to(now);
        self.meters.look(world);
        if self.meters.take_changed() || self.wakes_at.is_some_and(|at| at <= now) {
            self.judge_at(now);
        }
    }

    /// What became of the goals so far, in their order.
    #[must_use]
    pub fn so_far(&self) -> Vec<Judgement> {
        self.judgements(Verdict::Pending, Verdict::Pending)
    }

    /// What became of the goals if the run ends now, in their order.
    #[must_use]
    pub fn at_the_end(&self) -> Vec<Judgement> {
        self.judgements(Verdict::Met, Verdict::Unmet)
    }

    /// Whether every goal is decided already.
    #[must_use]
    pub fn are_decided(&self) -> bool {
        self.goals.iter().all(|(_, node)| node.decided_at().is_some())
    }

    fn judgements(&self, if_true: Verdict, if_false: Verdict) -> Vec<Judgement> {
        let judge = |(name, node): &(String, Node)| {
            let verdict = match (node.decided_at().is_some(), node.is_true()) {
                (true, true) => Verdict::Met,
                (true, false) => Verdict::Unmet,
                (false, true) => if_true,
                (false, false) => if_false,
            };
            let found = node.found().map(|found| self.measured(found));
            Judgement {
                goal: name.clone(),
                verdict,
                at_us: node.decided_at().unwrap_or(node.since()),
                found,
            }
        };
        self.goals.iter().map(judge).collect()
    }

    fn measured(&self, found: judge::Found) -> Measured {
        let queue = found.culprit.and_then(|(queue, _)| queue);
        let name = queue.and_then(|queue| self.queues.get(queue.number() as usize));
        Measured {
            metric: self.meters.meter(found.meter).metric().clone(),
            value: found.value,
            whole: found.whole,
            message: found.culprit.map(|(_, message)| message),
            queue: name.cloned(),
        }
    }

    /// Judges what changes by itself before `to`.
    fn pass_to(&mut self, to: Timestamp) {
        while let Some(at) = self.wakes_at.filter(|at| *at < to) {
            self.judge_at(at);
        }
    }

    fn judge_at(&mut self, now: Timestamp) {
        let meters = &self.meters;
        self.goals.iter_mut().for_each(|(_, node)| node.update(now, meters));
        let times = self.goals.iter().filter_map(|(_, node)| node.wakes_at(now, meters));
        self.wakes_at = times.min();
    }
}

impl Sink for Goals {
    fn record(&mut self, at: Timestamp, event: Event) {
        if !self.goals.is_empty() {
            self.pass_to(at);
            self.meters.note(at, event);
        }
    }
}
