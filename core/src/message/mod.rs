//! What travels: a message with its body and attributes, and what is said of its copies.

mod body;
mod delivery;
mod priority;
mod reason;

use alloc::{collections::BTreeMap, string::String, sync::Arc};

use serde::{Deserialize, Serialize};

pub use self::{
    body::Body,
    delivery::{
        CopyState, CopyView, Delivery, Placement, PlacementOutcome, Placements, Published, Receipt,
    },
    priority::{Priority, PriorityOutOfRange},
    reason::{DeadReason, FailReason, Hop, HopReason},
};
use crate::{
    id::{Address, MessageId},
    limits::{
        ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, BODY_BYTES_MAX, KEY_BYTES_MAX, SUBJECT_BYTES_MAX,
    },
    time::{Span, Timestamp},
};

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// At most [`BODY_BYTES_MAX`](crate::limits::BODY_BYTES_MAX) bytes.
    pub body: Body,
    /// At most [`ATTRIBUTES_MAX`](crate::limits::ATTRIBUTES_MAX).
    #[serde(default)]
    pub attributes: Attributes,
    /// What it is about, as words joined by dots: `orders.eu.created`. Subscriptions select by it.
    /// At most [`SUBJECT_BYTES_MAX`](crate::limits::SUBJECT_BYTES_MAX) bytes; no word is empty or
    /// holds `*`, `>` or white space.
    #[serde(default)]
    pub subject: Option<String>,
    /// Messages of one group are delivered one after the other, in the order in which they came.
    /// Groups do not hold each other up. From 1 to 255 bytes.
    #[serde(default)]
    pub group: Option<String>,
    /// What goes first. Inside a group the order counts instead.
    #[serde(default)]
    pub priority: Priority,
    /// Not delivered before this long after publishing. Adds to nothing: the queue's own delay
    /// applies only where neither this nor `not_before` is set.
    #[serde(default)]
    pub delay: Span,
    /// Not delivered before then. The later of this and `delay` counts.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// Expired this long after publishing, delay included, unless settled. The shorter of this and
    /// the queue's `ttl` counts. It ends when the message becomes a dead letter; a redrive does not bring
    /// it back.
    #[serde(default)]
    pub ttl: Option<Span>,
    /// A second message with this key, published at the same address within the dedup window,
    /// is not stored: the answer names the first. From 1 to 255 bytes.
    #[serde(default)]
    pub dedup_key: Option<String>,
    /// The message in answer to which this one is published.
    #[serde(default)]
    pub cause: Option<Cause>,
}

impl NewMessage {
    /// A message with this body and nothing else set.
    #[must_use]
    #[inline]
    pub fn new(body: impl Into<Body>) -> Self {
        // Not from the default, whose body would be counted up and down again.
        Self {
            body: body.into(),
            attributes: Attributes::new(),
            subject: None,
            group: None,
            priority: Priority::default(),
            delay: Span::ZERO,
            not_before: None,
            ttl: None,
            dedup_key: None,
            cause: None,
        }
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

/// A published message. Cheap to clone: its copies share the body and what few messages have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Message {
    /// Its id, the same in every queue.
    pub id: MessageId,
    /// The bytes that it carries.
    pub body: Body,
    /// When it was published.
    pub published_at: Timestamp,
    /// How urgent it is.
    pub priority: Priority,
    /// Absent where it would be empty, so that a plain message is small.
    rare: Option<Arc<Rare>>,
}

/// What most messages do without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Rare {
    attributes: Attributes,
    subject: Option<String>,
    group: Option<String>,
    cause: Option<Cause>,
}

static NO_ATTRIBUTES: Attributes = Attributes::new();

impl Message {
    /// What becomes of `new` when it is published under this id: for tests of what works on
    /// messages. An engine makes its own.
    #[must_use]
    #[inline]
    pub fn new(id: MessageId, published_at: Timestamp, new: NewMessage) -> Self {
        let NewMessage { body, priority, attributes, subject, group, cause, .. } = new;
        let rare = Rare::if_any(attributes, subject, group, cause);
        Self { id, body, published_at, priority, rare }
    }

    /// Its attributes by name; none are the same as an empty map.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        self.rare.as_ref().map_or(&NO_ATTRIBUTES, |rare| &rare.attributes)
    }

    /// What it is about, as words joined by dots.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.rare.as_ref()?.subject.as_deref()
    }

    /// What was published.
    #[must_use]
    #[inline]
    pub fn group(&self) -> Option<&str> {
        self.rare.as_ref()?.group.as_deref()
    }

    /// The message that this one answers, if any.
    #[must_use]
    #[inline]
    pub fn causation(&self) -> Option<MessageId> {
        self.cause().map(|cause| cause.message)
    }

    /// The first message of the chain of causes; its own id if it answers none.
    #[must_use]
    #[inline]
    pub fn correlation(&self) -> MessageId {
        self.cause().map_or(self.id, |cause| cause.correlation)
    }

    /// What to put into [`NewMessage::cause`] of a message that answers this one.
    #[must_use]
    pub fn as_cause(&self) -> Cause {
        Cause { message: self.id, correlation: self.correlation() }
    }

    /// Where it was published.
    #[must_use]
    pub fn address(&self) -> Address {
        self.id.address
    }

    /// What it counts for in a queue's `capacity_bytes`: body, attributes, subject and group.
    #[must_use]
    #[inline]
    pub fn bytes(&self) -> u64 {
        let rare = self.rare.as_ref().map_or(0, |rare| rare.bytes());
        self.body.as_bytes().len() as u64 + rare
    }

    /// Whether it could have been published: to be asked of what was read from a document.
    pub(crate) fn is_within_limits(&self) -> bool {
        let fits =
            |text: Option<&str>, max: u32| text.is_none_or(|text| text.len() <= max as usize);
        self.body.as_bytes().len() <= BODY_BYTES_MAX as usize
            && self.attributes().len() <= ATTRIBUTES_MAX as usize
            && attribute_bytes(self.attributes()) <= ATTRIBUTE_BYTES_MAX as usize
            && fits(self.subject(), SUBJECT_BYTES_MAX)
            && fits(self.group(), KEY_BYTES_MAX)
            && self.group().is_none_or(|group| !group.is_empty())
    }

    #[inline]
    fn cause(&self) -> Option<Cause> {
        self.rare.as_ref()?.cause
    }
}

impl Rare {
    #[inline]
    fn if_any(
        attributes: Attributes,
        subject: Option<String>,
        group: Option<String>,
        cause: Option<Cause>,
    ) -> Option<Arc<Self>> {
        let none = attributes.is_empty() && subject.is_none() && group.is_none() && cause.is_none();
        if none { None } else { Some(Arc::new(Self { attributes, subject, group, cause })) }
    }

    fn bytes(&self) -> u64 {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        (attribute_bytes(&self.attributes) + text(&self.subject) + text(&self.group)) as u64
    }
}

/// The bytes of all keys and values.
pub(crate) fn attribute_bytes(attributes: &Attributes) -> usize {
    attributes.iter().map(|(key, value)| key.len() + value.len()).sum()
}

/// A message as it is written down.
#[derive(Serialize, Deserialize)]
struct Written {
    id: MessageId,
    body: Body,
    attributes: Attributes,
    subject: Option<String>,
    group: Option<String>,
    priority: Priority,
    cause: Option<Cause>,
    published_at: Timestamp,
}

impl From<Message> for Written {
    fn from(message: Message) -> Self {
        let Message { id, body, published_at, priority, rare } = message;
        let Rare { attributes, subject, group, cause } =
            rare.map_or_else(Rare::default, Arc::unwrap_or_clone);
        Self { id, body, attributes, subject, group, priority, cause, published_at }
    }
}

impl From<Written> for Message {
    fn from(written: Written) -> Self {
        let Written { id, body, attributes, subject, group, priority, cause, published_at } =
            written;
        let rare = Rare::if_any(attributes, subject, group, cause);
        Self { id, body, published_at, priority, rare }
    }
}
