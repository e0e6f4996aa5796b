//! Names of things. All are local: no number in one queue depends on what another queue did.

use alloc::string::{String, ToString};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name($inner);

        impl $name {
            /// The id with this number.
            #[must_use]
            pub const fn new(number: $inner) -> Self {
                Self(number)
            }

            /// The number behind the id.
            #[must_use]
            pub const fn number(self) -> $inner {
                self.0
            }
        }
    };
}

number_id! {
    /// A queue, numbered in the order of creation.
    QueueId(u32)
}
number_id! {
    /// A topic, numbered in the order of creation.
    TopicId(u32)
}
number_id! {
    /// A ledger of idempotency claims, numbered in the order of creation.
    LedgerId(u32)
}
number_id! {
    /// A consumer of a [`Station`](crate::Station), numbered in the order of attachment.
    ConsumerId(u32)
}
number_id! {
    /// One lease of one queue. Grows with every delivery and is never reused.
    LeaseId(u64)
}
number_id! {
    /// One call of one consumer. Grows with every call and is never reused.
    CallId(u64)
}

/// Where a message is published: straight to a queue, or to a topic that fans it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// Point to point.
    Queue(QueueId),
    /// Publish and subscribe.
    Topic(TopicId),
}

/// A message, named when it is published: its address and its number there.
///
/// Every copy keeps the id, through fan-out, retries, dead letters and redrive: a copy is
/// (queue, message). Reads and writes as text: `t0.17` is the message 17 of topic 0, `q2.5` the
/// message 5 of queue 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId {
    /// Where it was published.
    pub address: Address,
    /// Its number there, from 0.
    pub number: u64,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Address::Queue(queue) => write!(f, "q{}.{}", queue.0, self.number),
            Address::Topic(topic) => write!(f, "t{}.{}", topic.0, self.number),
        }
    }
}

/// The text is not a message id such as `t0.17` or `q2.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message id: expected text such as `t0.17` or `q2.5`")]
pub struct ParseMessageIdError;

impl FromStr for MessageId {
    type Err = ParseMessageIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, number) = text.split_once('.').ok_or(ParseMessageIdError)?;
        let place_number = |digits: &str| plain_number(digits).and_then(|n| u32::try_from(n).ok());
        let address = if let Some(digits) = place.strip_prefix('q') {
            Address::Queue(QueueId(place_number(digits).ok_or(ParseMessageIdError)?))
        } else if let Some(digits) = place.strip_prefix('t') {
            Address::Topic(TopicId(place_number(digits).ok_or(ParseMessageIdError)?))
        } else {
            return Err(ParseMessageIdError);
        };
        let number = plain_number(number).ok_or(ParseMessageIdError)?;
        Ok(Self { address, number })
    }
}

impl TryFrom<String> for MessageId {
    type Error = ParseMessageIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.to_string()
    }
}

/// Digits without sign or leading zero, so that an id has one spelling only.
fn plain_number(digits: &str) -> Option<u64> {
    let plain =
        digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok() } else { None }
}
