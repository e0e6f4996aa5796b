//! The breaker as a consumer uses it.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::resilience::{BreakerOverride, OpenReason};

#[test]
fn an_open_breaker_pauses_asking_and_spends_no_delivery() {
    let mut desk = Desk::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
    assert_eq!(desk.finish(0, 0, Outcome::Transient).last(), Some(&receive(1)));
    desk.tell(0, received(0));
    assert_eq!(desk.finish(1, 1, Outcome::Transient), [settle(1, retry(FailReason::Transient))]);
    let until = Timestamp::from_millis(10_001);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Open { until }));
    for ms in [1, 5_000, 10_000] {
        assert_eq!(desk.tell(ms, ConsumerCommand::Woken), [], "nothing is leased at {ms} ms");
    }
    assert_eq!(desk.consumer.next_deadline(), Some(until));
    assert_eq!(desk.tell(10_001, ConsumerCommand::Tick), [receive(1)], "one probe");
    assert_eq!(desk.tell(10_001, received(1)), [start(2, 12_001)]);
    assert_eq!(desk.tell(10_002, ConsumerCommand::Woken), [], "and no second one");
    let closed = desk.finish(10_003, 2, Outcome::Delivered);
    assert_eq!(closed, [settle(0, Settle::Ack), receive(2)]);
    let names = ["BreakerOpened", "BreakerHalfOpened", "BreakerClosed"];
    assert_eq!(names.map(|name| desk.count(name)), [1, 1, 1]);
}

#[test]
fn what_comes_after_the_breaker_opened_goes_back_unused() {
    let breaker = Some(BREAKER);
    let mut desk = Desk::new(ConsumerConfig { concurrency: 4, breaker, ..CONFIG });
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, received(2));
    desk.finish(0, 0, Outcome::Transient);
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), [receive(3)]);
    desk.finish(0, 1, Outcome::Transient);
    assert_eq!(desk.tell(1, received(1)), [settle(0, Settle::Release)]);
    assert_eq!(desk.tell(10_000, ConsumerCommand::Tick), [receive(1)], "it knows of it");
}

#[test]
fn a_probe_that_times_out_opens_the_breaker_again() {
    let mut desk = Desk::probing();
    let given_up = desk.tell(12_000, ConsumerCommand::Tick);
    assert_eq!(given_up, [abandon(2), settle(0, retry(Timeout))]);
    let until = Timestamp::from_millis(22_000);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Open { until }));
    assert_eq!(desk.count("BreakerOpened"), 2);
}

#[test]
fn a_probe_that_says_nothing_about_health_lets_another_start() {
    let mut desk = Desk::probing();
    let rejected = desk.finish(10_001, 2, Outcome::Permanent);
    assert_eq!(rejected[0], settle(0, Settle::Reject { reason: FailReason::Permanent }));
    assert_eq!(rejected[1], receive(1));
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::HalfOpen));
}

#[test]
fn calls_under_way_when_the_breaker_opens_run_on_and_count_for_nothing() {
    let breaker = Some(BreakerConfig { open: Span::from_secs(1), ..BREAKER });
    let mut desk = Desk::new(ConsumerConfig { concurrency: 4, breaker, ..CONFIG });
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, received(4));
    desk.finish(1, 0, Outcome::Transient);
    desk.tell(1, received(0));
    desk.finish(1, 1, Outcome::Transient);
    assert_eq!(desk.count("BreakerOpened"), 1);
    assert_eq!(desk.finish(2, 2, Outcome::Delivered), [settle(2, Settle::Ack)]);
    desk.tell(1_001, ConsumerCommand::Woken);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::HalfOpen));
    desk.tell(1_001, received(0));
    let given_up = desk.tell(2_000, ConsumerCommand::Tick);
    assert_eq!(given_up, [abandon(3), settle(3, retry(Timeout))]);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::HalfOpen), "it was no probe");
}

#[test]
fn a_refusal_for_good_says_nothing_about_the_other_sides_health() {
    let mut desk = Desk::new(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
    for call in 0..20 {
        desk.tell(call, ConsumerCommand::Woken);
        desk.tell(call, received(1));
        desk.finish(call, call, Outcome::Permanent);
    }
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Closed));
}

#[test]
fn every_other_failure_counts_for_the_breaker() {
    let throttled = Outcome::Throttled { retry_after: None };
    for outcome in [Outcome::Transient, Outcome::Ambiguous, throttled] {
        let mut desk = Desk::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
        desk.finish(1, 0, outcome);
        desk.finish(1, 1, outcome);
        assert_eq!(desk.count("BreakerOpened"), 1, "{outcome:?}");
    }
    let mut desk = Desk::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
    desk.tell(2_000, ConsumerCommand::Tick);
    assert_eq!(desk.count("BreakerOpened"), 1, "timeouts");
}

#[test]
fn slow_calls_open_the_breaker_although_they_succeed() {
    let slow_call = Some(Span::from_millis(500));
    let breaker = Some(BreakerConfig { slow_call, ..BREAKER });
    let mut desk = Desk::busy(ConsumerConfig { breaker, ..CONFIG });
    assert_eq!(desk.finish(501, 0, Outcome::Delivered)[0], settle(0, Settle::Ack));
    assert_eq!(desk.finish(502, 1, Outcome::Delivered)[0], settle(1, Settle::Ack));
    let opened = desk.events.iter().find_map(|(_, event)| match event {
        Event::BreakerOpened { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(opened, Some(OpenReason::SlowCallRate));
}

#[test]
fn a_breaker_that_is_half_open_for_too_long_opens_in_its_own_time() {
    let half_open = Some(Span::from_secs(1));
    let mut desk = Desk::busy(ConsumerConfig {
        breaker: Some(BreakerConfig { half_open, ..BREAKER }),
        ..CONFIG
    });
    desk.finish(0, 0, Outcome::Transient);
    desk.tell(0, received(0));
    desk.finish(0, 1, Outcome::Transient);
    desk.tell(10_000, ConsumerCommand::Tick);
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(11_000)));
    desk.tell(11_000, ConsumerCommand::Tick);
    let until = Timestamp::from_millis(21_000);
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Open { until }));
}

#[test]
fn a_breaker_forced_open_pauses_asking_until_it_is_reset() {
    let force = ConsumerCommand::OverrideBreaker;
    let mut desk = Desk::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
    desk.tell(0, force(BreakerOverride::ForceOpen));
    assert_eq!(desk.finish(1, 0, Outcome::Delivered), [settle(0, Settle::Ack)]);
    assert_eq!(desk.tell(60_000, ConsumerCommand::Woken)[..1], [abandon(1)]);
    assert_eq!(desk.consumer.next_deadline(), None, "it waits for nobody but the operator");
    desk.tell(60_001, force(BreakerOverride::ForceOpen));
    let asked = desk.tell(60_002, force(BreakerOverride::Reset));
    assert_eq!(asked, [receive(2)]);
    let names = ["BreakerForcedOpen", "BreakerReset", "BreakerOpened", "BreakerClosed"];
    assert_eq!(names.map(|name| desk.count(name)), [1, 1, 0, 0]);
}

#[test]
fn a_disabled_breaker_lets_calls_fail() {
    let mut desk = Desk::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
    desk.finish(0, 0, Outcome::Transient);
    desk.tell(0, received(1));
    desk.finish(0, 1, Outcome::Transient);
    let how = ConsumerCommand::OverrideBreaker(BreakerOverride::Disable);
    assert_eq!(desk.tell(1, how), [receive(1)], "calls start again");
    desk.tell(1, received(0));
    for call in 2..20 {
        desk.finish(call, call, Outcome::Transient);
        desk.tell(call, ConsumerCommand::Woken);
        desk.tell(call, received(1));
    }
    assert_eq!(desk.consumer.breaker(), Some(BreakerState::Disabled));
    assert_eq!(["BreakerOpened", "BreakerDisabled"].map(|name| desk.count(name)), [1, 1]);
}

#[test]
fn without_a_breaker_there_is_nothing_to_override() {
    let mut desk = Desk::busy(CONFIG);
    let before = desk.consumer.digest();
    for how in [BreakerOverride::ForceOpen, BreakerOverride::Disable, BreakerOverride::Reset] {
        assert_eq!(desk.tell(0, ConsumerCommand::OverrideBreaker(how)), []);
    }
    assert_eq!(desk.consumer.digest(), before);
}
