//! What travels: bodies, attributes, and where a copy has been.

use alloc::{collections::BTreeMap, string::String, sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    id::{Address, LeaseId, MessageId, QueueId},
    time::{Span, Timestamp},
};

/// A message body. Copies share the bytes. The engine never looks inside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(Arc<[u8]>);

impl Body {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

/// Attributes by name, in order. Subscriptions select by them.
pub type Attributes = BTreeMap<String, String>;

/// A message about to be published.
///
/// # Example: an order, to be delivered in a minute
/// ```
/// use postroom_core::{NewMessage, Span};
///
/// let message = NewMessage { delay: Span::from_secs(60), ..NewMessage::new("order 17") };
/// assert_eq!(message.body.as_bytes(), b"order 17");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// At most [`BODY_BYTES_MAX`](crate::limits::BODY_BYTES_MAX) bytes.
    pub body: Body,
    /// At most [`ATTRIBUTES_MAX`](crate::limits::ATTRIBUTES_MAX).
    #[serde(default)]
    pub attributes: Attributes,
    /// Not delivered before this long after publishing. Adds to nothing: the queue's own delay
    /// applies only where this is zero.
    #[serde(default)]
    pub delay: Span,
    /// A second message with this key, published at the same address within the dedup window,
    /// is not stored: the answer names the first.
    #[serde(default)]
    pub dedup_key: Option<String>,
    /// The message in answer to which this one is published.
    #[serde(default)]
    pub cause: Option<Cause>,
}

impl NewMessage {
    /// A message with this body and nothing else set.
    #[must_use]
    pub fn new(body: impl Into<Body>) -> Self {
        Self { body: body.into(), ..Self::default() }
    }
}

impl<B: Into<Body>> From<B> for NewMessage {
    fn from(body: B) -> Self {
        Self::new(body)
    }
}

/// What a message is published in answer to: see [`Message::as_cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cause {
    /// The direct cause.
    pub message: MessageId,
    /// The first message of the whole chain.
    pub correlation: MessageId,
}

/// A published message: what all its copies share.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Its id, the same in every queue.
    pub id: MessageId,
    /// What was published.
    pub body: Body,
    /// What was published.
    pub attributes: Attributes,
    /// The message that this one answers, if any.
    pub causation: Option<MessageId>,
    /// The first message of the chain of causes; its own id if it answers none.
    pub correlation: MessageId,
    /// When it was published.
    pub published_at: Timestamp,
}

impl Message {
    /// What to put into [`NewMessage::cause`] of a message that answers this one.
    #[must_use]
    pub fn as_cause(&self) -> Cause {
        Cause { message: self.id, correlation: self.correlation }
    }
}

/// One message handed out under one lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The key to settling it.
    pub receipt: Receipt,
    /// The message.
    pub message: Arc<Message>,
    /// Which delivery of this copy it is, from 1; starts again after a redrive.
    pub delivery: u32,
    /// The lease ends here: from this moment on the receipt is stale. None where the queue
    /// settles on delivery.
    pub lease_until: Option<Timestamp>,
    /// From then on the copy is dead unless this delivery is acknowledged, if the queue sets such
    /// a deadline.
    pub deadline: Option<Timestamp>,
}

/// The right to settle one delivery: opaque, and void once its lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Receipt {
    pub(crate) queue: QueueId,
    pub(crate) slot: u32,
    pub(crate) lease: LeaseId,
}

impl Receipt {
    /// The queue that gave it.
    #[must_use]
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// The lease it stands for.
    #[must_use]
    pub fn lease(&self) -> LeaseId {
        self.lease
    }
}

/// One move of a copy from queue to queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hop {
    /// The queue it left; for a copy that never got in, the queue it was meant for.
    pub from: QueueId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: HopReason,
    /// Deliveries it had had there.
    pub deliveries: u32,
}

/// Why a copy moved to another queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HopReason {
    /// To the dead-letter queue.
    DeadLettered(DeadReason),
    /// Back from it.
    Redriven,
}

/// Why a copy will not be delivered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadReason {
    /// It was delivered `max_deliveries` times.
    Exhausted,
    /// A consumer rejected it.
    Rejected,
    /// It was not settled within `deliver_within`.
    Deadline,
    /// Its queue was full and the subscription diverts.
    Overflow,
    /// The outcome of a call is unknown and a resend is not safe.
    Unknown,
}

/// Why a delivery ended without an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailReason {
    /// The other side failed and may succeed later.
    Transient,
    /// The other side asked for a slower pace.
    Throttled,
    /// The other side did not answer by the call's deadline.
    Timeout,
    /// The other side refused for good.
    Permanent,
    /// It is not known whether the other side took it.
    Ambiguous,
}

/// A copy as [`Engine::peek`](crate::Engine::peek) shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyView {
    /// The message.
    pub message: Arc<Message>,
    /// When it came into this queue.
    pub enqueued_at: Timestamp,
    /// Deliveries in this queue so far.
    pub deliveries: u32,
    /// What it waits for.
    pub state: CopyState,
    /// Where it has been, oldest first: at most [`HISTORY_MAX`](crate::limits::HISTORY_MAX).
    pub history: Vec<Hop>,
}

/// What a copy in a queue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// A consumer.
    Ready,
    /// Its time.
    Delayed {
        /// Ready from then on.
        until: Timestamp,
    },
    /// The consumer that holds it.
    InFlight {
        /// Its lease.
        lease: LeaseId,
        /// Ends then.
        until: Timestamp,
    },
    /// Room in the dead-letter queue.
    Blocked {
        /// Why it is to go there.
        reason: DeadReason,
    },
}

/// Where one copy of a published message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Placement {
    /// The queue it was meant for.
    pub queue: QueueId,
    /// What became of it.
    pub outcome: PlacementOutcome,
}

/// What became of one copy of a published message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacementOutcome {
    /// It is in the queue.
    Queued,
    /// The queue was full: it is in the queue's dead letters.
    Diverted,
    /// The queue and its dead letters were full: it is nowhere.
    Rejected,
}

/// The answer to a publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The id; of the first message where this one is a duplicate.
    pub message: MessageId,
    /// Whether the dedup window held the key already, so that nothing was stored.
    pub duplicate: bool,
    /// A placement for each queue the message is for; empty for a duplicate and for a topic
    /// without a matching subscription.
    pub placements: Vec<Placement>,
}

impl Message {
    /// Where it was published.
    #[must_use]
    pub fn address(&self) -> Address {
        self.id.address
    }
}
