//! Why an engine refuses a command. Each operation has its own errors, each error its remedy.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    engine::claims::ClaimError,
    id::{Address, LedgerId, QueueId, TopicId},
    limits,
    message::Priority,
    routing::{FilterError, SubjectError},
    time::{Span, Timestamp},
};

/// Why an engine refused a command: nothing but the time has changed, and what is over with it: keys
/// past their windows are forgotten, say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Creating a queue, topic or ledger, or subscribing.
    #[error(transparent)]
    Configure(#[from] ConfigureError),
    /// Pausing, resuming or ending a subscription.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// Publishing.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Receiving.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// Settling.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Extending a lease.
    #[error(transparent)]
    Extend(#[from] ExtendError),
    /// Redriving, or cancelling a redrive.
    #[error(transparent)]
    Redrive(#[from] RedriveError),
    /// Purging, pausing or resuming.
    #[error(transparent)]
    Queue(#[from] NoSuchQueue),
    /// A batch of more messages or settlements than one command takes, or of none.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Claiming, completing or abandoning.
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

/// Why a subscription was not paused, resumed or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// Mend the id.
    #[error("topic {topic:?} does not exist: create it first, or mend the id")]
    NoSuchTopic {
        /// The topic.
        topic: TopicId,
    },
    /// Mend the id, or subscribe the queue first; nothing to do if the subscription was to end.
    #[error("queue {queue:?} is not subscribed to topic {topic:?}: subscribe it first")]
    NotSubscribed {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
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
    /// Give the dead letters more `capacity_bytes`, or this queue less: what is larger than its dead
    /// letters ever hold could never move there.
    #[error(
        "`dead_letters` names queue {queue:?}, which holds {capacity_bytes} bytes, and a message here \
        may count {largest}: give that queue more `capacity_bytes`, or this one less"
    )]
    DeadLettersTooSmall {
        /// The dead letters.
        queue: QueueId,
        /// Their capacity in bytes.
        capacity_bytes: u64,
        /// The most that one message counts in the queue that was to be created.
        largest: u64,
    },
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
    /// To change what it gets, unsubscribe it first; else nothing to do, since a queue gets one copy
    /// however often it is subscribed.
    #[error(
        "queue {queue:?} is subscribed to topic {topic:?} already: to change what it gets, \
        unsubscribe it first"
    )]
    SubscribedAlready {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// Mend the filter at the place that is named.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A subscription that diverts needs a queue with `dead_letters`.
    #[error("queue {queue:?} has no dead letters to divert to: set `dead_letters` or refuse")]
    NowhereToDivert {
        /// The queue.
        queue: QueueId,
    },
    /// A queue whose oldest copies make room by becoming dead letters needs some.
    #[error("`overflow` is `dead_letter_oldest`, but the queue has none: set `dead_letters`")]
    NowhereForOldest,
    /// Use fewer of them, or a second engine.
    #[error("there are {max} {what} already: use fewer, or a second engine")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: u32,
    },
}

/// Why a message was not published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PublishError {
    /// Create it first, or mend the id.
    #[error("there is nothing at {to:?}: create it first")]
    NoSuchAddress {
        /// The address.
        to: Address,
    },
    /// Publish again later: no queue got a copy.
    #[error(
        "queue {queue:?} is full, it holds {capacity} messages or {capacity_bytes} bytes: \
        publish again later"
    )]
    Full {
        /// The first queue without room.
        queue: QueueId,
        /// Its capacity in messages.
        capacity: u64,
        /// Its capacity in bytes.
        capacity_bytes: u64,
    },
    /// Store the body elsewhere and send its id, or raise the queue's `capacity_bytes`.
    #[error(
        "the message counts {actual} bytes, more than queue {queue:?} ever holds \
        ({capacity_bytes}): store its body elsewhere and send its id"
    )]
    LargerThanQueue {
        /// The queue.
        queue: QueueId,
        /// What the message counts.
        actual: u64,
        /// The queue's capacity in bytes.
        capacity_bytes: u64,
    },
    /// Publish again later, or with a higher priority: no queue got a copy.
    #[error(
        "queue {queue:?} is nearly full and takes no message of priority {level}: \
        publish again later", level = priority.level()
    )]
    Shed {
        /// The first queue that shed it.
        queue: QueueId,
        /// The message's priority.
        priority: Priority,
    },
    /// Publish again later: every queue and all their dead letters are full.
    #[error(
        "every queue that the message is for is full, and so are its dead letters: \
        publish again later"
    )]
    AllRejected,
    /// Store the body elsewhere and send its id.
    #[error("the body has {actual} bytes, more than {max}: store it elsewhere and send its id",
        max = limits::BODY_BYTES_MAX)]
    BodyTooLarge {
        /// Its size in bytes.
        actual: u64,
    },
    /// Send fewer or shorter attributes.
    #[error("the attributes are more than {count} or {bytes} bytes: send fewer or shorter ones",
        count = limits::ATTRIBUTES_MAX, bytes = limits::ATTRIBUTE_BYTES_MAX)]
    AttributesTooLarge,
    /// Choose a key of 1 to 255 bytes.
    #[error("`dedup_key` is {bytes} bytes long: give 1 to {max}", max = limits::KEY_BYTES_MAX)]
    DedupKeyLength {
        /// Its length.
        bytes: u64,
    },
    /// Choose a key of 1 to 255 bytes.
    #[error("`group` is {bytes} bytes long: give 1 to {max}", max = limits::KEY_BYTES_MAX)]
    GroupLength {
        /// Its length.
        bytes: u64,
    },
    /// Mend the subject: tokens joined by dots, as in `orders.eu.created`.
    #[error("`subject`: {0}")]
    Subject(#[from] SubjectError),
    /// Choose a shorter delay.
    #[error("`delay` or `not_before` is more than 366 days away: choose a sooner time")]
    DelayTooLong,
    /// Choose a time to live of more than nothing and at most 366 days.
    #[error("`ttl` is out of range: give 1 us to 366 days")]
    Ttl,
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
    #[error("queue {queue:?} does not exist: create it first, or mend the id")]
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
    /// Ask for 1 ms to 12 h.
    #[error("`lease` is out of range: ask for 1 ms to 12 h")]
    Lease,
}

/// Why a delivery was not settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SettleError {
    /// The delivery has ended: its lease ran out, and the message is or will be delivered again,
    /// or it was settled otherwise before. Do not settle again; let a repetition do no harm. (Once it
    /// was acknowledged, settling it again, however, is no error and changes nothing.)
    #[error(
        "the receipt is stale: its delivery has ended, by its lease or an earlier settlement; \
        do not settle again"
    )]
    Stale,
    /// The receipt is from another engine, or made up.
    #[error("the receipt is not from this engine: settle where the message was received")]
    Unknown,
    /// Choose a shorter delay.
    #[error("`delay` is longer than 366 days: choose a shorter one")]
    DelayTooLong,
}

/// Why a lease was not extended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExtendError {
    /// The delivery has ended: its lease ran out, or it was settled. Stop the work, or let a
    /// repetition do no harm.
    #[error(
        "the receipt is stale: its delivery has ended, by its lease or a settlement; stop the work"
    )]
    Stale,
    /// The receipt is from another engine, or made up.
    #[error("the receipt is not from this engine: extend where the message was received")]
    Unknown,
    /// Ask for less, or finish the work in another message.
    #[error(
        "a delivery lasts 12 h at most: extend it by {most} ms or less",
        most = most.as_millis()
    )]
    TooLong {
        /// The most that can be asked for now.
        most: Span,
    },
}

/// Why nothing was redriven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedriveError {
    /// Create it first, or mend the id.
    #[error("queue {queue:?} does not exist: create it first, or mend the id")]
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
    #[error("queue {queue:?} cannot be redriven into itself: name another queue")]
    IntoItself {
        /// The queue.
        queue: QueueId,
    },
    /// Select fewer messages by id.
    #[error("`select.messages` names {count} messages: name at most {max}",
        max = limits::SELECT_MAX)]
    TooManySelected {
        /// So many were named.
        count: u64,
    },
    /// Wait for it to end, or cancel it.
    #[error("a redrive of queue {queue:?} is under way: wait for it, or cancel it")]
    UnderWay {
        /// The queue.
        queue: QueueId,
    },
    /// Nothing to cancel: it has ended, or was never begun.
    #[error("no redrive of queue {queue:?} is under way: there is nothing to cancel")]
    NoneUnderWay {
        /// The queue.
        queue: QueueId,
    },
}

/// The queue does not exist: create it first, or mend the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("queue {0:?} does not exist: create it first, or mend the id")]
pub struct NoSuchQueue(pub QueueId);

/// A batch is too large, or empty: give 1 to 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the batch has {count} entries: give 1 to {max}", max = limits::BATCH_MAX)]
pub struct BatchError {
    /// So many entries.
    pub count: u64,
}

/// The ledger does not exist: create it first, or mend the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ledger {0:?} does not exist: create it first, or mend the id")]
pub struct NoSuchLedger(pub LedgerId);
