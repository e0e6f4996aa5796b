//! What moves on by itself: the dead that wait for room, and what follows a parked group.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{DeadReason, Overflow, PlacementOutcome, message::CopyState};

fn room_for(capacity: u64, overflow: Overflow) -> QueueConfig {
    QueueConfig { capacity, overflow, max_deliveries: 1, ..brisk() }
}

fn feeding(dead: QueueId, config: QueueConfig) -> QueueConfig {
    QueueConfig { dead_letters: Some(dead), ..config }
}

fn kill(bench: &mut Bench, queue: QueueId, name: &str) {
    bench.put(queue, name);
    reject(bench, queue);
}

fn reject(bench: &mut Bench, queue: QueueId) {
    let delivery = bench.get(queue).unwrap();
    bench.settle(&delivery, REJECT).unwrap();
}

fn grouped(body: &str) -> NewMessage {
    NewMessage { group: Some("g".into()), ..NewMessage::new(body) }
}

/// A queue whose group `g` is parked, and its dead letters, which have room for `room`.
fn parked(bench: &mut Bench, dead: QueueConfig) -> (QueueId, QueueId) {
    let dead = bench.queue("dead", dead);
    let queue = bench.queue("orders", feeding(dead, room_for(9, Overflow::Reject)));
    bench.publish(Address::Queue(queue), grouped("first")).unwrap();
    reject(bench, queue);
    (queue, dead)
}

fn outcomes(published: &Published) -> Vec<PlacementOutcome> {
    published.placements.iter().map(|placement| placement.outcome).collect()
}

fn sound(bench: &Bench) {
    assert_eq!(bench.engine.check_invariants(), Ok(()));
}

#[test]
fn what_follows_a_parked_group_takes_no_room_from_the_rest_of_a_fan_out() {
    let mut bench = Bench::default();
    let (queue, dead) = parked(&mut bench, room_for(2, Overflow::Reject));
    let topic = bench.topic("orders");
    bench.subscribe(topic, queue, OnFull::Refuse);
    bench.subscribe(topic, dead, OnFull::Refuse);
    let published = bench.publish(Address::Topic(topic), grouped("second")).unwrap();
    assert_eq!(outcomes(&published), [PlacementOutcome::Queued; 2]);
    assert_eq!((bench.stats(queue).blocked, bench.bodies(dead).len()), (1, 2));
    let refused = bench.publish(Address::Topic(topic), grouped("third"));
    assert!(matches!(refused, Err(PublishError::Full { queue, .. }) if queue == dead));
    assert_eq!((bench.bodies(queue), bench.bodies(dead).len()), (Vec::from(["second".into()]), 2));
    sound(&bench);
}

#[test]
fn a_message_for_a_parked_group_waits_where_it_is_while_the_dead_letters_are_full() {
    let mut bench = Bench::default();
    let (queue, dead) = parked(&mut bench, room_for(1, Overflow::Reject));
    let published = bench.publish(Address::Queue(queue), grouped("second")).unwrap();
    assert_eq!(outcomes(&published), [PlacementOutcome::Queued]);
    let reason = DeadReason::GroupParked;
    assert_eq!(bench.engine.peek(queue, 0, 9)[0].state, CopyState::Blocked { reason });
    assert_eq!(bench.get(queue), None);
    let woken = bench.events.iter().filter(|(_, event)| *event == Event::Woken { queue }).count();
    assert_eq!(woken, 1, "by the first alone");
    let first = bench.get(dead).unwrap();
    bench.settle(&first, Settle::Ack).unwrap();
    assert_eq!((bench.bodies(queue), bench.bodies(dead)), (Vec::new(), ["second".into()].into()));
}

#[test]
fn a_group_released_in_a_fan_out_is_followed_no_longer() {
    let mut bench = Bench::default();
    let (queue, dead) = parked(&mut bench, room_for(1, Overflow::DropOldest));
    let topic = bench.topic("orders");
    bench.subscribe(topic, queue, OnFull::Refuse);
    bench.subscribe(topic, dead, OnFull::Refuse);
    bench.publish(Address::Topic(topic), grouped("second")).unwrap();
    assert_eq!((bench.stats(queue).ready, bench.bodies(dead)), (1, ["second".into()].into()));
    assert!(bench.get(queue).is_some());
    sound(&bench);
}

#[test]
fn a_chain_of_dead_letters_takes_all_of_a_fan_out_or_nothing() {
    for (room, accepted) in [(1, false), (2, true)] {
        let mut bench = Bench::default();
        let last = bench.queue("last", room_for(room, Overflow::Reject));
        let middle = bench.queue("middle", feeding(last, room_for(1, Overflow::DeadLetterOldest)));
        let first = bench.queue("first", feeding(middle, room_for(1, Overflow::DeadLetterOldest)));
        bench.put(middle, "b");
        bench.put(first, "a");
        let topic = bench.topic("orders");
        bench.subscribe(topic, first, OnFull::Refuse);
        bench.subscribe(topic, last, OnFull::Refuse);
        let published = bench.publish(Address::Topic(topic), NewMessage::new("c"));
        let bodies = [first, middle, last].map(|queue| bench.bodies(queue).concat());
        if accepted {
            assert_eq!(outcomes(&published.unwrap()), [PlacementOutcome::Queued; 2]);
            assert_eq!(bodies, ["c", "a", "bc"]);
        } else {
            assert!(matches!(published, Err(PublishError::Full { queue, .. }) if queue == last));
            assert_eq!(bodies, ["a", "b", ""]);
        }
        sound(&bench);
    }
}

#[test]
fn room_two_queues_further_down_is_noticed() {
    let mut bench = Bench::default();
    let last = bench.queue("last", room_for(1, Overflow::Reject));
    let middle = bench.queue("middle", feeding(last, room_for(1, Overflow::DeadLetterOldest)));
    let first = bench.queue("first", feeding(middle, room_for(9, Overflow::Reject)));
    for name in ["a", "b", "c"] {
        kill(&mut bench, first, name);
    }
    let bodies = |bench: &Bench| [first, middle, last].map(|queue| bench.bodies(queue).concat());
    assert_eq!(bodies(&bench), ["c", "b", "a"]);
    let delivery = bench.get(last).unwrap();
    bench.settle(&delivery, Settle::Ack).unwrap();
    assert_eq!(bodies(&bench), ["", "c", "b"]);
    sound(&bench);
}

#[test]
fn what_comes_back_to_dead_letters_that_drop_their_oldest_makes_room() {
    let ways: [fn(&mut Bench, &Delivery); 4] = [
        |bench, held| bench.settle(held, Settle::Release).unwrap(),
        |bench, held| bench.settle(held, RETRY).unwrap(),
        |bench, held| {
            let at = bench.at();
            bench.engine.extend(at, held.receipt, Span::ZERO, &mut ()).map(|_| ()).unwrap();
        },
        |bench, _| bench.pass(1_000),
    ];
    for back in ways {
        let mut bench = Bench::default();
        let config = QueueConfig { max_deliveries: 5, ..room_for(1, Overflow::DropOldest) };
        let dead = bench.queue("dead", config);
        let queue = bench.queue("orders", feeding(dead, room_for(9, Overflow::Reject)));
        kill(&mut bench, queue, "a");
        let held = bench.get(dead).unwrap();
        kill(&mut bench, queue, "b");
        assert_eq!((bench.stats(queue).blocked, bench.bodies(dead)), (1, ["a".into()].into()));
        back(&mut bench, &held);
        assert_eq!((bench.stats(queue).blocked, bench.bodies(dead)), (0, ["b".into()].into()));
        sound(&bench);
    }
}

#[test]
fn room_is_made_by_handing_out_what_stood_in_the_way() {
    let mut bench = Bench::default();
    let last = bench.queue("last", QueueConfig { capacity_bytes: 9, ..brisk() });
    let config = QueueConfig { capacity_bytes: 9, ..room_for(2, Overflow::DeadLetterOldest) };
    let middle = bench.queue("middle", feeding(last, config));
    let config = QueueConfig { capacity_bytes: 9, ..room_for(9, Overflow::Reject) };
    let first = bench.queue("first", feeding(middle, config));
    bench.put(last, "12345");
    bench.put(middle, "large");
    bench.put(middle, "s");
    kill(&mut bench, first, "a");
    assert_eq!(bench.stats(first).blocked, 1, "the oldest does not fit into the last queue");
    let _large = bench.get(middle).unwrap();
    assert_eq!(bench.stats(first).blocked, 0, "now the oldest that waits is small");
    assert_eq!([middle, last].map(|queue| bench.bodies(queue).concat()), ["largea", "12345s"]);
    sound(&bench);
}

#[test]
fn the_dead_of_a_queue_move_in_the_order_in_which_they_died() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", QueueConfig { capacity_bytes: 10, ..brisk() });
    let config = QueueConfig { capacity_bytes: 10, ..room_for(9, Overflow::Reject) };
    let queue = bench.queue("orders", feeding(dead, config));
    bench.put(dead, "12345");
    kill(&mut bench, queue, "largest");
    kill(&mut bench, queue, "s");
    assert_eq!(bench.stats(queue).blocked, 2, "none overtakes one that waits");
    let delivery = bench.get(dead).unwrap();
    bench.settle(&delivery, Settle::Ack).unwrap();
    assert_eq!(bench.bodies(dead), ["largest", "s"]);
    sound(&bench);
}

#[test]
fn what_came_back_is_older_than_what_still_waits() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", room_for(4, Overflow::DropOldest));
    for body in ["a", "b", "c", "d"] {
        bench.put(queue, body);
    }
    let held = bench.get_all(queue, 2);
    bench.put(queue, "e");
    assert_eq!(bench.bodies(queue), ["a", "b", "d", "e"]);
    bench.settle(&held[1], Settle::Release).unwrap();
    bench.put(queue, "f");
    assert_eq!(bench.bodies(queue), ["a", "d", "e", "f"]);
    bench.put(queue, "g");
    assert_eq!(bench.bodies(queue), ["a", "e", "f", "g"]);
    sound(&bench);
}

#[test]
fn the_next_of_the_dead_moves_once_the_first_is_gone() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", QueueConfig { capacity_bytes: 10, ..brisk() });
    let profile = crate::Profile::Sqs;
    let config = QueueConfig { capacity_bytes: 10, profile, ..room_for(9, Overflow::Reject) };
    let queue = bench.queue("orders", feeding(dead, config));
    bench.put(dead, "12345");
    bench.put(queue, "largest");
    let late = bench.get(queue).unwrap();
    bench.pass(1_000);
    kill(&mut bench, queue, "s");
    assert_eq!(bench.stats(queue).blocked, 2);
    bench.settle(&late, Settle::Ack).unwrap();
    assert_eq!((bench.stats(queue).depth(), bench.bodies(dead).concat()), (0, "12345s".into()));
    sound(&bench);
}
