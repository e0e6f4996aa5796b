//! The engine: queues, topics, dead letters, dedup and claims behind one entry.

mod check;
mod claims;
mod command;
mod configure;
mod dead;
mod deliver;
mod error;
mod methods;
mod moves;
mod operate;
mod publish;
mod redrive;
mod room;
mod snapshot;
mod sound;
mod subscribe;
#[cfg(test)]
mod tests;
mod topic;

use alloc::{collections::BTreeMap, string::String, vec::Vec};

pub(crate) use self::publish::check as check_message;
pub(crate) use self::snapshot::OLDEST_READ;
pub use self::{
    check::Violation,
    claims::{Claim, ClaimError, ClaimToken, Fingerprint, LedgerConfig},
    command::{Command, OnFull, Redrive, Redriven, Reply, Settle, TopicConfig},
    error::{
        BatchError, ConfigureError, Error, ExtendError, NoSuchLedger, NoSuchQueue, PublishError,
        ReceiveError, RedriveError, SettleError, SubscriptionError,
    },
    snapshot::{RestoreError, Snapshot},
    subscribe::Subscribe,
    topic::Subscription,
};
use self::{claims::Ledger, moves::Moves, topic::Topic};
use crate::{
    due::Due,
    entropy::Entropy,
    event::Event,
    id::{QueueId, TopicId},
    limits::BATCH_MAX,
    machine::{At, Machine, Sink},
    message::CopyView,
    planted::Bug,
    queue::{Queue, QueueConfig, QueueStats},
    time::Timestamp,
};

/// Queues, topics, dead letters, dedup and claims, as a pure state machine.
///
/// What [`Machine::apply`] does with a command, the method named after it does, too.
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
    pub(crate) queues: Vec<Queue>,
    topics: Vec<Topic>,
    ledgers: Vec<Ledger>,
    /// Numbers by name.
    queue_names: BTreeMap<String, u64>,
    topic_names: BTreeMap<String, u64>,
    /// Which queue has something coming up when. `scheduled` says the same by queue.
    due: Due,
    scheduled: Vec<Option<Timestamp>>,
    /// The first of `due`: most commands come before it.
    first_due: Option<Timestamp>,
    moves: Moves,
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
        let cx = &mut self.begin(at, sink);
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
            Command::Subscribe(subscribe) => done(self.do_subscribe(subscribe, cx)?),
            Command::PauseSubscription { topic, queue } => {
                done(self.do_pause_subscription(topic, queue, true, cx)?)
            }
            Command::ResumeSubscription { topic, queue } => {
                done(self.do_pause_subscription(topic, queue, false, cx)?)
            }
            Command::Unsubscribe { topic, queue } => done(self.do_unsubscribe(topic, queue, cx)?),
            Command::Publish { to, message } => Reply::Published(self.do_publish(to, message, cx)?),
            Command::PublishBatch { to, messages } => {
                check_batch(messages.len())?;
                let each = messages.into_iter().map(|message| self.do_publish(to, message, cx));
                Reply::PublishedEach(each.collect())
            }
            Command::Receive { queue, max, lease } => {
                Reply::Received(self.do_receive(queue, max, lease, cx)?)
            }
            Command::Settle { receipt, how } => {
                self.do_settle(receipt, how, cx)?;
                Reply::Done
            }
            Command::SettleBatch { settlements } => {
                check_batch(settlements.len())?;
                let each = settlements.into_iter();
                let each = each.map(|(receipt, how)| self.do_settle(receipt, how, cx));
                Reply::SettledEach(each.collect())
            }
            Command::Extend { receipt, by } => Reply::Extended(self.do_extend(receipt, by, cx)?),
            Command::Redrive(redrive) => Reply::Redriven(self.do_redrive(redrive, cx)?),
            Command::CancelRedrive { queue } => Reply::Redriven(self.do_cancel_redrive(queue, cx)?),
            Command::Purge { queue, forget_dedup } => {
                Reply::Purged(self.do_purge(queue, forget_dedup, cx)?)
            }
            Command::Pause { queue } => {
                self.do_pause(queue, true, cx)?;
                Reply::Done
            }
            Command::Resume { queue } => {
                self.do_pause(queue, false, cx)?;
                Reply::Done
            }
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
        self.first_due
    }
}

fn done((): ()) -> Reply {
    Reply::Done
}

fn check_batch(entries: usize) -> Result<(), BatchError> {
    let count = entries as u64;
    if (1..=u64::from(BATCH_MAX)).contains(&count) { Ok(()) } else { Err(BatchError { count }) }
}

impl Engine {
    /// An engine without queues.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The latest time it has seen.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The queue of this name.
    #[must_use]
    pub fn find_queue(&self, name: &str) -> Option<QueueId> {
        self.queue_names.get(name).map(|number| QueueId::new(*number as u32))
    }

    /// The topic of this name.
    #[must_use]
    pub fn find_topic(&self, name: &str) -> Option<TopicId> {
        self.topic_names.get(name).map(|number| TopicId::new(*number as u32))
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

    /// A topic's subscriptions, in the order of subscription; none where there is no such topic.
    #[must_use]
    pub fn subscriptions(&self, topic: TopicId) -> &[Subscription] {
        self.topics.get(topic.number() as usize).map_or(&[], |topic| &topic.subscriptions)
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

    /// Whether a receive from this queue would give something now.
    #[must_use]
    pub fn is_deliverable(&self, queue: QueueId) -> bool {
        self.queue(queue).is_some_and(|queue| queue.awake)
    }

    fn queue(&self, queue: QueueId) -> Option<&Queue> {
        self.queues.get(queue.number() as usize)
    }

    fn queue_mut(&mut self, queue: QueueId) -> Option<&mut Queue> {
        self.queues.get_mut(queue.number() as usize)
    }

    /// Every command begins so: time passes, and what has come up is carried out.
    #[inline]
    fn begin<'a, S: Sink>(&mut self, at: At, sink: &'a mut S) -> Context<'a, S> {
        self.now = self.now.max(at.now);
        let mut cx = Context { now: self.now, entropy: at.entropy, sink };
        if self.first_due.is_some_and(|at| at <= cx.now) {
            self.come_up_all(&mut cx);
        }
        cx
    }

    /// Carries out all that has come up, in the order (time, queue).
    #[inline(never)]
    fn come_up_all(&mut self, cx: &mut Context<impl Sink>) {
        while let Some((at, number)) = self.due.first().filter(|(at, _)| *at <= cx.now) {
            let queue = QueueId::new(number as u32);
            self.come_up(queue, at, cx);
            self.reschedule(queue, cx);
            self.move_on(cx);
        }
    }

    /// Notes when something comes up in a queue next, and says what has changed for those who wait
    /// for it. To be called after every change of one.
    #[inline]
    fn reschedule(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        if self.has_news(queue) {
            self.note(queue, cx);
        }
    }

    /// Whether there is anything to note of a queue that has changed: most often there is not.
    fn has_news(&mut self, queue: QueueId) -> bool {
        let index = queue.number() as usize;
        let changed = &mut self.queues[index];
        changed.check_touched();
        changed.may_move_on()
            || changed.has_alarms()
            || changed.is_deliverable() != changed.awake
            || changed.next_due() != self.scheduled[index]
    }

    #[inline(never)]
    fn note(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        let index = queue.number() as usize;
        let changed = &mut self.queues[index];
        let awake = changed.is_deliverable();
        if core::mem::replace(&mut changed.awake, awake) != awake && awake {
            cx.emit(Event::Woken { queue });
        }
        if changed.may_move_on() && !changed.planted.is(Bug::RoomUnnoticed) {
            self.moves.note(changed);
        }
        if self.queues[index].has_alarms() {
            self.watch(queue, cx);
        }
        let next = self.queues[index].next_due();
        let noted = core::mem::replace(&mut self.scheduled[index], next);
        if noted != next {
            self.move_due(queue, noted, next);
        }
    }

    #[inline(never)]
    fn move_due(&mut self, queue: QueueId, from: Option<Timestamp>, to: Option<Timestamp>) {
        self.due.change(u64::from(queue.number()), from, to);
        self.first_due = self.due.first().map(|(at, _)| at);
    }

    #[inline(never)]
    fn watch(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        let Some(watched) = self.queue_mut(queue) else { return };
        for (alarm, raised) in watched.change_alarms(cx.now).into_iter().flatten() {
            cx.emit(match raised {
                true => Event::AlarmRaised { queue, alarm },
                false => Event::AlarmCleared { queue, alarm },
            });
        }
    }
}
