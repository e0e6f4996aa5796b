//! The outbox: a change of state and the messages that announce it, committed as one.

use alloc::{
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec::Vec,
};

use serde::{Deserialize, Serialize};

use super::{Decider, Outgoing};
use crate::{
    consumer::OutOfRange,
    engine::{Command, PublishError, check_message},
    limits::{NAME_BYTES_MAX, OUTBOX_MESSAGES_MAX, OUTGOING_MAX},
    machine::{At, Machine, Sink},
    resilience::Backoff,
    time::Timestamp,
};

/// The attribute under which a message that comes from an outbox carries its identity: the
/// outbox's name and the message's position there, as in `shop/17`.
pub const OUTBOX_ATTRIBUTE: &str = "postroom-outbox";

/// The settings of an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxConfig {
    /// Messages that wait to be published, at most. Default 10,000; from 1 to
    /// [`OUTBOX_MESSAGES_MAX`].
    pub capacity: u32,
    /// How long to wait after a message was refused by its address.
    pub backoff: Backoff,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self { capacity: 10_000, backoff: Backoff::default() }
    }
}

/// Commits each change of an application's state together with the messages that announce it, and
/// keeps these until they are published.
///
/// A relay publishes them: it takes what is [`due`](Outbox::due), applies it to the engine, and
/// says how that went. It may stop anywhere and begin anew; each message has a dedup key, so the
/// engine stores it once, if the relay comes back within the dedup window of the address. It
/// publishes one after the other, so they are stored in the order in which they were committed; a
/// message that is refused holds up those behind it and is tried again by the backoff.
///
/// Positions are given at commit, by the outbox alone: none is skipped, none used twice.
///
/// The name is part of every dedup key. No two outboxes that publish to one address may share it,
/// and one that starts anew without its state needs a new one: else its messages are taken for
/// those of before.
///
/// # Example: announce each order as it is placed
/// ```
/// use postroom_core::{
///     Address, At, Engine, Machine, QueueConfig, Timestamp,
///     patterns::{Decider, Decision, Outbox, OutboxCommand, OutboxConfig, Outgoing},
/// };
///
/// struct Orders {
///     placed: u32,
///     events: Address,
/// }
///
/// impl Decider for Orders {
///     type Command = &'static str;
///     type Change = ();
///     type Reply = u32;
///     type Error = &'static str;
///
///     fn decide(&self, _: At, what: &'static str) -> Result<Decision<(), u32>, &'static str> {
///         if what.is_empty() {
///             return Err("an order of nothing: say what");
///         }
///         let placed = Outgoing::new(self.events, what);
///         Ok(Decision { change: (), reply: self.placed + 1, outgoing: vec![placed] })
///     }
///
///     fn evolve(&mut self, (): ()) {
///         self.placed += 1;
///     }
/// }
///
/// let at = At::time(Timestamp::ZERO);
/// let mut engine = Engine::new();
/// let events = engine.create_queue(at, "events", QueueConfig::default(), &mut ())?;
/// let orders = Orders { placed: 0, events: Address::Queue(events) };
/// let mut orders = Outbox::new("orders", OutboxConfig::default(), orders)?;
/// orders.apply(at, OutboxCommand::Do("three pencils"), &mut ())?;
/// assert!(orders.apply(at, OutboxCommand::Do(""), &mut ()).is_err());
///
/// // The relay, in any process, at any later time.
/// while let Some(relay) = orders.due() {
///     let position = relay.position;
///     let told = match engine.apply(at, relay.publish, &mut ()) {
///         Ok(_) => OutboxCommand::Published { position },
///         Err(_) => OutboxCommand::Failed { position },
///     };
///     orders.apply(at, told, &mut ())?;
/// }
/// assert_eq!(engine.queue_stats(events).map(|stats| stats.depth()), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox<D> {
    name: String,
    config: OutboxConfig,
    now: Timestamp,
    decider: D,
    /// Committed and not known to be published, in order.
    waiting: VecDeque<Outgoing>,
    /// The position of the first that waits, or of the next to come.
    first: u64,
    /// How often the first was refused.
    failures: u32,
    /// It is tried again then.
    retry_at: Option<Timestamp>,
}

/// A message to be published, and what to say afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Its place in the order of all messages of the outbox, from 0.
    pub position: u64,
    /// For the engine. However often it is applied, the message is stored once within the dedup
    /// window.
    pub publish: Command,
}

/// What an outbox can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxCommand<C> {
    /// Let time pass.
    Tick,
    /// For the application.
    Do(C),
    /// The message at this position was published, or turned out to be a duplicate. Said again, it
    /// changes nothing.
    Published {
        /// The position, as [`Relay`] gave it.
        position: u64,
    },
    /// It was refused: it stays, and is due again after the backoff.
    Failed {
        /// The position, as [`Relay`] gave it.
        position: u64,
    },
    /// Drop the message that holds up all others, since it can never be published: its address
    /// does not exist. It must be the next one.
    Discard {
        /// The position, as [`Relay`] gave it.
        position: u64,
    },
}

/// An outbox's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxReply<R> {
    /// It is done.
    Done,
    /// The application's answer.
    Did(R),
}

/// Why an outbox refused a command: nothing but the time has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError<E> {
    /// The application's reason.
    #[error("{0}")]
    Application(E),
    /// Try again later, when the relay has published some.
    #[error("{capacity} messages wait to be published, the most: try again later")]
    Full {
        /// The outbox's capacity.
        capacity: u32,
    },
    /// Send fewer messages with one command.
    #[error("the command sends {count} messages, more than {max}: send fewer with one command",
        max = OUTGOING_MAX)]
    TooManyOutgoing {
        /// How many it sends.
        count: u64,
    },
    /// Mend the message that the application sends. It counts with the attribute that the outbox
    /// adds.
    #[error("an outgoing message can never be published: {0}")]
    Unpublishable(PublishError),
    /// Take the next message from [`Outbox::due`].
    #[error("the message at position {position} is not the next one, {next}: take what is due")]
    NotNext {
        /// The position that was named.
        position: u64,
        /// The position of the next message.
        next: u64,
    },
}

impl<D: Decider> Machine for Outbox<D> {
    type Command = OutboxCommand<D::Command>;
    type Reply = OutboxReply<D::Reply>;
    type Error = OutboxError<D::Error>;

    /// It states nothing to the sink: what is published, the engine says.
    fn apply(
        &mut self,
        at: At,
        command: Self::Command,
        _: &mut impl Sink,
    ) -> Result<Self::Reply, Self::Error> {
        self.now = self.now.max(at.now);
        let at = At { now: self.now, ..at };
        match command {
            OutboxCommand::Tick => {}
            OutboxCommand::Do(command) => return self.decide(at, command).map(OutboxReply::Did),
            OutboxCommand::Published { position } => {
                if self.is_next(position)? {
                    self.drop_first();
                }
            }
            OutboxCommand::Failed { position } => {
                if self.is_next(position)? {
                    self.failures = self.failures.saturating_add(1);
                    let pause = self.config.backoff.delay(self.failures, at.entropy, position);
                    self.retry_at = Some(self.now + pause);
                }
            }
            OutboxCommand::Discard { position } => {
                if !self.is_next(position)? {
                    return Err(OutboxError::NotNext { position, next: self.first });
                }
                self.drop_first();
            }
        }
        Ok(OutboxReply::Done)
    }

    /// When a message that was refused is due again.
    fn next_deadline(&self) -> Option<Timestamp> {
        self.retry_at.filter(|at| *at > self.now)
    }
}

impl<D> Outbox<D> {
    /// An outbox for an application.
    ///
    /// # Errors
    /// [`OutOfRange`] names the setting that is out of range; `name` is of 1 to 80 bytes.
    pub fn new(name: &str, config: OutboxConfig, decider: D) -> Result<Self, OutOfRange> {
        if !(1..=NAME_BYTES_MAX as usize).contains(&name.len()) {
            return Err(OutOfRange { setting: "name", range: "1 to 80 bytes" });
        }
        if !(1..=OUTBOX_MESSAGES_MAX).contains(&config.capacity) {
            return Err(OutOfRange { setting: "capacity", range: "1 to 1,000,000" });
        }
        Ok(Self {
            name: name.into(),
            config,
            now: Timestamp::ZERO,
            decider,
            waiting: VecDeque::new(),
            first: 0,
            failures: 0,
            retry_at: None,
        })
    }

    /// The application, to look at.
    #[must_use]
    pub fn decider(&self) -> &D {
        &self.decider
    }

    /// Messages that wait to be published.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// How often the next message was refused so far: a relay that is stuck shows here.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The next message to be published; none while nothing waits, or until the backoff of one
    /// that was refused is over.
    #[must_use]
    pub fn due(&self) -> Option<Relay> {
        if self.retry_at.is_some_and(|at| at > self.now) {
            return None;
        }
        let Outgoing { to, message } = self.waiting.front()?.clone();
        Some(Relay { position: self.first, publish: Command::Publish { to, message } })
    }

    /// Whether the message is the next one; false if it has been published before.
    fn is_next<E>(&self, position: u64) -> Result<bool, OutboxError<E>> {
        let next = self.first;
        if position > next || (position == next && self.waiting.is_empty()) {
            return Err(OutboxError::NotNext { position, next });
        }
        Ok(position == next)
    }

    /// Gives a message the identity of its position.
    fn signed(&self, position: u64, mut outgoing: Outgoing) -> Outgoing {
        let identity = format!("{}/{position}", self.name);
        outgoing.message.attributes.insert(OUTBOX_ATTRIBUTE.to_string(), identity.clone());
        outgoing.message.dedup_key.get_or_insert(identity);
        outgoing
    }

    fn drop_first(&mut self) {
        self.waiting.pop_front();
        self.first += 1;
        (self.failures, self.retry_at) = (0, None);
    }
}

impl<D: Decider> Outbox<D> {
    /// All that can fail comes first; then state and messages change together.
    fn decide(&mut self, at: At, command: D::Command) -> Result<D::Reply, OutboxError<D::Error>> {
        let decision = self.decider.decide(at, command).map_err(OutboxError::Application)?;
        let count = decision.outgoing.len();
        if count > OUTGOING_MAX as usize {
            return Err(OutboxError::TooManyOutgoing { count: count as u64 });
        }
        if self.waiting.len() + count > self.config.capacity as usize {
            return Err(OutboxError::Full { capacity: self.config.capacity });
        }
        let positions = self.first + self.waiting()..;
        let signed =
            positions.zip(decision.outgoing).map(|(position, out)| self.signed(position, out));
        let signed: Vec<_> = signed.collect();
        for outgoing in &signed {
            check_message(&outgoing.message, self.now).map_err(OutboxError::Unpublishable)?;
        }

        self.decider.evolve(decision.change);
        self.waiting.extend(signed);
        Ok(decision.reply)
    }
}
