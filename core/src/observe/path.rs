//! The path of one message: what befell it and each of its copies.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    event::Event,
    id::{LeaseId, QueueId},
    limits::{LINEAGE_COPIES_MAX, LINEAGE_STEPS_MAX},
    time::Timestamp,
};

/// Something that befell a message or one of its copies. The event says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PathStep {
    /// When.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// The path of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagePath {
    steps: Steps,
    copies: Vec<CopyPath>,
}

/// The path of one copy, through all the queues in which it has been.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyPath {
    origin: QueueId,
    /// Where it is, or was last.
    queue: QueueId,
    is_open: bool,
    /// It has left another queue for this one, and its `Enqueued` is yet to come.
    is_arriving: bool,
    /// The queue that it left last.
    left: Option<QueueId>,
    /// The lease under which somebody holds it.
    lease: Option<LeaseId>,
    steps: Steps,
}

/// The first step and the latest ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    kept: Vec<PathStep>,
    left_out: u64,
}

impl MessagePath {
    /// What befell the message as a whole, oldest first: that it was published, and each time that
    /// its dedup key was published again. At most [`LINEAGE_STEPS_MAX`]: the first and the latest.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.steps.kept
    }

    /// Steps that were forgotten after the first one, and those of copies beyond
    /// [`LINEAGE_COPIES_MAX`].
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.steps.left_out
    }

    /// Its copies, in the order in which they came about.
    #[must_use]
    pub fn copies(&self) -> &[CopyPath] {
        &self.copies
    }

    /// Whether none of its copies is in a queue, dead letters included.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !self.copies.iter().any(|copy| copy.is_open)
    }

    pub(super) fn add(&mut self, at: Timestamp, event: Event) {
        let step = PathStep { at, event };
        let Some(queue) = event.queue().filter(|_| !is_about_the_message(&event)) else {
            return self.steps.push(step);
        };
        let index = match event {
            // Each says that a copy came about, or arrived from elsewhere.
            Event::Enqueued { .. } => self.position(queue, |copy| copy.is_arriving),
            Event::Refused { .. } => None,
            Event::DeadLettered { .. } => self.at(queue, |copy| copy.lease.is_some()),
            // Dead letters of several queues may meet in one: this one goes where it came from.
            Event::Redriven { to, .. } => self.at(queue, |copy| copy.left == Some(to)),
            Event::Delivered { .. } | Event::Matured { .. } => {
                self.any_at(queue, |copy| copy.lease.is_none())
            }
            Event::Acked { lease, .. } | Event::LeaseExpired { lease, .. } => {
                self.any_at(queue, |copy| copy.lease == Some(lease))
            }
            _ => self.any_at(queue, |copy| copy.lease.is_some()),
        };
        let index = index.unwrap_or_else(|| {
            self.copies.push(CopyPath::new(queue));
            self.copies.len() - 1
        });
        if index >= LINEAGE_COPIES_MAX as usize {
            self.copies.truncate(index);
            self.steps.left_out += 1;
            return;
        }
        self.copies[index].add(step);
    }

    /// False for a damaged document.
    pub(super) fn is_within_bounds(&self) -> bool {
        let fits = |steps: &Steps| steps.kept.len() <= LINEAGE_STEPS_MAX as usize;
        self.copies.len() <= LINEAGE_COPIES_MAX as usize
            && fits(&self.steps)
            && self.copies.iter().all(|copy| fits(&copy.steps))
    }

    fn position(&self, queue: QueueId, is_it: impl Fn(&CopyPath) -> bool) -> Option<usize> {
        self.copies.iter().position(|copy| copy.queue == queue && copy.is_open && is_it(copy))
    }

    /// The copy that is in a queue. Two of one message may be; events do not always tell which is
    /// meant, then `likely` does.
    fn at(&self, queue: QueueId, likely: impl Fn(&CopyPath) -> bool) -> Option<usize> {
        self.position(queue, |copy| !copy.is_arriving && likely(copy))
            .or_else(|| self.position(queue, |copy| !copy.is_arriving))
    }

    /// The same, or one that was in it: a call may outlive its lease.
    fn any_at(&self, queue: QueueId, likely: impl Fn(&CopyPath) -> bool) -> Option<usize> {
        let was_there = |copy: &CopyPath| copy.queue == queue || copy.left == Some(queue);
        self.at(queue, likely).or_else(|| self.copies.iter().position(was_there))
    }
}

impl CopyPath {
    fn new(origin: QueueId) -> Self {
        Self {
            origin,
            queue: origin,
            is_open: true,
            is_arriving: false,
            left: None,
            lease: None,
            steps: Steps::default(),
        }
    }

    /// The queue that it was published for.
    #[must_use]
    pub fn origin(&self) -> QueueId {
        self.origin
    }

    /// The queue that it is in; none once it is acknowledged or discarded, or if it was refused.
    #[must_use]
    pub fn place(&self) -> Option<QueueId> {
        self.is_open.then_some(self.queue)
    }

    /// What befell it, oldest first: at most [`LINEAGE_STEPS_MAX`], the first and the latest.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.steps.kept
    }

    /// Steps that were forgotten after the first one.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.steps.left_out
    }

    fn add(&mut self, step: PathStep) {
        match step.event {
            Event::Enqueued { .. } => self.is_arriving = false,
            Event::Delivered { lease, .. } => self.lease = Some(lease),
            Event::RetryScheduled { .. }
            | Event::Released { .. }
            | Event::LeaseExpired { .. }
            | Event::Blocked { .. } => self.lease = None,
            Event::DeadLettered { queue, to, .. } | Event::Redriven { queue, to, .. } => {
                (self.queue, self.left) = (to, Some(queue));
                (self.is_arriving, self.lease) = (true, None);
            }
            Event::Acked { .. } | Event::Discarded { .. } | Event::Refused { .. } => {
                (self.is_open, self.lease) = (false, None);
            }
            _ => {}
        }
        self.steps.push(step);
    }
}

impl Steps {
    fn push(&mut self, step: PathStep) {
        if self.kept.len() == LINEAGE_STEPS_MAX as usize {
            self.kept.remove(1);
            self.left_out += 1;
        }
        self.kept.push(step);
    }
}

/// Published straight to a queue, a message has that queue in these events too.
fn is_about_the_message(event: &Event) -> bool {
    matches!(event, Event::Published { .. } | Event::Deduplicated { .. })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        message::DeadReason,
        observe::tests::{acked, at, dead_lettered, delivered, enqueued, message, queue},
    };

    fn path(events: impl IntoIterator<Item = Event>) -> MessagePath {
        let mut path = MessagePath::default();
        (0..).zip(events).for_each(|(millis, event)| path.add(at(millis), event));
        path
    }

    fn redriven(from: u32, to: u32) -> Event {
        Event::Redriven { queue: queue(from), to: queue(to), message: message(1) }
    }

    /// Of each copy: its origin, its place, and how many steps it took.
    fn told(path: &MessagePath) -> Vec<(u32, Option<u32>, usize)> {
        let copies = path.copies().iter();
        copies
            .map(|copy| {
                let place = copy.place().map(QueueId::number);
                (copy.origin().number(), place, copy.steps().len())
            })
            .collect()
    }

    #[test]
    fn each_copy_of_a_fan_out_has_a_path_of_its_own() {
        let path = path([enqueued(1, 1), enqueued(2, 1), delivered(1, 1, 7), acked(1, 1, 7)]);
        assert_eq!(told(&path), [(1, None, 3), (2, Some(2), 1)]);
        assert!(!path.is_finished());
    }

    #[test]
    fn a_copy_is_followed_to_the_dead_letters_and_back() {
        let path = path([
            enqueued(1, 1),
            delivered(1, 1, 1),
            dead_lettered(1, 9, 1, DeadReason::Rejected),
            enqueued(9, 1),
            redriven(9, 1),
            enqueued(1, 1),
            delivered(1, 1, 2),
            acked(1, 1, 2),
        ]);
        assert_eq!(told(&path), [(1, None, 8)]);
        assert!(path.is_finished());
        assert_eq!(path.copies()[0].steps()[2].at, at(2));
    }

    #[test]
    fn dead_letters_that_met_go_back_where_each_came_from() {
        let path = path([
            enqueued(1, 1),
            enqueued(2, 1),
            dead_lettered(1, 9, 1, DeadReason::Deadline),
            enqueued(9, 1),
            dead_lettered(2, 9, 1, DeadReason::Deadline),
            enqueued(9, 1),
            redriven(9, 2),
            enqueued(2, 1),
        ]);
        assert_eq!(told(&path), [(1, Some(9), 3), (2, Some(2), 5)]);
    }

    #[test]
    fn a_diverted_copy_and_a_refused_one_never_were_in_their_queues() {
        let refused = Event::Refused { queue: queue(2), message: message(1) };
        let diverted = dead_lettered(1, 9, 1, DeadReason::Overflow);
        let path = path([diverted, enqueued(9, 1), refused]);
        assert_eq!(told(&path), [(1, Some(9), 2), (2, None, 1)]);
    }

    #[test]
    fn two_copies_in_one_queue_are_told_apart_by_their_leases() {
        let path = path([
            enqueued(1, 1),
            dead_lettered(1, 9, 1, DeadReason::Deadline),
            enqueued(9, 1),
            enqueued(2, 1),
            // Into the queue of another subscription, which has its own copy.
            redriven(9, 2),
            enqueued(2, 1),
            delivered(2, 1, 4),
            delivered(2, 1, 5),
            acked(2, 1, 5),
        ]);
        assert_eq!(told(&path), [(1, Some(2), 6), (2, None, 3)]);
    }

    #[test]
    fn a_copy_that_is_on_its_way_is_not_taken_for_one_that_makes_room_for_it() {
        let path = path([
            enqueued(1, 1),
            dead_lettered(1, 9, 1, DeadReason::Deadline),
            enqueued(9, 1),
            enqueued(2, 1),
            redriven(9, 2),
            // The dead copy in the full queue changes places with the redriven one.
            dead_lettered(2, 9, 1, DeadReason::Deadline),
            enqueued(9, 1),
            enqueued(2, 1),
        ]);
        assert_eq!(told(&path), [(1, Some(2), 5), (2, Some(9), 3)]);
    }

    #[test]
    fn what_outlives_its_lease_still_belongs_to_its_copy() {
        let late = Event::CallFailed {
            consumer: crate::ConsumerId::new(0),
            queue: queue(1),
            message: message(1),
            call: crate::CallId::new(1),
            reason: crate::FailReason::Timeout,
        };
        let lost = dead_lettered(1, 9, 1, DeadReason::Exhausted);
        let path = path([enqueued(1, 1), lost, enqueued(9, 1), late]);
        assert_eq!(told(&path), [(1, Some(9), 4)]);
    }

    #[test]
    fn steps_keep_their_first_and_latest_and_copies_have_a_limit() {
        let mut path = path([enqueued(0, 1)]);
        let limit = u64::from(LINEAGE_STEPS_MAX);
        for lease in 0..limit + 4 {
            path.add(at(100 + lease), delivered(0, 1, lease));
        }
        let copy = &path.copies()[0];
        assert_eq!((copy.steps().len() as u64, copy.left_out()), (limit, 5));
        assert_eq!((copy.steps()[0].at, copy.steps()[1].at), (at(0), at(105)));

        for id in 1..=LINEAGE_COPIES_MAX {
            path.add(at(0), enqueued(id, 1));
        }
        assert_eq!(path.copies().len(), LINEAGE_COPIES_MAX as usize);
        assert_eq!(path.left_out(), 1);
        assert!(path.is_within_bounds());
    }
}
