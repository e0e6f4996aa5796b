#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::Priority;

fn put(bench: &mut Bench, queue: QueueId, level: u8, body: &str) {
    let priority = Priority::new(level).unwrap();
    let message = NewMessage { priority, ..NewMessage::new(body) };
    bench.publish(Address::Queue(queue), message).unwrap();
}

fn order(bench: &mut Bench, queue: QueueId) -> Vec<String> {
    bench.get_all(queue, 100).iter().map(body_of).collect()
}

#[test]
fn the_most_urgent_goes_first_and_equals_keep_their_order() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    for (level, body) in [(0, "a"), (4, "b"), (9, "c"), (4, "d"), (9, "e")] {
        put(&mut bench, queue, level, body);
    }
    bench.put(queue, "unset is 4");
    assert_eq!(order(&mut bench, queue), ["c", "e", "b", "d", "unset is 4", "a"]);
}

#[test]
fn what_comes_back_goes_ahead_of_its_equals_only() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    put(&mut bench, queue, 4, "back");
    let held = bench.get(queue).unwrap();
    put(&mut bench, queue, 4, "fresh");
    put(&mut bench, queue, 5, "urgent");
    bench.settle(&held, Settle::Release).unwrap();
    assert_eq!(order(&mut bench, queue), ["urgent", "back", "fresh"]);
}

#[test]
fn without_aging_urgent_messages_starve_the_others() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    put(&mut bench, queue, 0, "patient");
    bench.pass(1_000_000);
    put(&mut bench, queue, 9, "urgent");
    assert_eq!(order(&mut bench, queue), ["urgent", "patient"]);
}

#[test]
fn waiting_raises_a_message_by_one_priority_each_time() {
    let mut bench = Bench::default();
    let aging = Some(Span::from_secs(10));
    let queue = bench.queue("orders", QueueConfig { aging, lease: Span::from_secs(99), ..brisk() });
    put(&mut bench, queue, 3, "patient");
    bench.pass(19_999);
    put(&mut bench, queue, 5, "urgent");
    assert_eq!(bench.get(queue).map(|d| body_of(&d)).as_deref(), Some("urgent"));
    put(&mut bench, queue, 5, "later");
    bench.pass(1);
    assert_eq!(bench.get(queue).map(|d| body_of(&d)).as_deref(), Some("later"), "5 is 3 and 2");
    bench.pass(9_999);
    put(&mut bench, queue, 5, "latest");
    bench.pass(1);
    assert_eq!(bench.get(queue).map(|d| body_of(&d)).as_deref(), Some("patient"), "6 by now");
}

#[test]
fn a_priority_is_from_0_to_9() {
    assert_eq!(Priority::new(9), Some(Priority::HIGHEST));
    assert_eq!(Priority::new(10), None);
    let text = r#"{"body":[],"priority":10}"#;
    let error = serde_json::from_str::<NewMessage>(text).unwrap_err();
    assert!(std::string::ToString::to_string(&error).contains("give 0 to 9"), "{error}");
}
