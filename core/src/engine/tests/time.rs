#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{Alarm, DeadReason, limits::SPAN_MAX};

fn ttl(secs: u64) -> Option<Span> {
    Some(Span::from_secs(secs))
}

#[test]
fn a_message_expires_by_the_shorter_of_its_own_time_and_the_queues() {
    for (own, queues, secs) in [(ttl(2), ttl(3), 2), (ttl(3), ttl(2), 2), (ttl(2), None, 2)] {
        let mut bench = Bench::default();
        let queue = bench.queue("orders", QueueConfig { ttl: queues, ..brisk() });
        let message = NewMessage { ttl: own, ..NewMessage::new("a") };
        bench.publish(Address::Queue(queue), message).unwrap();
        bench.pass(secs * 1_000 - 1);
        assert_eq!(bench.stats(queue).ready, 1);
        bench.pass(1);
        assert_eq!(bench.stats(queue).depth(), 0);
        let discarded =
            |event: &Event| matches!(event, Event::Discarded { reason: DeadReason::Expired, .. });
        assert!(discarded(&bench.last_event()));
    }
}

#[test]
fn the_delay_is_part_of_the_time_to_live() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let message = NewMessage { ttl: ttl(2), delay: Span::from_secs(3), ..NewMessage::new("never") };
    bench.publish(Address::Queue(queue), message).unwrap();
    bench.pass(2_000);
    assert_eq!(bench.stats(queue).depth(), 0);
}

#[test]
fn a_delivery_under_way_may_end_well_after_its_time_but_does_not_come_back() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let queue =
        bench.queue("orders", QueueConfig { ttl: ttl(1), dead_letters: Some(dead), ..brisk() });
    for (body, how) in [("ends well", Settle::Ack), ("comes back", Settle::Release)] {
        bench.put(queue, body);
        bench.pass(500);
        let held = bench.get(queue).unwrap();
        bench.pass(900);
        bench.settle(&held, how).unwrap();
    }
    assert_eq!(bench.bodies(dead), ["comes back"]);
    let why = bench.engine.peek(dead, 0, 1)[0].history[0].why;
    assert_eq!(why, crate::HopReason::DeadLettered(DeadReason::Expired));
}

#[test]
fn its_own_time_to_live_ends_with_its_death() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let queue = bench.queue("orders", QueueConfig { dead_letters: Some(dead), ..brisk() });
    let message = NewMessage { ttl: ttl(1), ..NewMessage::new("a") };
    bench.publish(Address::Queue(queue), message).unwrap();
    bench.pass(60_000);
    assert_eq!(bench.bodies(dead), ["a"]);
    bench.redrive(dead, None);
    bench.pass(60_000);
    assert_eq!(bench.stats(queue).ready, 1);
}

#[test]
fn the_deadline_wins_where_both_come_at_once() {
    let mut bench = Bench::default();
    let config = QueueConfig { ttl: ttl(1), deliver_within: ttl(1), ..brisk() };
    let queue = bench.queue("orders", config);
    let message = bench.put(queue, "a").message;
    bench.pass(1_000);
    let reason = DeadReason::Deadline;
    assert_eq!(bench.last_event(), Event::Discarded { queue, message, reason });
}

#[test]
fn a_message_may_name_the_moment_from_which_it_is_delivered() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { delay: Span::from_secs(60), ..brisk() });
    let not_before = Some(Timestamp::from_millis(3_000));
    let at = NewMessage { not_before, ..NewMessage::new("at three") };
    let later = NewMessage { delay: Span::from_secs(4), not_before, ..NewMessage::new("later") };
    let past = NewMessage { not_before: Some(Timestamp::ZERO), ..NewMessage::new("at once") };
    for message in [at, later, past] {
        bench.publish(Address::Queue(queue), message).unwrap();
    }
    for (pass_ms, body) in [(0, "at once"), (3_000, "at three"), (1_000, "later")] {
        bench.pass(pass_ms);
        let held = bench.get(queue).unwrap();
        assert_eq!(body_of(&held), body);
        bench.settle(&held, Settle::Ack).unwrap();
    }
}

#[test]
fn times_that_a_message_names_have_limits() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let micro = Span::from_micros(1);
    let over = Span::from_micros(SPAN_MAX.as_micros() + 1);
    let far = |span| Some(Timestamp::ZERO + span);
    let cases = [
        (NewMessage { ttl: Some(Span::ZERO), ..NewMessage::new("") }, Some(PublishError::Ttl)),
        (NewMessage { ttl: Some(micro), ..NewMessage::new("") }, None),
        (NewMessage { ttl: Some(SPAN_MAX), ..NewMessage::new("") }, None),
        (NewMessage { ttl: Some(over), ..NewMessage::new("") }, Some(PublishError::Ttl)),
        (NewMessage { not_before: far(SPAN_MAX), ..NewMessage::new("") }, None),
        (
            NewMessage { not_before: far(over), ..NewMessage::new("") },
            Some(PublishError::DelayTooLong),
        ),
    ];
    for (message, error) in cases {
        assert_eq!(bench.publish(Address::Queue(queue), message).err(), error);
    }
}

#[test]
fn the_alarm_for_depth_is_raised_at_its_limit_and_cleared_at_half() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { alarm_depth: Some(4), ..brisk() });
    let alarms = |bench: &Bench| {
        let is_alarm = |event: &&Event| {
            matches!(event, Event::AlarmRaised { .. } | Event::AlarmCleared { .. })
        };
        bench.events.iter().map(|(_, event)| event).filter(is_alarm).copied().collect::<Vec<_>>()
    };
    for _ in 0..3 {
        bench.put(queue, "a");
    }
    assert_eq!(alarms(&bench), []);
    bench.put(queue, "a");
    let alarm = Alarm::Depth;
    assert_eq!(alarms(&bench), [Event::AlarmRaised { queue, alarm }]);
    let held = bench.get_all(queue, 3);
    bench.settle(&held[0], Settle::Ack).unwrap();
    bench.put(queue, "a");
    bench.settle(&held[1], Settle::Ack).unwrap();
    assert_eq!(alarms(&bench).len(), 1, "it does not flap");
    bench.settle(&held[2], Settle::Ack).unwrap();
    assert_eq!(alarms(&bench)[1..], [Event::AlarmCleared { queue, alarm }]);
}

#[test]
fn the_alarm_for_age_is_raised_by_time_alone_and_cleared_when_the_oldest_leaves() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { alarm_age: ttl(5), ..brisk() });
    bench.put(queue, "old");
    bench.pass(4_999);
    bench.put(queue, "young");
    bench.pass(1);
    let alarm = Alarm::Age;
    assert_eq!(bench.last_event(), Event::AlarmRaised { queue, alarm });
    let held = bench.get(queue).unwrap();
    bench.settle(&held, Settle::Ack).unwrap();
    assert_eq!(bench.last_event(), Event::AlarmCleared { queue, alarm });
    bench.pass(4_998);
    assert_eq!(bench.last_event(), Event::AlarmCleared { queue, alarm });
    bench.pass(1);
    assert_eq!(bench.last_event(), Event::AlarmRaised { queue, alarm });
}
