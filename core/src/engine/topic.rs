//! A topic: who gets a copy of what is published there.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{OnFull, TopicConfig};
use crate::{id::QueueId, queue::Dedup, routing::Filter};

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

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Subscription {
    pub(super) queue: QueueId,
    pub(super) filter: Filter,
    pub(super) on_full: OnFull,
}
