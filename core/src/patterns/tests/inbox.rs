#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    engine::{Command, Engine},
    limits::{INBOX_MARKS_MAX, KEY_BYTES_MAX, SPAN_MAX},
    queue::QueueConfig,
};

type Reply = Result<InboxReply<u32>, InboxError<NoSuchOrder>>;

fn inbox(config: InboxConfig) -> Inbox<Shop> {
    Inbox::new("shop", config, OutboxConfig::default(), Shop::new(1)).unwrap()
}

fn handle(inbox: &mut Inbox<Shop>, millis: u64, key: &str, order: u32) -> Reply {
    let command = InboxCommand::Handle { key: key.into(), command: order };
    inbox.apply(at(millis), command, &mut ())
}

#[test]
fn a_message_takes_effect_once_with_what_it_sends() {
    let mut inbox = inbox(InboxConfig::default());
    assert_eq!(handle(&mut inbox, 0, "m", 7), Ok(InboxReply::Handled(7)));
    assert_eq!(handle(&mut inbox, 1, "m", 7), Ok(InboxReply::Duplicate));
    assert_eq!((inbox.outbox().decider().charged(7), inbox.outbox().waiting()), (1, 1));
    assert!(inbox.was_handled("m") && !inbox.was_handled("n"));
}

#[test]
fn a_refused_message_is_not_marked() {
    let mut inbox = inbox(InboxConfig::default());
    let refused = Err(InboxError::Outbox(OutboxError::Application(NoSuchOrder)));
    assert_eq!(handle(&mut inbox, 0, "m", 0), refused);
    assert!(!inbox.was_handled("m"));
    assert_eq!(handle(&mut inbox, 0, "m", 7), Ok(InboxReply::Handled(7)));
}

#[test]
fn a_mark_counts_from_the_first_handling_and_is_not_prolonged() {
    let mut inbox = inbox(InboxConfig { keep: Span::from_secs(1), ..InboxConfig::default() });
    handle(&mut inbox, 0, "m", 7).unwrap();
    for millis in [500, 999] {
        assert_eq!(handle(&mut inbox, millis, "m", 7), Ok(InboxReply::Duplicate));
    }
    assert_eq!(handle(&mut inbox, 500, "m", 7), Ok(InboxReply::Duplicate), "time never goes back");
    assert_eq!(handle(&mut inbox, 1_000, "m", 7), Ok(InboxReply::Handled(7)), "forgotten");
}

#[test]
fn keys_and_marks_are_bounded() {
    let keep = Span::from_secs(1);
    let mut inbox = inbox(InboxConfig { keep, capacity: 2 });
    for bytes in [0, KEY_BYTES_MAX as usize + 1] {
        let refused = Err(InboxError::KeyLength { bytes: bytes as u64 });
        assert_eq!(handle(&mut inbox, 0, &"k".repeat(bytes), 1), refused);
    }
    handle(&mut inbox, 0, &"k".repeat(KEY_BYTES_MAX as usize), 1).unwrap();
    handle(&mut inbox, 300, "b", 2).unwrap();
    let full = Err(InboxError::Full { capacity: 2, frees_at: at(1_000).now });
    assert_eq!(handle(&mut inbox, 999, "c", 3), full);
    assert_eq!(handle(&mut inbox, 999, "b", 2), Ok(InboxReply::Duplicate), "known all the same");
    assert_eq!(inbox.outbox().decider().charged(3), 0);
    assert_eq!(handle(&mut inbox, 1_000, "c", 3), Ok(InboxReply::Handled(3)));
}

#[test]
fn settings_are_bounded_at_both_ends() {
    let year = SPAN_MAX.as_micros();
    for (keep, capacity, wrong) in [
        (0, 1, Some("keep_ms")),
        (1, 1, None),
        (year, 1, None),
        (year + 1, 1, Some("keep_ms")),
        (1, 0, Some("capacity")),
        (1, INBOX_MARKS_MAX, None),
        (1, INBOX_MARKS_MAX + 1, Some("capacity")),
    ] {
        let config = InboxConfig { keep: Span::from_micros(keep), capacity };
        let made = Inbox::new("shop", config, OutboxConfig::default(), Shop::new(1));
        assert_eq!(made.err().map(|refused| refused.setting), wrong, "{keep} {capacity}");
    }
}

#[test]
fn a_document_comes_back_and_a_damaged_one_does_not() {
    let mut inbox = inbox(InboxConfig::default());
    handle(&mut inbox, 0, "a", 1).unwrap();
    handle(&mut inbox, 5, "b", 2).unwrap();
    let text = serde_json::to_string(&inbox).unwrap();
    let mut twin: Inbox<Shop> = serde_json::from_str(&text).unwrap();
    assert_eq!(twin, inbox);
    assert_eq!(handle(&mut twin, 6, "b", 2), Ok(InboxReply::Duplicate));
    for (from, to) in [("\"a\"", "\"b\""), ("604800000000", "704800000000")] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(damaged, text);
        assert!(serde_json::from_str::<Inbox<Shop>>(&damaged).is_err(), "{damaged}");
    }
}

#[test]
fn a_message_published_twice_beyond_the_dedup_window_has_one_effect() {
    let mut engine = Engine::new();
    let window = QueueConfig { dedup_window: Span::from_secs(60), ..QueueConfig::default() };
    let receipts = engine.create_queue(at(0), "receipts", window, &mut ()).unwrap();
    let mut shop = inbox(InboxConfig::default());
    handle(&mut shop, 0, "order", 7).unwrap();
    // The relay publishes, crashes, and comes back too late.
    for millis in [0, 60_000] {
        engine.apply(at(millis), shop.outbox().due().unwrap().publish, &mut ()).unwrap();
    }
    let deliveries = engine.receive(at(60_000), receipts, 2, &mut ()).unwrap();
    let keys: Vec<_> = deliveries.iter().map(|d| message_key(&d.message)).collect();
    assert_ne!(deliveries[0].message.id, deliveries[1].message.id, "stored twice");
    assert_eq!(keys, ["shop/0", "shop/0"], "known as one");
    let mut books = inbox(InboxConfig::default());
    assert_eq!(handle(&mut books, 60_000, &keys[0], 1), Ok(InboxReply::Handled(1)));
    assert_eq!(handle(&mut books, 60_000, &keys[1], 1), Ok(InboxReply::Duplicate));
}

#[test]
fn a_message_from_no_outbox_is_known_by_its_id() {
    let mut engine = Engine::new();
    let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut ()).unwrap();
    let publish = Command::Publish { to: Address::Queue(orders), message: "m".into() };
    engine.apply(at(0), publish, &mut ()).unwrap();
    let delivery = engine.receive(at(0), orders, 1, &mut ()).unwrap().remove(0);
    assert_eq!(message_key(&delivery.message), "q0.0");
}
