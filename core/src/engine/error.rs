//! Why an engine refuses a command. Each operation has its own errors, each error its remedy.

use alloc::string::String;

use crate::{
    engine::claims::ClaimError,
    id::{Address, LedgerId, QueueId, TopicId},
    limits,
    time::Timestamp,
};

/// Why an engine refused a command: nothing but the time has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Creating a queue, topic or ledger, or subscribing.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// Publishing.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Receiving.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// Settling.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Redriving.
    #[error(transparent)]
    Redrive(#[from] RedriveError),
    /// Claiming, completing or abandoning.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

/// Why a queue, topic, ledger or subscription was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigureError {
    /// Choose a name of 1 to 80 bytes.
    #[error("`name` is {bytes} bytes long: give 1 to {max}", max = limits::NAME_BYTES_MAX)]
    NameLength {
        /// Its length.
        bytes: u64,
    },
    /// Choose another name.
    #[error("`{name}` exists already: choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Put the setting into its range.
    #[error("`{setting}` is out of range: give {range}")]
    OutOfRange {
        /// The setting.
        setting: &'static str,
        /// Its range, in words.
        range: &'static str,
    },
    /// Create the dead-letter queue first. (Since it must exist first, a cycle cannot come about.)
    #[error("`dead_letters` names queue {queue:?}, which does not exist: create it first")]
    NoSuchDeadLetters {
        /// The queue.
        queue: QueueId,
    },
    /// Let the dead letters of dead letters end in fewer queues.
    #[error("`dead_letters` would be a chain of more than {max} queues: shorten it",
        max = limits::DEAD_LETTER_CHAIN_MAX)]
    DeadLetterChain,
    /// Create the topic first.
    #[error("topic {topic:?} does not exist: create it first")]
    NoSuchTopic {
        /// The topic.
        topic: TopicId,
    },
    /// Create the queue first.
    #[error("queue {queue:?} does not exist: create it first")]
    NoSuchQueue {
        /// The queue.
        queue: QueueId,
    },
    /// Nothing to do: a queue gets one copy, however often it is subscribed.
    #[error("queue {queue:?} is subscribed to topic {topic:?} already")]
    SubscribedAlready {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// A subscription that diverts needs a queue with `dead_letters`.
    #[error("queue {queue:?} has no dead letters to divert to: set `dead_letters` or refuse")]
    NowhereToDivert {
        /// The queue.
        queue: QueueId,
    },
    /// Use fewer of them, or a second engine.
    #[error("there are {max} {what} already, the most that one engine holds")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: u32,
    },
}

/// Why a message was not published.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Create it first, or mend the id.
    #[error("there is nothing at {to:?}: create it first")]
    NoSuchAddress {
        /// The address.
        to: Address,
    },
    /// Publish again later: no queue got a copy.
    #[error("queue {queue:?} holds {capacity} messages, its capacity: publish again later")]
    Full {
        /// The first queue without room.
        queue: QueueId,
        /// Its capacity.
        capacity: u64,
    },
    /// Publish again later: every queue and all their dead letters are full.
    #[error("every queue that the message is for is full, and so are its dead letters")]
    AllRejected,
    /// Store the body elsewhere and send its id.
    #[error("the body has {actual} bytes, more than {max}: store it elsewhere and send its id",
        max = limits::BODY_BYTES_MAX)]
    BodyTooLarge {
        /// Its size in bytes.
        actual: u64,
    },
    /// Send fewer or shorter attributes.
    #[error("the attributes are more than {count} or {bytes} bytes",
        count = limits::ATTRIBUTES_MAX, bytes = limits::ATTRIBUTE_BYTES_MAX)]
    AttributesTooLarge,
    /// Choose a key of 1 to 255 bytes.
    #[error("`dedup_key` is {bytes} bytes long: give 1 to {max}", max = limits::KEY_BYTES_MAX)]
    DedupKeyLength {
        /// Its length.
        bytes: u64,
    },
    /// Choose a shorter delay.
    #[error("`delay` is longer than 366 days")]
    DelayTooLong,
    /// Publish again later, or without a dedup key.
    #[error("{max} dedup keys are remembered here, the most: publish again after {frees_at:?}",
        max = limits::DEDUP_KEYS_MAX)]
    DedupFull {
        /// When the oldest key is forgotten.
        frees_at: Timestamp,
    },
}

/// Why nothing was handed out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Create it first, or mend the id.
    #[error("queue {queue:?} does not exist")]
    NoSuchQueue {
        /// The queue.
        queue: QueueId,
    },
    /// Ask for 1 to 256.
    #[error("`max` is {max}: ask for 1 to {most}", most = limits::RECEIVE_MAX)]
    Max {
        /// What was asked for.
        max: u32,
    },
}

/// Why a delivery was not settled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The delivery has ended: its lease ran out, and the message is or will be delivered again,
    /// or it was settled otherwise before. Do not settle again; let a repetition do no harm.
    #[error("the receipt is stale: its delivery has ended, by its lease or an earlier settlement")]
    Stale,
    /// The receipt is from another engine, or made up.
    #[error("the receipt is not from this engine")]
    Unknown,
    /// Choose a shorter delay.
    #[error("`delay` is longer than 366 days")]
    DelayTooLong,
}

/// Why nothing was redriven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// Mend the id.
    #[error("queue {queue:?} does not exist")]
    NoSuchQueue {
        /// The queue.
        queue: QueueId,
    },
    /// Ask for 1 to 10,000.
    #[error("`max` is {max}: ask for 1 to {most}", most = limits::REDRIVE_MAX)]
    Max {
        /// What was asked for.
        max: u32,
    },
    /// Ask for 1 to 1,000,000 a second.
    #[error("`per_second` is out of range: ask for 1 to {most}", most = limits::RATE_MAX)]
    PerSecond,
    /// Name another queue to move to.
    #[error("queue {queue:?} cannot be redriven into itself")]
    IntoItself {
        /// The queue.
        queue: QueueId,
    },
}

/// The ledger does not exist: create it first, or mend the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ledger {0:?} does not exist")]
pub struct NoSuchLedger(pub LedgerId);
