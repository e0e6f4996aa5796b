//! The SQS profile, where it differs.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::Profile;

fn sqs() -> QueueConfig {
    QueueConfig { profile: Profile::Sqs, ..brisk() }
}

fn grouped(bench: &mut Bench, queue: QueueId, body: &str) {
    let message = NewMessage { group: Some("g".into()), ..NewMessage::new(body) };
    bench.publish(Address::Queue(queue), message).unwrap();
}

#[test]
fn a_late_acknowledgement_removes_the_message_while_it_is_there() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", sqs());
    bench.put(queue, "a");
    let late = bench.get(queue).unwrap();
    bench.pass(1_000);
    bench.settle(&late, Settle::Ack).unwrap();
    assert_eq!(bench.stats(queue).depth(), 0);
}

#[test]
fn a_superseded_receipt_acknowledges_what_somebody_else_holds() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", sqs());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap();
    bench.pass(1_000);
    let second = bench.get(queue).unwrap();
    bench.settle(&first, Settle::Ack).unwrap();
    assert_eq!(bench.stats(queue).depth(), 0);
    assert_eq!(bench.settle(&second, Settle::Ack), Ok(()), "it is gone, as was wanted");
    assert_eq!(bench.settle(&second, RETRY), Err(SettleError::Stale));
}

#[test]
fn a_superseded_receipt_hides_what_somebody_holds_and_nothing_else() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", sqs());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap();
    bench.pass(1_000);
    assert_eq!(bench.settle(&first, RETRY), Err(SettleError::Stale), "nobody holds it");
    assert!(bench.get(queue).is_some());
    let at = bench.at();
    let until = bench.engine.extend(at, first.receipt, Span::from_secs(9), &mut ());
    assert_eq!(until, Ok(Timestamp::from_millis(10_000)));
    bench.pass(8_999);
    assert_eq!(bench.get(queue), None);
    bench.pass(1);
    assert_eq!(bench.get(queue).map(|again| again.delivery), Some(3));
}

#[test]
fn ordered_groups_refuse_expired_receipts() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", sqs());
    grouped(&mut bench, queue, "a");
    let late = bench.get(queue).unwrap();
    bench.pass(1_000);
    assert_eq!(bench.settle(&late, Settle::Ack), Err(SettleError::Stale));
    assert_eq!(bench.stats(queue).ready, 1);
}

#[test]
fn a_release_counts_as_a_delivery() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig { max_deliveries: 2, dead_letters: Some(dead), ..sqs() };
    let queue = bench.queue("orders", config);
    bench.put(queue, "a");
    for delivery in 1..=2 {
        let held = bench.get(queue).unwrap();
        assert_eq!(held.delivery, delivery);
        bench.settle(&held, Settle::Release).unwrap();
    }
    assert_eq!(bench.bodies(dead), ["a"]);
}

#[test]
fn retention_takes_away_what_a_consumer_holds_and_a_late_acknowledgement_does_no_harm() {
    let mut bench = Bench::default();
    let ttl = Some(Span::from_millis(500));
    let queue = bench.queue("orders", QueueConfig { ttl, ..sqs() });
    bench.put(queue, "a");
    let held = bench.get(queue).unwrap();
    bench.pass(500);
    assert_eq!(bench.stats(queue).depth(), 0);
    assert_eq!(bench.settle(&held, Settle::Ack), Ok(()));
}

#[test]
fn when_the_first_of_a_batch_comes_back_it_may_go_out_alone() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", sqs());
    for body in ["a", "b", "c"] {
        grouped(&mut bench, queue, body);
    }
    let held = bench.get_all(queue, 3);
    let at = bench.at();
    for later in &held[1..] {
        bench.engine.extend(at, later.receipt, Span::from_secs(9), &mut ()).unwrap();
    }
    bench.pass(1_000);
    let again = bench.get_all(queue, 3);
    assert_eq!(again.iter().map(body_of).collect::<Vec<_>>(), ["a"]);
}
