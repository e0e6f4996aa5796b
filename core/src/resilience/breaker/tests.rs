//! A breaker alone.

use alloc::vec::Vec;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{limits::BREAKER_WINDOW_MAX, time::Span};

const CONFIG: BreakerConfig = BreakerConfig {
    window: BreakerWindow::Calls(4),
    minimum_calls: 3,
    failure_percent: 50,
    slow_call: None,
    slow_percent: 100,
    open: Span::from_secs(10),
    probes: 2,
    half_open: None,
};

#[test]
fn it_opens_at_the_threshold_and_not_before() {
    let cases: [(&str, BreakerConfig, Option<usize>); 10] = [
        ("..xx", CONFIG, Some(4)),
        // Two of three are enough, and three calls are the fewest that count.
        ("xx.", CONFIG, Some(3)),
        ("x..", CONFIG, None),
        ("xxx", BreakerConfig { minimum_calls: 4, ..CONFIG }, None),
        ("xxxx", BreakerConfig { minimum_calls: 4, ..CONFIG }, Some(4)),
        // The window slides: what failed long ago is forgotten.
        ("x....x...x", CONFIG, None),
        ("x....x.x", CONFIG, Some(8)),
        (
            "x",
            BreakerConfig {
                window: BreakerWindow::Calls(1),
                minimum_calls: 1,
                failure_percent: 100,
                ..CONFIG
            },
            Some(1),
        ),
        ("xxx.xxx.", BreakerConfig { minimum_calls: 4, failure_percent: 76, ..CONFIG }, None),
        ("...x", BreakerConfig { failure_percent: 25, ..CONFIG }, Some(4)),
    ];
    for (calls, config, opens_at) in cases {
        let mut breaker = Breaker::new(config);
        let mut opened_at = None;
        for (nth, call) in (1..).zip(calls.chars()) {
            assert_eq!(breaker.permits(), u32::MAX, "{calls}: closed before call {nth}");
            if end(&mut breaker, call == 'x', 0).is_some() {
                opened_at = Some(nth);
                break;
            }
        }
        assert_eq!(opened_at, opens_at, "{calls} {config:?}");
    }
}

#[test]
fn it_half_opens_in_the_very_microsecond() {
    let mut breaker = opened();
    assert_eq!(breaker.permits(), 0);
    assert_eq!(breaker.next_deadline(), Some(Timestamp::from_millis(10_000)));
    assert_eq!(breaker.tick(Timestamp::from_micros(9_999_999)), None);
    assert_eq!(breaker.tick(Timestamp::from_millis(10_000)), Some(BreakerChange::HalfOpened));
    assert_eq!(breaker.tick(Timestamp::from_millis(10_000)), None);
    assert_eq!((breaker.permits(), breaker.next_deadline()), (2, None));
}

#[test]
fn it_closes_when_every_probe_succeeded() {
    let mut breaker = half_open();
    let (first, second) =
        (breaker.call_started(Timestamp::ZERO), breaker.call_started(Timestamp::ZERO));
    assert_eq!(breaker.permits(), 0, "no more than the probes start");
    assert_eq!(breaker.call_ended(second, false, Timestamp::ZERO), None);
    assert_eq!(breaker.permits(), 0);
    let closed = breaker.call_ended(first, false, Timestamp::ZERO);
    assert_eq!(closed, Some(BreakerChange::Closed));
    assert!(breaker.window.is_empty(), "it starts with a clean slate");
}

#[test]
fn one_failed_probe_opens_it_again() {
    let mut breaker = half_open();
    assert_eq!(end(&mut breaker, false, 10_000), None);
    let until = Timestamp::from_millis(22_000);
    assert_eq!(end(&mut breaker, true, 12_000), opened_until(22_000, OpenReason::FailureRate));
    assert_eq!(breaker.state(), BreakerState::Open { until });
    breaker.tick(until);
    assert_eq!(breaker.permits(), 2, "the successful probe of last time is forgotten");
}

#[test]
fn a_probe_that_says_nothing_makes_room_for_another() {
    let mut breaker = half_open();
    let (first, _second) =
        (breaker.call_started(Timestamp::ZERO), breaker.call_started(Timestamp::ZERO));
    breaker.call_ignored(first);
    assert_eq!((breaker.permits(), breaker.state()), (1, BreakerState::HalfOpen));
}

#[test]
fn what_says_nothing_leaves_a_closed_breaker_alone() {
    let mut breaker = Breaker::new(CONFIG);
    let before = breaker.clone();
    let permit = breaker.call_started(Timestamp::ZERO);
    breaker.call_ignored(permit);
    assert_eq!(breaker, before);
}

#[test]
fn calls_that_outlast_a_change_count_for_nothing() {
    let mut breaker = Breaker::new(CONFIG);
    let old: [Permit; 4] = core::array::from_fn(|_| breaker.call_started(Timestamp::ZERO));
    (0..3).for_each(|_| _ = end(&mut breaker, true, 0));
    let while_open = breaker.clone();
    assert_eq!(breaker.call_ended(old[0], true, Timestamp::ZERO), None);
    assert_eq!(breaker, while_open, "an opening is not prolonged");

    breaker.tick(Timestamp::from_millis(10_000));
    let probe = breaker.call_started(Timestamp::ZERO);
    let while_half_open = breaker.clone();
    for failed in [true, false] {
        assert_eq!(breaker.call_ended(old[1], failed, Timestamp::ZERO), None);
    }
    breaker.call_ignored(old[2]);
    assert_eq!(breaker, while_half_open, "no old call passes for a probe");

    breaker.call_ended(probe, false, Timestamp::ZERO);
    end(&mut breaker, false, 0);
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.call_ended(old[3], true, Timestamp::ZERO), None);
    assert!(breaker.window.is_empty());
}

#[test]
fn slow_calls_open_it_by_a_share_of_their_own() {
    let slow_call = Some(Span::from_millis(100));
    let config = BreakerConfig { slow_call, slow_percent: 50, failure_percent: 100, ..CONFIG };
    // Each call as the milliseconds that it took; a failed one has a minus.
    for (calls, opens) in [
        ([100, 100, 100, 100], None),
        ([101, 1, 1, 101], Some(OpenReason::SlowCallRate)),
        ([101, 1, 1, 100], None),
        // A slow failure counts as both, and the failures are named first.
        ([1, -101, 1, -101], Some(OpenReason::SlowCallRate)),
        ([-101, -101, -101, 1], Some(OpenReason::FailureRate)),
        ([-1, -1, -1, 1], Some(OpenReason::FailureRate)),
    ] {
        let mut breaker = Breaker::new(config);
        let reason = calls.iter().find_map(|call: &i64| {
            let permit = breaker.call_started(Timestamp::ZERO);
            let now = Timestamp::from_millis(call.unsigned_abs());
            match breaker.call_ended(permit, *call < 0, now)? {
                BreakerChange::Opened { reason, .. } => Some(reason),
                other => panic!("{other:?}"),
            }
        });
        assert_eq!(reason, opens, "{calls:?}");
    }
}

#[test]
fn a_call_is_slow_beyond_the_threshold_and_not_at_it() {
    let config = BreakerConfig {
        window: BreakerWindow::Calls(1),
        minimum_calls: 1,
        slow_call: Some(Span::from_micros(7)),
        ..CONFIG
    };
    for (micros, slow) in [(6, false), (7, false), (8, true)] {
        let mut breaker = Breaker::new(config);
        let permit = breaker.call_started(Timestamp::from_millis(1));
        let now = Timestamp::from_millis(1) + Span::from_micros(micros);
        assert_eq!(breaker.call_ended(permit, false, now).is_some(), slow, "{micros} µs");
    }
}

#[test]
fn probes_are_judged_by_the_same_shares() {
    let probing = BreakerConfig { probes: 4, minimum_calls: 4, ..CONFIG };
    let needs_two = BreakerConfig { minimum_calls: 2, ..probing };
    let slow_call = Some(Span::from_millis(50));
    let with_slow = BreakerConfig { slow_call, slow_percent: 75, ..probing };
    let failing = Some(OpenReason::FailureRate);
    // Probes: `.` good, `x` failed, `s` slow. It closes, opens, or waits for more.
    for (calls, config, verdict) in [
        ("....", probing, Some(None)),
        ("x...", probing, Some(None)),
        ("...x", probing, Some(None)),
        // Half of four have failed: the rest cannot mend it.
        ("x.x", probing, Some(failing)),
        ("xx", probing, Some(failing)),
        ("...", probing, None),
        ("x..", probing, None),
        // A verdict needs no more calls than a closed breaker needs.
        ("..", needs_two, Some(None)),
        ("x", needs_two, Some(failing)),
        ("ss.s", with_slow, Some(Some(OpenReason::SlowCallRate))),
        ("ss..", with_slow, Some(None)),
    ] {
        let mut breaker = half_open_with(config);
        let mut said = None;
        for call in calls.chars() {
            assert_eq!(said, None, "{calls}: undecided before {call}");
            let permit = breaker.call_started(Timestamp::ZERO);
            let took = if call == 's' { 51 } else { 50 };
            said = breaker.call_ended(permit, call == 'x', Timestamp::from_millis(took));
        }
        let said = said.map(|change| match change {
            BreakerChange::Closed => None,
            BreakerChange::Opened { reason, .. } => Some(reason),
            other => panic!("{other:?}"),
        });
        assert_eq!(said, verdict, "{calls} {config:?}");
    }
}

#[test]
fn no_more_probes_start_than_are_permitted_whatever_becomes_of_them() {
    let mut breaker = half_open_with(BreakerConfig { probes: 3, failure_percent: 100, ..CONFIG });
    let mut under_way: Vec<Permit> = Vec::new();
    let (mut done, mut ignored) = (0, 0);
    for turn in 0.. {
        while breaker.permits() > 0 {
            under_way.push(breaker.call_started(Timestamp::ZERO));
        }
        assert_eq!(under_way.len() + done, 3, "after {ignored} that say nothing");
        let permit = under_way.remove(turn % under_way.len());
        if turn % 3 == 2 {
            done += 1;
            if breaker.call_ended(permit, done == 1, Timestamp::ZERO).is_some() {
                break;
            }
        } else {
            ignored += 1;
            breaker.call_ignored(permit);
        }
    }
    assert_eq!((done, ignored), (3, 6));
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn half_open_for_too_long_opens_it_again() {
    let half_open = Some(Span::from_secs(3));
    let mut breaker = half_open_with(BreakerConfig { half_open, ..CONFIG });
    assert_eq!(breaker.next_deadline(), Some(Timestamp::from_millis(13_000)));
    let probe = breaker.call_started(Timestamp::from_millis(10_000));
    assert_eq!(breaker.tick(Timestamp::from_micros(12_999_999)), None);
    let again = breaker.tick(Timestamp::from_millis(13_000));
    assert_eq!(again, opened_until(23_000, OpenReason::HalfOpenTooLong));
    assert_eq!(breaker.call_ended(probe, false, Timestamp::from_millis(14_000)), None);

    breaker.tick(Timestamp::from_millis(23_000));
    assert_eq!(end(&mut breaker, false, 25_999), None);
    assert_eq!(end(&mut breaker, false, 25_999), Some(BreakerChange::Closed));
    assert_eq!(breaker.next_deadline(), None, "decided in time");
}

#[test]
fn an_operator_opens_disables_and_resets_it_from_every_state() {
    let forced = |how| {
        let mut breaker = Breaker::new(CONFIG);
        breaker.apply_override(how).unwrap();
        breaker
    };
    for (name, breaker) in [
        ("closed", closed_with_a_call()),
        ("open", opened()),
        ("half-open", half_open()),
        ("forced open", forced(BreakerOverride::ForceOpen)),
        ("disabled", forced(BreakerOverride::Disable)),
    ] {
        for (how, state, change, permits) in [
            (BreakerOverride::ForceOpen, BreakerState::ForcedOpen, BreakerChange::ForcedOpen, 0),
            (BreakerOverride::Disable, BreakerState::Disabled, BreakerChange::Disabled, u32::MAX),
            (BreakerOverride::Reset, BreakerState::Closed, BreakerChange::Reset, u32::MAX),
        ] {
            let mut breaker = breaker.clone();
            let news = breaker.state() != state || name == "closed";
            assert_eq!(breaker.apply_override(how), news.then_some(change), "{name}");
            assert_eq!((breaker.state(), breaker.permits()), (state, permits), "{name}");
            assert_eq!(breaker.next_deadline(), None, "{name}");
            assert_eq!(breaker.apply_override(how), None, "{name}: twice is once");
            assert!(breaker.is_sound(LATER), "{name}");
        }
    }
}

#[test]
fn what_an_operator_forced_lasts_until_the_reset() {
    for how in [BreakerOverride::ForceOpen, BreakerOverride::Disable] {
        let mut breaker = opened();
        breaker.apply_override(how);
        let forced = breaker.clone();
        for at in [10_000, 1_000_000] {
            assert_eq!(breaker.tick(Timestamp::from_millis(at)), None);
            (0..20).for_each(|_| assert_eq!(end(&mut breaker, true, at), None));
        }
        assert_eq!(breaker, forced);
        let old = breaker.call_started(Timestamp::ZERO);
        assert_eq!(breaker.apply_override(BreakerOverride::Reset), Some(BreakerChange::Reset));
        assert_eq!(breaker.call_ended(old, true, Timestamp::ZERO), None);
        assert!(breaker.window.is_empty(), "calls of before count for nothing");
        (0..2).for_each(|_| assert_eq!(end(&mut breaker, true, 0), None));
        assert!(end(&mut breaker, true, 0).is_some(), "it works as ever");
    }
}

#[test]
fn a_time_window_forgets_a_call_between_nine_tenths_of_it_and_all_of_it() {
    let window = BreakerWindow::Time { time: Span::from_secs(10) };
    let config = BreakerConfig { window, minimum_calls: 2, failure_percent: 60, ..CONFIG };
    for first in [0, 1, 500, 999] {
        let opens = |gap: u64| {
            let mut breaker = Breaker::new(config);
            // The tenths begin with the first call of all.
            assert_eq!(end(&mut breaker, false, 0), None);
            assert_eq!(end(&mut breaker, true, first), None);
            end(&mut breaker, true, first + gap).is_some()
        };
        let forgotten_after = (0..11_000).find(|gap| !opens(*gap));
        assert_eq!(forgotten_after, Some(10_000 - first));
        assert!((9_000..11_000).filter(|gap| *gap >= 10_000 - first).all(|gap| !opens(gap)));
    }
}

#[test]
fn time_that_runs_backwards_makes_no_call_slow_and_forgets_none() {
    let window = BreakerWindow::Time { time: Span::from_secs(1) };
    let slow_call = Some(Span::from_micros(1));
    let mut breaker = Breaker::new(BreakerConfig { window, slow_call, ..CONFIG });
    for at in [5_000, 4_000, 0] {
        let permit = breaker.call_started(Timestamp::from_millis(5_000));
        assert_eq!(breaker.call_ended(permit, false, Timestamp::from_millis(at)), None);
    }
    assert!(end(&mut breaker, true, 5_000).is_none(), "one of four failed");
    assert!(end(&mut breaker, true, 5_000).is_none(), "two of five");
    assert!(end(&mut breaker, true, 5_000).is_some(), "three of six");
}

#[test]
fn the_largest_window_slides_like_the_smallest() {
    let window = BreakerWindow::Calls(BREAKER_WINDOW_MAX);
    let mut breaker =
        Breaker::new(BreakerConfig { window, minimum_calls: 1_000, failure_percent: 2, ..CONFIG });
    // One failure in a hundred, for a long time, then one in fifty.
    (0..10_000).for_each(|nth| assert_eq!(end(&mut breaker, nth % 100 == 0, 0), None));
    let opens = (0..).find(|nth| end(&mut breaker, nth % 50 == 0, 0).is_some());
    assert_eq!(opens, Some(950));
}

/// After all that happens to the breakers that are written down.
const LATER: Timestamp = Timestamp::from_millis(10_000);

#[test]
fn a_document_of_it_is_the_same_breaker_and_a_damaged_one_is_noticed() {
    let time = BreakerWindow::Time { time: Span::from_secs(10) };
    let timed = || {
        let mut breaker = Breaker::new(BreakerConfig { window: time, ..CONFIG });
        [0, 1_200, 3_000].iter().for_each(|at| _ = end(&mut breaker, *at == 1_200, *at));
        breaker
    };
    for breaker in [closed_with_a_call(), timed(), opened(), half_open()] {
        let text = serde_json::to_string(&breaker).unwrap();
        let read: Breaker = serde_json::from_str(&text).unwrap();
        assert!(read.is_sound(LATER));
        assert_eq!(read, breaker);
    }
    for (breaker, sound, damaged) in [
        (closed_with_a_call(), r#"["failed"]"#, r#"["failed","good"]"#),
        (closed_with_a_call(), r#""state":"closed""#, r#""state":"disabled""#),
        (timed(), r#""sum":{"calls":3"#, r#""sum":{"calls":4"#),
        (timed(), r#"{"calls":1,"failed":1,"slow":0}"#, r#"{"calls":1,"failed":2,"slow":0}"#),
        (timed(), r#""window":{"time_ms":10000}"#, r#""window":4"#),
        (half_open(), r#""probes_left":2"#, r#""probes_left":3"#),
        (half_open(), r#""half_open_until":null"#, r#""half_open_until":5"#),
        (timed(), r#""newest_from":"#, r#""newest_from":99999999"#),
        (opened(), r#""until":"#, r#""until":99999999"#),
        (opened(), r#""changes":1"#, r#""changes":18446744073709551615"#),
    ] {
        let text = serde_json::to_string(&breaker).unwrap();
        assert!(text.contains(sound), "{text}");
        let read: Breaker = serde_json::from_str(&text.replacen(sound, damaged, 1)).unwrap();
        assert!(!read.is_sound(LATER), "{damaged} was taken for sound");
    }
}

fn opened() -> Breaker {
    let mut breaker = Breaker::new(CONFIG);
    (0..3).for_each(|_| _ = end(&mut breaker, true, 0));
    breaker
}

fn half_open() -> Breaker {
    half_open_with(CONFIG)
}

/// Half-open since 10 s.
fn half_open_with(config: BreakerConfig) -> Breaker {
    let mut breaker = Breaker::new(config);
    while breaker.state() == BreakerState::Closed {
        end(&mut breaker, true, 0);
    }
    breaker.tick(Timestamp::from_millis(10_000));
    breaker
}

fn closed_with_a_call() -> Breaker {
    let mut breaker = Breaker::new(CONFIG);
    end(&mut breaker, true, 0);
    breaker
}

fn end(breaker: &mut Breaker, failed: bool, at_ms: u64) -> Option<BreakerChange> {
    let now = Timestamp::from_millis(at_ms);
    let permit = breaker.call_started(now);
    breaker.call_ended(permit, failed, now)
}

fn opened_until(ms: u64, reason: OpenReason) -> Option<BreakerChange> {
    Some(BreakerChange::Opened { until: Timestamp::from_millis(ms), reason })
}
