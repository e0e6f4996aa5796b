//! What a station can be told, what it answers, and why it refuses.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    consumer::{ConsumerConfig, OutOfRange},
    engine::{Command, Error, Reply},
    id::{ConsumerId, QueueId},
    limits,
    machine::{CallRef, ConsumerChange, Outcome},
    resilience::BreakerOverride,
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
        /// Unlike every other consumer's; the host finds the provider of its calls by it. At most
        /// [`NAME_BYTES_MAX`](crate::limits::NAME_BYTES_MAX) bytes.
        name: String,
        /// The queue. Several consumers may share one.
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
    /// Let a consumer receive no more. Its calls under way go on, and are settled; what it would
    /// have received waits in the queue, or for the queue's other consumers. A queue itself is
    /// paused by the engine's command.
    PauseConsumer {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// Let a paused consumer receive again.
    ResumeConsumer {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// Something befell a consumer.
    Change(ConsumerChange),
    /// Step in at a consumer's circuit breaker.
    OverrideBreaker {
        /// The consumer.
        consumer: ConsumerId,
        /// What to do.
        how: BreakerOverride,
    },
    /// Let no consumer receive any more: each is paused. For a host that winds down: no call
    /// starts from here on, and those under way may end. Consumers attached later do receive.
    Drain,
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

/// Why a station refused a command: nothing but the time has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StationError {
    /// The engine's reason.
    #[error(transparent)]
    Engine(#[from] Error),
    /// Attaching.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// Put the setting of the consumer into its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// Name a consumer that is attached to this station.
    #[error("consumer {consumer:?} does not exist: name one that is attached to this station")]
    NoSuchConsumer {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// Pause the consumer, or attach one with a breaker.
    #[error("consumer {consumer:?} has no breaker: pause it instead, or set `breaker`")]
    NoBreaker {
        /// The consumer.
        consumer: ConsumerId,
    },
}

/// Why a consumer was not attached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// Choose a name of 1 to 80 bytes.
    #[error("`name` is {bytes} bytes long: give 1 to {max}", max = limits::NAME_BYTES_MAX)]
    NameLength {
        /// Its length.
        bytes: u64,
    },
    /// Choose another name.
    #[error("consumer `{name}` exists already: choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Create the queue first.
    #[error("queue {queue:?} does not exist: create it first")]
    NoSuchQueue {
        /// The queue.
        queue: QueueId,
    },
    /// Put the setting into its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// Choose a shorter call timeout, or a queue with a longer lease: else a call could outlive
    /// its lease, and the message be delivered a second time meanwhile.
    #[error(
        "`call_timeout_ms` is {call_timeout_ms}, and the queue's lease {lease_ms} ms: \
        the lease must be longer"
    )]
    LeaseTooShort {
        /// The queue's lease, in milliseconds.
        lease_ms: u64,
        /// The call timeout, in milliseconds.
        call_timeout_ms: u64,
    },
    /// Use fewer consumers, or a second station.
    #[error("there are {max} consumers already: use fewer, or a second station",
        max = limits::CONSUMERS_MAX)]
    TooMany,
}
