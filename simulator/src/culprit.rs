//! Who is to blame for a goal that is not met.

use std::collections::BTreeMap;

use postroom_core::{
    Blueprint, Event, Hosted, MessageId, QueueId, Sink, Timestamp,
    observe::{Lineage, MessagePath, PathStep},
};

use crate::{
    goals::{Measure, Measured},
    scenario::{Scenario, ScenarioError},
    sweep::with_seed,
    world::World,
};

/// The message to blame for a goal that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// Which.
    pub message: MessageId,
    /// The queue of the copy that is to blame; none if the goal asks about all of them.
    pub queue: Option<String>,
    /// What befell the message and that copy up to then, oldest first.
    pub steps: Vec<PathStep>,
}

/// Finds the message to blame for what was `found` on a seed `at` a time, by running that seed once
/// more. None where no message is.
///
/// # Errors
/// As [`ScenarioError`] says.
///
/// # Example: which order was lost, and how
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, culprit, try_seed};
///
/// let text = include_str!("../examples/acks_too_early.json");
/// let scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// let result = try_seed(&scenario, 1, Timestamp::from_millis(60_000))?;
/// let judged = &result.goals[0];
/// let found = judged.found.as_ref().expect("it was measured");
/// let culprit = culprit(&scenario, 1, judged.at_us, found)?.expect("an order is lost");
/// assert_eq!(culprit.queue.as_deref(), Some("orders"));
/// assert_eq!(culprit.steps.last().map(|step| step.at), Some(judged.at_us));
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
pub fn culprit<S: Blueprint>(
    scenario: &Scenario<S>,
    seed: u64,
    at: Timestamp,
    found: &Measured,
) -> Result<Option<Culprit>, ScenarioError> {
    let scenario = with_seed(scenario, seed);
    let is_the_oldest = found.metric.measure == Measure::OldestAgeMs && found.value > 0;
    let (message, queue) = if is_the_oldest {
        let queue = &found.metric.queue;
        (oldest(scenario.clone(), queue.as_deref(), at)?, queue)
    } else {
        (found.message, &found.queue)
    };
    let Some(message) = message else { return Ok(None) };
    let steps = steps_until(scenario, message, queue.as_deref(), at)?;
    Ok(Some(Culprit { message, queue: queue.clone(), steps }))
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

/// What befell a message up to a time, and of its copies the one in this queue: as few steps as tell
/// it.
fn steps_until<S: Blueprint>(
    scenario: Scenario<S>,
    message: MessageId,
    queue: Option<&str>,
    until: Timestamp,
) -> Result<Vec<PathStep>, ScenarioError> {
    let mut only = OnlyOne { message, lineage: Lineage::default() };
    let mut world = World::new(scenario, &mut only)?;
    world.run_until(until, &mut only);
    let path = only.lineage.of(message);
    Ok(path.map(|path| steps(path, &world, queue)).unwrap_or_default())
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
