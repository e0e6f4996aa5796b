//! The engine through its one entry, by what it answers and what it says happened.

mod batch;
mod claims;
mod dead;
mod deliver;
mod groups;
mod impossible;
mod lease;
mod moves;
mod order;
mod publish;
mod random;
mod room;
mod snapshot;
mod sqs;
mod subscribe;
mod time;

use std::{string::String, vec::Vec};

use super::*;
use crate::{
    id::Address,
    message::{Delivery, FailReason, NewMessage, Published},
    time::Span,
};

/// An engine with a clock in milliseconds and all that it said.
#[derive(Default)]
struct Bench {
    engine: Engine,
    events: Vec<(Timestamp, Event)>,
    now_ms: u64,
}

impl Bench {
    fn queue(&mut self, name: &str, config: QueueConfig) -> QueueId {
        self.try_queue(name, config).unwrap()
    }

    fn try_queue(&mut self, name: &str, config: QueueConfig) -> Result<QueueId, ConfigureError> {
        let at = self.at();
        self.engine.create_queue(at, name, config, &mut self.events)
    }

    fn topic(&mut self, name: &str) -> TopicId {
        let at = self.at();
        self.engine.create_topic(at, name, TopicConfig::default(), &mut self.events).unwrap()
    }

    fn subscribe(&mut self, topic: TopicId, queue: QueueId, on_full: OnFull) {
        let at = self.at();
        let subscribe = Subscribe { on_full, ..Subscribe::to(topic, queue) };
        self.engine.subscribe(at, subscribe, &mut self.events).unwrap();
    }

    /// Publishes a body to a queue.
    fn put(&mut self, queue: QueueId, body: &str) -> Published {
        self.publish(Address::Queue(queue), NewMessage::new(body)).unwrap()
    }

    fn publish(&mut self, to: Address, message: NewMessage) -> Result<Published, PublishError> {
        let at = self.at();
        self.engine.publish(at, to, message, &mut self.events)
    }

    /// Receives the next delivery.
    fn get(&mut self, queue: QueueId) -> Option<Delivery> {
        self.get_all(queue, 1).pop()
    }

    fn get_all(&mut self, queue: QueueId, max: u32) -> Vec<Delivery> {
        let at = self.at();
        self.engine.receive(at, queue, max, &mut self.events).unwrap()
    }

    fn settle(&mut self, delivery: &Delivery, how: Settle) -> Result<(), SettleError> {
        let at = self.at();
        self.engine.settle(at, delivery.receipt, how, &mut self.events)
    }

    fn redrive(&mut self, from: QueueId, per_second: Option<u32>) -> Redriven {
        let at = self.at();
        let redrive = Redrive { max: 100, per_second, ..Redrive::all(from) };
        self.engine.redrive(at, redrive, &mut self.events).unwrap()
    }

    /// Lets `ms` pass, with a tick at each deadline on the way.
    fn pass(&mut self, ms: u64) {
        let end = Timestamp::from_millis(self.now_ms + ms);
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= end) {
            self.engine.tick(At::time(at), &mut self.events);
            assert!(
                self.engine.next_deadline() > Some(at) || self.engine.next_deadline().is_none()
            );
        }
        self.now_ms += ms;
        self.engine.tick(At::time(end), &mut self.events);
    }

    fn at(&self) -> At {
        At::time(Timestamp::from_millis(self.now_ms))
    }

    fn stats(&self, queue: QueueId) -> QueueStats {
        self.engine.queue_stats(queue).unwrap()
    }

    /// The bodies in a queue, oldest first.
    fn bodies(&self, queue: QueueId) -> Vec<String> {
        let copies = self.engine.peek(queue, 0, 1_000);
        copies.iter().map(|copy| body(copy.message.body.as_bytes())).collect()
    }

    fn last_event(&self) -> Event {
        self.events.last().unwrap().1
    }
}

fn body(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn body_of(delivery: &Delivery) -> String {
    body(delivery.message.body.as_bytes())
}

/// Lease 1 s, backoff 1 s, 2 s … without jitter.
fn brisk() -> QueueConfig {
    QueueConfig {
        lease: Span::from_secs(1),
        backoff: crate::Backoff { jitter: crate::Jitter::None, ..crate::Backoff::default() },
        ..QueueConfig::default()
    }
}

const RETRY: Settle = Settle::Retry { delay: None, reason: FailReason::Transient };
const REJECT: Settle = Settle::Reject { reason: FailReason::Permanent };
