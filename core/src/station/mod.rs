//! An engine with the consumers that work its queues, as one machine.

mod agenda;
mod command;
#[cfg(feature = "planted")]
mod planted;
mod snapshot;
#[cfg(test)]
mod tests;

use alloc::{collections::VecDeque, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use self::agenda::{Agenda, Watch};
pub use self::command::{AttachError, StationCommand, StationError, StationReply};
#[cfg(feature = "planted")]
pub use self::planted::Coupling;
pub use self::snapshot::StationSnapshot;
use crate::{
    consumer::{Action, Consumer, ConsumerCommand, ConsumerConfig},
    digest::digest_of,
    engine::Engine,
    id::{ConsumerId, QueueId, TopicId},
    limits::{CONSUMERS_MAX, NAME_BYTES_MAX},
    machine::{At, Call, CallRef, ConsumerChange, Effect, Hosted, Machine, Outcome, Sink},
    queue::{QueueStats, Settlement},
    time::Timestamp,
};

/// An engine with its consumers: what a host runs.
///
/// Every command first lets all time pass that is due, then does its work, and then lets the
/// consumers receive and settle until nothing is left to do. What remains for the host are the
/// calls themselves: it takes them with [`Hosted::poll_effect`].
///
/// Consumers share nothing. What one of them does changes neither what another does nor when.
///
/// # Example: a provider that fails twice, then takes the message
/// ```
/// use postroom_core::{
///     Address, At, Command, ConsumerConfig, Effect, Hosted, Machine, NewMessage, Outcome,
///     QueueConfig, Reply, Station, StationCommand, StationError, StationReply, Timestamp,
/// };
///
/// # fn main() -> Result<(), StationError> {
/// let mut station = Station::new();
/// let mut at = At::time(Timestamp::ZERO);
/// let create = Command::CreateQueue { name: "mail".into(), config: QueueConfig::default() };
/// let reply = station.apply(at, StationCommand::Engine(create), &mut ())?;
/// let StationReply::Engine(Reply::Queue(queue)) = reply else { unreachable!() };
/// let (name, config) = ("mailer".into(), ConsumerConfig::default());
/// station.apply(at, StationCommand::Attach { name, queue, config }, &mut ())?;
/// let publish = Command::Publish { to: Address::Queue(queue), message: NewMessage::new("hello") };
/// station.apply(at, StationCommand::Engine(publish), &mut ())?;
///
/// // The host: it makes the calls, says how they ended, and comes back at each deadline.
/// let mut calls = 0;
/// loop {
///     while let Some(effect) = station.poll_effect() {
///         if let Effect::Start(call) = effect {
///             calls += 1;
///             let outcome = if calls < 3 { Outcome::Transient } else { Outcome::Delivered };
///             station.apply(at, Station::call_finished(call.id, outcome), &mut ())?;
///         }
///     }
///     let Some(deadline) = station.next_deadline() else { break };
///     at.now = deadline;
///     station.apply(at, Station::tick(), &mut ())?;
/// }
/// assert_eq!(calls, 3);
/// assert_eq!(station.engine().queue_stats(queue).map(|stats| stats.depth()), Some(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Station {
    engine: Engine,
    /// By consumer id.
    consumers: Vec<Attached>,
    /// On their way to the host, oldest first. No part of the state: a host takes them all
    /// before the next command.
    effects: VecDeque<Effect>,
    agenda: Agenda,
    /// What a consumer wants done, now and after that. Empty between two commands: kept for the
    /// room in them.
    wanted: Vec<Action>,
    wanted_then: Vec<Action>,
    /// Looks at every consumer every time, as a check of the agenda.
    #[cfg(test)]
    looks_at_all: bool,
    #[cfg(feature = "planted")]
    planted: planted::Planted,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    name: String,
    consumer: Consumer,
}

impl Machine for Station {
    type Command = StationCommand;
    type Reply = StationReply;
    type Error = StationError;

    fn apply(
        &mut self,
        at: At,
        command: StationCommand,
        sink: &mut impl Sink,
    ) -> Result<StationReply, StationError> {
        self.engine.tick(at, &mut Watch { sink, touched: &mut self.agenda.touched });
        let at = At { now: self.engine.now(), ..at };
        // To the end, before the command: an extra tick of the same time then changes nothing.
        self.pump(at, sink);
        let reply = match command {
            StationCommand::Tick => StationReply::Done,
            StationCommand::Engine(command) => {
                let sink = &mut Watch { sink, touched: &mut self.agenda.touched };
                StationReply::Engine(self.engine.apply(at, command, sink)?)
            }
            StationCommand::Attach { name, queue, config } => {
                StationReply::Attached(self.attach(at, name, queue, config)?)
            }
            StationCommand::CallFinished { call: CallRef { consumer, call }, outcome } => {
                let finished = ConsumerCommand::CallFinished { call, outcome };
                self.tell_one(consumer, finished, at, sink)?
            }
            StationCommand::PauseConsumer { consumer } => {
                self.tell_one(consumer, ConsumerCommand::Pause, at, sink)?
            }
            StationCommand::ResumeConsumer { consumer } => {
                self.tell_one(consumer, ConsumerCommand::Resume, at, sink)?
            }
            StationCommand::Change(change) => self.change(change, at, sink)?,
            StationCommand::OverrideBreaker { consumer, how } => {
                if self.consumer(consumer).is_some_and(|c| c.breaker().is_none()) {
                    return Err(StationError::NoBreaker { consumer });
                }
                self.tell_one(consumer, ConsumerCommand::OverrideBreaker(how), at, sink)?
            }
            StationCommand::Drain => {
                for index in 0..self.consumers.len() {
                    self.tell(index, ConsumerCommand::Pause, at, sink);
                }
                StationReply::Done
            }
        };
        self.pump(at, sink);
        Ok(reply)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let consumers = self.agenda.next_deadline();
        let deadline = consumers.into_iter().chain(self.engine.next_deadline()).min();
        #[cfg(feature = "planted")]
        let deadline = deadline.into_iter().chain(self.planted_deadline()).min();
        deadline
    }
}

impl Hosted for Station {
    fn tick() -> StationCommand {
        StationCommand::Tick
    }

    fn call_finished(call: CallRef, outcome: Outcome) -> StationCommand {
        StationCommand::CallFinished { call, outcome }
    }

    fn consumer_change(change: ConsumerChange) -> StationCommand {
        StationCommand::Change(change)
    }

    fn drain() -> StationCommand {
        StationCommand::Drain
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn consumer_name(&self, consumer: ConsumerId) -> Option<&str> {
        self.attached(consumer).map(|attached| attached.name.as_str())
    }

    fn queue_name(&self, queue: QueueId) -> Option<&str> {
        self.engine.queue_name(queue)
    }

    fn consumer(&self, consumer: ConsumerId) -> Option<&Consumer> {
        self.consumer(consumer)
    }

    fn topic_name(&self, topic: TopicId) -> Option<&str> {
        self.engine.topic_name(topic)
    }

    fn queue_stats(&self, queue: QueueId) -> Option<QueueStats> {
        self.engine.queue_stats(queue)
    }

    fn digest(&self) -> u64 {
        digest_of(&(self.engine.digest(), &self.consumers))
    }
}

impl Station {
    /// A station without queues and consumers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Its engine, to look at.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// One of its consumers, to look at.
    #[must_use]
    pub fn consumer(&self, consumer: ConsumerId) -> Option<&Consumer> {
        self.attached(consumer).map(|attached| &attached.consumer)
    }

    /// The consumer of this name.
    #[must_use]
    pub fn find_consumer(&self, name: &str) -> Option<ConsumerId> {
        self.consumers().find(|(_, taken, _)| *taken == name).map(|(id, ..)| id)
    }

    /// Its consumers in the order of attachment, with their names.
    pub fn consumers(&self) -> impl Iterator<Item = (ConsumerId, &str, &Consumer)> {
        let numbered = (0..).map(ConsumerId::new).zip(&self.consumers);
        numbered.map(|(id, attached)| (id, attached.name.as_str(), &attached.consumer))
    }

    fn attached(&self, consumer: ConsumerId) -> Option<&Attached> {
        self.consumers.get(consumer.number() as usize)
    }

    fn attach(
        &mut self,
        at: At,
        name: String,
        queue: QueueId,
        config: ConsumerConfig,
    ) -> Result<ConsumerId, AttachError> {
        if !(1..=NAME_BYTES_MAX as usize).contains(&name.len()) {
            return Err(AttachError::NameLength { bytes: name.len() as u64 });
        }
        if self.find_consumer(&name).is_some() {
            return Err(AttachError::NameTaken { name });
        }
        let of_queue = self.engine.queue_config(queue).ok_or(AttachError::NoSuchQueue { queue })?;
        let id = ConsumerId::new(self.consumers.len() as u32);
        let consumer = Consumer::new(id, queue, config, at.now)?;
        if of_queue.settlement == Settlement::Explicit && of_queue.lease <= config.call_timeout {
            return Err(AttachError::LeaseTooShort {
                lease_ms: of_queue.lease.as_millis(),
                call_timeout_ms: config.call_timeout.as_millis(),
            });
        }
        if id.number() >= CONSUMERS_MAX {
            return Err(AttachError::TooMany);
        }
        self.agenda.note(self.consumers.len(), &consumer);
        self.consumers.push(Attached { name, consumer });
        Ok(id)
    }

    /// Lets the consumers work until nothing is left to do at this time: in the order of their
    /// numbers, round and round, those alone that may have something to do.
    ///
    /// It ends: a copy received now stays with its call, whose deadline is later; a consumer is
    /// woken only while it does not know that something is ready, and then either receives
    /// something or goes on knowing it.
    fn pump(&mut self, at: At, sink: &mut impl Sink) {
        #[cfg(any(test, feature = "planted"))]
        if self.must_look_at_all() {
            return self.pump_all(at, sink);
        }
        self.agenda.call_due(at.now);
        let mut turn = 0;
        loop {
            while let Some(queue) = self.agenda.touched.pop() {
                if self.engine.is_deliverable(queue) {
                    self.agenda.call_unaware(queue, turn);
                }
            }
            let Some(number) = self.agenda.next(turn) else { break };
            self.work(number as usize, at, sink);
            turn = number + 1;
        }
        debug_assert!((0..self.consumers.len()).all(|index| self.to_do(index, at).is_none()));
    }

    /// Lets one consumer do what it has to do now, if anything.
    fn work(&mut self, index: usize, at: At, sink: &mut impl Sink) -> bool {
        let command = self.to_do(index, at);
        command.map(|command| self.tell(index, command, at, sink)).is_some()
    }

    fn to_do(&self, index: usize, at: At) -> Option<ConsumerCommand> {
        let deadline = self.consumers[index].consumer.next_deadline();
        if deadline.is_some_and(|due| due <= at.now) {
            Some(ConsumerCommand::Tick)
        } else {
            self.should_wake(index).then_some(ConsumerCommand::Woken)
        }
    }

    fn should_wake(&self, index: usize) -> bool {
        let wake = !self.consumers[index].consumer.is_woken() && self.has_ready(index);
        #[cfg(feature = "planted")]
        let wake = wake && self.planted_allowance(index) > 0;
        wake
    }

    fn has_ready(&self, index: usize) -> bool {
        let queue = self.consumers[index].consumer.queue();
        self.engine.is_deliverable(queue)
    }

    fn tell_one(
        &mut self,
        consumer: ConsumerId,
        command: ConsumerCommand,
        at: At,
        sink: &mut impl Sink,
    ) -> Result<StationReply, StationError> {
        let index = consumer.number() as usize;
        if index >= self.consumers.len() {
            return Err(StationError::NoSuchConsumer { consumer });
        }
        self.tell(index, command, at, sink);
        Ok(StationReply::Done)
    }

    fn change(
        &mut self,
        change: ConsumerChange,
        at: At,
        sink: &mut impl Sink,
    ) -> Result<StationReply, StationError> {
        let (consumer, command) = match change {
            ConsumerChange::Crash { consumer } => (consumer, ConsumerCommand::Crash),
            ConsumerChange::Restart { consumer } => (consumer, ConsumerCommand::Restart),
            ConsumerChange::CutOff { consumer } => (consumer, ConsumerCommand::CutOff),
            ConsumerChange::Reconnect { consumer } => (consumer, ConsumerCommand::Reconnect),
            ConsumerChange::Scale { consumer, concurrency } => {
                ConsumerConfig { concurrency, ..ConsumerConfig::default() }.check()?;
                (consumer, ConsumerCommand::Scale(concurrency))
            }
            ConsumerChange::SettlementLost { call: CallRef { consumer, call }, outcome } => {
                (consumer, ConsumerCommand::SettlementLost { call, outcome })
            }
        };
        self.tell_one(consumer, command, at, sink)
    }

    /// Tells a consumer something, and does what it then wants done.
    fn tell(&mut self, index: usize, command: ConsumerCommand, at: At, sink: &mut impl Sink) {
        let mut wanted = core::mem::take(&mut self.wanted);
        let mut then = core::mem::take(&mut self.wanted_then);
        self.consumers[index].consumer.apply_into(at, command, &mut wanted, sink);
        while !wanted.is_empty() {
            wanted.drain(..).for_each(|action| self.carry_out(index, action, &mut then, at, sink));
            core::mem::swap(&mut wanted, &mut then);
        }
        (self.wanted, self.wanted_then) = (wanted, then);
        self.agenda.note(index, &self.consumers[index].consumer);
    }

    /// Does what a consumer wants done; what it wants after that goes to `then`.
    #[inline]
    fn carry_out(
        &mut self,
        index: usize,
        action: Action,
        then: &mut Vec<Action>,
        at: At,
        sink: &mut impl Sink,
    ) {
        let (id, queue) = (ConsumerId::new(index as u32), self.consumers[index].consumer.queue());
        match action {
            Action::Receive { max } => {
                #[cfg(feature = "planted")]
                let max = max.min(self.planted_allowance(index));
                let mut watch = Watch { sink, touched: &mut self.agenda.touched };
                let received = self.engine.receive(at, queue, max, &mut watch);
                // The queue exists since before the consumer did, and `max` is in range.
                let received = received.unwrap_or_default();
                #[cfg(feature = "planted")]
                self.planted_received(index, received.len());
                let received = ConsumerCommand::Received(received);
                self.consumers[index].consumer.apply_into(at, received, then, sink);
            }
            Action::Start { call, message, delivery, deadline } => {
                let id = CallRef { consumer: id, call };
                self.effects.push_back(Effect::Start(Call {
                    id,
                    queue,
                    message,
                    delivery,
                    deadline,
                }));
            }
            Action::Abandon { call } => {
                self.effects.push_back(Effect::Abandon(CallRef { consumer: id, call }));
            }
            Action::Settle { receipt, how } => {
                #[cfg(feature = "planted")]
                let how = self.planted_settle(receipt, how, at);
                let mut watch = Watch { sink, touched: &mut self.agenda.touched };
                // Refused as stale: the lease ended first, and the queue has the copy back.
                self.engine.settle(at, receipt, how, &mut watch).ok();
            }
        }
    }
}

#[cfg(any(test, feature = "planted"))]
impl Station {
    /// Couplings let a consumer wait for another one's doing, which the agenda knows nothing of.
    fn must_look_at_all(&self) -> bool {
        #[cfg(feature = "planted")]
        if self.is_coupled() {
            return true;
        }
        #[cfg(test)]
        return self.looks_at_all;
        #[cfg(not(test))]
        false
    }

    /// As `pump`, by looking at every consumer.
    fn pump_all(&mut self, at: At, sink: &mut impl Sink) {
        loop {
            let mut idle = true;
            for index in 0..self.consumers.len() {
                idle &= !self.work(index, at, sink);
            }
            if idle {
                self.agenda.touched.clear();
                return;
            }
        }
    }
}
