//! The engine: queues, topics, dead letters, dedup and claims behind one entry.

mod claims;
mod command;
mod error;

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

pub use self::{
    claims::{Claim, ClaimError, ClaimToken, Fingerprint, LedgerConfig},
    command::{
        Command, Filter, OnFull, Redrive, Redriven, Reply, Settle, Subscribe, TopicConfig,
    },
    error::{
        ConfigureError, Error, NoSuchLedger, PublishError, ReceiveError, RedriveError, SettleError,
    },
};
use crate::{
    id::{Address, QueueId, TopicId},
    machine::{At, Machine, Sink},
    message::{CopyView, Delivery, NewMessage, Published, Receipt},
    queue::{QueueConfig, QueueStats},
    time::Timestamp,
};

/// Raised by every change of an outcome: a journal replays only under the version that wrote it.
pub const SEMANTICS_VERSION: u32 = 1;

/// The engine.
#[derive(Clone, Debug, Default)]
pub struct Engine {}

/// A whole engine as a serde document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {}

/// Why a snapshot was not restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// Restore it with the release that wrote it.
    #[error("the snapshot is of semantics version {found}; this is {SEMANTICS_VERSION}")]
    Version {
        /// Its version.
        found: u32,
    },
    /// Take an older snapshot.
    #[error("the snapshot is damaged: {what}")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

impl Machine for Engine {
    type Command = Command;
    type Reply = Reply;
    type Error = Error;

    fn apply(
        &mut self,
        _at: At,
        _command: Command,
        _sink: &mut impl Sink,
    ) -> Result<Reply, Error> {
        todo!()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        todo!()
    }
}

impl Engine {
    /// An engine without queues.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// [`Command::Tick`].
    pub fn tick(&mut self, _at: At, _sink: &mut impl Sink) {
        todo!()
    }

    /// [`Command::CreateQueue`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_queue(
        &mut self,
        _at: At,
        _name: &str,
        _config: QueueConfig,
        _sink: &mut impl Sink,
    ) -> Result<QueueId, ConfigureError> {
        todo!()
    }

    /// [`Command::CreateTopic`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_topic(
        &mut self,
        _at: At,
        _name: &str,
        _config: TopicConfig,
        _sink: &mut impl Sink,
    ) -> Result<TopicId, ConfigureError> {
        todo!()
    }

    /// [`Command::Subscribe`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn subscribe(
        &mut self,
        _at: At,
        _subscribe: Subscribe,
        _sink: &mut impl Sink,
    ) -> Result<(), ConfigureError> {
        todo!()
    }

    /// [`Command::Publish`].
    ///
    /// # Errors
    /// As [`PublishError`] says.
    pub fn publish(
        &mut self,
        _at: At,
        _to: Address,
        _message: NewMessage,
        _sink: &mut impl Sink,
    ) -> Result<Published, PublishError> {
        todo!()
    }

    /// [`Command::Receive`].
    ///
    /// # Errors
    /// As [`ReceiveError`] says.
    pub fn receive(
        &mut self,
        _at: At,
        _queue: QueueId,
        _max: u32,
        _sink: &mut impl Sink,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        todo!()
    }

    /// [`Command::Settle`].
    ///
    /// # Errors
    /// As [`SettleError`] says.
    pub fn settle(
        &mut self,
        _at: At,
        _receipt: Receipt,
        _how: Settle,
        _sink: &mut impl Sink,
    ) -> Result<(), SettleError> {
        todo!()
    }

    /// [`Command::Redrive`].
    ///
    /// # Errors
    /// As [`RedriveError`] says.
    pub fn redrive(
        &mut self,
        _at: At,
        _redrive: Redrive,
        _sink: &mut impl Sink,
    ) -> Result<Redriven, RedriveError> {
        todo!()
    }

    /// The latest time it has seen.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        todo!()
    }

    /// The queue of this name.
    #[must_use]
    pub fn find_queue(&self, _name: &str) -> Option<QueueId> {
        todo!()
    }

    /// The topic of this name.
    #[must_use]
    pub fn find_topic(&self, _name: &str) -> Option<TopicId> {
        todo!()
    }

    /// A queue's name.
    #[must_use]
    pub fn queue_name(&self, _queue: QueueId) -> Option<&str> {
        todo!()
    }

    /// A topic's name.
    #[must_use]
    pub fn topic_name(&self, _topic: TopicId) -> Option<&str> {
        todo!()
    }

    /// A queue's settings.
    #[must_use]
    pub fn queue_config(&self, _queue: QueueId) -> Option<&QueueConfig> {
        todo!()
    }

    /// A queue's counters, at no cost that grows with it.
    #[must_use]
    pub fn queue_stats(&self, _queue: QueueId) -> Option<QueueStats> {
        todo!()
    }

    /// The copies in a queue, oldest first, whatever their state: at most `limit` after the first
    /// `skip`. Looking changes nothing.
    #[must_use]
    pub fn peek(&self, _queue: QueueId, _skip: u32, _limit: u32) -> Vec<CopyView> {
        todo!()
    }

    /// The whole state, to be written down.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        todo!()
    }

    /// The state of a snapshot.
    ///
    /// # Errors
    /// As [`RestoreError`] says; a damaged snapshot is never half restored.
    pub fn restore(_snapshot: Snapshot) -> Result<Self, RestoreError> {
        todo!()
    }

    /// A number that is equal for equal states, on every platform.
    #[must_use]
    pub fn digest(&self) -> u64 {
        todo!()
    }
}

#[allow(dead_code)]
fn unused(_: String) {}
