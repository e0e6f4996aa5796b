#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{Cause, MessageId, PlacementOutcome, limits};

fn room_for(capacity: u64) -> QueueConfig {
    QueueConfig { capacity, ..brisk() }
}

fn full(queue: QueueId, capacity: u64) -> PublishError {
    PublishError::Full { queue, capacity, capacity_bytes: limits::CAPACITY_BYTES_DEFAULT }
}

fn outcomes(published: &Published) -> Vec<PlacementOutcome> {
    published.placements.iter().map(|placement| placement.outcome).collect()
}

#[test]
fn every_subscription_gets_a_copy_of_one_message() {
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let queues = ["stock", "mail"].map(|name| bench.queue(name, brisk()));
    for queue in queues {
        bench.subscribe(topic, queue, OnFull::Refuse);
    }
    let published = bench.publish(Address::Topic(topic), NewMessage::new("a")).unwrap();
    assert_eq!(std::string::ToString::to_string(&published.message), "t0.0");
    let got = queues.map(|queue| bench.get(queue).unwrap().message);
    assert_eq!(got[0].id, got[1].id);
    assert!(core::ptr::eq(got[0].body.as_bytes(), got[1].body.as_bytes()), "no payload is copied");
}

#[test]
fn a_filter_selects_by_exact_values() {
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let queue = bench.queue("eu", brisk());
    let filter = crate::Filter::from([("region".into(), Vec::from(["de".into(), "fr".into()]))]);
    let subscribe = Subscribe { filter, ..Subscribe::to(topic, queue) };
    bench.engine.subscribe(At::default(), subscribe, &mut ()).unwrap();
    for (value, copies) in [("de", 1), ("fr", 1), ("us", 0), ("DE", 0)] {
        let attributes = crate::Attributes::from([("region".into(), value.into())]);
        let message = NewMessage { attributes, ..NewMessage::new("a") };
        let published = bench.publish(Address::Topic(topic), message).unwrap();
        assert_eq!(published.placements.len(), copies, "{value}");
    }
}

#[test]
fn a_full_queue_refuses_and_counts_what_is_in_flight() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", room_for(2));
    bench.put(queue, "a");
    bench.put(queue, "b");
    let held = bench.get(queue).unwrap();
    let full = Err(full(queue, 2));
    assert_eq!(bench.publish(Address::Queue(queue), NewMessage::new("c")), full);
    bench.settle(&held, Settle::Ack).unwrap();
    assert_eq!(bench.put(queue, "c").message.number, 2, "a refused publish takes no number");
}

#[test]
fn one_full_queue_that_refuses_fails_the_whole_publish() {
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let small = bench.queue("small", room_for(1));
    let large = bench.queue("large", brisk());
    for queue in [large, small] {
        bench.subscribe(topic, queue, OnFull::Refuse);
    }
    bench.put(small, "in the way");
    let digest = bench.engine.digest();
    let refused = bench.publish(Address::Topic(topic), NewMessage::new("a"));
    assert_eq!(refused, Err(full(small, 1)));
    assert_eq!(bench.engine.digest(), digest, "nothing is half done");
}

#[test]
fn a_full_queue_that_diverts_holds_nobody_up() {
    use PlacementOutcome::{Diverted, Queued, Rejected};
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let dead = bench.queue("sms.dead", room_for(1));
    let sms = bench.queue("sms", QueueConfig { dead_letters: Some(dead), ..room_for(1) });
    let mail = bench.queue("mail", brisk());
    bench.subscribe(topic, sms, OnFull::Divert);
    bench.subscribe(topic, mail, OnFull::Refuse);
    let mut publish = || outcomes(&bench.publish(Address::Topic(topic), "a".into()).unwrap());
    assert_eq!(
        [publish(), publish(), publish()],
        [[Queued, Queued], [Diverted, Queued], [Rejected, Queued]]
    );
    assert_eq!(bench.stats(mail).ready, 3);
    let hop = bench.engine.peek(dead, 0, 1)[0].history[0];
    assert_eq!(hop.why, crate::HopReason::DeadLettered(crate::DeadReason::Overflow));
}

#[test]
fn when_every_queue_rejects_nothing_is_published() {
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let dead = bench.queue("sms.dead", room_for(1));
    let sms = bench.queue("sms", QueueConfig { dead_letters: Some(dead), ..room_for(1) });
    bench.subscribe(topic, sms, OnFull::Divert);
    for _ in 0..2 {
        bench.publish(Address::Topic(topic), "a".into()).unwrap();
    }
    let refused = bench.publish(Address::Topic(topic), "a".into());
    assert_eq!(refused, Err(PublishError::AllRejected));
}

#[test]
fn a_diverted_copy_takes_no_place_that_is_another_copys() {
    let mut bench = Bench::default();
    let topic = bench.topic("orders");
    let audit = bench.queue("audit", room_for(1));
    let sms = bench.queue("sms", QueueConfig { dead_letters: Some(audit), ..room_for(1) });
    bench.subscribe(topic, sms, OnFull::Divert);
    bench.subscribe(topic, audit, OnFull::Refuse);
    bench.put(sms, "in the way");
    let published = bench.publish(Address::Topic(topic), "a".into()).unwrap();
    assert_eq!(outcomes(&published), [PlacementOutcome::Rejected, PlacementOutcome::Queued]);
    assert_eq!(bench.stats(audit).depth(), 1);
}

#[test]
fn a_key_is_published_once_in_its_window_from_the_first_on() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let publish = |bench: &mut Bench, key: &str| {
        let message = NewMessage { dedup_key: Some(key.into()), ..NewMessage::new("a") };
        bench.publish(Address::Queue(queue), message).unwrap()
    };
    let first = publish(&mut bench, "k");
    let delivery = bench.get(queue).unwrap();
    bench.settle(&delivery, Settle::Ack).unwrap();
    bench.pass(299_999);
    let second = publish(&mut bench, "k");
    assert!(second.duplicate, "also after the first is gone");
    assert_eq!(second.message, first.message);
    assert!(!publish(&mut bench, "other").duplicate);
    bench.pass(1);
    assert!(!publish(&mut bench, "k").duplicate, "the duplicate did not prolong the window");
}

#[test]
fn a_key_is_not_remembered_when_nothing_was_stored() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", room_for(1));
    bench.put(queue, "in the way");
    let message = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("a") };
    assert!(bench.publish(Address::Queue(queue), message.clone()).is_err());
    let delivery = bench.get(queue).unwrap();
    bench.settle(&delivery, Settle::Ack).unwrap();
    assert!(!bench.publish(Address::Queue(queue), message).unwrap().duplicate);
}

#[test]
fn an_answer_carries_the_chain_on() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    let first = bench.get(queue).unwrap().message;
    let mut last = first.clone();
    for _ in 0..2 {
        let cause = Some(last.as_cause());
        let message = NewMessage { cause, ..NewMessage::new("b") };
        bench.publish(Address::Queue(queue), message).unwrap();
        let next = bench.get(queue).unwrap().message;
        assert_eq!((next.causation(), next.correlation()), (Some(last.id), first.id));
        last = next;
    }
    let cause: Cause = last.as_cause();
    let id: MessageId = first.id;
    assert_eq!(cause.correlation, id);
}

#[test]
fn messages_are_bounded() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let mut publish = |message| bench.publish(Address::Queue(queue), message).map(|_| ());
    let body = |bytes: u32| NewMessage::new(std::vec![0; bytes as usize]);
    assert_eq!(publish(body(limits::BODY_BYTES_MAX)), Ok(()));
    let actual = u64::from(limits::BODY_BYTES_MAX) + 1;
    assert_eq!(
        publish(body(limits::BODY_BYTES_MAX + 1)),
        Err(PublishError::BodyTooLarge { actual })
    );

    let attributes = |count: u32, bytes: usize| NewMessage {
        attributes: (0..count).map(|n| (std::format!("{n:02}"), "v".repeat(bytes))).collect(),
        ..NewMessage::default()
    };
    assert_eq!(publish(attributes(limits::ATTRIBUTES_MAX, 254)), Ok(()));
    let too_large = Err(PublishError::AttributesTooLarge);
    assert_eq!(publish(attributes(limits::ATTRIBUTES_MAX, 255)), too_large);
    assert_eq!(publish(attributes(limits::ATTRIBUTES_MAX + 1, 1)), too_large);

    let key = |bytes: usize| NewMessage { dedup_key: Some("k".repeat(bytes)), .."a".into() };
    assert_eq!(publish(key(255)), Ok(()));
    for bytes in [0, 256] {
        let refused = Err(PublishError::DedupKeyLength { bytes: bytes as u64 });
        assert_eq!(publish(key(bytes)), refused);
    }
    let delay = |span| NewMessage { delay: span, ..NewMessage::default() };
    assert_eq!(publish(delay(limits::SPAN_MAX)), Ok(()));
    let longer = limits::SPAN_MAX.times(2);
    assert_eq!(publish(delay(longer)), Err(PublishError::DelayTooLong));
    let to = Address::Topic(TopicId::new(3));
    assert_eq!(bench.publish(to, NewMessage::default()), Err(PublishError::NoSuchAddress { to }));
}
