//! Every mode does what its name says, and what was taken can be counted.

use std::collections::{BTreeMap, BTreeSet};

use postroom_core::{Ambiguous, Event, FailReason, MessageId, Span};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, count, queue, run, secs};
use crate::{AnswerLost, Arrivals, Intervention, Latency, Mode, Scenario, Topology, World};

/// 600 orders in ten minutes for one queue; none is ever given up for good.
fn shop(mode: Mode) -> Scenario<Topology> {
    let mut scenario = calm(5);
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 60 };
    scenario.producers[0].limit = Some(600);
    scenario.system.subscriptions.retain(|subscription| subscription.queue == "sms");
    let sms = &mut scenario.system.queues[1].config;
    (sms.max_deliveries, sms.deliver_within) = (1_000, None);
    scenario.system.consumers[2].config.breaker = None;
    scenario.system.consumers[2].config.concurrency = 100;
    scenario.providers[2].mode = mode;
    scenario
}

fn calls_failed(trace: &crate::Trace, why: FailReason) -> u64 {
    count(trace, |event| matches!(event, Event::CallFailed { reason, .. } if *reason == why))
}

fn sms(world: &World<Topology>) -> &crate::ProviderState {
    world.provider("sms").expect("it is there")
}

#[test]
fn the_healthy_takes_each_once() {
    let (world, _) = run(shop(Mode::Healthy), 700);
    let counts: Vec<_> = sms(&world).taken().iter().collect();
    assert_eq!(counts.len(), 600);
    let queue = queue(&world, "sms");
    for (number, ((taken_from, message), count)) in (0..).zip(counts) {
        assert_eq!((taken_from, message.number, count), (queue, number, 1));
    }
}

#[test]
fn the_failing_takes_nothing_and_says_so() {
    let (world, trace) = run(shop(Mode::Failing), 300);
    assert_eq!(sms(&world).taken().total(), 0);
    assert_eq!(calls_failed(&trace, FailReason::Timeout), 0);
    assert!(calls_failed(&trace, FailReason::Transient) > 1_000);
}

#[test]
fn the_hanging_takes_nothing_and_never_answers() {
    let (mut world, trace) = run(shop(Mode::Hanging), 300);
    assert_eq!(sms(&world).taken().total(), 0);
    assert_eq!(calls_failed(&trace, FailReason::Transient), 0);
    assert!(calls_failed(&trace, FailReason::Timeout) > 1_000);
    // Healed, it takes every one once: what hung before stays untaken.
    let heal = Intervention::SetMode { provider: "sms".to_owned(), mode: Mode::Healthy };
    world.intervene(heal, &mut ()).expect("it can be healed");
    world.run_until(secs(1_300), &mut ());
    let taken = sms(&world).taken();
    assert_eq!((taken.distinct(), taken.total()), (600, 600));
}

#[test]
fn the_slow_takes_longer() {
    let healthy = run(shop(Mode::Healthy), 700).1;
    let (world, slow) = run(shop(Mode::Slow { extra_ms: 1_000 }), 700);
    let ends = |trace: &crate::Trace| -> Vec<_> {
        let succeeded = |event: &Event| matches!(event, Event::CallSucceeded { .. });
        trace.events().iter().filter(|(_, event)| succeeded(event)).map(|(at, _)| *at).collect()
    };
    let later: Vec<_> = ends(&healthy).into_iter().map(|at| at + Span::from_secs(1)).collect();
    assert_eq!(later, ends(&slow));
    assert_eq!(sms(&world).taken().total(), 600);
}

#[test]
fn the_slow_takes_also_what_was_given_up() {
    let (world, trace) = run(shop(Mode::Slow { extra_ms: 3_000 }), 100);
    assert_eq!(count(&trace, |event| matches!(event, Event::CallSucceeded { .. })), 0);
    let given_up = calls_failed(&trace, FailReason::Timeout);
    let taken = sms(&world).taken();
    assert!(taken.total() > 100 && taken.total() <= given_up, "{} of {given_up}", taken.total());
    assert!(taken.total() > taken.distinct());
}

#[test]
fn what_is_poison_fails_at_every_attempt_and_nothing_else_does() {
    let mut scenario = shop(Mode::Poisoned { percent: 20 });
    scenario.system.queues[1].config.max_deliveries = 3;
    let (world, trace) = run(scenario, 1_000);
    let mut failed = BTreeMap::<MessageId, u32>::new();
    for (_, event) in trace.events() {
        if let Event::CallFailed { message, .. } = event {
            *failed.entry(*message).or_default() += 1;
        }
    }
    assert!((90..150).contains(&failed.len()), "{} of 600 are poison", failed.len());
    assert!(failed.values().all(|attempts| *attempts == 3), "no attempt helps: {failed:?}");
    let taken: BTreeSet<MessageId> =
        sms(&world).taken().iter().map(|((_, message), _)| message).collect();
    assert_eq!(taken.len() + failed.len(), 600);
    assert!(failed.keys().all(|message| !taken.contains(message)));
}

#[test]
fn the_flaky_that_answers_loses_and_doubles_nothing() {
    let mode = Mode::Flaky { fail_percent: 30, answer_lost: AnswerLost::Never };
    let (world, trace) = run(shop(mode), 700);
    let taken = sms(&world).taken();
    assert_eq!((taken.distinct(), taken.total()), (600, 600));
    assert_eq!(calls_failed(&trace, FailReason::Transient), sms(&world).calls() - 600);
}

#[test]
fn an_answer_lost_before_the_effect_costs_a_call() {
    let mode = Mode::Flaky { fail_percent: 30, answer_lost: AnswerLost::Before };
    let (world, trace) = run(shop(mode), 700);
    let taken = sms(&world).taken();
    assert_eq!((taken.distinct(), taken.total()), (600, 600));
    assert_eq!(calls_failed(&trace, FailReason::Ambiguous), sms(&world).calls() - 600);
}

#[test]
fn an_answer_lost_after_the_effect_makes_a_duplicate() {
    let mode = Mode::Flaky { fail_percent: 30, answer_lost: AnswerLost::After };
    let (world, trace) = run(shop(mode), 700);
    let (taken, lost) = (sms(&world).taken(), calls_failed(&trace, FailReason::Ambiguous));
    assert!(lost > 100, "{lost}");
    assert_eq!((taken.distinct(), taken.total()), (600, 600 + lost));
}

#[test]
fn where_a_resend_is_not_safe_nothing_doubles_and_nothing_is_lost() {
    let mode = Mode::Flaky { fail_percent: 30, answer_lost: AnswerLost::After };
    let mut scenario = shop(mode);
    scenario.system.consumers[2].config.ambiguous = Ambiguous::DeadLetter;
    let (world, trace) = run(scenario, 700);
    let dead = queue(&world, "sms dead letters");
    let stats = world.machine().engine().queue_stats(dead).expect("it is there");
    assert_eq!(stats.depth(), calls_failed(&trace, FailReason::Ambiguous));
    assert_eq!(sms(&world).taken().total(), 600);
}

#[test]
fn as_many_fail_as_were_to() {
    for fail_percent in [0, 1, 30, 99, 100] {
        let answer_lost = AnswerLost::Never;
        let (world, trace) = run(shop(Mode::Flaky { fail_percent, answer_lost }), 700);
        let (failed, calls) = (calls_failed(&trace, FailReason::Transient), sms(&world).calls());
        let expected = calls * u64::from(fail_percent) / 100;
        // Four standard deviations at most, for some thousand calls.
        assert!(failed.abs_diff(expected) <= calls / 20, "{failed} of {calls}, not {expected}");
        assert_eq!(failed == 0, fail_percent == 0);
        assert_eq!(sms(&world).taken().total() == 0, fail_percent == 100);
    }
}

#[test]
fn a_call_takes_from_the_least_to_the_most_latency() {
    let mut scenario = shop(Mode::Healthy);
    scenario.providers[2].latency_ms = Latency::Uniform { min: 200, max: 210 };
    let (_, trace) = run(scenario, 700);
    let mut started = std::collections::BTreeMap::new();
    let mut latencies = Vec::new();
    for (at, event) in trace.events() {
        match event {
            Event::CallStarted { call, .. } => drop(started.insert(*call, *at)),
            Event::CallSucceeded { call, .. } => {
                latencies.push(at.since(started[call]).as_micros());
            }
            _ => {}
        }
    }
    let (least, most) = (latencies.iter().min().copied(), latencies.iter().max().copied());
    assert!(least.is_some_and(|least| (200_000..200_500).contains(&least)), "{least:?}");
    assert!(most.is_some_and(|most| (209_500..=210_000).contains(&most)), "{most:?}");
    // No latency at all: each is taken the moment it comes.
    let mut scenario = shop(Mode::Healthy);
    scenario.providers[2].latency_ms = Latency::Uniform { min: 0, max: 0 };
    let (world, _) = run(scenario, 10);
    assert_eq!(sms(&world).taken().total(), 10);
}
