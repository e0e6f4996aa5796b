//! What an engine can be told, and what it answers.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    engine::{
        claims::{Claim, ClaimToken, Fingerprint, LedgerConfig},
        error::{PublishError, SettleError},
        subscribe::Subscribe,
    },
    id::{Address, LedgerId, QueueId, TopicId},
    message::{Body, Delivery, FailReason, NewMessage, Published, Receipt},
    queue::{DedupScope, QueueConfig, Select},
    time::{Span, Timestamp, millis},
};

/// What an engine can be told. Every setting stands in it, none is looked up later: a journal of
/// commands replays to the same state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Command {
    /// Let time pass.
    Tick,
    /// Create a queue.
    CreateQueue {
        /// Unlike every other queue's.
        name: String,
        /// Its settings.
        config: QueueConfig,
    },
    /// Create a topic.
    CreateTopic {
        /// Unlike every other topic's.
        name: String,
        /// Its settings.
        config: TopicConfig,
    },
    /// Create a ledger of idempotency claims.
    CreateLedger {
        /// Unlike every other ledger's.
        name: String,
        /// Its settings.
        config: LedgerConfig,
    },
    /// Give a queue a copy of what a topic gets.
    Subscribe(Subscribe),
    /// Give a queue no copies of what a topic gets until the subscription is resumed. What is
    /// published meanwhile it never gets.
    PauseSubscription {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// Give it copies again, from the next message on.
    ResumeSubscription {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// End a subscription. The copies that the queue has got stay in it.
    Unsubscribe {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// Publish a message.
    Publish {
        /// Where.
        to: Address,
        /// What.
        message: NewMessage,
    },
    /// Publish several messages, one after the other, each as if alone: some may be refused.
    PublishBatch {
        /// Where.
        to: Address,
        /// What; from 1 to 256.
        messages: Vec<NewMessage>,
    },
    /// Hand out ready messages: the most urgent first, what comes back before what is fresh.
    Receive {
        /// From where.
        queue: QueueId,
        /// At most so many; from 1 to 256.
        max: u32,
        /// For how long, from 1 ms to 12 h; the queue's own lease if absent. Without meaning where the
        /// queue settles on delivery.
        #[serde(default)]
        lease: Option<Span>,
    },
    /// End a delivery.
    Settle {
        /// Which.
        receipt: Receipt,
        /// How.
        how: Settle,
    },
    /// End several deliveries, one after the other, each as if alone: some may be refused.
    SettleBatch {
        /// Which, and how; from 1 to 256.
        settlements: Vec<(Receipt, Settle)>,
    },
    /// Move the end of a lease.
    Extend {
        /// Which.
        receipt: Receipt,
        /// It ends so long from now, but at most 12 h after the delivery; zero ends it at once.
        by: Span,
    },
    /// Move dead letters back to work.
    Redrive(Redrive),
    /// End the redrive that moves copies out of this queue; those that have not moved stay.
    CancelRedrive {
        /// The dead-letter queue.
        queue: QueueId,
    },
    /// Discard every copy in a queue, whatever its state: receipts become stale.
    Purge {
        /// Which.
        queue: QueueId,
        /// Forget its dedup keys, too.
        #[serde(default)]
        forget_dedup: bool,
    },
    /// Hand out nothing from a queue until it is resumed. Leases, delays and deadlines go on.
    Pause {
        /// Which.
        queue: QueueId,
    },
    /// Hand out again.
    Resume {
        /// Which.
        queue: QueueId,
    },
    /// Claim an idempotency key before doing its work.
    Claim {
        /// Where keys are kept.
        ledger: LedgerId,
        /// At most 255 bytes.
        key: String,
        /// What the work is about: the same key for other work is a mistake.
        fingerprint: Fingerprint,
    },
    /// Keep the result of claimed work.
    CompleteClaim {
        /// Where keys are kept.
        ledger: LedgerId,
        /// The claim.
        token: ClaimToken,
        /// What later claims of the key are told.
        result: Body,
    },
    /// Give a claim up: its key is free again.
    AbandonClaim {
        /// Where keys are kept.
        ledger: LedgerId,
        /// The claim.
        token: ClaimToken,
    },
}

/// The answer to a command, of the same name where there is something to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reply {
    /// It is done.
    Done,
    /// The new queue.
    Queue(QueueId),
    /// The new topic.
    Topic(TopicId),
    /// The new ledger.
    Ledger(LedgerId),
    /// What was published, and where it went.
    Published(Published),
    /// What became of each message of a batch, in its order.
    PublishedEach(Vec<Result<Published, PublishError>>),
    /// What was handed out; empty if nothing is ready.
    Received(Vec<Delivery>),
    /// What became of each settlement of a batch, in its order.
    SettledEach(Vec<Result<(), SettleError>>),
    /// When the lease ends now.
    Extended(Timestamp),
    /// So many copies were discarded.
    Purged(u64),
    /// What was moved.
    Redriven(Redriven),
    /// How the claim stands.
    Claim(Claim),
}

/// The settings of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TopicConfig {
    /// How long a dedup key is remembered after its first message was stored. Default 5 min.
    #[serde(rename = "dedup_window_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub dedup_window: Span,
    /// Where a dedup key counts. Default in the whole topic.
    pub dedup_scope: DedupScope,
}

impl Default for TopicConfig {
    fn default() -> Self {
        Self { dedup_window: Span::from_secs(5 * 60), dedup_scope: DedupScope::default() }
    }
}

/// What a subscription does with a copy for which its queue has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFull {
    /// The whole publish fails and no queue gets a copy: the publisher tries again.
    #[default]
    Refuse,
    /// This copy alone goes to the queue's dead letters, reason `overflow`; the others are
    /// delivered.
    Divert,
}

/// How a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settle {
    /// Well: the copy is gone.
    Ack,
    /// Badly, to be tried again; dead after the last of `max_deliveries`.
    Retry {
        /// After this long; by the queue's backoff if absent.
        delay: Option<Span>,
        /// Why.
        reason: FailReason,
    },
    /// Unused: ready again at once, and the delivery does not count (in the profile `Sqs` it does).
    Release,
    /// Never again: to the dead letters at once.
    Reject {
        /// Why.
        reason: FailReason,
    },
}

/// Moves dead letters back to work, oldest first. Each keeps its id, starts counting deliveries
/// anew, gets a new deadline but not its own time to live back, and is not held against any dedup
/// window.
///
/// Without a rate all move at once. With one, the first moves at once and the nth n/rate later;
/// meanwhile no other redrive of this queue is accepted. Only what is in the queue at the start is
/// moved: what comes back dead meanwhile is not sent round again. A message's own `ttl` ended when it
/// died, and does not come back with it; the `ttl` of the queue begins anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// The dead-letter queue.
    pub from: QueueId,
    /// Where to; each to the queue it died in if absent.
    #[serde(default)]
    pub to: Option<QueueId>,
    /// At most so many; from 1 to 10,000.
    pub max: u32,
    /// So many a second, evenly; all at once if absent.
    #[serde(default)]
    pub per_second: Option<u32>,
    /// Which: all by default.
    #[serde(default)]
    pub select: Select,
}

impl Redrive {
    /// All dead letters of a queue, at once, each to the queue it died in.
    #[must_use]
    pub fn all(from: QueueId) -> Self {
        let max = crate::limits::REDRIVE_MAX;
        Self { from, to: None, max, per_second: None, select: Select::default() }
    }
}

/// What a redrive did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redriven {
    /// So many have moved.
    pub moved: u32,
    /// So many stayed: there was no room for them where they were to go (for a message larger than
    /// that queue ever holds there never is), or it is not known where they came from.
    pub stayed: u32,
    /// So many are to be looked at yet, at the rate asked for.
    pub scheduled: u32,
}
