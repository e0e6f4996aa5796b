//! The paths of the messages that are under way, and of those that finished last.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use serde::{Deserialize, Serialize};

use super::MessagePath;
use crate::{
    consumer::OutOfRange,
    event::Event,
    id::MessageId,
    limits::{LINEAGE_MESSAGES_DEFAULT, LINEAGE_MESSAGES_MAX},
    machine::Sink,
    time::Timestamp,
};

/// What befell every message: fan-out, deliveries, retries, duplicates, dead letters, redrive, each
/// with its time and reason.
///
/// It keeps the paths of so many messages. Beyond that it forgets the one that finished first; if
/// all are under way, the one that came first. Only the memory of it goes.
///
/// # Example: why a message took so long
/// ```
/// use postroom_core::{
///     Address, At, Engine, Event, FailReason, QueueConfig, Settle, Timestamp, observe::Lineage,
/// };
///
/// let at = |secs: u64| At::time(Timestamp::from_millis(secs * 1_000));
/// let (mut engine, mut lineage) = (Engine::new(), Lineage::default());
/// let mail = engine.create_queue(at(0), "mail", QueueConfig::default(), &mut lineage)?;
/// let hello = engine.publish(at(0), Address::Queue(mail), "hello".into(), &mut lineage)?.message;
/// let retry = Settle::Retry { delay: None, reason: FailReason::Timeout };
/// for (secs, how) in [(1, retry), (600, Settle::Ack)] {
///     let delivery = engine.receive(at(secs), mail, 1, &mut lineage)?.remove(0);
///     engine.settle(at(secs), delivery.receipt, how, &mut lineage)?;
/// }
/// let path = lineage.of(hello).expect("it was published a moment ago");
/// assert!(path.is_finished());
/// let because = path.copies()[0].steps().iter().find_map(|step| match step.event {
///     Event::RetryScheduled { reason, .. } => Some(reason),
///     _ => None,
/// });
/// assert_eq!(because, Some(FailReason::Timeout));
/// # Ok::<(), postroom_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Lineage {
    messages_max: u32,
    /// Grows whenever a message comes, finishes, or comes back to work.
    next_order: u64,
    kept: BTreeMap<MessageId, Kept>,

    // An index over the above: the order in which to forget.
    finished: BTreeSet<(u64, MessageId)>,
    under_way: BTreeSet<(u64, MessageId)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    path: MessagePath,
    is_finished: bool,
    /// Its place among those that are finished, or that are not.
    order: u64,
}

impl Default for Lineage {
    /// Keeps the paths of [`LINEAGE_MESSAGES_DEFAULT`] messages.
    fn default() -> Self {
        Self::with(LINEAGE_MESSAGES_DEFAULT)
    }
}

impl Lineage {
    /// Keeps the paths of so many messages.
    ///
    /// # Errors
    /// [`OutOfRange`] unless they are from 1 to [`LINEAGE_MESSAGES_MAX`].
    pub fn new(messages_max: u32) -> Result<Self, OutOfRange> {
        if !(1..=LINEAGE_MESSAGES_MAX).contains(&messages_max) {
            return Err(OutOfRange { setting: "messages_max", range: "1 to 1,000,000" });
        }
        Ok(Self::with(messages_max))
    }

    /// The path of a message, unless it is unknown or forgotten.
    #[must_use]
    pub fn of(&self, message: MessageId) -> Option<&MessagePath> {
        self.kept.get(&message).map(|kept| &kept.path)
    }

    /// The messages whose paths are kept, by id.
    pub fn messages(&self) -> impl Iterator<Item = (MessageId, &MessagePath)> {
        self.kept.iter().map(|(message, kept)| (*message, &kept.path))
    }

    fn with(messages_max: u32) -> Self {
        Self {
            messages_max,
            next_order: 0,
            kept: BTreeMap::new(),
            finished: BTreeSet::new(),
            under_way: BTreeSet::new(),
        }
    }

    /// Makes room for a message. It goes before the new one comes, so that a new one, whose copies
    /// are not there yet, is never taken for one that is finished.
    fn forget_one(&mut self) {
        let oldest = self.finished.pop_first().or_else(|| self.under_way.pop_first());
        if let Some((_, message)) = oldest {
            self.kept.remove(&message);
        }
    }
}

impl Sink for Lineage {
    fn record(&mut self, at: Timestamp, event: Event) {
        let Some(message) = event.message() else { return };
        if !self.kept.contains_key(&message) {
            if self.kept.len() >= self.messages_max as usize {
                self.forget_one();
            }
            let order = self.next_order;
            self.next_order += 1;
            self.kept
                .insert(message, Kept { path: MessagePath::default(), is_finished: true, order });
            self.finished.insert((order, message));
        }
        let Some(kept) = self.kept.get_mut(&message) else { return };
        kept.path.add(at, event);
        if kept.path.is_finished() != kept.is_finished {
            let (from, to) = if kept.is_finished {
                (&mut self.finished, &mut self.under_way)
            } else {
                (&mut self.under_way, &mut self.finished)
            };
            from.remove(&(kept.order, message));
            (kept.order, kept.is_finished) = (self.next_order, !kept.is_finished);
            self.next_order += 1;
            to.insert((kept.order, message));
        }
    }
}

/// A lineage as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    messages_max: u32,
    next_order: u64,
    kept: Vec<(MessageId, Kept)>,
}

impl From<Lineage> for Document {
    fn from(lineage: Lineage) -> Self {
        let Lineage { messages_max, next_order, kept, finished: _, under_way: _ } = lineage;
        Self { messages_max, next_order, kept: kept.into_iter().collect() }
    }
}

/// The document is damaged: fold the events anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lineage is damaged: fold the events anew")]
struct Damaged;

impl TryFrom<Document> for Lineage {
    type Error = Damaged;

    fn try_from(document: Document) -> Result<Self, Damaged> {
        let Document { messages_max, next_order, kept } = document;
        let mut lineage = Self { next_order, ..Self::new(messages_max).map_err(|_| Damaged)? };
        let count = kept.len();
        let mut orders = BTreeSet::new();
        for (message, kept) in kept {
            let fits = kept.order < next_order
                && orders.insert(kept.order)
                && kept.is_finished == kept.path.is_finished()
                && kept.path.is_within_bounds();
            if !fits {
                return Err(Damaged);
            }
            let index =
                if kept.is_finished { &mut lineage.finished } else { &mut lineage.under_way };
            index.insert((kept.order, message));
            lineage.kept.insert(message, kept);
        }
        let is_whole = lineage.kept.len() == count && count <= messages_max as usize;
        if is_whole { Ok(lineage) } else { Err(Damaged) }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        id::Address,
        message::DeadReason,
        observe::tests::{acked, at, dead_lettered, enqueued, message, queue},
    };

    fn published(number: u64) -> Event {
        let (to, message) = (Address::Queue(queue(0)), message(number));
        Event::Published { to, message, causation: None, correlation: message }
    }

    /// The numbers of the messages that it knows.
    fn known(lineage: &Lineage) -> Vec<u64> {
        lineage.messages().map(|(message, _)| message.number).collect()
    }

    fn fed(max: u32, events: impl IntoIterator<Item = Event>) -> Lineage {
        let mut lineage = Lineage::new(max).unwrap();
        events.into_iter().for_each(|event| lineage.record(at(0), event));
        lineage
    }

    #[test]
    fn the_first_that_finished_is_forgotten_before_anything_under_way() {
        let mut lineage = fed(3, (0..3).map(|number| enqueued(1, number)));
        for event in [acked(1, 2, 1), acked(1, 1, 1), enqueued(1, 3)] {
            lineage.record(at(1), event);
        }
        assert_eq!(known(&lineage), [0, 1, 3], "2 finished first");
        lineage.record(at(2), enqueued(1, 4));
        lineage.record(at(2), enqueued(1, 5));
        assert_eq!(known(&lineage), [3, 4, 5], "1 was finished, then 0 was the oldest");
    }

    #[test]
    fn what_came_back_to_work_is_not_forgotten_as_finished() {
        let redriven = Event::Redriven { queue: queue(9), to: queue(1), message: message(0) };
        let mut lineage = fed(
            2,
            [
                dead_lettered(1, 9, 0, DeadReason::Overflow),
                enqueued(9, 0),
                acked(9, 0, 1),
                // Somebody who missed the beginning may see this.
                enqueued(1, 0),
                redriven,
            ],
        );
        for number in 1..9 {
            lineage.record(at(1), published(number));
            lineage.record(at(1), enqueued(1, number));
            lineage.record(at(1), acked(1, number, 1));
        }
        assert_eq!(known(&lineage), [0, 8]);
    }

    #[test]
    fn a_new_message_is_not_forgotten_for_having_no_copies_yet() {
        let lineage = fed(1, [enqueued(1, 0), published(1), enqueued(0, 1)]);
        assert_eq!(known(&lineage), [1]);
        let path = lineage.of(message(1)).unwrap();
        assert_eq!((path.steps().len(), path.copies().len()), (1, 1));
    }

    #[test]
    fn it_knows_as_many_messages_as_it_may() {
        assert!(Lineage::new(0).is_err() && Lineage::new(LINEAGE_MESSAGES_MAX + 1).is_err());
        assert!(Lineage::new(LINEAGE_MESSAGES_MAX).is_ok());
        let limit = u64::from(LINEAGE_MESSAGES_DEFAULT);
        let mut lineage = Lineage::default();
        (0..2 * limit).for_each(|number| lineage.record(at(0), enqueued(1, number)));
        assert_eq!(lineage.messages().count() as u64, limit);
        assert_eq!(lineage.under_way.len() + lineage.finished.len(), lineage.kept.len());
    }

    #[test]
    fn a_copy_of_it_written_down_goes_on_alike_and_a_damaged_one_does_not_come_back() {
        let mut lineage = fed(2, [enqueued(1, 0), enqueued(1, 1), acked(1, 0, 1)]);
        let text = serde_json::to_string(&lineage).unwrap();
        let mut twin: Lineage = serde_json::from_str(&text).unwrap();
        assert_eq!(twin, lineage);
        for watching in [&mut lineage, &mut twin] {
            watching.record(at(5), enqueued(1, 2));
        }
        assert_eq!(known(&twin), [1, 2]);
        assert_eq!(twin, lineage);
        for (from, to) in [
            ("\"messages_max\":2", "\"messages_max\":1"),
            ("\"messages_max\":2", "\"messages_max\":0"),
            ("\"next_order\":5", "\"next_order\":1"),
            ("\"is_finished\":true", "\"is_finished\":false"),
            ("\"q0.1\"", "\"q0.0\""),
        ] {
            let damaged = text.replacen(from, to, 1);
            assert_ne!(damaged, text, "{from} is in {text}");
            assert!(serde_json::from_str::<Lineage>(&damaged).is_err(), "{to}");
        }
    }
}
