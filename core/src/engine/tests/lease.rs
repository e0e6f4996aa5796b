#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::limits::{LEASE_MAX, LEASE_MIN};

fn extend(bench: &mut Bench, delivery: &Delivery, by: Span) -> Result<Timestamp, ExtendError> {
    let at = bench.at();
    bench.engine.extend(at, delivery.receipt, by, &mut bench.events)
}

fn receive_for(bench: &mut Bench, queue: QueueId, lease: Span) -> Result<usize, ReceiveError> {
    let at = bench.at();
    let got = bench.engine.receive_for(at, queue, 1, lease, &mut bench.events);
    got.map(|deliveries| deliveries.len())
}

#[test]
fn a_receive_may_ask_for_its_own_lease() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    assert_eq!(receive_for(&mut bench, queue, Span::from_secs(5)), Ok(1));
    bench.pass(4_999);
    assert_eq!(bench.get(queue), None);
    bench.pass(1);
    let again = bench.get(queue).unwrap();
    assert_eq!(again.lease_until, Some(Timestamp::from_millis(6_000)), "the queue's own again");
}

#[test]
fn a_lease_is_from_a_millisecond_to_twelve_hours() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let micro = Span::from_micros(1);
    let shorter = Span::from_micros(LEASE_MIN.as_micros() - 1);
    for refused in [Span::ZERO, shorter, Span::from_micros(LEASE_MAX.as_micros() + 1)] {
        assert_eq!(receive_for(&mut bench, queue, refused), Err(ReceiveError::Lease));
    }
    assert!(micro < LEASE_MIN);
    for taken in [LEASE_MIN, LEASE_MAX] {
        assert_eq!(receive_for(&mut bench, queue, taken), Ok(0));
    }
}

#[test]
fn an_extension_counts_from_the_call_and_is_not_kept_for_the_next_delivery() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap();
    bench.pass(500);
    let until = extend(&mut bench, &first, Span::from_secs(5));
    assert_eq!(until, Ok(Timestamp::from_millis(5_500)));
    bench.pass(4_999);
    assert_eq!(bench.get(queue), None);
    bench.pass(1);
    let second = bench.get(queue).unwrap();
    assert_eq!(second.lease_until, Some(Timestamp::from_millis(6_500)));
    bench.pass(999);
    assert_eq!(bench.settle(&second, Settle::Ack), Ok(()));
}

#[test]
fn an_extension_may_shorten_a_lease_and_zero_ends_it() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap();
    extend(&mut bench, &first, Span::from_millis(1)).unwrap();
    bench.pass(1);
    let second = bench.get(queue).unwrap();
    assert_eq!(second.delivery, 2);
    extend(&mut bench, &second, Span::ZERO).unwrap();
    let third = bench.get(queue).unwrap();
    assert_eq!(third.delivery, 3, "it counts as a delivery");
    assert_eq!(bench.settle(&second, Settle::Ack), Err(SettleError::Stale));
}

#[test]
fn a_delivery_lasts_twelve_hours_at_most() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let held = bench.get(queue).unwrap();
    bench.pass(500);
    let most = LEASE_MAX.as_micros() - 500_000;
    let too_long = extend(&mut bench, &held, Span::from_micros(most + 1));
    assert_eq!(too_long, Err(ExtendError::TooLong { most: Span::from_micros(most) }));
    let until = extend(&mut bench, &held, Span::from_micros(most));
    assert_eq!(until, Ok(Timestamp::ZERO + LEASE_MAX));
}

#[test]
fn what_has_ended_is_not_extended() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let expired = bench.get(queue).unwrap();
    bench.pass(1_000);
    assert_eq!(extend(&mut bench, &expired, Span::from_secs(1)), Err(ExtendError::Stale));
    let acked = bench.get(queue).unwrap();
    bench.settle(&acked, Settle::Ack).unwrap();
    assert_eq!(extend(&mut bench, &acked, Span::from_secs(1)), Err(ExtendError::Stale));
    let mut forged = acked;
    forged.receipt.lease = crate::LeaseId::new(99);
    assert_eq!(extend(&mut bench, &forged, Span::from_secs(1)), Err(ExtendError::Unknown));
}

#[test]
fn a_queue_hands_out_no_more_than_its_cap_and_goes_on_when_one_is_settled() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { in_flight_max: 2, ..brisk() });
    for body in ["a", "b", "c"] {
        bench.put(queue, body);
    }
    let held = bench.get_all(queue, 10);
    assert_eq!(held.len(), 2);
    assert_eq!((bench.get(queue), bench.engine.is_deliverable(queue)), (None, false));
    bench.settle(&held[1], Settle::Ack).unwrap();
    assert_eq!(bench.last_event(), Event::Woken { queue });
    assert_eq!(bench.get(queue).map(|delivery| body_of(&delivery)).as_deref(), Some("c"));
}

#[test]
fn whoever_waits_is_told_when_a_lease_or_a_delay_ends() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let woken = |bench: &Bench| {
        bench.events.iter().filter(|(_, event)| *event == Event::Woken { queue }).count()
    };
    bench.put(queue, "a");
    bench.put(queue, "b");
    assert_eq!(woken(&bench), 1, "once, not for each");
    assert_eq!(bench.get_all(queue, 2).len(), 2);
    bench.pass(1_000);
    assert_eq!(woken(&bench), 2);
    let held = bench.get_all(queue, 2);
    bench.settle(&held[0], Settle::Ack).unwrap();
    bench.settle(&held[1], RETRY).unwrap();
    assert_eq!(woken(&bench), 2);
    bench.pass(2_000);
    assert_eq!(woken(&bench), 3);
}

#[test]
fn a_paused_queue_hands_out_nothing_while_its_time_goes_on() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let held = bench.get(queue).unwrap();
    let at = bench.at();
    bench.engine.pause(at, queue, &mut bench.events).unwrap();
    bench.pass(1_000);
    assert_eq!(bench.settle(&held, Settle::Ack), Err(SettleError::Stale), "its lease ended");
    assert_eq!((bench.get(queue), bench.engine.is_deliverable(queue)), (None, false));
    let at = bench.at();
    bench.engine.resume(at, queue, &mut bench.events).unwrap();
    assert_eq!(bench.last_event(), Event::Woken { queue });
    assert_eq!(bench.get(queue).map(|delivery| delivery.delivery), Some(2));
    let nowhere = QueueId::new(7);
    assert_eq!(bench.engine.pause(at, nowhere, &mut ()), Err(NoSuchQueue(nowhere)));
}
