//! One message to three queues: what it costs, and that its body is not copied.

use std::hint::black_box;

use anyhow::Context;
use postroom_core::{
    Address, Body, ConfigureError, Engine, NewMessage, QueueId, Settle, Subscribe, TopicConfig,
    TopicId,
};

use super::{
    measure::{Effort, in_turns, nanos_each},
    peers,
    report::Row,
};
use crate::{
    contender::{BODY_BYTES, Contender},
    floor::HeapFloor,
    ours::{at, roomy},
};

/// Bytes in a body that one would notice being copied.
pub(super) const BULKY_BYTES: usize = 100_000;

const QUEUES: usize = 3;

/// A topic that fans out to three queues.
pub(super) struct Ours {
    engine: Engine,
    topic: TopicId,
    queues: Vec<QueueId>,
    now: u64,
}

impl Ours {
    pub(super) fn new() -> Result<Self, ConfigureError> {
        let mut engine = Engine::new();
        let topic = engine.create_topic(at(0), "topic", TopicConfig::default(), &mut ())?;
        let mut queues = Vec::new();
        for name in ["one", "two", "three"] {
            let queue = engine.create_queue(at(0), name, roomy(), &mut ())?;
            engine.subscribe(at(0), Subscribe::to(topic, queue), &mut ())?;
            queues.push(queue);
        }
        Ok(Self { engine, topic, queues, now: 0 })
    }

    pub(super) fn publish(&mut self, body: Body) {
        self.now += 1;
        self.engine
            .publish(at(self.now), Address::Topic(self.topic), NewMessage::new(body), &mut ())
            .expect("there is room");
    }

    /// One message through all of it.
    fn cycle(&mut self, body: Body) {
        self.publish(body);
        for queue in self.queues.clone() {
            let delivery = self
                .engine
                .receive(at(self.now), queue, 1, &mut ())
                .ok()
                .and_then(|mut deliveries| deliveries.pop())
                .expect("a message waits");
            black_box(delivery.message.body.as_bytes().first());
            self.engine
                .settle(at(self.now), delivery.receipt, Settle::Ack, &mut ())
                .expect("the lease lasts");
        }
    }
}

/// Three floors, each with a body of its own.
#[derive(Default)]
struct Floor {
    queues: [HeapFloor; QUEUES],
    now: u64,
}

impl Floor {
    fn cycle(&mut self, body: &[u8; BODY_BYTES]) {
        self.now += 1;
        for queue in &mut self.queues {
            queue.publish(self.now, body);
        }
        for queue in &mut self.queues {
            let (receipt, byte) = queue.receive(self.now, None);
            black_box(byte);
            queue.ack(self.now, receipt);
        }
    }
}

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let fresh = || Ours::new().context("the settings are in range");
    let (mut ours, mut light, mut heavy) = (fresh()?, fresh()?, fresh()?);
    let mut floor = Floor::default();
    let small = [7; BODY_BYTES];
    let (light_body, heavy_body) = (Body::from(small.as_slice()), Body::from(vec![7; BULKY_BYTES]));
    let cycles = effort.cycles / 2;
    let time =
        |cycle: &mut dyn FnMut()| Ok(nanos_each(cycles, || (0..cycles).for_each(|_| cycle())));
    let [ours, floor, light, heavy] = in_turns(
        effort.turns,
        [
            &mut || time(&mut || ours.cycle(Body::from(small.as_slice()))),
            &mut || time(&mut || floor.cycle(&small)),
            &mut || time(&mut || light.cycle(light_body.clone())),
            &mut || time(&mut || heavy.cycle(heavy_body.clone())),
        ],
    )?;
    Ok(vec![
        Row::of_turns("published once, each copy received and acknowledged", "ns", &ours, &floor)
            .with_peers(peers::FAN_OUT),
        Row::of_turns("the same for a shared body: 100 KB (floor: 100 B)", "ns", &heavy, &light)
            .ratio_at_most(1.2),
    ])
}
