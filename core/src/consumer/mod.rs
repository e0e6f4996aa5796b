//! The consumer: how many calls at once, for how long, how fast, and when to stop.

mod calls;
mod command;
mod config;
mod mishap;
mod restore;
#[cfg(test)]
mod tests;

use alloc::{collections::BTreeMap, vec::Vec};

use serde::{Deserialize, Serialize};

pub use self::{
    command::{Action, ConsumerCommand},
    config::{Ambiguous, ConsumerConfig, OutOfRange},
};
use crate::{
    digest::digest_of,
    due::Due,
    event::Event,
    id::{CallId, ConsumerId, MessageId, QueueId},
    limits::RECEIVE_MAX,
    machine::{At, Machine, Sink},
    message::{FailReason, Receipt},
    resilience::{Breaker, BreakerChange, BreakerState, Limiter, Permit},
    time::Timestamp,
};

/// A consumer of one queue: decides what to receive, when to call, and how to settle; does none of
/// it itself. Whoever holds it carries out the [`Action`]s in order, and says when something
/// happened.
///
/// - It asks for no more than it can start at once: workers, tokens and the breaker permitting.
/// - It asks only while it believes that the queue has something, one request at a time.
/// - A call has until its deadline; an answer at the deadline or later changes nothing.
/// - An open breaker pauses asking, so that waiting spends no delivery.
/// - Told to pause, it asks for nothing until told to resume; its calls under way go on.
/// - After a crash it asks for nothing and knows of no call until it is restarted; cut off from its
///   queue it asks for nothing, and settles in vain.
///
/// # Example: one delivery, by hand
/// ```
/// use postroom_core::{
///     Action, Address, At, CallId, Consumer, ConsumerCommand, ConsumerConfig, ConsumerId, Engine,
///     Machine, NewMessage, Outcome, QueueConfig, Settle, Timestamp,
/// };
///
/// let at = At::time(Timestamp::ZERO);
/// let mut engine = Engine::new();
/// let queue = engine.create_queue(at, "mail", QueueConfig::default(), &mut ())?;
/// engine.publish(at, Address::Queue(queue), NewMessage::new("hello"), &mut ())?;
///
/// let config = ConsumerConfig { concurrency: 2, ..ConsumerConfig::default() };
/// let mut consumer = Consumer::new(ConsumerId::new(0), queue, config, at.now)?;
/// let Ok(wanted) = consumer.apply(at, ConsumerCommand::Woken, &mut ());
/// assert_eq!(wanted, [Action::Receive { max: 2 }]);
///
/// let received = ConsumerCommand::Received(engine.receive(at, queue, 2, &mut ())?);
/// let Ok(wanted) = consumer.apply(at, received, &mut ());
/// assert!(matches!(wanted[..], [Action::Start { delivery: 1, .. }]));
///
/// let (call, outcome) = (CallId::new(0), Outcome::Delivered);
/// let Ok(wanted) = consumer.apply(at, ConsumerCommand::CallFinished { call, outcome }, &mut ());
/// assert!(matches!(wanted[..], [Action::Settle { how: Settle::Ack, .. }]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Consumer {
    id: ConsumerId,
    queue: QueueId,
    config: ConsumerConfig,
    limiter: Option<Limiter>,
    breaker: Option<Breaker>,
    /// It receives no more until told to resume.
    paused: bool,
    /// Its process is gone.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    crashed: bool,
    /// It does not reach its queue.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    cut_off: bool,
    /// What was asked for and did not come yet; zero if nothing is asked for.
    asked: u32,
    backlog: Backlog,
    /// The token that the last `Throttled` event waits for.
    throttled_until: Option<Timestamp>,
    calls: BTreeMap<CallId, UnderWay>,
    /// Calls whose deadlines may be earlier than those of calls before them, since their leases end
    /// early. Mostly there are none: the oldest call is then the next to be given up.
    deadlines: Due,
    next_call: u64,
    now: Timestamp,
}

/// What the consumer believes of its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Backlog {
    /// Nothing is ready.
    Empty,
    /// It gave all that was asked for: there may be more.
    Possible,
    /// Something is ready.
    Certain,
}

/// A call under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct UnderWay {
    message: MessageId,
    /// None where the queue settles on delivery: nothing is left to settle.
    receipt: Option<Receipt>,
    deadline: Timestamp,
    permit: Option<Permit>,
}

impl Machine for Consumer {
    type Command = ConsumerCommand;
    type Reply = Vec<Action>;
    type Error = core::convert::Infallible;

    fn apply(
        &mut self,
        at: At,
        command: ConsumerCommand,
        sink: &mut impl Sink,
    ) -> Result<Vec<Action>, core::convert::Infallible> {
        let mut actions = Vec::new();
        self.apply_into(at, command, &mut actions, sink);
        Ok(actions)
    }

    #[inline]
    fn next_deadline(&self) -> Option<Timestamp> {
        let call = self.first_deadline().map(|(deadline, _)| deadline);
        // Also when nothing waits: that the breaker half-opens is seen when it happens, and not
        // whenever somebody looks next.
        let breaker = self.breaker.as_ref().and_then(Breaker::next_deadline);
        // Whoever could ask and did not has no token.
        let token = self.limiter.as_ref().filter(|_| self.would_ask() > 0);
        let sooner = |one: Option<Timestamp>, other: Option<Timestamp>| match (one, other) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        sooner(sooner(call, breaker), token.map(Limiter::next_token_at))
    }
}

impl Consumer {
    /// A consumer that waits to be woken.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first setting that is out of range.
    pub fn new(
        id: ConsumerId,
        queue: QueueId,
        config: ConsumerConfig,
        now: Timestamp,
    ) -> Result<Self, OutOfRange> {
        config.check()?;
        Ok(Self {
            id,
            queue,
            config,
            limiter: config.rate.map(|rate| Limiter::new(rate, now)),
            breaker: config.breaker.map(Breaker::new),
            paused: false,
            crashed: false,
            cut_off: false,
            asked: 0,
            backlog: Backlog::Empty,
            throttled_until: None,
            calls: BTreeMap::new(),
            deadlines: Due::default(),
            next_call: 0,
            now,
        })
    }

    /// Its own id.
    #[must_use]
    pub fn id(&self) -> ConsumerId {
        self.id
    }

    /// The queue it works.
    #[must_use]
    #[inline]
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// Calls under way.
    #[must_use]
    #[inline]
    pub fn calls_under_way(&self) -> u32 {
        self.calls.len() as u32
    }

    /// Its breaker, if it has one.
    #[must_use]
    pub fn breaker(&self) -> Option<BreakerState> {
        self.breaker.as_ref().map(Breaker::state)
    }

    /// Whether it was told to receive no more.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether it knows that its queue has something ready, so that waking it changes nothing.
    #[must_use]
    #[inline]
    pub fn is_woken(&self) -> bool {
        self.backlog == Backlog::Certain
    }

    /// A number that is equal for equal states, on every platform.
    #[must_use]
    pub fn digest(&self) -> u64 {
        digest_of(self)
    }

    /// As `apply`, for a caller that keeps the list.
    pub(crate) fn apply_into(
        &mut self,
        at: At,
        command: ConsumerCommand,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        self.now = self.now.max(at.now);
        self.let_time_pass(actions, sink);
        match command {
            ConsumerCommand::Tick => {}
            ConsumerCommand::Woken => self.backlog = Backlog::Certain,
            ConsumerCommand::Received(deliveries) => self.receive(deliveries, actions, sink),
            ConsumerCommand::CallFinished { call, outcome } => {
                self.finish(call, outcome, true, actions, sink);
            }
            ConsumerCommand::SettlementLost { call, outcome } => {
                self.finish(call, outcome, false, actions, sink);
            }
            ConsumerCommand::Crash => self.crash(actions, sink),
            ConsumerCommand::Restart => self.restart(sink),
            ConsumerCommand::CutOff => self.set_cut_off(true, sink),
            ConsumerCommand::Reconnect => self.set_cut_off(false, sink),
            ConsumerCommand::Scale(concurrency) => self.scale(concurrency, sink),
            ConsumerCommand::Pause => self.set_paused(true, sink),
            ConsumerCommand::Resume => self.set_paused(false, sink),
            ConsumerCommand::OverrideBreaker(how) => {
                let change = self.breaker.as_mut().and_then(|breaker| breaker.apply_override(how));
                self.say_change(change, sink);
            }
        }
        self.ask(actions, sink);
    }

    fn let_time_pass(&mut self, actions: &mut Vec<Action>, sink: &mut impl Sink) {
        let now = self.now;
        let change = self.breaker.as_mut().and_then(|breaker| breaker.tick(now));
        self.say_change(change, sink);
        while let Some((_, call)) = self.first_deadline().filter(|(due, _)| *due <= now) {
            let call = CallId::new(call);
            actions.push(Action::Abandon { call });
            self.fail(call, FailReason::Timeout, None, true, actions, sink);
        }
    }

    /// The call that is given up next, and when.
    #[inline]
    fn first_deadline(&self) -> Option<(Timestamp, u64)> {
        let oldest = self.calls.first_key_value();
        let oldest = oldest.map(|(call, under_way)| (under_way.deadline, call.number()));
        oldest.into_iter().chain(self.deadlines.first()).min()
    }

    fn say_change(&self, change: Option<BreakerChange>, sink: &mut impl Sink) {
        let (consumer, queue) = (self.id, self.queue);
        let event = match change {
            Some(BreakerChange::Opened { until, reason }) => {
                Event::BreakerOpened { consumer, queue, until, reason }
            }
            Some(BreakerChange::HalfOpened) => Event::BreakerHalfOpened { consumer, queue },
            Some(BreakerChange::Closed) => Event::BreakerClosed { consumer, queue },
            Some(BreakerChange::ForcedOpen) => Event::BreakerForcedOpen { consumer, queue },
            Some(BreakerChange::Disabled) => Event::BreakerDisabled { consumer, queue },
            Some(BreakerChange::Reset) => Event::BreakerReset { consumer, queue },
            None => return,
        };
        sink.record(self.now, event);
    }

    fn set_paused(&mut self, paused: bool, sink: &mut impl Sink) {
        if core::mem::replace(&mut self.paused, paused) == paused {
            return;
        }
        let (consumer, queue) = (self.id, self.queue);
        let event = if paused {
            Event::ConsumerPaused { consumer, queue }
        } else {
            Event::ConsumerResumed { consumer, queue }
        };
        sink.record(self.now, event);
    }

    /// Asks for as much as can be started now, if the queue may have something.
    fn ask(&mut self, actions: &mut Vec<Action>, sink: &mut impl Sink) {
        let now = self.now;
        let most = self.would_ask();
        let tokens = match &mut self.limiter {
            Some(limiter) if most > 0 => limiter.available(now),
            _ => u32::MAX,
        };
        let max = most.min(tokens);
        if max > 0 {
            self.asked = max;
            self.backlog = Backlog::Empty;
            actions.push(Action::Receive { max });
        } else if most > 0 && self.is_woken() {
            self.say_throttled(sink);
        }
    }

    /// Once for every token that something ready has to wait for.
    fn say_throttled(&mut self, sink: &mut impl Sink) {
        let Some(until) = self.limiter.as_ref().map(Limiter::next_token_at) else { return };
        if self.throttled_until.replace(until) != Some(until) {
            let (consumer, queue) = (self.id, self.queue);
            sink.record(self.now, Event::Throttled { consumer, queue, until });
        }
    }

    /// How much it would ask for now if tokens were no object.
    #[inline]
    fn would_ask(&self) -> u32 {
        let away = self.crashed || self.cut_off;
        let idle = away || self.paused || self.asked > 0 || self.backlog == Backlog::Empty;
        if idle { 0 } else { self.free() }
    }

    /// How many calls could start now if tokens were no object, as far as one receive goes.
    #[inline]
    fn free(&self) -> u32 {
        let workers = self.config.concurrency.saturating_sub(self.calls_under_way());
        let permits = self.breaker.as_ref().map_or(u32::MAX, Breaker::permits);
        workers.min(permits).min(RECEIVE_MAX)
    }

    #[inline]
    fn take_token(&mut self) -> bool {
        let now = self.now;
        self.limiter.as_mut().is_none_or(|limiter| limiter.take(now))
    }
}

#[cfg(feature = "planted")]
impl Consumer {
    pub(crate) fn limiter(&self) -> Option<&Limiter> {
        self.limiter.as_ref()
    }

    pub(crate) fn limiter_mut(&mut self) -> Option<&mut Limiter> {
        self.limiter.as_mut()
    }
}
