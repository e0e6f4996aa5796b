//! A topic: who gets a copy of what is published there.

use alloc::{collections::BTreeSet, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{OnFull, TopicConfig};
use crate::{
    id::QueueId,
    limits::{SUBJECTS_MAX, SUBSCRIPTIONS_MAX},
    message::Attributes,
    queue::Dedup,
    routing::{Filter, SubjectPattern},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) config: TopicConfig,
    /// In the order of subscription.
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) dedup: Dedup,
    /// The number of the next message published here.
    pub(super) next_message: u64,
}

/// A subscription as it stands: see [`Engine::subscriptions`](crate::Engine::subscriptions).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Subscription {
    /// The queue that gets the copies.
    pub queue: QueueId,
    /// Messages with which subjects; all if there are no patterns.
    pub subjects: Vec<SubjectPattern>,
    /// Messages with which attributes.
    pub filter: Filter,
    /// What happens when the queue is full.
    pub on_full: OnFull,
    /// Whether it gets no copies for now.
    pub paused: bool,
}

impl Topic {
    /// Whether its subscriptions could have come about by subscribing.
    pub(super) fn is_sound(&self) -> bool {
        let subscriptions = &self.subscriptions;
        let queues: BTreeSet<QueueId> = subscriptions.iter().map(|s| s.queue).collect();
        queues.len() == subscriptions.len()
            && subscriptions.len() as u64 <= u64::from(SUBSCRIPTIONS_MAX)
            && subscriptions.iter().all(|s| s.subjects.len() as u64 <= u64::from(SUBJECTS_MAX))
    }
}

impl Subscription {
    /// Whether it gets a copy of a message.
    pub(super) fn selects(&self, subject: Option<&str>, attributes: &Attributes) -> bool {
        !self.paused
            && (self.subjects.is_empty()
                || self.subjects.iter().any(|pattern| pattern.matches(subject)))
            && self.filter.matches(attributes)
    }
}
