//! Random commands: nothing is lost, the counters are true, and a restored engine goes on as the
//! original does.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{CopyState, mix};

struct Weather {
    state: u64,
}

impl Weather {
    fn draw(&mut self, below: u64) -> u64 {
        self.state = mix(self.state);
        self.state % below
    }
}

/// Two work queues on a topic, one with little room; small dead letters for both.
fn world() -> (Engine, TopicId, Vec<QueueId>) {
    let mut bench = Bench::default();
    let topic = bench.topic("t");
    let dead = bench.queue("dead", QueueConfig { capacity: 20, ..brisk() });
    let common = QueueConfig { dead_letters: Some(dead), max_deliveries: 3, ..brisk() };
    let within = Some(Span::from_secs(6));
    let roomy = bench.queue("roomy", QueueConfig { deliver_within: within, ..common });
    let tight = bench.queue("tight", QueueConfig { capacity: 15, ..common });
    bench.subscribe(topic, roomy, OnFull::Divert);
    bench.subscribe(topic, tight, OnFull::Divert);
    (bench.engine, topic, Vec::from([dead, roomy, tight]))
}

fn random_command(
    weather: &mut Weather,
    topic: TopicId,
    queues: &[QueueId],
    held: &[Delivery],
) -> Command {
    let queue = queues[weather.draw(3) as usize];
    match weather.draw(10) {
        0..3 => {
            let dedup_key = (weather.draw(4) == 0).then(|| std::format!("{}", weather.draw(9)));
            let delay = Span::from_millis(weather.draw(3) * 400);
            let message = NewMessage { dedup_key, delay, ..NewMessage::new("m") };
            Command::Publish { to: Address::Topic(topic), message }
        }
        3..5 => Command::Receive { queue, max: 1 + weather.draw(5) as u32, lease: None },
        5..9 if !held.is_empty() => {
            let receipt = held[weather.draw(held.len() as u64) as usize].receipt;
            let how = match weather.draw(6) {
                0..3 => Settle::Ack,
                3 => RETRY,
                4 => Settle::Release,
                _ => REJECT,
            };
            Command::Settle { receipt, how }
        }
        9 => Command::Redrive(Redrive { max: 4, per_second: Some(9), ..Redrive::all(queues[0]) }),
        _ => Command::Tick,
    }
}

/// Everything placed is in a queue, acknowledged, or refused; counters equal a recount.
fn check(engine: &Engine, queues: &[QueueId], placed: u64, gone: u64, seed: u64) {
    let mut there = 0;
    for queue in queues {
        let stats = engine.queue_stats(*queue).unwrap();
        let copies = engine.peek(*queue, 0, 10_000);
        let count = |want: fn(&CopyState) -> bool| {
            copies.iter().filter(|copy| want(&copy.state)).count() as u64
        };
        let recount = QueueStats {
            ready: count(|state| matches!(state, CopyState::Ready)),
            delayed: count(|state| matches!(state, CopyState::Delayed { .. })),
            in_flight: count(|state| matches!(state, CopyState::InFlight { .. })),
            blocked: count(|state| matches!(state, CopyState::Blocked { .. })),
            bytes: copies.iter().map(|copy| copy.message.bytes()).sum(),
            redeliveries: stats.redeliveries,
            dead_letters: stats.dead_letters,
            oldest_enqueued_at: copies.first().map(|copy| copy.enqueued_at),
        };
        assert_eq!(stats, recount, "seed {seed}");
        assert!(stats.depth() <= engine.queue_config(*queue).unwrap().capacity, "seed {seed}");
        there += stats.depth();
    }
    assert_eq!(there + gone, placed, "seed {seed}: a copy is lost or doubled");
}

#[test]
fn nothing_is_lost_and_a_restored_engine_goes_on_alike() {
    for seed in 0..200 {
        let mut weather = Weather { state: seed };
        let (mut engine, topic, queues) = world();
        let mut twin = engine.clone();
        let (mut held, mut now, mut placed, mut gone) = (Vec::new(), 0, 0, 0);
        for step in 0..400 {
            now += weather.draw(300);
            let entropy = Entropy::new(weather.draw(u64::MAX));
            let at = At { now: Timestamp::from_millis(now), entropy };
            let command = random_command(&mut weather, topic, &queues, &held);
            let (mut events, mut twin_events) = (Vec::new(), Vec::new());
            let reply = engine.apply(at, command.clone(), &mut events);
            assert_eq!(reply, twin.apply(at, command, &mut twin_events), "seed {seed}");
            assert_eq!(events, twin_events, "seed {seed}");
            assert_eq!(engine.next_deadline(), twin.next_deadline(), "seed {seed}");
            for (_, event) in &events {
                match event {
                    Event::Published { .. } => placed += 2,
                    Event::Refused { .. } | Event::Acked { .. } | Event::Discarded { .. } => {
                        gone += 1;
                    }
                    _ => {}
                }
            }
            if let Ok(Reply::Received(deliveries)) = reply {
                held.extend(deliveries);
            }
            check(&engine, &queues, placed, gone, seed);
            if step % 50 == 49 {
                let text = serde_json::to_string(&engine.snapshot()).unwrap();
                twin = Engine::restore(serde_json::from_str(&text).unwrap()).unwrap();
                assert_eq!(twin.digest(), engine.digest(), "seed {seed}");
            }
        }
    }
}

#[test]
fn the_index_stays_within_a_factor_of_the_copies() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig { dead_letters: Some(dead), max_deliveries: 1, ..brisk() };
    let long = Span::from_secs(3_600);
    let queue = bench.queue("orders", QueueConfig { lease: long, ..config });
    for n in 0..10_000 {
        bench.put(queue, "a");
        let delivery = bench.get(queue).unwrap();
        bench.settle(&delivery, if n % 2 == 0 { Settle::Ack } else { REJECT }).unwrap();
        // Nobody ever receives from the dead letters.
        bench.redrive(dead, None);
        if let Some(delivery) = bench.get(queue) {
            bench.settle(&delivery, Settle::Release).unwrap();
            let delivery = bench.get(queue).unwrap();
            bench.settle(&delivery, Settle::Ack).unwrap();
        }
    }
    for queue in [queue, dead] {
        assert!(bench.engine.queue(queue).unwrap().index_len() <= 64 + 4);
    }
}
