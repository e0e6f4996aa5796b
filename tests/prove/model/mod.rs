//! A slow, obvious broker: lists, and loops over them. It is written from the rules, not from the
//! engine, and knows none of the engine's indexes; where the two disagree, one of them is wrong.

mod answer;
mod claims;
mod dead;
mod deliver;
mod publish;
mod queue;
mod redrive;
mod settle;
mod time;
mod topics;

use std::collections::BTreeMap;

use postroom_core::{
    Alarm, BatchError, Entropy, Error, Event, NoSuchQueue, QueueId, QueueStats, Reply, Settle,
    SettleError, Timestamp, limits::BATCH_MAX,
};

pub(crate) use self::{
    answer::{Answer, Handed, View, answer_of, view_of},
    claims::{IN_PROGRESS, KEEP, RESULT},
};
use self::{
    claims::Ledger,
    queue::{Copy, Queue},
    topics::Topic,
};
use crate::script::{Action, Layout, Step, Which};

/// The broker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broker {
    now: Timestamp,
    entropy: Entropy,
    queues: Vec<Queue>,
    topics: Vec<Topic>,
    ledger: Option<Ledger>,
    /// Every delivery ever made, in order: the queue, and the lease there.
    given: Vec<(usize, u64)>,
    /// Copies on their way into dead-letter queues that still make room for them.
    moving: Vec<(usize, Copy)>,
    /// Copies that came to a parked group, to follow it once all else is done.
    followers: Vec<(usize, u64)>,
    events: Vec<Event>,
    /// Which queues had something to deliver after the last command.
    awake: Vec<bool>,
    /// Those that had nothing before the last command, and have something now.
    woken: Vec<QueueId>,
}

impl Broker {
    pub(crate) fn new(layout: &Layout) -> Self {
        let queues = layout.queues.iter().map(|config| Queue::new(*config)).collect();
        let topics = layout.topics.iter().map(Topic::new).collect();
        let ledger = (layout.ledger_capacity > 0).then(|| Ledger::new(layout.ledger_capacity));
        let awake = vec![false; layout.queues.len()];
        Self { queues, topics, ledger, awake, ..Self::default() }
    }

    /// Carries out one step at `now`: what is answered, and what happened.
    pub(crate) fn step(&mut self, now: Timestamp, step: &Step) -> (Answer, Vec<Event>) {
        self.now = self.now.max(now);
        self.entropy = Entropy::new(step.entropy);
        self.pass_time();
        let answer = self.act(&step.does);
        self.move_on();
        self.look_round();
        (answer, std::mem::take(&mut self.events))
    }

    pub(crate) fn stats(&self, queue: QueueId) -> QueueStats {
        self.queues[queue.number() as usize].stats()
    }

    pub(crate) fn peek(&self, queue: QueueId) -> Vec<View> {
        self.queues[queue.number() as usize].copies.iter().map(View::from).collect()
    }

    /// The queues that have something to deliver since the last step, and had nothing before.
    pub(crate) fn woken(&self) -> &[QueueId] {
        &self.woken
    }

    /// The alarms that are raised.
    pub(crate) fn alarms(&self) -> Vec<(QueueId, Alarm)> {
        let of = |(index, queue): (usize, &Queue)| {
            let alarms = queue.alarms.clone();
            alarms.into_iter().map(move |alarm| (id(index), alarm))
        };
        let mut alarms: Vec<_> = self.queues.iter().enumerate().flat_map(of).collect();
        alarms.sort_unstable();
        alarms
    }

    pub(crate) fn queue_count(&self) -> usize {
        self.queues.len()
    }

    fn act(&mut self, action: &Action) -> Answer {
        let named: Vec<Which> = match action {
            Action::Settle { which, .. } | Action::Extend { which, .. } => vec![*which],
            Action::SettleBatch { settlements } => settlements.iter().map(|one| one.0).collect(),
            _ => Vec::new(),
        };
        if !named.into_iter().all(|which| self.can_name(which)) {
            return done();
        }
        match action.clone() {
            Action::Tick | Action::Restart => done(),
            Action::Publish { to, message } => {
                Answer::plain(self.publish(to, message).map(Reply::Published))
            }
            Action::PublishBatch { to, messages } => {
                if let Some(refusal) = batch_refused(messages.len()) {
                    return refusal;
                }
                let each = |message| {
                    let published = self.publish(to, message);
                    self.move_on();
                    self.change_alarms();
                    published
                };
                let each = messages.into_iter().map(each).collect();
                Answer::Plain(Ok(Reply::PublishedEach(each)))
            }
            Action::Receive { queue, max, lease } => self.receive(queue, max, lease),
            Action::Settle { which, how } => {
                Answer::plain(self.settle(which, how).map(|()| Reply::Done))
            }
            Action::SettleBatch { settlements } => {
                if let Some(refusal) = batch_refused(settlements.len()) {
                    return refusal;
                }
                let each = |(which, how): (Which, Settle)| -> Result<(), SettleError> {
                    let settled = self.settle(which, how);
                    self.move_on();
                    self.change_alarms();
                    settled
                };
                Answer::Plain(Ok(Reply::SettledEach(settlements.into_iter().map(each).collect())))
            }
            Action::Extend { which, by } => {
                Answer::plain(self.extend(which, by).map(Reply::Extended))
            }
            Action::Redrive(redrive) => Answer::plain(self.redrive(redrive).map(Reply::Redriven)),
            Action::CancelRedrive { queue } => {
                Answer::plain(self.cancel_redrive(queue).map(Reply::Redriven))
            }
            Action::Purge { queue, forget_dedup } => {
                Answer::plain(self.purge(queue, forget_dedup).map(Reply::Purged))
            }
            Action::Pause { queue } => self.pause(queue, true),
            Action::Resume { queue } => self.pause(queue, false),
            Action::Subscription { topic, queue, change } => {
                self.change_subscription(topic, queue, change)
            }
            Action::Claim { key, fingerprint } => self.claim(key, fingerprint),
            Action::CompleteClaim { back } => self.complete_claim(back),
            Action::AbandonClaim { back } => self.abandon_claim(back),
        }
    }

    fn purge(&mut self, queue: QueueId, forget_dedup: bool) -> Result<u64, NoSuchQueue> {
        let index = self.known(queue).ok_or(NoSuchQueue(queue))?;
        self.end_task(index, true);
        self.queues[index].blocked.clear();
        let gone = std::mem::take(&mut self.queues[index].copies);
        for copy in &gone {
            self.left_dead_letters(index, copy);
            let (message, reason) = (copy.id, postroom_core::DeadReason::Purged);
            self.emit(Event::Discarded { queue, message, reason });
        }
        if forget_dedup {
            self.queues[index].dedup = BTreeMap::new();
        }
        Ok(gone.len() as u64)
    }

    fn pause(&mut self, queue: QueueId, paused: bool) -> Answer {
        let Some(index) = self.known(queue) else {
            return Answer::Plain(Err(Error::Queue(NoSuchQueue(queue))));
        };
        if self.queues[index].paused != paused {
            self.queues[index].paused = paused;
            self.emit(if paused { Event::Paused { queue } } else { Event::Resumed { queue } });
        }
        done()
    }

    /// After a command: which queues have something to deliver again?
    fn look_round(&mut self) {
        self.change_alarms();
        self.woken.clear();
        for index in 0..self.queues.len() {
            let awake = self.has_deliverable(index);
            if awake && !self.awake[index] {
                self.woken.push(id(index));
            }
            self.awake[index] = awake;
        }
    }

    fn known(&self, queue: QueueId) -> Option<usize> {
        let index = queue.number() as usize;
        (index < self.queues.len()).then_some(index)
    }

    fn emit(&mut self, event: Event) {
        self.events.push(event);
    }
}

fn id(index: usize) -> QueueId {
    QueueId::new(index as u32)
}

fn done() -> Answer {
    Answer::Plain(Ok(Reply::Done))
}

fn batch_refused(count: usize) -> Option<Answer> {
    let fits = (1..=BATCH_MAX as usize).contains(&count);
    (!fits).then_some(Answer::Plain(Err(Error::Batch(BatchError { count: count as u64 }))))
}
