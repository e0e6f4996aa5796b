//! A consumer that is told to receive no more.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn paused_it_asks_for_nothing_and_lets_its_calls_end() {
    let mut desk = Desk::busy(CONFIG);
    assert_eq!(desk.tell(0, ConsumerCommand::Pause), []);
    assert_eq!(desk.tell(0, ConsumerCommand::Pause), [], "twice is once");
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), []);
    assert!(desk.consumer.is_paused() && desk.consumer.is_woken());
    assert_eq!(desk.finish(1, 0, Outcome::Delivered), [settle(0, Settle::Ack)]);
    assert_eq!(desk.tell(2_000, ConsumerCommand::Tick), [abandon(1), settle(1, retry(Timeout))]);
    assert_eq!(desk.consumer.next_deadline(), None);
    assert_eq!(desk.tell(9_000, ConsumerCommand::Resume), [receive(2)]);
    desk.tell(9_000, ConsumerCommand::Resume);
    assert_eq!(["ConsumerPaused", "ConsumerResumed"].map(|name| desk.count(name)), [1, 1]);
}

#[test]
fn what_comes_to_a_paused_consumer_goes_back_unused() {
    let mut desk = Desk::new(CONFIG);
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), [receive(2)]);
    desk.tell(0, ConsumerCommand::Pause);
    let back = [settle(0, Settle::Release), settle(1, Settle::Release)];
    assert_eq!(desk.tell(1, received(2)), back);
    assert_eq!(desk.tell(2, ConsumerCommand::Resume), [receive(2)], "it knows of them");
}

#[test]
fn a_paused_breaker_keeps_its_time() {
    let mut desk = Desk::probing();
    desk.tell(10_001, ConsumerCommand::Pause);
    desk.finish(10_002, 2, Outcome::Transient);
    desk.tell(20_002, ConsumerCommand::Tick);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::HalfOpen));
    assert_eq!(desk.tell(20_003, ConsumerCommand::Woken), [], "no probe starts");
    assert_eq!(desk.tell(20_004, ConsumerCommand::Resume), [receive(1)]);
}
