//! The engine: queues, topics, dead letters, dedup and claims behind one entry.

mod claims;
mod command;
mod configure;
mod dead;
mod deliver;
mod error;
mod publish;
mod snapshot;
#[cfg(test)]
mod tests;
mod topic;

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use self::{claims::Ledger, topic::Topic};
pub use self::{
    claims::{Claim, ClaimError, ClaimToken, Fingerprint, LedgerConfig},
    command::{Command, OnFull, Redrive, Redriven, Reply, Settle, Subscribe, TopicConfig},
    error::{
        ConfigureError, Error, NoSuchLedger, PublishError, ReceiveError, RedriveError, SettleError,
    },
    snapshot::{RestoreError, SEMANTICS_VERSION, Snapshot},
};
use crate::{
    entropy::Entropy,
    event::Event,
    id::{Address, QueueId, TopicId},
    machine::{At, Machine, Sink},
    message::{CopyView, Delivery, NewMessage, Published, Receipt},
    queue::{Queue, QueueConfig, QueueStats},
    time::Timestamp,
};

/// Queues, topics, dead letters, dedup and claims, as a pure state machine.
///
/// Everything goes through [`Machine::apply`]; the methods named after commands only wrap it.
///
/// # Example: publish, receive, acknowledge
/// ```
/// use postroom_core::{Address, At, Engine, NewMessage, QueueConfig, Settle, Timestamp};
///
/// let at = |secs: u64| At::time(Timestamp::from_millis(secs * 1_000));
/// let mut engine = Engine::new();
/// let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut ())?;
/// engine.publish(at(1), Address::Queue(orders), NewMessage::new("order 17"), &mut ())?;
///
/// let delivery = engine.receive(at(2), orders, 1, &mut ())?.remove(0);
/// assert_eq!(delivery.message.body.as_bytes(), b"order 17");
/// engine.settle(at(3), delivery.receipt, Settle::Ack, &mut ())?;
/// assert_eq!(engine.queue_stats(orders).map(|stats| stats.depth()), Some(0));
/// # Ok::<(), postroom_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Engine {
    now: Timestamp,
    queues: Vec<Queue>,
    topics: Vec<Topic>,
    ledgers: Vec<Ledger>,
    queue_names: BTreeMap<String, QueueId>,
    topic_names: BTreeMap<String, TopicId>,
    /// Which queue has something coming up when. `scheduled` says the same by queue.
    due: BTreeSet<(Timestamp, QueueId)>,
    scheduled: Vec<Option<Timestamp>>,
}

/// What goes with one command.
struct Context<'a, S> {
    now: Timestamp,
    entropy: Entropy,
    sink: &'a mut S,
}

impl<S: Sink> Context<'_, S> {
    fn emit(&mut self, event: Event) {
        self.sink.record(self.now, event);
    }
}

impl Machine for Engine {
    type Command = Command;
    type Reply = Reply;
    type Error = Error;

    fn apply(&mut self, at: At, command: Command, sink: &mut impl Sink) -> Result<Reply, Error> {
        self.now = self.now.max(at.now);
        let cx = &mut Context { now: self.now, entropy: at.entropy, sink };
        self.pass_time(cx);
        Ok(match command {
            Command::Tick => Reply::Done,
            Command::CreateQueue { name, config } => {
                Reply::Queue(self.do_create_queue(name, config, cx)?)
            }
            Command::CreateTopic { name, config } => {
                Reply::Topic(self.do_create_topic(name, config, cx)?)
            }
            Command::CreateLedger { name, config } => {
                Reply::Ledger(self.do_create_ledger(name, config, cx)?)
            }
            Command::Subscribe(subscribe) => {
                self.do_subscribe(subscribe, cx)?;
                Reply::Done
            }
            Command::Publish { to, message } => Reply::Published(self.do_publish(to, message, cx)?),
            Command::Receive { queue, max } => Reply::Received(self.do_receive(queue, max, cx)?),
            Command::Settle { receipt, how } => {
                self.do_settle(receipt, how, cx)?;
                Reply::Done
            }
            Command::Redrive(redrive) => Reply::Redriven(self.do_redrive(redrive, cx)?),
            Command::Claim { ledger, key, fingerprint } => {
                Reply::Claim(self.ledger(ledger)?.claim(key, fingerprint, cx)?)
            }
            Command::CompleteClaim { ledger, token, result } => {
                self.ledger(ledger)?.complete(&token, result, cx)?;
                Reply::Done
            }
            Command::AbandonClaim { ledger, token } => {
                self.ledger(ledger)?.abandon(&token, cx)?;
                Reply::Done
            }
        })
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }
}

/// The commands as methods: each makes the command, applies it, and takes the answer apart.
macro_rules! wrap {
    ($self:ident, $at:ident, $sink:ident, $command:expr, $error:ident, $reply:pat => $value:expr) => {
        match $self.apply($at, $command, $sink) {
            Ok($reply) => Ok($value),
            Err(Error::$error(error)) => Err(error),
            other => unreachable!("a command is answered in its own terms, not by {other:?}"),
        }
    };
}

impl Engine {
    /// An engine without queues.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// [`Command::Tick`].
    pub fn tick(&mut self, at: At, sink: &mut impl Sink) {
        let Ok(_) = self.apply(at, Command::Tick, sink) else {
            unreachable!("a tick is not refused");
        };
    }

    /// [`Command::CreateQueue`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_queue(
        &mut self,
        at: At,
        name: &str,
        config: QueueConfig,
        sink: &mut impl Sink,
    ) -> Result<QueueId, ConfigureError> {
        let command = Command::CreateQueue { name: name.into(), config };
        wrap!(self, at, sink, command, Configure, Reply::Queue(queue) => queue)
    }

    /// [`Command::CreateTopic`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_topic(
        &mut self,
        at: At,
        name: &str,
        config: TopicConfig,
        sink: &mut impl Sink,
    ) -> Result<TopicId, ConfigureError> {
        let command = Command::CreateTopic { name: name.into(), config };
        wrap!(self, at, sink, command, Configure, Reply::Topic(topic) => topic)
    }

    /// [`Command::Subscribe`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn subscribe(
        &mut self,
        at: At,
        subscribe: Subscribe,
        sink: &mut impl Sink,
    ) -> Result<(), ConfigureError> {
        wrap!(self, at, sink, Command::Subscribe(subscribe), Configure, Reply::Done => ())
    }

    /// [`Command::Publish`].
    ///
    /// # Errors
    /// As [`PublishError`] says.
    pub fn publish(
        &mut self,
        at: At,
        to: Address,
        message: NewMessage,
        sink: &mut impl Sink,
    ) -> Result<Published, PublishError> {
        let command = Command::Publish { to, message };
        wrap!(self, at, sink, command, Publish, Reply::Published(published) => published)
    }

    /// [`Command::Receive`].
    ///
    /// # Errors
    /// As [`ReceiveError`] says.
    pub fn receive(
        &mut self,
        at: At,
        queue: QueueId,
        max: u32,
        sink: &mut impl Sink,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        let command = Command::Receive { queue, max };
        wrap!(self, at, sink, command, Receive, Reply::Received(deliveries) => deliveries)
    }

    /// [`Command::Settle`].
    ///
    /// # Errors
    /// As [`SettleError`] says.
    pub fn settle(
        &mut self,
        at: At,
        receipt: Receipt,
        how: Settle,
        sink: &mut impl Sink,
    ) -> Result<(), SettleError> {
        wrap!(self, at, sink, Command::Settle { receipt, how }, Settle, Reply::Done => ())
    }

    /// [`Command::Redrive`].
    ///
    /// # Errors
    /// As [`RedriveError`] says.
    pub fn redrive(
        &mut self,
        at: At,
        redrive: Redrive,
        sink: &mut impl Sink,
    ) -> Result<Redriven, RedriveError> {
        wrap!(self, at, sink, Command::Redrive(redrive), Redrive, Reply::Redriven(done) => done)
    }

    /// The latest time it has seen.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The queue of this name.
    #[must_use]
    pub fn find_queue(&self, name: &str) -> Option<QueueId> {
        self.queue_names.get(name).copied()
    }

    /// The topic of this name.
    #[must_use]
    pub fn find_topic(&self, name: &str) -> Option<TopicId> {
        self.topic_names.get(name).copied()
    }

    /// A queue's name.
    #[must_use]
    pub fn queue_name(&self, queue: QueueId) -> Option<&str> {
        self.queue(queue).map(|queue| queue.name.as_str())
    }

    /// A topic's name.
    #[must_use]
    pub fn topic_name(&self, topic: TopicId) -> Option<&str> {
        self.topics.get(topic.number() as usize).map(|topic| topic.name.as_str())
    }

    /// A queue's settings.
    #[must_use]
    pub fn queue_config(&self, queue: QueueId) -> Option<&QueueConfig> {
        self.queue(queue).map(|queue| &queue.config)
    }

    /// A queue's counters, at no cost that grows with it.
    #[must_use]
    pub fn queue_stats(&self, queue: QueueId) -> Option<QueueStats> {
        self.queue(queue).map(Queue::stats)
    }

    /// The copies in a queue, oldest first, whatever their state: at most `limit` after the first
    /// `skip`; none where there is no such queue. Looking changes nothing.
    #[must_use]
    pub fn peek(&self, queue: QueueId, skip: u32, limit: u32) -> Vec<CopyView> {
        self.queue(queue).map_or_else(Vec::new, |queue| queue.peek(skip, limit))
    }

    fn queue(&self, queue: QueueId) -> Option<&Queue> {
        self.queues.get(queue.number() as usize)
    }

    fn queue_mut(&mut self, queue: QueueId) -> Option<&mut Queue> {
        self.queues.get_mut(queue.number() as usize)
    }

    /// Carries out all that has come up, in the order (time, queue).
    fn pass_time(&mut self, cx: &mut Context<impl Sink>) {
        while let Some((at, queue)) = self.due.first().copied() {
            if at > cx.now {
                break;
            }
            self.come_up(queue, cx);
            self.reschedule(queue);
        }
    }

    /// Notes when something comes up in a queue next. To be called after every change of one.
    fn reschedule(&mut self, queue: QueueId) {
        let index = queue.number() as usize;
        let next = self.queues[index].next_timer();
        let noted = core::mem::replace(&mut self.scheduled[index], next);
        if noted != next {
            if let Some(at) = noted {
                self.due.remove(&(at, queue));
            }
            if let Some(at) = next {
                self.due.insert((at, queue));
            }
        }
    }
}
