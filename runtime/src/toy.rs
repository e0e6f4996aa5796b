//! A machine as small as the trait allows, and providers for it, for tests.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use postroom_core::{
    Address, At, Call, CallId, CallRef, Consumer, ConsumerChange, ConsumerId, Effect, Event,
    Hosted, LedgerId, Machine, Message, MessageId, NewMessage, Outcome, QueueId, QueueStats, Sink,
    Span, Timestamp, TopicId,
};

use crate::provider::Provider;

/// Adds numbers and makes calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toy {
    pub(crate) total: u32,
    /// How each call ended, and when; none if it was abandoned.
    pub(crate) ended: Vec<(u64, Option<Outcome>, Timestamp)>,
    waiting: BTreeMap<CallRef, Timestamp>,
    calls: u64,
    drained: bool,
    effects: VecDeque<Effect>,
}

#[derive(Clone, Debug)]
pub(crate) enum ToyCommand {
    Tick,
    /// Refused if it is 0.
    Add(u32),
    /// Calls the provider and abandons the call after so many milliseconds.
    Call(u64),
    Finished(CallRef, Outcome),
    /// Calls no more.
    Drain,
    Panic,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Zero;

impl Machine for Toy {
    type Command = ToyCommand;
    type Reply = u32;
    type Error = Zero;

    fn apply(&mut self, at: At, command: ToyCommand, sink: &mut impl Sink) -> Result<u32, Zero> {
        let late = |deadline: &Timestamp| *deadline <= at.now;
        let is_tick = matches!(command, ToyCommand::Tick);
        assert!(is_tick || !self.waiting.values().any(late), "the tick comes first");
        while let Some((&call, _)) = self.waiting.iter().find(|(_, deadline)| late(deadline)) {
            self.waiting.remove(&call);
            self.ended.push((call.call.number(), None, at.now));
            self.effects.push_back(Effect::Abandon(call));
        }
        match command {
            ToyCommand::Tick => {}
            ToyCommand::Add(0) => return Err(Zero),
            ToyCommand::Add(number) => {
                self.total += number;
                sink.record(at.now, Event::Claimed { ledger: LedgerId::new(number) });
            }
            ToyCommand::Drain => {
                self.drained = true;
                let (consumer, queue) = (ConsumerId::new(0), QueueId::new(0));
                sink.record(at.now, Event::ConsumerPaused { consumer, queue });
            }
            ToyCommand::Call(_) if self.drained => {}
            ToyCommand::Call(millis) => self.call(at.now + Span::from_millis(millis)),
            ToyCommand::Finished(call, outcome) => {
                assert!(self.waiting.remove(&call).is_some(), "nobody waits for this answer");
                self.ended.push((call.call.number(), Some(outcome), at.now));
            }
            ToyCommand::Panic => panic!("planted"),
        }
        Ok(self.total)
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.waiting.values().min().copied()
    }
}

impl Toy {
    fn call(&mut self, deadline: Timestamp) {
        self.calls += 1;
        let id = CallRef { consumer: ConsumerId::new(0), call: CallId::new(self.calls) };
        let message = MessageId { address: Address::Queue(QueueId::new(0)), number: self.calls };
        let message = Message::new(message, Timestamp::ZERO, NewMessage::default());
        let queue = QueueId::new(0);
        let call = Call { id, queue, message, delivery: 1, deadline };
        self.waiting.insert(id, deadline);
        self.effects.push_back(Effect::Start(call));
    }
}

impl Hosted for Toy {
    fn tick() -> ToyCommand {
        ToyCommand::Tick
    }

    fn call_finished(call: CallRef, outcome: Outcome) -> ToyCommand {
        ToyCommand::Finished(call, outcome)
    }

    fn consumer_change(_: ConsumerChange) -> ToyCommand {
        ToyCommand::Tick
    }

    fn drain() -> ToyCommand {
        ToyCommand::Drain
    }

    fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn consumer_name(&self, consumer: ConsumerId) -> Option<&str> {
        (consumer.number() == 0).then_some("toy")
    }

    fn queue_name(&self, _: QueueId) -> Option<&str> {
        None
    }

    fn consumer(&self, _: ConsumerId) -> Option<&Consumer> {
        None
    }

    fn topic_name(&self, _: TopicId) -> Option<&str> {
        None
    }

    fn queue_stats(&self, _: QueueId) -> Option<QueueStats> {
        None
    }

    fn digest(&self) -> u64 {
        u64::from(self.total)
    }
}

/// Answers after this long.
pub(crate) struct After(pub(crate) Duration, pub(crate) Outcome);

impl Provider for After {
    async fn call(&self, _: &Call) -> Outcome {
        tokio::time::sleep(self.0).await;
        self.1
    }
}

/// Panics before it gives a future.
pub(crate) struct Panics;

impl Provider for Panics {
    fn call(&self, _: &Call) -> impl Future<Output = Outcome> + Send {
        planted()
    }
}

fn planted() -> std::future::Ready<Outcome> {
    panic!("planted")
}
