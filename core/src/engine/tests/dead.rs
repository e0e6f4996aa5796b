#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{CopyState, DeadReason, HopReason, limits};

/// A queue and its dead letters, which have room for `room`.
fn pair(bench: &mut Bench, room: u64) -> (QueueId, QueueId) {
    let dead = bench.queue("dead", QueueConfig { capacity: room, ..brisk() });
    let config = QueueConfig { dead_letters: Some(dead), max_deliveries: 1, ..brisk() };
    (bench.queue("orders", config), dead)
}

fn kill(bench: &mut Bench, queue: QueueId, name: &str) {
    bench.put(queue, name);
    let delivery = bench.get(queue).unwrap();
    bench.settle(&delivery, REJECT).unwrap();
}

#[test]
fn a_dead_letter_keeps_its_message_and_says_where_and_why() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    bench.put(queue, "a");
    let delivery = bench.get(queue).unwrap();
    bench.pass(1_000);
    let copy = bench.engine.peek(dead, 0, 10).remove(0);
    assert_eq!(copy.message, delivery.message);
    assert_eq!((copy.deliveries, copy.state), (0, CopyState::Ready));
    let hop = copy.history[0];
    assert_eq!((hop.from, hop.deliveries, hop.at), (queue, 1, Timestamp::from_millis(1_000)));
    assert_eq!(hop.why, HopReason::DeadLettered(DeadReason::Exhausted));
}

#[test]
fn each_way_to_die_is_named() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    let ways = [
        (FailReason::Permanent, DeadReason::Rejected),
        (FailReason::Ambiguous, DeadReason::Unknown),
        (FailReason::Timeout, DeadReason::Unknown),
    ];
    for (reason, _) in ways {
        bench.put(queue, "a");
        let delivery = bench.get(queue).unwrap();
        bench.settle(&delivery, Settle::Reject { reason }).unwrap();
    }
    let died: Vec<_> = bench.engine.peek(dead, 0, 10).iter().map(|c| c.history[0].why).collect();
    assert_eq!(died, ways.map(|(_, reason)| HopReason::DeadLettered(reason)));
}

#[test]
fn the_dead_wait_for_room_and_lose_nothing() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 1);
    for name in ["a", "b", "c"] {
        kill(&mut bench, queue, name);
    }
    assert_eq!((bench.bodies(dead).len(), bench.stats(queue).blocked), (1, 2));
    assert_eq!(bench.get(queue), None, "a blocked copy is not delivered");
    for name in ["a", "b", "c"] {
        let delivery = bench.get(dead).unwrap();
        assert_eq!(body_of(&delivery), name, "longest first");
        bench.settle(&delivery, Settle::Ack).unwrap();
    }
    assert_eq!((bench.stats(dead).depth(), bench.stats(queue).depth()), (0, 0));
}

#[test]
fn room_in_a_chain_is_passed_on() {
    let mut bench = Bench::default();
    let room =
        |dead_letters| QueueConfig { capacity: 1, max_deliveries: 1, dead_letters, ..brisk() };
    let last = bench.queue("last", room(None));
    let middle = bench.queue("middle", room(Some(last)));
    let first = bench.queue("first", room(Some(middle)));
    kill(&mut bench, first, "a");
    let delivery = bench.get(middle).unwrap();
    bench.settle(&delivery, REJECT).unwrap();
    kill(&mut bench, first, "b");
    let delivery = bench.get(middle).unwrap();
    bench.settle(&delivery, REJECT).unwrap();
    kill(&mut bench, first, "c");
    let blocked = [first, middle].map(|queue| bench.stats(queue).blocked);
    assert_eq!((blocked, bench.bodies(last)), ([1, 1], Vec::from(["a".into()])));
    let delivery = bench.get(last).unwrap();
    bench.settle(&delivery, Settle::Ack).unwrap();
    let bodies = [first, middle, last].map(|queue| bench.bodies(queue).concat());
    assert_eq!(bodies, ["", "c", "b"]);
}

#[test]
fn redrive_sends_each_home_with_a_fresh_count() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    bench.put(dead, "published here");
    for name in ["a", "b"] {
        kill(&mut bench, queue, name);
    }
    assert_eq!(bench.redrive(dead, None), Redriven { moved: 2, stayed: 1, scheduled: 0 });
    let delivery = bench.get(queue).unwrap();
    assert_eq!((body_of(&delivery).as_str(), delivery.delivery), ("a", 1));
    let history = bench.engine.peek(queue, 0, 1).remove(0).history;
    assert_eq!(history[1].why, HopReason::Redriven);
    assert_eq!(bench.bodies(dead), ["published here"], "its source is unknown");
}

#[test]
fn a_queue_full_of_the_dead_changes_places_with_its_dead_letters() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", QueueConfig { capacity: 2, ..brisk() });
    let config =
        QueueConfig { capacity: 3, max_deliveries: 1, dead_letters: Some(dead), ..brisk() };
    let queue = bench.queue("queue", config);
    for name in ["a", "b", "c", "d", "e"] {
        kill(&mut bench, queue, name);
    }
    assert_eq!((bench.stats(queue).blocked, bench.stats(dead).depth()), (3, 2));
    assert_eq!(bench.redrive(dead, None), Redriven { moved: 2, stayed: 0, scheduled: 0 });
    assert_eq!(bench.bodies(dead), ["c", "d"], "those that waited longest");
    let stats = bench.stats(queue);
    assert_eq!((stats.blocked, stats.ready, stats.depth()), (1, 2, 3), "never beyond capacity");
    for name in ["a", "b"] {
        let delivery = bench.get(queue).unwrap();
        assert_eq!(body_of(&delivery), name);
        bench.settle(&delivery, Settle::Ack).unwrap();
    }
    assert_eq!(bench.redrive(dead, None), Redriven { moved: 2, stayed: 0, scheduled: 0 });
    assert_eq!(bench.bodies(dead), ["e"]);
    assert_eq!(bench.bodies(queue), ["c", "d"]);
}

#[test]
fn four_at_one_a_second_take_three_seconds() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    for _ in 0..4 {
        kill(&mut bench, queue, "a");
    }
    let begun = bench.redrive(dead, Some(1));
    assert_eq!(begun, Redriven { moved: 1, stayed: 0, scheduled: 3 });
    let ready = |bench: &Bench| bench.stats(queue).ready;
    assert_eq!(ready(&bench), 1);
    bench.pass(2_999);
    assert_eq!(ready(&bench), 3);
    bench.pass(1);
    assert_eq!(ready(&bench), 4);
    let ended = Event::RedriveEnded { queue: dead, moved: 4, stayed: 0, cancelled: false };
    assert!(bench.events.iter().any(|(_, event)| *event == ended));
}

#[test]
fn redrive_gives_a_new_deadline_and_passes_the_dedup_window() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig {
        dead_letters: Some(dead),
        deliver_within: Some(Span::from_secs(2)),
        ..brisk()
    };
    let queue = bench.queue("orders", config);
    let message = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("a") };
    bench.publish(Address::Queue(queue), message).unwrap();
    bench.pass(2_000);
    assert_eq!(bench.bodies(dead), ["a"]);
    assert_eq!(bench.redrive(dead, None).moved, 1);
    let delivery = bench.get(queue).unwrap();
    assert_eq!(delivery.deadline, Some(Timestamp::from_millis(4_000)));
}

#[test]
fn redrive_leaves_what_has_no_room_or_is_held() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig { dead_letters: Some(dead), capacity: 1, ..brisk() };
    let queue = bench.queue("orders", config);
    for name in ["held", "a", "b"] {
        kill(&mut bench, queue, name);
    }
    let _held = bench.get(dead).unwrap();
    assert_eq!(bench.redrive(dead, None), Redriven { moved: 1, stayed: 1, scheduled: 0 });
    assert_eq!(bench.bodies(dead), ["held", "b"]);
}

#[test]
fn what_cannot_move_holds_up_nothing_behind_it() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig { dead_letters: Some(dead), ..brisk() };
    let full = bench.queue("full", QueueConfig { capacity: 1, ..config });
    let free = bench.queue("free", config);
    kill(&mut bench, full, "older");
    kill(&mut bench, free, "newer");
    bench.put(full, "in the way");
    let redrive = Redrive { max: 1, ..Redrive::all(dead) };
    let redriven = bench.engine.redrive(bench.at(), redrive, &mut ());
    assert_eq!(redriven, Ok(Redriven { moved: 1, stayed: 1, scheduled: 0 }));
    assert_eq!(bench.bodies(free), ["newer"]);
}

#[test]
fn redrive_is_refused_in_words() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    let redrive = Redrive { max: 1, ..Redrive::all(dead) };
    let nowhere = QueueId::new(9);
    let cases = [
        (
            Redrive { from: nowhere, ..redrive.clone() },
            RedriveError::NoSuchQueue { queue: nowhere },
        ),
        (
            Redrive { to: Some(nowhere), ..redrive.clone() },
            RedriveError::NoSuchQueue { queue: nowhere },
        ),
        (Redrive { to: Some(dead), ..redrive.clone() }, RedriveError::IntoItself { queue: dead }),
        (Redrive { max: 0, ..redrive.clone() }, RedriveError::Max { max: 0 }),
        (Redrive { max: 10_001, ..redrive.clone() }, RedriveError::Max { max: 10_001 }),
        (Redrive { per_second: Some(0), ..redrive.clone() }, RedriveError::PerSecond),
    ];
    for (redrive, error) in cases {
        assert_eq!(bench.engine.redrive(At::default(), redrive, &mut ()), Err(error));
    }
    let elsewhere = Redrive { to: Some(queue), max: limits::REDRIVE_MAX, ..redrive.clone() };
    assert!(bench.engine.redrive(At::default(), elsewhere, &mut ()).is_ok());
}

#[test]
fn a_history_keeps_its_last_hops() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    kill(&mut bench, queue, "a");
    for _ in 0..20 {
        bench.redrive(dead, None);
        let delivery = bench.get(queue).unwrap();
        bench.settle(&delivery, REJECT).unwrap();
    }
    let history = bench.engine.peek(dead, 0, 1).remove(0).history;
    assert_eq!(history.len(), limits::HISTORY_MAX as usize);
    assert_eq!(history.last().unwrap().why, HopReason::DeadLettered(DeadReason::Rejected));
}

#[test]
fn configuration_is_refused_in_words() {
    let mut bench = Bench::default();
    let mut dead_letters = None;
    for n in 0..=limits::DEAD_LETTER_CHAIN_MAX {
        let config = QueueConfig { dead_letters, ..brisk() };
        dead_letters = Some(bench.queue(&std::format!("{n}"), config));
    }
    let config = QueueConfig { dead_letters, ..brisk() };
    assert_eq!(bench.try_queue("too far", config), Err(ConfigureError::DeadLetterChain));
    let queue = QueueId::new(99);
    let config = QueueConfig { dead_letters: Some(queue), ..brisk() };
    assert_eq!(bench.try_queue("a", config), Err(ConfigureError::NoSuchDeadLetters { queue }));
    let taken = Err(ConfigureError::NameTaken { name: "0".into() });
    assert_eq!(bench.try_queue("0", brisk()), taken);
    for bytes in [0, 81] {
        let name = "n".repeat(bytes as usize);
        assert_eq!(bench.try_queue(&name, brisk()), Err(ConfigureError::NameLength { bytes }));
    }
    assert!(bench.try_queue(&"n".repeat(80), brisk()).is_ok());
    let settings = [
        ("lease_ms", QueueConfig { lease: Span::ZERO, ..brisk() }),
        ("lease_ms", QueueConfig { lease: Span::from_secs(43_201), ..brisk() }),
        ("max_deliveries", QueueConfig { max_deliveries: 0, ..brisk() }),
        ("capacity", QueueConfig { capacity: 0, ..brisk() }),
        ("capacity", QueueConfig { capacity: 10_000_001, ..brisk() }),
        ("delay_ms", QueueConfig { delay: limits::SPAN_MAX.times(2), ..brisk() }),
        ("deliver_within_ms", QueueConfig { deliver_within: Some(Span::ZERO), ..brisk() }),
    ];
    for (name, config) in settings {
        let refused = bench.try_queue("b", config);
        let named =
            matches!(refused, Err(ConfigureError::OutOfRange { setting, .. }) if setting == name);
        assert!(named, "{name}: {refused:?}");
    }
    let topic = bench.topic("t");
    let queue = bench.engine.find_queue("0").unwrap();
    let subscribe = |on_full| Subscribe { on_full, ..Subscribe::to(topic, queue) };
    let mut refused = |on_full| bench.engine.subscribe(At::default(), subscribe(on_full), &mut ());
    assert_eq!(refused(OnFull::Divert), Err(ConfigureError::NowhereToDivert { queue }));
    assert_eq!(refused(OnFull::Refuse), Ok(()));
    assert_eq!(refused(OnFull::Refuse), Err(ConfigureError::SubscribedAlready { topic, queue }));
}

#[test]
fn dead_letters_hold_the_largest_message_of_each_queue_that_they_are_for() {
    let mut bench = Bench::default();
    let mut refused = |name: &str, dead_bytes, own_bytes| {
        let config = QueueConfig { capacity_bytes: dead_bytes, ..brisk() };
        let dead = bench.queue(&std::format!("dead of {name}"), config);
        let config = QueueConfig { capacity_bytes: own_bytes, dead_letters: Some(dead), ..brisk() };
        match bench.try_queue(name, config) {
            Ok(_) => None,
            Err(ConfigureError::DeadLettersTooSmall { queue, capacity_bytes, largest }) => {
                assert_eq!((queue, capacity_bytes), (dead, dead_bytes));
                Some(largest)
            }
            Err(error) => panic!("{error}"),
        }
    };
    let largest = limits::MESSAGE_BYTES_MAX;
    assert_eq!(refused("as small", 10, 10), None);
    assert_eq!(refused("larger", 10, 11), Some(11));
    assert_eq!(refused("large", largest - 1, limits::CAPACITY_BYTES_MAX), Some(largest));
    assert_eq!(refused("vast", largest, limits::CAPACITY_BYTES_MAX), None);

    let value = "v".repeat(limits::ATTRIBUTE_BYTES_MAX as usize - 3);
    let message = NewMessage {
        attributes: [("key".into(), value)].into(),
        subject: Some("s".repeat(limits::SUBJECT_BYTES_MAX as usize)),
        group: Some("g".repeat(limits::KEY_BYTES_MAX as usize)),
        ..NewMessage::new(std::vec![0; limits::BODY_BYTES_MAX as usize])
    };
    let (vast, dead) = ("vast", "dead of vast");
    let [vast, dead] = [vast, dead].map(|name| bench.engine.find_queue(name).unwrap());
    bench.publish(Address::Queue(vast), message).unwrap();
    let delivery = bench.get(vast).unwrap();
    bench.settle(&delivery, REJECT).unwrap();
    assert_eq!(bench.stats(dead).bytes, largest);
}

#[test]
fn a_redrive_leaves_what_is_larger_than_the_queue_ever_holds() {
    let mut bench = Bench::default();
    let (queue, dead) = pair(&mut bench, 10);
    let tight = bench.queue("tight", QueueConfig { capacity_bytes: 3, ..brisk() });
    kill(&mut bench, queue, "large");
    kill(&mut bench, queue, "fit");
    for per_second in [None, Some(10)] {
        let redrive = Redrive { to: Some(tight), max: 100, per_second, ..Redrive::all(dead) };
        let redriven = bench.engine.redrive(bench.at(), redrive, &mut bench.events).unwrap();
        let moved = u32::from(per_second.is_none());
        assert_eq!(redriven, Redriven { moved, stayed: 1, scheduled: 0 });
    }
    assert_eq!(
        (bench.bodies(tight), bench.bodies(dead)),
        (["fit".into()].into(), ["large".into()].into())
    );
    let none = Err(RedriveError::NoneUnderWay { queue: dead });
    assert_eq!(bench.engine.cancel_redrive(bench.at(), dead, &mut ()), none, "it has ended");
}
