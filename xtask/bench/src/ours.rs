//! The engine as a program embeds it: by its public commands.

use postroom_core::{
    Address, At, Engine, NewMessage, QueueConfig, QueueId, Receipt, Settle, Sink, Span, Timestamp,
};

use crate::contender::{BODY_BYTES, Contender};

/// An engine with one queue, and whoever listens to it.
pub(crate) struct Ours<S> {
    engine: Engine,
    queue: QueueId,
    sink: S,
}

impl<S: Sink> Ours<S> {
    pub(crate) fn new(mut sink: S) -> Self {
        let mut engine = Engine::new();
        let queue = engine
            .create_queue(At::default(), "measured", roomy(), &mut sink)
            .expect("the settings are in range");
        Self { engine, queue, sink }
    }
}

/// The default settings, but for room for all that is measured.
pub(crate) fn roomy() -> QueueConfig {
    QueueConfig { capacity: 2_000_000, capacity_bytes: 1 << 40, ..QueueConfig::default() }
}

pub(crate) fn at(micros: u64) -> At {
    At::time(Timestamp::from_micros(micros))
}

impl<S: Sink> Contender for Ours<S> {
    type Receipt = Receipt;

    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]) {
        let message = NewMessage::new(body.as_slice());
        self.engine
            .publish(at(now), Address::Queue(self.queue), message, &mut self.sink)
            .expect("there is room");
    }

    fn receive(&mut self, now: u64, lease: Option<u64>) -> (Receipt, u8) {
        let received = match lease.map(Span::from_micros) {
            Some(lease) => self.engine.receive_for(at(now), self.queue, 1, lease, &mut self.sink),
            None => self.engine.receive(at(now), self.queue, 1, &mut self.sink),
        };
        let delivery =
            received.ok().and_then(|mut deliveries| deliveries.pop()).expect("a message waits");
        (delivery.receipt, delivery.message.body.as_bytes()[0])
    }

    fn ack(&mut self, now: u64, receipt: Receipt) {
        self.engine.settle(at(now), receipt, Settle::Ack, &mut self.sink).expect("the lease lasts");
    }
}
