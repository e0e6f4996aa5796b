//! What is to be said of a queue: its copies by state, the oldest one, its breaker.

use std::collections::BTreeMap;

use postroom_core::{ConsumerId, Event, MessageId, QueueId, Recorded, Timestamp};

/// The facts about every queue, folded from the events.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    queues: BTreeMap<QueueId, Copies>,
    breakers: BTreeMap<ConsumerId, Breaker>,
}

/// The copies in one queue.
#[derive(Clone, Debug, Default)]
struct Copies {
    present: BTreeMap<MessageId, Copy>,
    acked: u64,
    retries: u64,
}

#[derive(Clone, Copy, Debug)]
struct Copy {
    since: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    InFlight,
    Waiting,
}

/// A queue at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// Copies in it.
    pub depth: u64,
    /// Ready for a worker.
    pub ready: u64,
    /// With a worker.
    pub in_flight: u64,
    /// Waiting for their time.
    pub waiting: u64,
    /// When the oldest of them came in.
    pub oldest_since: Option<Timestamp>,
    /// Settled well since the beginning.
    pub acked: u64,
    /// Failed deliveries that were given another try, since the beginning.
    pub retries: u64,
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// No call starts before then.
    Open(Timestamp),
    /// A few calls may try.
    HalfOpen,
    /// Calls start as usual.
    Closed,
}

impl Facts {
    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        match recorded.event {
            Event::BreakerOpened { consumer, until, .. } => {
                self.breakers.insert(consumer, Breaker::Open(until));
            }
            Event::BreakerHalfOpened { consumer, .. } => {
                self.breakers.insert(consumer, Breaker::HalfOpen);
            }
            Event::BreakerClosed { consumer, .. } => {
                self.breakers.insert(consumer, Breaker::Closed);
            }
            Event::DeadLettered { queue, to, message, .. } => {
                self.leave(queue, message);
                self.enter(to, message, recorded.at, State::Ready);
            }
            event => {
                if let (Some(queue), Some(message)) = (event.queue(), event.message()) {
                    self.move_copy(queue, message, recorded);
                }
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How a queue stands.
    #[must_use]
    pub fn queue(&self, queue: QueueId) -> QueueFacts {
        let Some(copies) = self.queues.get(&queue) else { return QueueFacts::default() };
        let mut facts = QueueFacts {
            depth: copies.present.len() as u64,
            oldest_since: copies.present.values().map(|copy| copy.since).min(),
            acked: copies.acked,
            retries: copies.retries,
            ..QueueFacts::default()
        };
        for copy in copies.present.values() {
            match copy.state {
                State::Ready => facts.ready += 1,
                State::InFlight => facts.in_flight += 1,
                State::Waiting => facts.waiting += 1,
            }
        }
        facts
    }

    /// How the breaker of a consumer stands; closed until it says otherwise.
    #[must_use]
    pub fn breaker(&self, consumer: ConsumerId) -> Breaker {
        self.breakers.get(&consumer).copied().unwrap_or(Breaker::Closed)
    }

    fn move_copy(&mut self, queue: QueueId, message: MessageId, recorded: &Recorded) {
        match recorded.event {
            Event::Enqueued { due, .. } => {
                let state = if due.is_some() { State::Waiting } else { State::Ready };
                self.enter(queue, message, recorded.at, state);
            }
            Event::Matured { .. } | Event::Released { .. } | Event::LeaseExpired { .. } => {
                self.turn(queue, message, State::Ready);
            }
            Event::Delivered { .. } => self.turn(queue, message, State::InFlight),
            Event::RetryScheduled { .. } => {
                self.turn(queue, message, State::Waiting);
                self.queues.entry(queue).or_default().retries += 1;
            }
            Event::Acked { .. } => {
                self.leave(queue, message);
                self.queues.entry(queue).or_default().acked += 1;
            }
            Event::Discarded { .. } | Event::Redriven { .. } => self.leave(queue, message),
            _ => {}
        }
    }

    fn enter(&mut self, queue: QueueId, message: MessageId, since: Timestamp, state: State) {
        self.queues.entry(queue).or_default().present.insert(message, Copy { since, state });
    }

    fn turn(&mut self, queue: QueueId, message: MessageId, state: State) {
        let copies = self.queues.entry(queue).or_default();
        if let Some(copy) = copies.present.get_mut(&message) {
            copy.state = state;
        }
    }

    fn leave(&mut self, queue: QueueId, message: MessageId) {
        self.queues.entry(queue).or_default().present.remove(&message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{
        SMS, SMS_DEAD, WORKER, acked, breaker_closed, breaker_opened, dead_lettered, delivered,
        queued, redriven, retry,
    };

    #[test]
    fn copies_are_counted_where_they_are() {
        let mut facts = Facts::default();
        for recorded in [
            queued(1_000, 1),
            queued(2_000, 2),
            queued(3_000, 3),
            delivered(3_000, 1, 1),
            delivered(3_000, 2, 1),
            retry(5_000, 2, 1, 6_000),
        ] {
            facts.apply(&recorded);
        }
        let sms = facts.queue(SMS);
        assert_eq!((sms.depth, sms.ready, sms.in_flight, sms.waiting), (3, 1, 1, 1));
        assert_eq!(sms.oldest_since, Some(Timestamp::from_millis(1_000)));
        facts.apply(&acked(7_000, 1));
        let sms = facts.queue(SMS);
        assert_eq!((sms.depth, sms.acked, sms.retries), (2, 1, 1));
        assert_eq!(sms.oldest_since, Some(Timestamp::from_millis(2_000)));
    }

    #[test]
    fn dead_letters_move_there_and_back() {
        let mut facts = Facts::default();
        for recorded in [queued(0, 1), dead_lettered(45_000, 1)] {
            facts.apply(&recorded);
        }
        assert_eq!((facts.queue(SMS).depth, facts.queue(SMS_DEAD).depth), (0, 1));
        assert_eq!(
            facts.queue(SMS_DEAD).oldest_since,
            Some(Timestamp::from_millis(45_000)),
            "dead since then"
        );
        for recorded in [redriven(50_000, 1), queued(50_000, 1)] {
            facts.apply(&recorded);
        }
        assert_eq!((facts.queue(SMS).depth, facts.queue(SMS_DEAD).depth), (1, 0));
    }

    #[test]
    fn a_breaker_is_closed_until_it_opens() {
        let mut facts = Facts::default();
        assert_eq!(facts.breaker(WORKER), Breaker::Closed);
        facts.apply(&breaker_opened(1_000));
        assert_eq!(facts.breaker(WORKER), Breaker::Open(Timestamp::from_millis(11_000)));
        facts.apply(&breaker_closed(12_000));
        assert_eq!(facts.breaker(WORKER), Breaker::Closed);
    }
}
