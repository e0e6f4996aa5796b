#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{DeadReason, Poison, Priority, Profile};

fn put(bench: &mut Bench, queue: QueueId, group: &str, body: &str) {
    let message = NewMessage { group: Some(group.into()), ..NewMessage::new(body) };
    bench.publish(Address::Queue(queue), message).unwrap();
}

fn order(bench: &mut Bench, queue: QueueId) -> Vec<String> {
    bench.get_all(queue, 100).iter().map(body_of).collect()
}

/// A queue whose dead letters have room for `room`, and these.
fn pair(bench: &mut Bench, poison: Poison, room: u64) -> (QueueId, QueueId) {
    let dead = bench.queue("dead", QueueConfig { capacity: room, ..brisk() });
    let config = QueueConfig { dead_letters: Some(dead), max_deliveries: 1, poison, ..brisk() };
    (bench.queue("orders", config), dead)
}

fn count(bench: &Bench, event: Event) -> usize {
    bench.events.iter().filter(|(_, one)| *one == event).count()
}

#[test]
fn a_group_is_delivered_one_after_the_other_and_holds_up_no_other() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    for (group, body) in [("g1", "a"), ("g2", "b"), ("g1", "c"), ("g1", "d")] {
        put(&mut bench, queue, group, body);
    }
    bench.put(queue, "of no group");
    let held = bench.get_all(queue, 100);
    assert_eq!(held.iter().map(body_of).collect::<Vec<_>>(), ["a", "b", "of no group"]);
    assert!(!bench.engine.is_deliverable(queue), "c waits for a");
    bench.settle(&held[0], Settle::Ack).unwrap();
    assert_eq!(bench.last_event(), Event::Woken { queue });
    assert_eq!(order(&mut bench, queue), ["c"]);
}

#[test]
fn a_head_that_waits_holds_up_its_group() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    put(&mut bench, queue, "g", "a");
    put(&mut bench, queue, "g", "b");
    let held = bench.get(queue).unwrap();
    bench.settle(&held, RETRY).unwrap();
    assert_eq!(bench.get(queue), None, "a is to be tried again first");
    bench.pass(1_000);
    assert_eq!(order(&mut bench, queue), ["a"]);
    bench.pass(1_000);
    assert_eq!(order(&mut bench, queue), ["a"], "its lease ended");
}

#[test]
fn a_group_keeps_its_order_whatever_the_priorities() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    put(&mut bench, queue, "g", "first");
    let (group, priority) = (Some("g".into()), Priority::HIGHEST);
    let urgent = NewMessage { group, priority, ..NewMessage::new("urgent") };
    bench.publish(Address::Queue(queue), urgent).unwrap();
    let held = bench.get_all(queue, 2);
    assert_eq!(held.iter().map(body_of).collect::<Vec<_>>(), ["first"]);
}

#[test]
fn a_dead_message_parks_its_group_until_all_of_it_is_redriven_in_order() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, Poison::ParkGroup, 10);
    for (group, body) in [("g", "a"), ("g", "b"), ("other", "x"), ("g", "c")] {
        put(&mut bench, queue, group, body);
    }
    let held = bench.get(queue).unwrap();
    bench.settle(&held, REJECT).unwrap();
    assert_eq!(bench.bodies(dead), ["a", "b", "c"]);
    put(&mut bench, queue, "g", "d");
    assert_eq!(bench.bodies(dead), ["a", "b", "c", "d"], "what comes later follows");
    assert_eq!(order(&mut bench, queue), ["x"]);
    let reason = bench.engine.peek(dead, 3, 1)[0].history[0].why;
    assert_eq!(reason, crate::HopReason::DeadLettered(DeadReason::GroupParked));

    assert_eq!(bench.redrive(dead, None).moved, 4);
    assert_eq!(count(&bench, Event::GroupReleased { queue }), 1);
    put(&mut bench, queue, "g", "e");
    assert_eq!(bench.stats(dead).depth(), 0);
    for body in ["a", "b", "c", "d", "e"] {
        let held = bench.get_all(queue, 100);
        assert_eq!(held.iter().map(body_of).collect::<Vec<_>>(), [body]);
        bench.settle(&held[0], Settle::Ack).unwrap();
    }
}

#[test]
fn a_parked_group_is_released_however_its_dead_letters_leave() {
    type Leave = fn(&mut Bench, QueueId);
    let ways: [Leave; 3] = [
        |bench, dead| {
            let held = bench.get(dead).unwrap();
            bench.settle(&held, Settle::Ack).unwrap();
        },
        |bench, dead| {
            let at = bench.at();
            assert_eq!(bench.engine.purge(at, dead, false, &mut bench.events), Ok(1));
        },
        |bench, dead| assert_eq!(bench.redrive(dead, None).moved, 1),
    ];
    for leave in ways {
        let mut bench = Bench::default();
        let (queue, dead) = pair(&mut bench, Poison::ParkGroup, 10);
        put(&mut bench, queue, "g", "a");
        let held = bench.get(queue).unwrap();
        bench.settle(&held, REJECT).unwrap();
        assert_eq!(count(&bench, Event::GroupReleased { queue }), 0);
        leave(&mut bench, dead);
        assert_eq!(count(&bench, Event::GroupReleased { queue }), 1);
        put(&mut bench, queue, "g", "b");
        assert_eq!(bench.stats(dead).depth(), 0);
    }
}

#[test]
fn a_parked_group_waits_for_room_in_its_order() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, Poison::ParkGroup, 2);
    for body in ["a", "b", "c", "d"] {
        put(&mut bench, queue, "g", body);
    }
    let held = bench.get(queue).unwrap();
    bench.settle(&held, REJECT).unwrap();
    assert_eq!((bench.bodies(dead), bench.stats(queue).blocked), (strings(&["a", "b"]), 2));
    for left in [["b", "c"], ["c", "d"]] {
        let held = bench.get(dead).unwrap();
        bench.settle(&held, Settle::Ack).unwrap();
        assert_eq!(bench.bodies(dead), strings(&left));
    }
}

#[test]
fn the_next_goes_on_where_dead_messages_are_skipped() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, Poison::SkipToDeadLetters, 10);
    put(&mut bench, queue, "g", "a");
    put(&mut bench, queue, "g", "b");
    let held = bench.get(queue).unwrap();
    bench.settle(&held, RETRY).unwrap();
    assert_eq!((bench.bodies(dead), order(&mut bench, queue)), (strings(&["a"]), strings(&["b"])));
}

#[test]
fn a_blocking_group_tries_its_head_for_ever_until_it_is_rejected() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, Poison::Block, 10);
    put(&mut bench, queue, "g", "a");
    put(&mut bench, queue, "g", "b");
    for delivery in 1..=7 {
        let held = bench.get_all(queue, 2);
        assert_eq!((held.len(), held[0].delivery), (1, delivery));
        bench.settle(&held[0], AT_ONCE).unwrap();
    }
    let held = bench.get(queue).unwrap();
    bench.settle(&held, REJECT).unwrap();
    assert_eq!((bench.bodies(dead), order(&mut bench, queue)), (strings(&["a"]), strings(&["b"])));
    bench.put(queue, "of no group");
    bench.pass(1_000);
    assert_eq!(bench.bodies(dead).len(), 1, "b is tried again");
    let held = bench.get_all(queue, 2);
    assert_eq!(held.iter().map(body_of).collect::<Vec<_>>(), ["b", "of no group"]);
    bench.pass(1_000);
    assert_eq!(bench.bodies(dead), ["a", "of no group"], "without a group the limit counts");
}

#[test]
fn sqs_hands_out_a_group_in_one_batch_and_then_waits() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { profile: Profile::Sqs, ..brisk() });
    for (group, body) in [("g1", "a"), ("g2", "b"), ("g1", "c"), ("g1", "d")] {
        put(&mut bench, queue, group, body);
    }
    let held = bench.get_all(queue, 10);
    assert_eq!(held.iter().map(body_of).collect::<Vec<_>>(), ["a", "c", "d", "b"]);
    put(&mut bench, queue, "g1", "e");
    bench.settle(&held[0], Settle::Ack).unwrap();
    assert_eq!(bench.get(queue), None, "c and d are held");
    bench.settle(&held[2], Settle::Ack).unwrap();
    bench.settle(&held[1], Settle::Ack).unwrap();
    assert_eq!(order(&mut bench, queue), ["e"]);
}

#[test]
fn what_passes_through_the_dead_letters_at_once_parks_no_group() {
    let mut bench = Bench::default();
    let last = bench.queue("last", brisk());
    let dead = bench.queue("dead", QueueConfig { dead_letters: Some(last), ..brisk() });
    let queue = bench.queue("orders", QueueConfig { dead_letters: Some(dead), ..brisk() });
    let reject = |bench: &mut Bench, to, body| {
        put(bench, to, "g", body);
        let held = bench.get(to).unwrap();
        bench.settle(&held, REJECT).unwrap();
    };
    reject(&mut bench, dead, "parks the group of the dead letters");
    reject(&mut bench, queue, "passes through");
    assert_eq!((bench.stats(dead).depth(), bench.stats(last).depth()), (0, 2));
    put(&mut bench, queue, "g", "next");
    assert_eq!(order(&mut bench, queue), ["next"], "none of the group is in the dead letters");
    let restored = Engine::restore(bench.engine.snapshot());
    assert_eq!(restored.map(|engine| engine.digest()), Ok(bench.engine.digest()));
}

#[test]
fn a_groups_name_has_a_length() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    for (bytes, fits) in [(0, false), (1, true), (255, true), (256, false)] {
        let group = Some("g".repeat(bytes));
        let message = NewMessage { group, ..NewMessage::new("a") };
        let refused = bench.publish(Address::Queue(queue), message).err();
        let length = PublishError::GroupLength { bytes: bytes as u64 };
        assert_eq!(refused, (!fits).then_some(length));
    }
}

fn strings(bodies: &[&str]) -> Vec<String> {
    bodies.iter().map(|body| String::from(*body)).collect()
}

const AT_ONCE: Settle = Settle::Retry { delay: Some(Span::ZERO), reason: FailReason::Transient };
