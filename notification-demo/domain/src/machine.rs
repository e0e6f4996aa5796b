//! The notification system as one pure machine around a station.

use std::hash::{Hash, Hasher};

use postroom_core::{
    At, CallRef, Command, Consumer, ConsumerChange, ConsumerId, Digest, Effect, Error, Event,
    Hosted, Machine, Outcome, QueueId, QueueStats, Redrive, Redriven, Reply, Sink, Station,
    StationCommand, StationError, StationReply, Timestamp, TopicId,
};
use serde::{Deserialize, Serialize};

use crate::{
    book::Book,
    channel::Channel,
    error::NotificationError,
    id::NotificationId,
    notification::NewNotification,
    view::{DeliveryState, Wiring},
};

/// What a notification system can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationCommand {
    /// Let time pass.
    Tick,
    /// Accept a notification: its key, its copies and the answer are stored in one step, or
    /// nothing is.
    Accept(Box<NewNotification>),
    /// A provider's call ended.
    CallFinished {
        /// Which.
        call: CallRef,
        /// How.
        outcome: Outcome,
    },
    /// Something befell a channel's consumer.
    Change(ConsumerChange),
    /// Begin no call any more: the host winds down.
    Drain,
    /// Send a channel's dead letters again, oldest first, each with a new deadline.
    Redrive {
        /// The channel.
        channel: Channel,
        /// At most so many; from 1 to 10,000.
        max: u32,
        /// So many a second, evenly; all at once if absent.
        #[serde(default)]
        per_second: Option<u32>,
    },
}

/// A notification system's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationReply {
    /// It is done.
    Done,
    /// The notification is stored.
    Accepted(Accepted),
    /// Dead letters moved.
    Redriven(Redriven),
}

/// What was stored of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Its id.
    pub id: NotificationId,
    /// Each channel it goes to, with `queued`, `dead_lettered` (its queue was full) or `rejected`
    /// (its dead letters were full too).
    pub deliveries: Vec<(Channel, DeliveryState)>,
    /// Whether the idempotency key was known: this is the first answer again, nothing was stored.
    pub replayed: bool,
}

/// The notification system.
///
/// # Example: accepted, and on its way on three channels
/// ```
/// use postroom_core::{At, Blueprint, Effect, Hosted, Machine, Timestamp};
/// use postroom_notification::{NotificationReply, NotificationSystem};
///
/// let system = NotificationSystem::default();
/// let at = At::time(Timestamp::ZERO);
/// let mut notifications = system.build(at, &mut ())?;
/// let command = system.arrival(&notifications, "shop", 0, at.entropy);
/// let NotificationReply::Accepted(accepted) = notifications.apply(at, command, &mut ())? else {
///     unreachable!()
/// };
/// assert_eq!(accepted.id.to_string(), "demo.t0.0");
///
/// let mut called = Vec::new();
/// while let Some(Effect::Start(call)) = notifications.poll_effect() {
///     called.push(notifications.consumer_name(call.id.consumer).unwrap().to_owned());
/// }
/// assert_eq!(called, ["push", "email", "sms"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Notifications {
    pub(crate) station: Station,
    pub(crate) wiring: Wiring,
    pub(crate) book: Book,
}

impl Machine for Notifications {
    type Command = NotificationCommand;
    type Reply = NotificationReply;
    type Error = NotificationError;

    fn apply(
        &mut self,
        at: At,
        command: NotificationCommand,
        sink: &mut impl Sink,
    ) -> Result<NotificationReply, NotificationError> {
        self.book.next_command();
        match command {
            NotificationCommand::Tick => {
                self.drive(at, StationCommand::Tick, sink)?;
                Ok(NotificationReply::Done)
            }
            NotificationCommand::CallFinished { call, outcome } => {
                self.drive(at, StationCommand::CallFinished { call, outcome }, sink)?;
                Ok(NotificationReply::Done)
            }
            NotificationCommand::Change(change) => {
                self.drive(at, StationCommand::Change(change), sink)?;
                Ok(NotificationReply::Done)
            }
            NotificationCommand::Drain => {
                self.drive(at, StationCommand::Drain, sink)?;
                Ok(NotificationReply::Done)
            }
            NotificationCommand::Accept(new) => {
                self.accept(at, *new, sink).map(NotificationReply::Accepted)
            }
            NotificationCommand::Redrive { channel, max, per_second } => {
                self.redrive(at, channel, max, per_second, sink).map(NotificationReply::Redriven)
            }
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.station.next_deadline()
    }
}

impl Hosted for Notifications {
    fn tick() -> NotificationCommand {
        NotificationCommand::Tick
    }

    fn call_finished(call: CallRef, outcome: Outcome) -> NotificationCommand {
        NotificationCommand::CallFinished { call, outcome }
    }

    fn consumer_change(change: ConsumerChange) -> NotificationCommand {
        NotificationCommand::Change(change)
    }

    fn drain() -> NotificationCommand {
        NotificationCommand::Drain
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.station.poll_effect()
    }

    fn consumer_name(&self, consumer: ConsumerId) -> Option<&str> {
        self.station.consumer_name(consumer)
    }

    fn queue_name(&self, queue: QueueId) -> Option<&str> {
        self.station.queue_name(queue)
    }

    fn consumer(&self, consumer: ConsumerId) -> Option<&Consumer> {
        self.station.consumer(consumer)
    }

    fn topic_name(&self, topic: TopicId) -> Option<&str> {
        self.station.topic_name(topic)
    }

    fn queue_stats(&self, queue: QueueId) -> Option<QueueStats> {
        self.station.queue_stats(queue)
    }

    fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        self.station.digest().hash(&mut digest);
        self.book.hash(&mut digest);
        digest.finish()
    }
}

impl Notifications {
    pub(crate) fn new(station: Station, wiring: Wiring) -> Self {
        Self { station, wiring, book: Book::new(wiring) }
    }

    /// Couples the channels, for a test that must notice it.
    #[cfg(feature = "planted")]
    pub fn plant(&mut self, coupling: postroom_core::Coupling) {
        self.station.plant(coupling);
    }

    fn redrive(
        &mut self,
        at: At,
        channel: Channel,
        max: u32,
        per_second: Option<u32>,
        sink: &mut impl Sink,
    ) -> Result<Redriven, NotificationError> {
        let ids = self.wiring.channel(channel);
        let to = Some(ids.queue);
        let redrive = Redrive { to, max, per_second, ..Redrive::all(ids.dead_letters) };
        match self.engine(at, Command::Redrive(redrive), sink) {
            Ok(Reply::Redriven(redriven)) => Ok(redriven),
            Ok(_) => unreachable!("redriving answered something else"),
            Err(StationError::Engine(Error::Redrive(error))) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn engine(
        &mut self,
        at: At,
        command: Command,
        sink: &mut impl Sink,
    ) -> Result<Reply, StationError> {
        match self.drive(at, StationCommand::Engine(command), sink)? {
            StationReply::Engine(reply) => Ok(reply),
            _ => unreachable!("an engine's command answered something else"),
        }
    }

    pub(crate) fn drive(
        &mut self,
        at: At,
        command: StationCommand,
        sink: &mut impl Sink,
    ) -> Result<StationReply, StationError> {
        self.station.apply(at, command, &mut Both { book: &mut self.book, sink })
    }
}

/// Every event goes into the book and to whoever listens. It hides who that is: otherwise the
/// whole engine is compiled for each of them, and the page carries it three times.
struct Both<'a> {
    book: &'a mut Book,
    sink: &'a mut dyn Sink,
}

impl Sink for Both<'_> {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.book.record(at, event);
        self.sink.record(at, event);
    }
}
