//! Listeners at a real engine tell what the engine itself says, whatever happens.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use alloc::{collections::BTreeSet, vec::Vec};

use super::*;
use crate::{
    engine::{Command, Engine, OnFull, Redrive, Reply, Settle, Subscribe, TopicConfig},
    entropy::{Entropy, mix},
    event::Event,
    id::{Address, LeaseId, MessageId, QueueId, TopicId},
    machine::{At, Machine},
    message::{DeadReason, Delivery, FailReason, NewMessage, Priority},
    queue::{Overflow, Poison, Profile, QueueConfig, Shed},
    time::Span,
};

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(super) fn queue(number: u32) -> QueueId {
    QueueId::new(number)
}

pub(super) fn message(number: u64) -> MessageId {
    MessageId { address: Address::Queue(queue(0)), number }
}

pub(super) fn enqueued(id: u32, number: u64) -> Event {
    Event::Enqueued { queue: queue(id), message: message(number), due: None }
}

/// A delivery under this lease, which is its number too.
pub(super) fn delivered(id: u32, number: u64, lease: u64) -> Event {
    let (queue, message, delivery) = (queue(id), message(number), lease as u32);
    Event::Delivered { queue, message, lease: LeaseId::new(lease), delivery }
}

pub(super) fn acked(id: u32, number: u64, lease: u64) -> Event {
    Event::Acked { queue: queue(id), message: message(number), lease: LeaseId::new(lease) }
}

pub(super) fn dead_lettered(from: u32, to: u32, number: u64, reason: DeadReason) -> Event {
    let (queue, to, message) = (queue(from), queue(to), message(number));
    Event::DeadLettered { queue, to, message, reason }
}

type Watch = ((Lineage, Latency), (Rates, Vec<(Timestamp, Event)>));

/// Two work queues on a topic, one with little room, and dead letters that they share. What they
/// do when it gets tight differs by seed.
fn world(watch: &mut Watch, draw: &mut impl FnMut(u64) -> u64) -> (Engine, TopicId, [QueueId; 3]) {
    let start = At::time(at(0));
    let mut engine = Engine::new();
    let topic = engine.create_topic(start, "t", TopicConfig::default(), watch).unwrap();
    let dead = QueueConfig { capacity: 12, ..QueueConfig::default() };
    let dead = engine.create_queue(start, "dead", dead, watch).unwrap();
    let overflows = [Overflow::Reject, Overflow::DropOldest, Overflow::DeadLetterOldest];
    let poisons = [Poison::ParkGroup, Poison::SkipToDeadLetters, Poison::Block];
    let config = QueueConfig {
        lease: Span::from_secs(1),
        dead_letters: Some(dead),
        max_deliveries: 3,
        overflow: overflows[draw(3) as usize],
        poison: poisons[draw(3) as usize],
        profile: [Profile::Strict, Profile::Sqs][draw(2) as usize],
        shed: (draw(2) == 0).then_some(Shed { from_percent: 60 }),
        ..QueueConfig::default()
    };
    let seconds = |seconds| Some(Span::from_secs(seconds));
    let within = QueueConfig { deliver_within: seconds(6), ttl: seconds(8), ..config };
    let roomy = engine.create_queue(start, "roomy", within, watch).unwrap();
    let tight = QueueConfig { capacity: 8, ..config };
    let tight = engine.create_queue(start, "tight", tight, watch).unwrap();
    for queue in [roomy, tight] {
        let on_full = OnFull::Divert;
        let subscribe = Subscribe { on_full, ..Subscribe::to(topic, queue) };
        engine.subscribe(start, subscribe, watch).unwrap();
    }
    (engine, topic, [dead, roomy, tight])
}

fn random_message(draw: &mut impl FnMut(u64) -> u64) -> NewMessage {
    NewMessage {
        dedup_key: (draw(3) == 0).then(|| alloc::format!("{}", draw(5))),
        delay: Span::from_millis(draw(3) * 400),
        group: (draw(2) == 0).then(|| alloc::format!("{}", draw(3))),
        priority: Priority::new(draw(10) as u8).unwrap(),
        ttl: (draw(4) == 0).then_some(Span::from_secs(2)),
        ..NewMessage::new("m")
    }
}

fn random_command(
    draw: &mut impl FnMut(u64) -> u64,
    topic: TopicId,
    queues: [QueueId; 3],
    held: &[Delivery],
) -> Command {
    let queue = queues[draw(3) as usize];
    let receipt = held.get(draw(held.len().max(1) as u64) as usize).map(|held| held.receipt);
    match (draw(24), receipt) {
        (0..6, _) => Command::Publish { to: Address::Topic(topic), message: random_message(draw) },
        (6..8, _) => Command::Publish { to: Address::Queue(queue), message: random_message(draw) },
        (8..12, _) => Command::Receive { queue, max: 1 + draw(5) as u32, lease: None },
        (12..19, Some(receipt)) => {
            let how = match draw(6) {
                0..3 => Settle::Ack,
                3 => Settle::Retry { delay: None, reason: FailReason::Transient },
                4 => Settle::Release,
                _ => Settle::Reject { reason: FailReason::Permanent },
            };
            Command::Settle { receipt, how }
        }
        (19, Some(receipt)) => Command::Extend { receipt, by: Span::from_secs(draw(3)) },
        // Now and then into a queue that may have a copy of the same message.
        (20..22, _) => {
            let to = (draw(3) == 0).then(|| queues[1 + draw(2) as usize]);
            let per_second = (draw(2) == 0).then_some(9);
            Command::Redrive(Redrive { to, max: 4, per_second, ..Redrive::all(queues[0]) })
        }
        (22, _) if draw(8) == 0 => Command::Purge { queue, forget_dedup: false },
        _ => Command::Tick,
    }
}

/// Where the copies are that the engine has, and those that the lineage knows of.
fn assert_places(engine: &Engine, queues: [QueueId; 3], lineage: &Lineage, seed: u64) {
    let mut there = Vec::new();
    for queue in queues {
        let copies = engine.peek(queue, 0, 10_000);
        there.extend(copies.iter().map(|copy| (copy.message.id, queue)));
    }
    let mut told = Vec::new();
    for (message, path) in lineage.messages() {
        told.extend(path.copies().iter().filter_map(|copy| Some((message, copy.place()?))));
    }
    there.sort_unstable();
    told.sort_unstable();
    assert!(told == there, "seed {seed}: {told:?} is not {there:?}");
}

#[test]
fn lineage_knows_where_every_copy_is_and_the_counts_are_the_events() {
    let mut reached = BTreeSet::new();
    for seed in 0..300 {
        let mut state = mix(seed);
        let mut draw = |below| {
            state = mix(state);
            state % below
        };
        let rates = Rates::new(RatesConfig::default()).unwrap();
        let mut watch = ((Lineage::default(), Latency::default()), (rates, Vec::new()));
        let (mut engine, topic, queues) = world(&mut watch, &mut draw);
        let (mut held, mut now) = (Vec::new(), 0);
        for _ in 0..400 {
            now += draw(250);
            let command = random_command(&mut draw, topic, queues, &held);
            let at = At { now: at(now), entropy: Entropy::new(draw(u64::MAX)) };
            if let Ok(Reply::Received(deliveries)) = engine.apply(at, command, &mut watch) {
                held.extend(deliveries);
            }
            assert_places(&engine, queues, &watch.0.0, seed);
        }
        let ((lineage, latency), (rates, events)) = &watch;
        reached.extend(events.iter().filter_map(|(_, event)| match event {
            Event::DeadLettered { reason, .. } | Event::Discarded { reason, .. } => Some(*reason),
            _ => None,
        }));
        for queue in queues {
            let count = |is_it: fn(&Event) -> bool| {
                let here = events.iter().filter(|(_, event)| event.queue() == Some(queue));
                here.filter(|(_, event)| is_it(event)).count() as u64
            };
            let flow = rates.total(Address::Queue(queue));
            assert_eq!(flow.acked, count(|event| matches!(event, Event::Acked { .. })));
            assert_eq!(flow.enqueued, count(|event| matches!(event, Event::Enqueued { .. })));
            let figures = latency.of(queue).unwrap();
            assert!(figures.sojourn.count() <= flow.acked, "seed {seed}");
            assert!(flow.acked <= figures.sojourn.count() + latency.unmeasured(), "seed {seed}");
            assert!(figures.waiting.count() <= flow.enqueued, "seed {seed}");
        }
        let steps: u64 = lineage
            .messages()
            .map(|(_, path)| {
                let of_copies: usize = path.copies().iter().map(|copy| copy.steps().len()).sum();
                let forgotten: u64 = path.copies().iter().map(|copy| copy.left_out()).sum();
                (path.steps().len() + of_copies) as u64 + forgotten
            })
            .sum();
        let about_messages = events.iter().filter(|(_, event)| event.message().is_some());
        assert_eq!(steps, about_messages.count() as u64, "seed {seed}: no step is lost");
    }
    // All but `Unknown`, which is a rejection like another.
    assert_eq!(reached.len(), 8, "copies died for every reason: {reached:?}");
}

#[test]
fn of_two_listeners_the_first_hears_it_first() {
    struct Place<'a>(&'a core::cell::RefCell<Vec<u8>>, u8);
    impl Sink for Place<'_> {
        fn record(&mut self, _: Timestamp, _: Event) {
            self.0.borrow_mut().push(self.1);
        }
    }
    let order = core::cell::RefCell::new(Vec::new());
    (Place(&order, 1), Place(&order, 2)).record(at(0), enqueued(0, 0));
    assert_eq!(*order.borrow(), [1, 2]);
}
