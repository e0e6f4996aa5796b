//! How long messages wait and are worked on, by queue.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Histogram;
use crate::{
    event::Event,
    id::{MessageId, QueueId},
    limits::{LATENCY_COPIES_MAX, OBSERVED_MAX},
    machine::Sink,
    time::Timestamp,
};

/// Latencies of every queue, from its events.
///
/// It remembers each copy from its arrival to its end: at most [`LATENCY_COPIES_MAX`] at once in
/// one queue, and [`OBSERVED_MAX`] queues. Copies beyond that are not measured, and counted
/// as [`Latency::unmeasured`]. If two copies of one message are in one queue (redriven to where
/// another copy is), the second is not measured.
///
/// # Example: is the queue slow, or the work?
/// ```
/// use postroom_core::{
///     Address, At, Engine, QueueConfig, Settle, Span, Timestamp, observe::Latency,
/// };
///
/// let at = |millis| At::time(Timestamp::from_millis(millis));
/// let (mut engine, mut latency) = (Engine::new(), Latency::default());
/// let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut latency)?;
/// for n in 0..100 {
///     engine.publish(at(n), Address::Queue(orders), "order".into(), &mut latency)?;
/// }
/// for n in 0..100 {
///     let delivery = engine.receive(at(100 + 5 * n), orders, 1, &mut latency)?.remove(0);
///     engine.settle(at(105 + 5 * n), delivery.receipt, Settle::Ack, &mut latency)?;
/// }
/// let figures = latency.of(orders).expect("it has had messages");
/// assert_eq!(figures.service.percentile(990), Some(Span::from_millis(5)));
/// assert!(figures.waiting.percentile(990) > Some(Span::from_millis(400)), "the queue is");
/// # Ok::<(), postroom_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    queues: BTreeMap<QueueId, Watched>,
    unmeasured: u64,
}

/// The latencies of one queue. A copy that comes back by a redrive counts anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueLatency {
    /// From a copy's arrival in the queue to its first delivery, a delay included.
    pub waiting: Histogram,
    /// From each delivery to its end, however it was settled. A lease that ran out is left out:
    /// it says when the engine stopped waiting, not how long the work took.
    pub service: Histogram,
    /// From a copy's arrival in the queue to its acknowledgement, all tries included. Copies that
    /// died are left out.
    pub sojourn: Histogram,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Watched {
    latency: QueueLatency,
    copies: BTreeMap<MessageId, Since>,
}

/// What a copy is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    enqueued_at: Timestamp,
    was_delivered: bool,
    /// The start of the delivery that is under way.
    delivered_at: Option<Timestamp>,
}

impl Latency {
    /// The latencies of a queue; none before its first copy.
    #[must_use]
    pub fn of(&self, queue: QueueId) -> Option<&QueueLatency> {
        self.queues.get(&queue).map(|watched| &watched.latency)
    }

    /// The queues that had a copy, by id.
    pub fn queues(&self) -> impl Iterator<Item = (QueueId, &QueueLatency)> {
        self.queues.iter().map(|(queue, watched)| (*queue, &watched.latency))
    }

    /// Copies that were not measured, since there were too many at once.
    #[must_use]
    pub fn unmeasured(&self) -> u64 {
        self.unmeasured
    }

    fn enqueued(&mut self, queue: QueueId, message: MessageId, at: Timestamp) {
        let observed = self.queues.len();
        let copies = match self.queues.get_mut(&queue) {
            Some(watched) => Some(&mut watched.copies),
            None if observed == OBSERVED_MAX as usize => None,
            None => Some(&mut self.queues.entry(queue).or_default().copies),
        };
        let is_free = |copies: &&mut BTreeMap<MessageId, Since>| {
            copies.len() < LATENCY_COPIES_MAX as usize && !copies.contains_key(&message)
        };
        let since = Since { enqueued_at: at, was_delivered: false, delivered_at: None };
        match copies.filter(is_free) {
            Some(copies) => drop(copies.insert(message, since)),
            None => self.unmeasured = self.unmeasured.saturating_add(1),
        }
    }

    fn delivered(&mut self, queue: QueueId, message: MessageId, at: Timestamp) {
        let Some(Watched { latency, copies }) = self.queues.get_mut(&queue) else { return };
        let Some(since) = copies.get_mut(&message) else { return };
        if !since.was_delivered {
            latency.waiting.record(at.since(since.enqueued_at));
        }
        (since.was_delivered, since.delivered_at) = (true, Some(at));
    }

    /// A delivery ended, if one was under way. It was work unless its lease ran out.
    fn ended(&mut self, queue: QueueId, message: MessageId, worked_until: Option<Timestamp>) {
        let Some(Watched { latency, copies }) = self.queues.get_mut(&queue) else { return };
        let delivered_at = copies.get_mut(&message).and_then(|since| since.delivered_at.take());
        if let (Some(from), Some(until)) = (delivered_at, worked_until) {
            latency.service.record(until.since(from));
        }
    }

    /// A copy left the queue.
    fn left(&mut self, queue: QueueId, message: MessageId, acked_at: Option<Timestamp>) {
        let Some(Watched { latency, copies }) = self.queues.get_mut(&queue) else { return };
        if let (Some(since), Some(at)) = (copies.remove(&message), acked_at) {
            latency.sojourn.record(at.since(since.enqueued_at));
        }
    }
}

impl Sink for Latency {
    fn record(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Enqueued { queue, message, .. } => self.enqueued(queue, message, at),
            Event::Delivered { queue, message, .. } => self.delivered(queue, message, at),
            Event::LeaseExpired { queue, message, .. } => self.ended(queue, message, None),
            Event::RetryScheduled { queue, message, .. }
            | Event::Released { queue, message }
            | Event::Blocked { queue, message, .. } => self.ended(queue, message, Some(at)),
            Event::Acked { queue, message, .. } => {
                self.ended(queue, message, Some(at));
                self.left(queue, message, Some(at));
            }
            Event::DeadLettered { queue, message, .. }
            | Event::Discarded { queue, message, .. }
            | Event::Redriven { queue, message, .. } => {
                self.ended(queue, message, Some(at));
                self.left(queue, message, None);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        message::{DeadReason, FailReason},
        observe::tests::{acked, at, dead_lettered, delivered, enqueued, message, queue},
        time::Span,
    };

    fn millis(histogram: &Histogram) -> (u64, Option<u64>, Option<u64>) {
        let of = |span: Option<Span>| span.map(Span::as_millis);
        (histogram.count(), of(histogram.min()), of(histogram.max()))
    }

    #[test]
    fn a_copy_waits_is_worked_on_twice_and_is_done() {
        let mut latency = Latency::default();
        latency.record(at(0), enqueued(1, 1));
        latency.record(at(10), delivered(1, 1, 1));
        let (queue, message) = (queue(1), message(1));
        let (due, reason) = (at(100), FailReason::Transient);
        let retry = Event::RetryScheduled { queue, message, deliveries: 1, due, reason };
        latency.record(at(13), retry);
        latency.record(at(100), delivered(1, 1, 2));
        latency.record(at(107), acked(1, 1, 2));
        let figures = latency.of(queue).unwrap();
        assert_eq!(millis(&figures.waiting), (1, Some(10), Some(10)), "the first delivery only");
        assert_eq!(millis(&figures.service), (2, Some(3), Some(7)));
        assert_eq!(millis(&figures.sojourn), (1, Some(107), Some(107)));
        assert_eq!(latency.queues[&queue].copies.len(), 0, "nothing is kept of it");
    }

    #[test]
    fn a_lease_that_ran_out_is_no_work_and_a_death_no_sojourn() {
        let mut latency = Latency::default();
        latency.record(at(0), enqueued(1, 1));
        latency.record(at(5), delivered(1, 1, 1));
        let lease = crate::LeaseId::new(1);
        let expired = Event::LeaseExpired { queue: queue(1), message: message(1), lease };
        latency.record(at(35), expired);
        latency.record(at(35), dead_lettered(1, 2, 1, DeadReason::Exhausted));
        latency.record(at(35), enqueued(2, 1));
        let figures = latency.of(queue(1)).unwrap();
        assert_eq!((figures.service.count(), figures.sojourn.count()), (0, 0));
        assert_eq!(latency.of(queue(2)), Some(&QueueLatency::default()), "it waits there");
        assert_eq!(latency.queues[&queue(1)].copies.len(), 0);

        // Redriven, it is measured from its new arrival.
        let redriven = Event::Redriven { queue: queue(2), to: queue(1), message: message(1) };
        latency.record(at(1_000), redriven);
        latency.record(at(1_000), enqueued(1, 1));
        latency.record(at(1_002), delivered(1, 1, 2));
        assert_eq!(millis(&latency.of(queue(1)).unwrap().waiting), (2, Some(2), Some(5)));
    }

    #[test]
    fn the_second_copy_of_a_message_in_a_queue_is_not_measured() {
        let mut latency = Latency::default();
        latency.record(at(0), enqueued(1, 1));
        latency.record(at(9), enqueued(1, 1));
        latency.record(at(10), delivered(1, 1, 1));
        assert_eq!(latency.unmeasured(), 1);
        assert_eq!(millis(&latency.of(queue(1)).unwrap().waiting), (1, Some(10), Some(10)));
    }

    #[test]
    fn copies_and_queues_beyond_the_limits_are_counted_and_not_measured() {
        let mut latency = Latency::default();
        for number in 0..=u64::from(LATENCY_COPIES_MAX) {
            latency.record(at(0), enqueued(0, number));
        }
        assert_eq!(latency.unmeasured(), 1);
        latency.record(at(1), delivered(0, 0, 1));
        latency.record(at(1), acked(0, 0, 1));
        latency.record(at(2), enqueued(0, 1 << 40));
        assert_eq!(latency.unmeasured(), 1, "there was room again");
        for id in 1..=OBSERVED_MAX {
            latency.record(at(3), enqueued(id, 0));
        }
        assert_eq!(latency.unmeasured(), 2, "one queue too many");
        assert_eq!(latency.queues().count(), OBSERVED_MAX as usize);
        assert_eq!(latency.of(queue(OBSERVED_MAX)), None);
    }

    #[test]
    fn a_copy_of_it_written_down_goes_on_alike() {
        let mut latency = Latency::default();
        latency.record(at(0), enqueued(1, 1));
        latency.record(at(10), delivered(1, 1, 1));
        let text = serde_json::to_string(&latency).unwrap();
        let mut twin: Latency = serde_json::from_str(&text).unwrap();
        for watching in [&mut latency, &mut twin] {
            watching.record(at(20), acked(1, 1, 1));
        }
        assert_eq!(latency, twin);
        assert_eq!(latency.of(queue(1)).unwrap().sojourn.count(), 1);
    }
}
