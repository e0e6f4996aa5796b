//! A consumer whose process or connection fails, and one that grows and shrinks.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

fn lost(call: u64, outcome: Outcome) -> ConsumerCommand {
    ConsumerCommand::SettlementLost { call: CallId::new(call), outcome }
}

#[test]
fn a_crash_forgets_every_call_and_settles_none() {
    let mut desk = Desk::busy(CONFIG);
    assert_eq!(desk.tell(5, ConsumerCommand::Crash), [abandon(0), abandon(1)]);
    assert_eq!(desk.tell(6, ConsumerCommand::Crash), [], "twice is once");
    assert_eq!((desk.consumer.calls_under_way(), desk.consumer.is_crashed()), (0, true));
    assert_eq!(desk.consumer.next_deadline(), None);
    assert_eq!(desk.finish(7, 0, Outcome::Delivered), [], "nobody waits for it");
    assert_eq!(desk.tell(8, ConsumerCommand::Woken), []);
    assert_eq!(desk.tell(9, ConsumerCommand::Restart), [receive(2)]);
    assert_eq!(desk.tell(9, ConsumerCommand::Restart), []);
    assert_eq!(desk.tell(9, received(1)), [start(2, 2_009)], "numbers are not used again");
    let counts = ["ConsumerCrashed", "CallLost", "CallAnsweredLate", "ConsumerRestarted"];
    assert_eq!(counts.map(|name| desk.count(name)), [1, 2, 1, 1]);
}

#[test]
fn what_is_handed_out_to_nobody_is_lost() {
    for gone in [ConsumerCommand::Crash, ConsumerCommand::CutOff] {
        let mut desk = Desk::new(CONFIG);
        assert_eq!(desk.tell(0, ConsumerCommand::Woken), [receive(2)]);
        desk.tell(0, gone);
        assert_eq!(desk.tell(1, received(2)), [], "it is not even released");
        assert_eq!(desk.consumer.calls_under_way(), 0);
    }
}

#[test]
fn a_crash_takes_breaker_and_tokens_with_it_and_leaves_the_operators_word() {
    let rate = Some(Rate { per_second: 1, burst: 3 });
    let config = ConsumerConfig { breaker: Some(BREAKER), rate, ..CONFIG };
    let mut desk = Desk::busy(config);
    desk.finish(0, 0, Outcome::Transient);
    desk.tell(0, received(0));
    desk.finish(0, 1, Outcome::Transient);
    assert!(matches!(desk.consumer.breaker(), Some(BreakerState::Open { .. })));
    desk.tell(1, ConsumerCommand::Pause);
    desk.tell(1, ConsumerCommand::Crash);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Closed));
    desk.tell(2, ConsumerCommand::Restart);
    assert_eq!(desk.tell(2, ConsumerCommand::Woken), [], "it is still paused");
    assert_eq!(desk.tell(3, ConsumerCommand::Resume), [receive(2)]);
    desk.tell(3, received(2));
    let third_token = [settle(1, Settle::Ack), receive(1)];
    assert_eq!(desk.finish(3, 3, Outcome::Delivered), third_token);
}

#[test]
fn a_lost_settlement_leaves_the_copy_to_its_lease() {
    let mut desk = Desk::busy(CONFIG);
    assert_eq!(desk.tell(1, lost(0, Outcome::Delivered)), [receive(1)]);
    assert_eq!(desk.tell(2, lost(1, Outcome::Transient)), []);
    assert_eq!(desk.tell(2, lost(9, Outcome::Transient)), [], "there is no such call");
    let counts = ["CallSucceeded", "CallFailed", "SettlementLost", "CallAnsweredLate"];
    assert_eq!(counts.map(|name| desk.count(name)), [1, 1, 2, 1]);
}

#[test]
fn cut_off_it_works_on_and_settles_in_vain() {
    let mut desk = Desk::busy(CONFIG);
    desk.tell(1, ConsumerCommand::CutOff);
    desk.tell(1, ConsumerCommand::CutOff);
    assert_eq!(desk.tell(1, ConsumerCommand::Woken), []);
    assert_eq!(desk.finish(2, 0, Outcome::Delivered), []);
    assert_eq!(
        desk.tell(2_000, ConsumerCommand::Tick),
        [abandon(1)],
        "its time is up all the same"
    );
    assert_eq!(desk.tell(3_000, ConsumerCommand::Reconnect), [receive(2)]);
    let counts = ["ConsumerCutOff", "SettlementLost", "ConsumerReconnected"];
    assert_eq!(counts.map(|name| desk.count(name)), [1, 2, 1]);
}

#[test]
fn what_was_done_before_is_acknowledged_and_said() {
    let mut desk = Desk::busy(CONFIG);
    assert_eq!(desk.finish(1, 0, Outcome::Repeated), [settle(0, Settle::Ack), receive(1)]);
    assert_eq!(["Recognised", "CallSucceeded"].map(|name| desk.count(name)), [1, 1]);
}

#[test]
fn it_grows_at_once_and_shrinks_as_its_calls_end() {
    let mut desk = Desk::busy(CONFIG);
    desk.tell(0, ConsumerCommand::Woken);
    assert_eq!(desk.tell(1, ConsumerCommand::Scale(4)), [receive(2)]);
    desk.tell(1, received(2));
    assert_eq!(desk.tell(2, ConsumerCommand::Scale(1)), []);
    for call in 0..3 {
        desk.tell(3, ConsumerCommand::Woken);
        assert_eq!(desk.finish(3, call, Outcome::Delivered), [settle(call % 2, Settle::Ack)]);
    }
    let last = desk.finish(3, 3, Outcome::Delivered);
    assert_eq!(last, [settle(1, Settle::Ack), receive(1)]);
    for nothing in [1, 0, CONCURRENCY_MAX + 1] {
        desk.tell(4, ConsumerCommand::Scale(nothing));
        assert_eq!(desk.consumer.config().concurrency, 1);
    }
    assert_eq!(desk.count("ConsumerScaled"), 2);
}
