//! What a producer sends, and where: the making of its messages.

use std::fmt;

use postroom_core::{
    Attributes, Body, Entropy, NewMessage, Priority, Span, check_subject,
    patterns::OUTBOX_ATTRIBUTE,
};
use serde::{Deserialize, Serialize};

use crate::limits::{KEYS_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX, PRIORITIES_MAX, SPAN_MS_MAX};

/// What a producer sends, or a service publishes when its work is done, and where.
///
/// A message depends on the seed, the producer's name and the message's number, and on nothing
/// else: sent a second time, it is the same.
///
/// # Example: orders of 20 customers, each customer's in order, some of them urgent
/// ```
/// use postroom_simulator::Route;
///
/// let route: Route = serde_json::from_str(r#"{
///     "to": "orders",
///     "body_bytes": { "min": 200, "max": 2000 },
///     "group": { "one_of": 20 },
///     "dedup_key": "each",
///     "priorities": [4, 4, 4, 9],
///     "ttl_ms": 60000
/// }"#)?;
/// assert_eq!(route.delay_ms, 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The name of a queue or topic.
    pub to: String,
    /// The subject of every message. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// On every message.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// How long the bodies are. Default as long as the producer's name and the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<Bytes>,
    /// The ordered group of each message. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Key>,
    /// By what the queue or topic recognises a second publication within its dedup window.
    /// Default none: each publication is a message of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup_key: Option<Key>,
    /// By what consumers recognise a repetition however late it comes, as the messages of an
    /// outbox are recognised. Default none: by the message's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Key>,
    /// One of these, from 0 to 9, evenly drawn: list one several times to make it likelier. At most
    /// 100. Default all are 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<u8>"))]
    pub priorities: Vec<Priority>,
    /// Milliseconds before a message may be delivered; at most a day. Default 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay_ms: u64,
    /// Milliseconds that a message is worth delivering; from 1 to a day. Default as long as the
    /// queue says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
}

/// Bytes in a body: any number between the two is equally likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bytes {
    /// At least.
    pub min: u32,
    /// At most; 65,536 at the most.
    pub max: u32,
}

/// A key of a producer's messages; it begins with the producer's name.
///
/// What a service publishes for one and the same message has the same key however often the work is
/// done: with `each` as its dedup key a repetition is not stored, with `each` as its identity it is
/// recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// Every message has its own.
    Each,
    /// One of so many, evenly drawn; from 1 to 1,000,000.
    OneOf(u32),
}

/// What tells the messages of one sender apart.
#[derive(Clone, Copy)]
pub(crate) enum Label<'l> {
    /// A producer's number.
    Number(u64),
    /// The key of the message that a service worked on.
    Text(&'l str),
}

/// What each part of a message is drawn for.
const SIZE: u64 = 0;
const GROUP: u64 = 1;
const DEDUP_KEY: u64 = 2;
const IDENTITY: u64 = 3;
const PRIORITY: u64 = 4;

impl Route {
    /// Message `number` of `producer`, by the chance of `entropy`. What a service makes has the key
    /// of what it was made of for a number.
    pub(crate) fn message(
        &self,
        producer: &str,
        number: Label<'_>,
        entropy: Entropy,
    ) -> NewMessage {
        let key = |key: Option<Key>, purpose| Some(key?.draw(producer, number, entropy, purpose));
        let mut attributes = self.attributes.clone();
        if let Some(identity) = key(self.identity, IDENTITY) {
            attributes.insert(OUTBOX_ATTRIBUTE.to_owned(), identity);
        }
        NewMessage {
            attributes,
            subject: self.subject.clone(),
            group: key(self.group, GROUP),
            dedup_key: key(self.dedup_key, DEDUP_KEY),
            priority: self.priority(entropy),
            delay: Span::from_millis(self.delay_ms),
            ttl: self.ttl_ms.map(Span::from_millis),
            ..NewMessage::new(self.body(producer, number, entropy))
        }
    }

    /// The first setting that cannot be, and why.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(Err(problem)) = self.subject.as_deref().map(check_subject) {
            return Err(format!("subject: {problem}"));
        }
        for (field, key) in
            [("group", self.group), ("dedup_key", self.dedup_key), ("identity", self.identity)]
        {
            if matches!(key, Some(Key::OneOf(keys)) if !(1..=KEYS_MAX).contains(&keys)) {
                return Err(format!("{field}.one_of: give 1 to 1,000,000"));
            }
        }
        if self
            .body_bytes
            .is_some_and(|bytes| bytes.min > bytes.max || bytes.max > MESSAGE_BYTES_MAX)
        {
            return Err("body_bytes: give `min` at most `max`, `max` at most 65,536".to_owned());
        }
        if self.priorities.len() > PRIORITIES_MAX {
            return Err("priorities: list at most 100".to_owned());
        }
        if self.delay_ms > SPAN_MS_MAX {
            return Err("delay_ms: give at most a day".to_owned());
        }
        if self.ttl_ms.is_some_and(|ttl| !(1..=SPAN_MS_MAX).contains(&ttl)) {
            return Err("ttl_ms: give 1 ms to a day".to_owned());
        }
        Ok(())
    }

    fn priority(&self, entropy: Entropy) -> Priority {
        let Some(last) = self.priorities.len().checked_sub(1) else { return Priority::default() };
        self.priorities[entropy.draw_up_to(last as u64, &[PRIORITY]) as usize]
    }

    /// The producer's name and the number, cut or filled up with dots to its length.
    fn body(&self, producer: &str, number: Label<'_>, entropy: Entropy) -> Body {
        match (self.body_bytes, number) {
            (None, Label::Number(number)) => numbered(producer, number),
            (None, Label::Text(text)) => format!("{producer} {text}").as_str().into(),
            (Some(Bytes { min, max }), number) => {
                let more = entropy.draw_up_to(max.saturating_sub(min).into(), &[SIZE]);
                let length = min as usize + more as usize;
                let mut body = format!("{producer} {number}");
                body.truncate(body.floor_char_boundary(length));
                body.extend(std::iter::repeat_n('.', length - body.len()));
                body.as_str().into()
            }
        }
    }
}

impl Key {
    fn draw(self, producer: &str, number: Label<'_>, entropy: Entropy, purpose: u64) -> String {
        match self {
            Self::Each => format!("{producer} {number}"),
            Self::OneOf(keys) => {
                let most = u64::from(keys).saturating_sub(1);
                format!("{producer} {}", entropy.draw_up_to(most, &[purpose]))
            }
        }
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The producer's name and the number. Without `format!`, which takes a third of all that a
/// message costs until it is published, and in place, where the name is not longer than it may be.
fn numbered(producer: &str, mut number: u64) -> Body {
    const DIGITS: usize = 20;
    let mut body = [b'0'; NAME_BYTES_MAX + 1 + DIGITS];
    let mut first = body.len();
    loop {
        first -= 1;
        body[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    let Some(start) = first.checked_sub(producer.len() + 1) else {
        return [producer.as_bytes(), b" ", &body[first..]].concat().into();
    };
    body[start..first - 1].copy_from_slice(producer.as_bytes());
    body[first - 1] = b' ';
    body[start..].into()
}

fn is_zero(millis: &u64) -> bool {
    *millis == 0
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_body_is_the_name_and_the_number() {
        for number in [0, 9, 10, 1_234_567_890, u64::MAX] {
            for name in ["a shop", "", &"x".repeat(NAME_BYTES_MAX), &"y".repeat(300)] {
                let body = numbered(name, number);
                assert_eq!(body.as_bytes(), format!("{name} {number}").as_bytes());
            }
        }
    }
}
