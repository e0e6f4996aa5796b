//! The whole state as a document, and back.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::{Engine, claims::Ledger, moves::WAITS_IN_VAIN, topic::Topic};
use crate::{
    digest::digest_of,
    format::{OtherVersion, SEMANTICS_VERSION, Versioned},
    id::QueueId,
    limits::{DEAD_LETTER_CHAIN_MAX, LEDGERS_MAX, QUEUES_MAX, TOPICS_MAX},
    queue::{Overflow, Parked, Poison, Queue},
    time::Timestamp,
};

/// The oldest semantics whose snapshots are read: older ones have another shape.
pub(crate) const OLDEST_READ: u32 = 2;

/// A whole engine as a serde document.
///
/// # Example: there and back
/// ```
/// use postroom_core::{At, Engine, QueueConfig, Timestamp};
///
/// let mut engine = Engine::new();
/// engine.create_queue(At::time(Timestamp::ZERO), "orders", QueueConfig::default(), &mut ())?;
/// let text = serde_json::to_string(&engine.snapshot()).expect("a snapshot is plain data");
/// let restored = Engine::restore(serde_json::from_str(&text).expect("it was just written"));
/// assert_eq!(restored.map(|engine| engine.digest()), Ok(engine.digest()));
/// # Ok::<(), postroom_core::ConfigureError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Snapshot(Versioned<State, OLDEST_READ>);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    now: Timestamp,
    queues: Vec<Queue>,
    topics: Vec<Topic>,
    ledgers: Vec<Ledger>,
}

/// Why a snapshot was not restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Restore it with the release that wrote it, or a newer one.
    #[error(
        "the snapshot is of semantics version {found}, newer than {SEMANTICS_VERSION}: \
        restore it with the release that wrote it"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// Restore it with a release that still reads it, and write a new one there.
    #[error(
        "the snapshot is of semantics version {found}, older than {OLDEST_READ}: restore it with \
        the release that wrote it, or one soon after, and go on from a snapshot written there"
    )]
    Older {
        /// Its version.
        found: u32,
    },
    /// Take an older snapshot.
    #[error("the snapshot is damaged ({what}): take an older one")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

impl From<OtherVersion> for RestoreError {
    fn from(version: OtherVersion) -> Self {
        match version {
            OtherVersion::Newer(found) => Self::Newer { found },
            OtherVersion::Older(found) => Self::Older { found },
        }
    }
}

impl Engine {
    /// The whole state, to be written down.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(Versioned::new(State {
            now: self.now,
            queues: self.queues.iter().map(Queue::written).collect(),
            topics: self.topics.clone(),
            ledgers: self.ledgers.clone(),
        }))
    }

    /// The state of a snapshot.
    ///
    /// # Errors
    /// As [`RestoreError`] says; a damaged snapshot is never half restored.
    pub fn restore(snapshot: Snapshot) -> Result<Self, RestoreError> {
        let State { now, queues, topics, ledgers } = snapshot.0.open()?;
        let mut engine = Self { now, queues, topics, ledgers, ..Self::default() };
        if let Some(what) = engine.damage() {
            return Err(RestoreError::Damaged { what });
        }
        for index in 0..engine.queues.len() {
            engine.queues[index].reindex(now);
            if engine.queues[index].is_deliverable() != engine.queues[index].awake {
                return Err(RestoreError::Damaged { what: "a queue sleeps, or wakes for nothing" });
            }
            engine.queue_names.insert(engine.queues[index].name.clone(), index as u64);
            let next = engine.queues[index].next_due();
            engine.due.change(index as u64, None, next);
            engine.scheduled.push(next);
        }
        if engine.queues.iter().any(|queue| engine.waits_in_vain(queue.id)) {
            return Err(RestoreError::Damaged { what: WAITS_IN_VAIN });
        }
        engine.first_due = engine.due.first().map(|(at, _)| at);
        for (index, topic) in engine.topics.iter().enumerate() {
            engine.topic_names.insert(topic.name.clone(), index as u64);
        }
        if engine.queue_names.len() != engine.queues.len()
            || engine.topic_names.len() != engine.topics.len()
        {
            return Err(RestoreError::Damaged { what: "two queues or two topics have one name" });
        }
        Ok(engine)
    }

    /// A number that is equal for equal states, on every platform.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest_of(self)
    }

    /// Whether as many dead letters of each parked group are there as are counted.
    fn parked_is_sound(&self, queue: &Queue) -> bool {
        let mut found = Parked::default();
        if let Some(dead) = queue.config.dead_letters.and_then(|dead| self.queue(dead))
            && queue.config.poison == Poison::ParkGroup
        {
            for (_, copy) in dead.copies.iter() {
                if let Some(group) = copy.message.group()
                    && copy
                        .history
                        .death()
                        .is_some_and(|(source, reason)| source == queue.id && reason.parks())
                {
                    found.add(group);
                }
            }
        }
        found == queue.parked
    }

    pub(super) fn damage(&self) -> Option<&'static str> {
        let too_many = |count: usize, max: u32| count as u64 > u64::from(max);
        if too_many(self.queues.len(), QUEUES_MAX)
            || too_many(self.topics.len(), TOPICS_MAX)
            || too_many(self.ledgers.len(), LEDGERS_MAX)
        {
            return Some("there are more queues, topics or ledgers than an engine holds");
        }
        for (index, queue) in self.queues.iter().enumerate() {
            let id = QueueId::new(index as u32);
            let feeds = |feeder: &QueueId| {
                self.queue(*feeder).is_some_and(|feeder| feeder.config.dead_letters == Some(id))
            };
            let fed = self.queues.iter().filter(|queue| queue.config.dead_letters == Some(id));
            if queue.id != id
                || !queue.feeders.iter().all(feeds)
                || fed.count() != queue.feeders.len()
                || !queue.feeders.is_sorted_by(|one, next| one < next)
                || queue.config.dead_letters.is_some_and(|dead| {
                    dead >= id
                        || self.chain_length(dead) > DEAD_LETTER_CHAIN_MAX
                        || self
                            .queue(dead)
                            .is_some_and(|dead| dead.config.capacity_bytes < queue.config.largest())
                })
            {
                return Some("the queues and their dead letters do not fit together");
            }
            if let Some(what) = queue.damage() {
                return Some(what);
            }
            if queue.config.overflow == Overflow::DeadLetterOldest
                && queue.config.dead_letters.is_none()
            {
                return Some("a queue is to make room by dead letters and has none");
            }
            if !self.parked_is_sound(queue) {
                return Some("a queue's parked groups are not those among its dead letters");
            }
        }
        let unknown = |topic: &Topic| {
            !topic.is_sound() || topic.subscriptions.iter().any(|s| self.queue(s.queue).is_none())
        };
        if self.topics.iter().any(unknown) {
            return Some("a topic's subscriptions are not those of its queues");
        }
        if !self.topics.iter().all(|topic| topic.dedup.is_sound())
            || !self.ledgers.iter().all(Ledger::is_sound)
        {
            return Some("keys do not match their times");
        }
        self.impossible()
    }
}

impl Hash for Engine {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.now, &self.queues, &self.topics, &self.ledgers).hash(state);
    }
}
