#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::queue::Settlement;

#[test]
fn a_message_comes_back_when_its_lease_ends_and_not_before() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap();
    bench.pass(999);
    assert_eq!(bench.get(queue), None);
    bench.pass(1);
    let second = bench.get(queue).unwrap();
    assert_ne!(first.receipt, second.receipt);
    assert_eq!((first.delivery, second.delivery), (1, 2));
}

#[test]
fn a_receipt_is_stale_from_the_end_of_its_lease_on() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let late = bench.get(queue).unwrap();
    // No tick comes first: the settle itself lets time pass.
    bench.now_ms += 1_000;
    assert_eq!(bench.settle(&late, Settle::Ack), Err(SettleError::Stale));
    let current = bench.get(queue).unwrap();
    for how in [Settle::Ack, RETRY, Settle::Release, REJECT] {
        assert_eq!(bench.settle(&late, how), Err(SettleError::Stale), "{how:?}");
    }
    assert_eq!(bench.settle(&current, Settle::Ack), Ok(()), "the current lease is untouched");
}

#[test]
fn settling_again_after_an_ack_does_nothing() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let delivery = bench.get(queue).unwrap();
    assert_eq!(bench.settle(&delivery, Settle::Ack), Ok(()));
    let said = bench.events.len();
    for how in [Settle::Ack, RETRY, REJECT] {
        assert_eq!(bench.settle(&delivery, how), Ok(()), "{how:?}");
    }
    assert_eq!(bench.events.len(), said);
}

#[test]
fn acked_leases_are_remembered_up_to_a_limit() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let mut first = None;
    for _ in 0..=crate::queue::SETTLED_REMEMBERED {
        bench.put(queue, "a");
        let delivery = bench.get(queue).unwrap();
        bench.settle(&delivery, Settle::Ack).unwrap();
        first.get_or_insert(delivery);
    }
    assert_eq!(bench.settle(&first.unwrap(), Settle::Ack), Err(SettleError::Stale));
}

#[test]
fn a_made_up_receipt_is_unknown() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let mut delivery = bench.get(queue).unwrap();
    delivery.receipt.lease = crate::LeaseId::new(99);
    assert_eq!(bench.settle(&delivery, Settle::Ack), Err(SettleError::Unknown));
    delivery.receipt.queue = QueueId::new(7);
    assert_eq!(bench.settle(&delivery, Settle::Ack), Err(SettleError::Unknown));
}

#[test]
fn retries_wait_longer_each_time_and_end_after_max_deliveries() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { max_deliveries: 4, ..brisk() });
    bench.put(queue, "a");
    for gap_ms in [1_000, 2_000, 4_000] {
        let delivery = bench.get(queue).unwrap();
        bench.settle(&delivery, RETRY).unwrap();
        bench.pass(gap_ms - 1);
        assert_eq!(bench.get(queue), None, "before {gap_ms} ms");
        bench.pass(1);
    }
    let last = bench.get(queue).unwrap();
    assert_eq!(last.delivery, 4);
    bench.settle(&last, RETRY).unwrap();
    let message = last.message.id;
    let reason = crate::DeadReason::Exhausted;
    assert_eq!(bench.last_event(), Event::Discarded { queue, message, reason });
    assert_eq!(bench.stats(queue), QueueStats { redeliveries: 3, ..QueueStats::default() });
}

#[test]
fn a_lease_that_ends_counts_as_a_delivery() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { max_deliveries: 2, ..brisk() });
    bench.put(queue, "a");
    for _ in 0..2 {
        assert!(bench.get(queue).is_some());
        bench.pass(1_000);
    }
    assert_eq!((bench.get(queue), bench.stats(queue).depth()), (None, 0));
}

#[test]
fn a_released_delivery_does_not_count() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { max_deliveries: 1, ..brisk() });
    bench.put(queue, "a");
    for _ in 0..10 {
        let delivery = bench.get(queue).unwrap();
        assert_eq!(delivery.delivery, 1);
        bench.settle(&delivery, Settle::Release).unwrap();
    }
}

#[test]
fn what_comes_back_goes_ahead_by_arrival() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    for name in ["a", "b", "c"] {
        bench.put(queue, name);
    }
    let held = bench.get_all(queue, 2);
    for delivery in held.iter().rev() {
        bench.settle(delivery, Settle::Release).unwrap();
    }
    let order: Vec<_> = bench.get_all(queue, 3).iter().map(body_of).collect();
    assert_eq!(order, ["a", "b", "c"]);
}

#[test]
fn a_retry_may_name_its_own_delay() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let delivery = bench.get(queue).unwrap();
    let reason = FailReason::Throttled;
    let too_long = Settle::Retry { delay: Some(Span::from_secs(367 * 86_400)), reason };
    assert_eq!(bench.settle(&delivery, too_long), Err(SettleError::DelayTooLong));
    let now = Settle::Retry { delay: Some(Span::ZERO), reason };
    assert_eq!(bench.settle(&delivery, now), Ok(()));
    assert!(bench.get(queue).is_some(), "at once");
}

#[test]
fn at_most_once_is_done_as_it_is_handed_out() {
    let mut bench = Bench::default();
    let config = QueueConfig { settlement: Settlement::OnDelivery, ..brisk() };
    let queue = bench.queue("readings", config);
    bench.put(queue, "a");
    let delivery = bench.get(queue).unwrap();
    assert_eq!((delivery.lease_until, bench.stats(queue).depth()), (None, 0));
    bench.pass(10_000);
    assert_eq!(bench.get(queue), None);
    assert_eq!(bench.settle(&delivery, Settle::Ack), Ok(()), "settling it anyway does no harm");
}

#[test]
fn a_delayed_message_matures_by_itself() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { delay: Span::from_secs(1), ..brisk() });
    bench.put(queue, "by the queue");
    let own = NewMessage { delay: Span::from_secs(3), ..NewMessage::new("its own") };
    let message = bench.publish(Address::Queue(queue), own).unwrap().message;
    assert_eq!(bench.stats(queue).delayed, 2);
    bench.pass(1_000);
    let delivery = bench.get(queue).unwrap();
    assert_eq!(body_of(&delivery), "by the queue");
    bench.settle(&delivery, Settle::Ack).unwrap();
    bench.pass(1_999);
    assert_eq!(bench.get(queue), None);
    bench.pass(1);
    let last = bench.events.iter().rev().map(|(_, event)| *event).take(2);
    assert!(last.eq([Event::Woken { queue }, Event::Matured { queue, message }]));
    assert!(bench.get(queue).is_some());
}

#[test]
fn past_its_deadline_a_message_is_dead_even_unleased() {
    let mut bench = Bench::default();
    let within = QueueConfig { deliver_within: Some(Span::from_secs(5)), ..brisk() };
    let queue = bench.queue("orders", within);
    bench.put(queue, "waits");
    bench.pass(4_999);
    assert_eq!(bench.stats(queue).ready, 1);
    bench.pass(1);
    assert!(matches!(
        bench.last_event(),
        Event::Discarded { reason: crate::DeadReason::Deadline, .. }
    ));
}

#[test]
fn a_delivery_under_way_at_the_deadline_may_still_succeed() {
    let mut bench = Bench::default();
    let within = QueueConfig { deliver_within: Some(Span::from_millis(500)), ..brisk() };
    let queue = bench.queue("orders", within);
    bench.put(queue, "in time");
    bench.put(queue, "fails");
    let held = bench.get_all(queue, 2);
    bench.pass(600);
    assert_eq!(bench.stats(queue).in_flight, 2);
    bench.settle(&held[0], Settle::Ack).unwrap();
    bench.settle(&held[1], RETRY).unwrap();
    let reason = crate::DeadReason::Deadline;
    let message = held[1].message.id;
    assert_eq!(bench.last_event(), Event::Discarded { queue, message, reason });
}

#[test]
fn time_never_runs_backwards() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    bench.pass(5_000);
    bench.now_ms = 0;
    let delivery = bench.get(queue).unwrap();
    assert_eq!(delivery.lease_until, Some(Timestamp::from_millis(6_000)));
    assert_eq!(bench.engine.now(), Timestamp::from_millis(5_000));
}

#[test]
fn receive_asks_for_1_to_256() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    for _ in 0..300 {
        bench.put(queue, "a");
    }
    assert_eq!(bench.get_all(queue, 256).len(), 256);
    for max in [0, 257] {
        let at = bench.at();
        assert_eq!(bench.engine.receive(at, queue, max, &mut ()), Err(ReceiveError::Max { max }));
    }
    let nowhere = QueueId::new(9);
    let refused = bench.engine.receive(bench.at(), nowhere, 1, &mut ());
    assert_eq!(refused, Err(ReceiveError::NoSuchQueue { queue: nowhere }));
}

#[test]
fn the_oldest_age_is_that_of_the_first_unsettled() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    bench.pass(100);
    bench.put(queue, "b");
    let oldest = |bench: &Bench| bench.stats(queue).oldest_enqueued_at;
    assert_eq!(oldest(&bench), Some(Timestamp::ZERO));
    let delivery = bench.get(queue).unwrap();
    assert_eq!(oldest(&bench), Some(Timestamp::ZERO), "in flight is not gone");
    bench.settle(&delivery, Settle::Ack).unwrap();
    assert_eq!(oldest(&bench), Some(Timestamp::from_millis(100)));
}
