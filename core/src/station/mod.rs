//! An engine with the consumers that work its queues, as one machine.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    consumer::{Consumer, ConsumerConfig},
    engine::{Command, Engine, Error, Reply},
    id::{ConsumerId, QueueId},
    machine::{At, CallRef, Effect, Hosted, Machine, Outcome, Sink},
    time::Timestamp,
};

/// What a station can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationCommand {
    /// Let time pass.
    Tick,
    /// For the engine.
    Engine(Command),
    /// Let a new consumer work a queue.
    Attach {
        /// Unlike every other consumer's; the host finds the provider of its calls by it.
        name: String,
        /// The queue.
        queue: QueueId,
        /// Its settings.
        config: ConsumerConfig,
    },
    /// A call ended.
    CallFinished {
        /// Which.
        call: CallRef,
        /// How.
        outcome: Outcome,
    },
}

/// A station's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StationReply {
    /// It is done.
    Done,
    /// The engine's answer.
    Engine(Reply),
    /// The new consumer.
    Attached(ConsumerId),
}

/// Why a station refused a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StationError {
    /// The engine's reason.
    #[error(transparent)]
    Engine(#[from] Error),
    /// Attaching.
    #[error(transparent)]
    Attach(#[from] AttachError),
}

/// Why a consumer was not attached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// Create the queue first.
    #[error("queue {queue:?} does not exist: create it first")]
    NoSuchQueue {
        /// The queue.
        queue: QueueId,
    },
}

/// An engine with its consumers.
#[derive(Clone, Debug, Default)]
pub struct Station {
    engine: Engine,
}

impl Machine for Station {
    type Command = StationCommand;
    type Reply = StationReply;
    type Error = StationError;

    fn apply(
        &mut self,
        _at: At,
        _command: StationCommand,
        _sink: &mut impl Sink,
    ) -> Result<StationReply, StationError> {
        todo!()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        todo!()
    }
}

impl Hosted for Station {
    fn tick() -> StationCommand {
        StationCommand::Tick
    }

    fn call_finished(call: CallRef, outcome: Outcome) -> StationCommand {
        StationCommand::CallFinished { call, outcome }
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        todo!()
    }

    fn consumer_name(&self, _consumer: ConsumerId) -> Option<&str> {
        todo!()
    }

    fn queue_name(&self, queue: QueueId) -> Option<&str> {
        self.engine.queue_name(queue)
    }

    fn digest(&self) -> u64 {
        todo!()
    }
}

impl Station {
    /// A station without queues and consumers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Its engine, to look at.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// One of its consumers, to look at.
    #[must_use]
    pub fn consumer(&self, _consumer: ConsumerId) -> Option<&Consumer> {
        todo!()
    }

    /// The consumer of this name.
    #[must_use]
    pub fn find_consumer(&self, _name: &str) -> Option<ConsumerId> {
        todo!()
    }

    /// Its consumers in the order of attachment, with their names.
    pub fn consumers(&self) -> impl Iterator<Item = (ConsumerId, &str, &Consumer)> {
        core::iter::empty()
    }
}
