//! The inbox: an effect and the mark that it happened, committed as one.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use super::{
    Decider, OUTBOX_ATTRIBUTE, Outbox, OutboxCommand, OutboxConfig, OutboxError, OutboxReply,
    marks::Marks,
};
use crate::{
    consumer::OutOfRange,
    limits::{INBOX_MARKS_MAX, KEY_BYTES_MAX, SPAN_MAX},
    machine::{At, Machine, Sink},
    message::Message,
    time::{Span, Timestamp, millis},
};

/// The settings of an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InboxConfig {
    /// A message that comes again within this long is recognised. Choose it longer than a message
    /// may be on its way: all its retries, and the time until somebody redrives it. Default 7 days;
    /// at most 366.
    #[serde(rename = "keep_ms", with = "millis")]
    pub keep: Span,
    /// Messages remembered at once. Default 100,000; from 1 to [`INBOX_MARKS_MAX`].
    pub capacity: u64,
}

impl Default for InboxConfig {
    fn default() -> Self {
        Self { keep: Span::from_secs(7 * 24 * 60 * 60), capacity: 100_000 }
    }
}

/// Lets each message take effect at most once: it commits the effect, the mark that the message was
/// handled, and the messages that the effect sends, in one `apply`.
///
/// Whoever works a queue handles a delivery and acknowledges it last, whether it was handled now or
/// turned out to be a duplicate. A crash before the commit leaves no trace, and the message comes
/// again; one after it finds the mark.
///
/// The mark is set by the first handling and is not prolonged by duplicates. An inbox belongs to
/// one consumer: two that get copies of one message need an inbox each.
///
/// # Example: a payment that comes twice
/// ```
/// use postroom_core::{
///     At, Machine, Timestamp,
///     patterns::{Decider, Decision, Inbox, InboxCommand, InboxConfig, InboxReply, OutboxConfig},
/// };
///
/// struct Account {
///     cents: u64,
/// }
///
/// impl Decider for Account {
///     type Command = u64;
///     type Change = u64;
///     type Reply = u64;
///     type Error = std::convert::Infallible;
///
///     fn decide(&self, _: At, cents: u64) -> Result<Decision<u64, u64>, Self::Error> {
///         let cents = self.cents + cents;
///         Ok(Decision { change: cents, reply: cents, outgoing: Vec::new() })
///     }
///
///     fn evolve(&mut self, cents: u64) {
///         self.cents = cents;
///     }
/// }
///
/// let (config, outbox) = (InboxConfig::default(), OutboxConfig::default());
/// let mut account = Inbox::new("account", config, outbox, Account { cents: 0 })?;
/// let at = At::time(Timestamp::ZERO);
/// let paid = InboxCommand::Handle { key: "payment 17".into(), command: 500 };
/// assert_eq!(account.apply(at, paid.clone(), &mut ())?, InboxReply::Handled(500));
/// assert_eq!(account.apply(at, paid, &mut ())?, InboxReply::Duplicate);
/// assert_eq!(account.outbox().decider().cents, 500);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// See [`patterns`](crate::patterns) for one with an engine, and crashes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox<D> {
    config: InboxConfig,
    now: Timestamp,
    marks: Marks,
    outbox: Outbox<D>,
}

/// What an inbox can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxCommand<C> {
    /// Handle a message, unless it was handled before.
    Handle {
        /// What the message is known by, the same each time it comes: see [`message_key`]. At most
        /// 255 bytes.
        key: String,
        /// What it tells the application.
        command: C,
    },
    /// For its outbox: what the relay has to say, and commands that came by no message.
    Outbox(OutboxCommand<C>),
}

/// An inbox's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxReply<R> {
    /// The message took effect; the application's answer. Acknowledge it.
    Handled(R),
    /// It had taken effect before; nothing changed. Acknowledge it.
    Duplicate,
    /// The outbox's answer.
    Outbox(OutboxReply<R>),
}

/// Why an inbox refused a command: nothing but the time has changed, and no mark is set. Marks whose
/// time is over are forgotten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError<E> {
    /// Choose a key of 1 to 255 bytes.
    #[error("`key` is {bytes} bytes long: give 1 to {max}", max = KEY_BYTES_MAX)]
    KeyLength {
        /// Its length.
        bytes: u64,
    },
    /// Let the message come again later.
    #[error("{capacity} messages are remembered here, the most: try again at {frees_at:?}")]
    Full {
        /// The inbox's capacity.
        capacity: u64,
        /// When the oldest mark is forgotten.
        frees_at: Timestamp,
    },
    /// The outbox's or the application's reason.
    #[error(transparent)]
    Outbox(#[from] OutboxError<E>),
}

impl<D: Decider> Machine for Inbox<D> {
    type Command = InboxCommand<D::Command>;
    type Reply = InboxReply<D::Reply>;
    type Error = InboxError<D::Error>;

    fn apply(
        &mut self,
        at: At,
        command: Self::Command,
        sink: &mut impl Sink,
    ) -> Result<Self::Reply, Self::Error> {
        self.now = self.now.max(at.now);
        let at = At { now: self.now, ..at };
        match command {
            InboxCommand::Handle { key, command } => self.handle(at, key, command, sink),
            InboxCommand::Outbox(command) => {
                Ok(InboxReply::Outbox(self.outbox.apply(at, command, sink)?))
            }
        }
    }

    /// When a message in the outbox that was refused is due again.
    fn next_deadline(&self) -> Option<Timestamp> {
        self.outbox.next_deadline()
    }
}

impl<D> Inbox<D> {
    /// An inbox for an application. `name` is its outbox's: see [`Outbox`].
    ///
    /// # Errors
    /// [`OutOfRange`] names the setting that is out of range.
    pub fn new(
        name: &str,
        config: InboxConfig,
        outbox: OutboxConfig,
        decider: D,
    ) -> Result<Self, OutOfRange> {
        if config.keep == Span::ZERO || config.keep > SPAN_MAX {
            return Err(OutOfRange { setting: "keep_ms", range: "1 ms to 366 days" });
        }
        if !(1..=INBOX_MARKS_MAX).contains(&config.capacity) {
            return Err(OutOfRange { setting: "capacity", range: "1 to 1,000,000" });
        }
        let outbox = Outbox::new(name, outbox, decider)?;
        Ok(Self { config, now: Timestamp::ZERO, marks: Marks::default(), outbox })
    }

    /// Its outbox, and the application in it, to look at.
    #[must_use]
    pub fn outbox(&self) -> &Outbox<D> {
        &self.outbox
    }

    /// Whether a message of this key was handled within the time that marks are kept.
    #[must_use]
    pub fn was_handled(&self, key: &str) -> bool {
        self.marks.has(key)
    }
}

impl<D: Decider> Inbox<D> {
    fn handle(
        &mut self,
        at: At,
        key: String,
        command: D::Command,
        sink: &mut impl Sink,
    ) -> Result<InboxReply<D::Reply>, InboxError<D::Error>> {
        let bytes = key.len() as u64;
        if !(1..=u64::from(KEY_BYTES_MAX)).contains(&bytes) {
            return Err(InboxError::KeyLength { bytes });
        }
        self.marks.forget_until(at.now);
        if self.marks.has(&key) {
            return Ok(InboxReply::Duplicate);
        }
        let InboxConfig { keep, capacity } = self.config;
        if self.marks.len() >= capacity {
            let frees_at = self.marks.next_forgotten_at().unwrap_or(at.now);
            return Err(InboxError::Full { capacity, frees_at });
        }
        let reply = self.outbox.apply(at, OutboxCommand::Do(command), sink)?;
        self.marks.set(key, at.now + keep);
        match reply {
            OutboxReply::Did(reply) => Ok(InboxReply::Handled(reply)),
            OutboxReply::Done => unreachable!("the application answers what it is told"),
        }
    }
}

/// What a message is known by, the same however often it is published, delivered or redriven: the
/// identity that the sender's outbox gave it, else its id.
///
/// A sender who is not trusted can give a message another's identity, and so suppress it: then use
/// [`Message::id`].
#[must_use]
pub fn message_key(message: &Message) -> String {
    let identity = message.attributes().get(OUTBOX_ATTRIBUTE);
    identity.cloned().unwrap_or_else(|| message.id.to_string())
}
