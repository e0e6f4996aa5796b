#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{DeadReason, Overflow, PlacementOutcome, Priority, Shed};

fn room_for(capacity: u64, overflow: Overflow) -> QueueConfig {
    QueueConfig { capacity, overflow, ..brisk() }
}

fn put(bench: &mut Bench, queue: QueueId, body: &str) -> Result<Published, PublishError> {
    bench.publish(Address::Queue(queue), NewMessage::new(body))
}

#[test]
fn a_queue_is_full_by_bytes_too() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { capacity_bytes: 10, ..brisk() });
    let capacity = QueueConfig::default().capacity;
    put(&mut bench, queue, "1234567").unwrap();
    let full = PublishError::Full { queue, capacity, capacity_bytes: 10 };
    assert_eq!(put(&mut bench, queue, "1234"), Err(full));
    put(&mut bench, queue, "123").unwrap();
    assert_eq!(bench.stats(queue).bytes, 10);
    let larger = PublishError::LargerThanQueue { queue, actual: 11, capacity_bytes: 10 };
    assert_eq!(put(&mut bench, queue, "12345678901"), Err(larger));
    let held = bench.get(queue).unwrap();
    bench.settle(&held, Settle::Ack).unwrap();
    assert_eq!(bench.stats(queue).bytes, 3);
}

#[test]
fn attributes_subject_and_group_count_as_bytes() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let message = NewMessage {
        attributes: [("key".into(), "value".into())].into(),
        subject: Some("a.b".into()),
        group: Some("g".into()),
        ..NewMessage::new("body")
    };
    bench.publish(Address::Queue(queue), message).unwrap();
    assert_eq!(bench.stats(queue).bytes, 4 + 8 + 3 + 1);
}

#[test]
fn the_oldest_that_waits_is_dropped_for_the_newest() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", room_for(3, Overflow::DropOldest));
    for body in ["held", "b", "c", "d", "e"] {
        put(&mut bench, queue, body).unwrap();
        if body == "held" {
            assert!(bench.get(queue).is_some());
        }
    }
    assert_eq!(bench.bodies(queue), ["held", "d", "e"]);
    let dropped =
        |event: &Event| matches!(event, Event::Discarded { reason: DeadReason::Overflow, .. });
    assert_eq!(bench.events.iter().filter(|(_, event)| dropped(event)).count(), 2);
}

#[test]
fn what_consumers_hold_is_never_dropped() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", room_for(1, Overflow::DropOldest));
    put(&mut bench, queue, "held").unwrap();
    assert!(bench.get(queue).is_some());
    assert!(matches!(put(&mut bench, queue, "b"), Err(PublishError::Full { .. })));
}

#[test]
fn several_are_dropped_for_a_large_one() {
    let mut bench = Bench::default();
    let config = QueueConfig { capacity_bytes: 10, ..room_for(9, Overflow::DropOldest) };
    let queue = bench.queue("orders", config);
    for body in ["aaa", "bbb", "ccc"] {
        put(&mut bench, queue, body).unwrap();
    }
    put(&mut bench, queue, "ddddd").unwrap();
    assert_eq!(bench.bodies(queue), ["ccc", "ddddd"]);
}

#[test]
fn the_oldest_become_dead_letters_while_there_is_room_for_them() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", room_for(1, Overflow::Reject));
    let config =
        QueueConfig { dead_letters: Some(dead), ..room_for(2, Overflow::DeadLetterOldest) };
    let queue = bench.queue("orders", config);
    for body in ["a", "b", "c"] {
        put(&mut bench, queue, body).unwrap();
    }
    assert_eq!((bench.bodies(queue).len(), bench.bodies(dead)), (2, std::vec!["a".into()]));
    assert!(matches!(put(&mut bench, queue, "d"), Err(PublishError::Full { .. })));
    assert_eq!(bench.bodies(queue), ["b", "c"], "nothing is half done");
    let nowhere = bench.try_queue("nowhere", room_for(1, Overflow::DeadLetterOldest));
    assert_eq!(nowhere, Err(ConfigureError::NowhereForOldest));
}

#[test]
fn two_queues_that_share_their_dead_letters_take_all_of_a_message_or_nothing() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", room_for(1, Overflow::Reject));
    let config =
        QueueConfig { dead_letters: Some(dead), ..room_for(1, Overflow::DeadLetterOldest) };
    let queues = ["stock", "mail"].map(|name| bench.queue(name, config));
    let topic = bench.topic("orders");
    for queue in queues {
        bench.subscribe(topic, queue, OnFull::Refuse);
    }
    bench.publish(Address::Topic(topic), NewMessage::new("a")).unwrap();
    let refused = bench.publish(Address::Topic(topic), NewMessage::new("b"));
    assert!(matches!(refused, Err(PublishError::Full { queue, .. }) if queue == dead));
    assert_eq!(queues.map(|queue| bench.bodies(queue)), [["a"], ["a"]]);
    assert_eq!(bench.stats(dead).depth(), 0);
}

#[test]
fn a_nearly_full_queue_takes_the_urgent_only() {
    let mut bench = Bench::default();
    let shed = Some(Shed { from_percent: 50 });
    let queue = bench.queue("orders", QueueConfig { capacity: 4, shed, ..brisk() });
    let put = |bench: &mut Bench, level| {
        let priority = Priority::new(level).unwrap();
        let message = NewMessage { priority, ..NewMessage::new("a") };
        bench.publish(Address::Queue(queue), message).map(|_| ())
    };
    let shed = |level| {
        let priority = Priority::new(level).unwrap();
        Err(PublishError::Shed { queue, priority })
    };
    for (level, outcome) in
        [(0, Ok(())), (0, Ok(())), (0, shed(0)), (1, Ok(())), (4, shed(4)), (5, Ok(()))]
    {
        assert_eq!(put(&mut bench, level), outcome, "{level}");
    }
    assert!(matches!(
        put(&mut bench, 9),
        Err(PublishError::Full { .. } | PublishError::Shed { .. })
    ));
}

#[test]
fn a_subscription_that_diverts_dead_letters_what_is_shed() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let shed = Some(Shed { from_percent: 1 });
    let config = QueueConfig { capacity: 1_000, shed, dead_letters: Some(dead), ..brisk() };
    let queue = bench.queue("orders", config);
    let topic = bench.topic("t");
    bench.subscribe(topic, queue, OnFull::Divert);
    let mut outcomes = Vec::new();
    for _ in 0..11 {
        let low = NewMessage { priority: Priority::LOWEST, ..NewMessage::new("a") };
        let published = bench.publish(Address::Topic(topic), low).unwrap();
        outcomes.push(published.placements[0].outcome);
    }
    assert_eq!(outcomes[9..], [PlacementOutcome::Queued, PlacementOutcome::Diverted]);
    let why = bench.engine.peek(dead, 0, 1)[0].history[0].why;
    assert_eq!(why, crate::HopReason::DeadLettered(DeadReason::Shed));
}

#[test]
fn dead_letters_may_drop_their_own_oldest() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", room_for(1, Overflow::DropOldest));
    let queue = bench.queue("orders", QueueConfig { dead_letters: Some(dead), ..brisk() });
    for body in ["a", "b"] {
        put(&mut bench, queue, body).unwrap();
        let held = bench.get(queue).unwrap();
        bench.settle(&held, REJECT).unwrap();
    }
    assert_eq!((bench.bodies(dead), bench.stats(queue).blocked), (std::vec!["b".into()], 0));
    assert_eq!(bench.stats(queue).dead_letters, 2);
}
