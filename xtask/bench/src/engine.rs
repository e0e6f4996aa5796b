//! The engine as it is embedded: through its public commands.

use postroom_core::{
    Address, At, Engine, NewMessage, QueueConfig, QueueId, Receipt, Settle, Sink, Timestamp,
};

use crate::contender::{BODY_BYTES, Contender};

/// An engine with one queue.
pub struct Ours<S> {
    engine: Engine,
    queue: QueueId,
    sink: S,
}

impl<S: Sink> Ours<S> {
    /// An engine that tells `sink` what happens.
    pub fn new(mut sink: S) -> Self {
        let mut engine = Engine::new();
        let config = QueueConfig { capacity: 2_000_000, ..QueueConfig::default() };
        let queue = engine.create_queue(At::default(), "q", config, &mut sink).unwrap();
        Self { engine, queue, sink }
    }
}

fn at(now: u64) -> At {
    At::time(Timestamp::from_micros(now))
}

impl<S: Sink> Contender for Ours<S> {
    type Receipt = Receipt;

    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]) {
        let message = NewMessage::new(&body[..]);
        self.engine.publish(at(now), Address::Queue(self.queue), message, &mut self.sink).unwrap();
    }

    fn receive(&mut self, now: u64, _timeout: u64) -> (Receipt, u8) {
        let delivery =
            self.engine.receive(at(now), self.queue, 1, &mut self.sink).unwrap().remove(0);
        (delivery.receipt, delivery.message.body.as_bytes()[0])
    }

    fn ack(&mut self, now: u64, receipt: Receipt) {
        self.engine.settle(at(now), receipt, Settle::Ack, &mut self.sink).unwrap();
    }
}
