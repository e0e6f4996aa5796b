//! Reports and sweeps: the figures, and how they are told.

use postroom_core::{Event, Span, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, count, outage, run, secs, trouble};
use crate::{
    Mode, Report, Scenario, Sweep, Topology, Trial, goals::Reason, report::QueueReport, sweep,
    try_seed,
};

fn early() -> Scenario<Topology> {
    let text = include_str!("../../examples/acks_too_early.json");
    Scenario::read(text, serde_json::from_str, serde_json::from_str).expect("it is a scenario")
}

fn report(scenario: Scenario<Topology>, until: u64) -> Report {
    let mut trial = Trial::reporting(scenario).expect("it can be built");
    trial.run_until(secs(until));
    trial.report().expect("it was asked for one")
}

fn queue<'r>(report: &'r Report, name: &str) -> &'r QueueReport {
    report.queues.iter().find(|queue| queue.name == name).expect("it is there")
}

/// An outage after which the queue drains and dead letters stay.
#[test]
fn the_figures_are_those_of_the_trace() {
    let (world, trace) = run(trouble(4, Mode::Failing), 120);
    let report = report(trouble(4, Mode::Failing), 120);
    let sms = queue(&report, "sms");
    let id = super::queue(&world, "sms");
    let here = |is_it: fn(&Event) -> bool| {
        count(&trace, |event| event.queue() == Some(id) && is_it(event))
    };
    assert_eq!(sms.flow.enqueued, here(|event| matches!(event, Event::Enqueued { .. })));
    assert_eq!(sms.flow.acked, here(|event| matches!(event, Event::Acked { .. })));
    assert_eq!(sms.calls, here(|event| matches!(event, Event::CallStarted { .. })));
    assert_eq!(sms.calls_failed, here(|event| matches!(event, Event::CallFailed { .. })));
    let dead = here(|event| matches!(event, Event::DeadLettered { .. }));
    assert_eq!(sms.dead.iter().map(|dead| dead.copies).sum::<u64>(), dead);
    assert_eq!(queue(&report, "sms dead letters").left, dead);
    assert_eq!(sms.acked_per_minute, sms.flow.acked.div_ceil(2));
    assert_eq!(sms.calls_wasted_per_mille, (sms.calls_failed * 1_000 + sms.calls / 2) / sms.calls);
    assert_eq!(sms.latency.histogram.count(), sms.flow.acked);
    assert!(sms.latency.p50_us < sms.latency.p99_us && sms.latency.p99_us <= sms.latency.max_us);
}

#[test]
fn the_peak_is_told_with_the_time_to_empty_again() {
    // 40 at once, four at a time for 100 ms each: a second.
    let mut scenario = early();
    scenario.producers[0].arrivals = crate::Arrivals::Burst { count: 40, every_ms: 10_000 };
    scenario.producers[0].limit = Some(80);
    scenario.system.queues[0].config.settlement = postroom_core::Settlement::Explicit;
    scenario.providers[0].latency_ms = crate::Latency::Fixed(100);
    scenario.providers[0].mode = Mode::Healthy;
    let done = report(scenario.clone(), 60);
    let orders = queue(&done, "orders");
    assert_eq!((orders.peak, orders.left, orders.undrained_runs), (40, 0, 0));
    assert_eq!(orders.drained_within_us, Some(Span::from_secs(1)), "after the first peak");
    let open = report(scenario, 10);
    let orders = queue(&open, "orders");
    assert_eq!((orders.peak, orders.undrained_runs, orders.drained_within_us), (40, 1, None));
}

#[test]
fn reports_add_up_in_any_order() {
    let parts: Vec<Report> = (0..4).map(|seed| report(calm(seed), 30)).collect();
    let sum = |order: [usize; 4]| {
        let mut sum = Report::default();
        order.iter().for_each(|i| sum.add(&parts[*i]));
        sum
    };
    let all = sum([0, 1, 2, 3]);
    assert_eq!(all, sum([3, 1, 0, 2]));
    assert_eq!((all.runs, all.time_us), (4, Span::from_secs(120)));
    let acked: u64 = parts.iter().map(|part| queue(part, "push").flow.acked).sum();
    assert_eq!(queue(&all, "push").flow.acked, acked);
    assert_eq!(queue(&all, "push").latency.histogram.count(), acked);
    assert_eq!(queue(&all, "push").acked_per_minute, acked.div_ceil(2));
}

#[test]
fn a_report_is_a_document() {
    let report = report(outage(), 60);
    let text = serde_json::to_string(&report).expect("it can be written");
    assert_eq!(serde_json::from_str::<Report>(&text).expect("it can be read"), report);
    let sms = queue(&report, "sms");
    assert!(sms.dead.iter().all(|dead| dead.reason == Reason::Deadline), "{:?}", sms.dead);
}

/// Two hundred seeds of a worker that acknowledges before it works.
#[test]
fn the_flaw_is_found_and_told() {
    let sweep = sweep(&early(), 1..=200, secs(60)).expect("it can be built");
    let lost = &sweep.goals[0];
    assert!(!sweep.is_met());
    assert!((40..120).contains(&lost.failed.len()), "{}: 1 - 0.99^50 is 39 %", lost.failed.len());
    assert!(sweep.goals[1].failed.is_empty(), "the other goal is met");
    let first = lost.first.as_ref().expect("it failed");
    assert_eq!(first.seed, lost.failed[0]);
    let message = first.found.as_ref().and_then(|found| found.message).expect("one is to blame");
    assert!(first.path.iter().all(|line| line.contains(&message.to_string())));
    let says = ["published", "enqueued", "delivered", "acknowledged", "started", "failed"];
    for (line, says) in first.path.iter().zip(says) {
        assert!(line.contains(says), "{line}");
    }
    assert_eq!(first.path.len(), says.len());
    let golden = include_str!("../../examples/acks_too_early.txt");
    assert_eq!(sweep.to_string(), golden, "as people read it");
}

#[test]
fn what_has_waited_longest_is_to_blame_for_its_age() {
    let mut scenario = outage();
    let that = r#"{ "never": { "at_least":
        { "of": { "measure": "oldest_age_ms", "queue": "sms" }, "value": 20000 } } }"#;
    let that = serde_json::from_str(that).expect("a condition");
    scenario.goals = vec![crate::Goal { name: "sms is in time".to_owned(), that }];
    let sweep = sweep(&scenario, [7], secs(120)).expect("it can be built");
    let failure = sweep.goals[0].first.as_ref().expect("it hangs for 30 s");
    let published = failure.at_us - Span::from_secs(20);
    let (micros, found) = (published.as_micros(), failure.found.as_ref().expect("a metric"));
    let starts = format!(
        "{}.{:06}s  {}  published to t0",
        micros / 1_000_000,
        micros % 1_000_000,
        found.message.expect("one is to blame")
    );
    assert_eq!(failure.path.first(), Some(&starts));
    assert!(failure.path.iter().skip(1).all(|line| line.contains("  sms  ")), "{failure:?}");
}

#[test]
fn a_sweep_in_parts_is_the_same_sweep() {
    let scenario = early();
    let whole = sweep(&scenario, 1..=20, secs(60)).expect("it can be built");
    let mut parts = Sweep::new(&scenario, secs(60));
    for seed in 1..=20 {
        parts.add(try_seed(&scenario, seed, secs(60)).expect("it can be built"));
    }
    assert_ne!(parts, whole, "the paths are missing");
    parts.explain(&scenario).expect("it can be built");
    assert_eq!(parts, whole);
    let text = serde_json::to_string(&whole).expect("it can be written");
    assert_eq!(serde_json::from_str::<Sweep>(&text).expect("it can be read"), whole);
}

#[test]
fn names_steer_no_terminal() {
    let mut scenario = early();
    scenario.name = "\u{1b}[2J\nfake: met".to_owned();
    scenario.goals[0].name = "\r<b>".to_owned();
    let sweep = sweep(&scenario, 1..=1, Timestamp::from_millis(1)).expect("it can be built");
    let text = sweep.to_string();
    assert!(text.starts_with("\u{fffd}[2J\u{fffd}fake: met: 1 seed"), "{text}");
    assert!(text.contains("met    \u{fffd}<b>\n"), "{text}");
}
