//! Goals: when they are decided, and by what.

mod refusals;

use postroom_core::{Backoff, DeadReason, Event, FailReason, Growth, MessageId, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{Goal, Goals, Judgement, Measure, Verdict};
use crate::{
    AnswerLost, Arrivals, Fault, Latency, Mode, Scenario, Topology, Trace, Trial, Trouble, World,
    limits::SPAN_MS_MAX, tests::calm,
};

/// One message a second for a minute, taken in 100 ms, unless the provider hangs.
fn shop(that: &str) -> Scenario<Topology> {
    let text = format!(
        r#"{{
            "version": 1, "name": "shop", "seed": 3,
            "system": {{
                "queues": [
                    {{ "name": "dead" }},
                    {{ "name": "orders", "dead_letters": "dead",
                      "config": {{ "max_deliveries": 2 }} }}
                ],
                "topics": [{{ "name": "news" }}],
                "consumers": [{{ "name": "bank", "queue": "orders",
                    "config": {{ "call_timeout_ms": 500, "breaker": null }} }}],
                "routes": {{ "shop": {{ "to": "orders" }} }}
            }},
            "producers": [{{ "name": "shop", "limit": 60,
                             "arrivals": {{ "constant": {{ "per_minute": 60 }} }} }}],
            "providers": [{{ "name": "bank", "latency_ms": {{ "uniform": {{ "min": 100, "max": 100 }} }} }}],
            "goals": [{{ "name": "goal", "that": {that} }}]
        }}"#
    );
    Scenario::read(&text, serde_json::from_str, serde_json::from_str)
        .unwrap_or_else(|error| panic!("{that}: {error}"))
}

fn fault(at_ms: u64, mode: Mode) -> Fault {
    Fault::mode(at_ms, "bank", mode)
}

fn secs(secs: u64) -> Timestamp {
    Timestamp::from_millis(secs * 1_000)
}

/// The only goal of a scenario after so many seconds.
fn judged(scenario: Scenario<Topology>, until: u64) -> Judgement {
    let mut trial = Trial::new(scenario).expect("its goals name what is there");
    trial.run_until(secs(until));
    trial.judge().remove(0)
}

/// Verdict and moment in milliseconds.
fn verdict(scenario: Scenario<Topology>, until: u64) -> (Verdict, u64) {
    let judged = judged(scenario, until);
    (judged.verdict, judged.at_us.as_micros() / 1_000)
}

fn at_least(measure: &str, value: u64) -> String {
    format!(r#"{{ "at_least": {{ "of": {{ "measure": {measure} }}, "value": {value} }} }}"#)
}

fn at_most(measure: &str, value: u64) -> String {
    format!(r#"{{ "at_most": {{ "of": {{ "measure": {measure} }}, "value": {value} }} }}"#)
}

const DEPTH: &str = r#""depth", "queue": "orders""#;
const AGE: &str = r#""oldest_age_ms", "queue": "orders""#;

#[test]
fn what_only_grows_is_decided_when_it_is_reached() {
    use Verdict::{Met, Unmet};
    let run = |that: &str| verdict(shop(that), 30);
    assert_eq!(run(&at_least(r#""acked""#, 10)), (Met, 10_100));
    assert_eq!(run(&at_most(r#""acked""#, 9)), (Unmet, 10_100));
    assert_eq!(run(&at_least(r#""acked", "queue": "orders""#, 10)), (Met, 10_100));
    assert_eq!(run(&at_least(r#""acked", "queue": "dead""#, 1)), (Unmet, 0));
    assert_eq!(run(&at_least(r#""published", "topic": "news""#, 1)), (Unmet, 0));
    assert_eq!(run(&at_least(r#""sent", "producer": "shop""#, 7)), (Met, 7_000));
    assert_eq!(run(&at_least(r#""taken", "provider": "bank""#, 7)), (Met, 7_100));
    assert_eq!(run(&at_most(r#""calls""#, 29)), (Unmet, 30_000));
    let exactly = at_most(r#""enqueued""#, 30).replace("at_most", "exactly");
    assert_eq!(run(&exactly), (Met, 30_000), "for now");
    assert_eq!(verdict(shop(&exactly), 31), (Unmet, 31_000));
}

#[test]
fn before_the_end_what_is_open_is_pending() {
    let exactly = at_most(r#""enqueued""#, 30).replace("at_most", "exactly");
    let mut trial = Trial::new(shop(&exactly)).expect("it can be built");
    for (until, so_far) in [(5, Verdict::Pending), (30, Verdict::Pending), (31, Verdict::Unmet)] {
        trial.run_until(secs(until));
        assert_eq!(trial.goals().so_far()[0].verdict, so_far, "after {until} s");
        assert_eq!(trial.goals().are_decided(), so_far == Verdict::Unmet);
    }
}

#[test]
fn a_backlog_is_over_in_time_or_is_not() {
    let hangs = |until_ms| {
        let mut scenario = shop(&format!(
            r#"{{ "within": {{ "from_ms": 20000, "ms": 10000, "that": {} }} }}"#,
            at_most(DEPTH, 0)
        ));
        // Four calls hang at a time, so the rest waits: a backlog.
        let orders = &mut scenario.system.queues[1].config;
        orders.max_deliveries = 1_000;
        orders.backoff = Backoff { growth: Growth::Fixed, ..Backoff::default() };
        scenario.faults = vec![fault(1_500, Mode::Hanging), fault(until_ms, Mode::Healthy)];
        scenario
    };
    let (met, at) = verdict(hangs(20_000), 60);
    assert_eq!(met, Verdict::Met);
    assert!((20_100..30_000).contains(&at), "{at}");
    assert_eq!(verdict(hangs(50_000), 60), (Verdict::Unmet, 30_000), "at the end of its time");
    assert_eq!(verdict(hangs(50_000), 25).0, Verdict::Unmet, "the run ends first");
}

#[test]
fn within_looks_from_its_beginning_to_its_end() {
    let within = |from_ms, ms| {
        let acked = at_least(r#""acked""#, 10);
        shop(&format!(r#"{{ "within": {{ "from_ms": {from_ms}, "ms": {ms}, "that": {acked} }} }}"#))
    };
    assert_eq!(verdict(within(0, 10_100), 60), (Verdict::Met, 10_100), "the last moment counts");
    assert_eq!(verdict(within(0, 10_099), 60), (Verdict::Unmet, 10_099));
    assert_eq!(verdict(within(20_050, 0), 60), (Verdict::Met, 20_050), "nothing happens just then");
    assert_eq!(verdict(within(SPAN_MS_MAX, 0), 60), (Verdict::Unmet, 0), "it never began");
}

#[test]
fn what_must_never_be_is_decided_the_first_time() {
    let never = |that: String| shop(&format!(r#"{{ "never": {that} }}"#));
    let judged = judged(never(at_least(DEPTH, 1)), 60);
    assert_eq!((judged.verdict, judged.at_us), (Verdict::Unmet, secs(1)));
    let found = judged.found.expect("a metric");
    let first: MessageId = "q1.0".parse().expect("an id");
    assert_eq!((found.metric.measure, found.value), (Measure::Depth, 1));
    assert_eq!((found.message, found.queue.as_deref()), (Some(first), Some("orders")));
    assert_eq!(verdict(never(at_least(DEPTH, 2)), 60), (Verdict::Met, 0));
}

#[test]
fn throughout_asks_of_its_time_alone() {
    let throughout = |from_ms: u64, until_ms: u64| {
        let that = at_most(DEPTH, 0);
        shop(&format!(
            r#"{{ "throughout": {{ "from_ms": {from_ms}, "until_ms": {until_ms}, "that": {that} }} }}"#
        ))
    };
    assert_eq!(verdict(throughout(10_100, 10_999), 60), (Verdict::Met, 10_999));
    assert_eq!(verdict(throughout(10_100, 11_000), 60), (Verdict::Unmet, 11_000));
    assert_eq!(
        verdict(throughout(10_050, 10_060), 60),
        (Verdict::Unmet, 10_050),
        "it is so already"
    );
    let always = shop(&format!(r#"{{ "throughout": {{ "that": {} }} }}"#, at_most(DEPTH, 1)));
    assert_eq!(verdict(always, 60), (Verdict::Met, 0));
}

#[test]
fn what_holds_for_a_time_holds_without_a_break() {
    let held =
        |ms| shop(&format!(r#"{{ "held_for": {{ "ms": {ms}, "that": {} }} }}"#, at_most(DEPTH, 0)));
    // From 0.0 to 1.0, then from n.1 to the next second.
    assert_eq!(verdict(held(1_000), 60), (Verdict::Met, 1_000), "up to the very moment");
    assert_eq!(verdict(held(1_001), 60), (Verdict::Unmet, 0));
    assert_eq!(verdict(held(1_001), 80), (Verdict::Met, 60_100 + 1_001), "nothing comes any more");
}

#[test]
fn ages_grow_between_steps() {
    let mut scenario = shop(&format!(r#"{{ "never": {} }}"#, at_least(AGE, 123)));
    scenario.faults = vec![fault(2_500, Mode::Hanging)];
    assert_eq!(verdict(scenario.clone(), 60), (Verdict::Unmet, 3_123), "no step is at that time");
    scenario.goals[0] =
        shop(&format!(r#"{{ "throughout": {{ "that": {} }} }}"#, at_most(AGE, 123)))
            .goals
            .remove(0);
    assert_eq!(verdict(scenario, 60), (Verdict::Unmet, 3_124), "123 ms and a bit are 123 ms");
}

#[test]
fn all_any_and_not_are_decided_as_soon_as_they_can_be() {
    let (soon, late) = (at_least(r#""acked""#, 5), at_least(r#""acked""#, 10));
    let run = |that: String| verdict(shop(&that), 60);
    assert_eq!(run(format!(r#"{{ "all": [{soon}, {late}] }}"#)), (Verdict::Met, 10_100));
    assert_eq!(run(format!(r#"{{ "any": [{soon}, {late}] }}"#)), (Verdict::Met, 5_100));
    assert_eq!(run(format!(r#"{{ "not": {soon} }}"#)), (Verdict::Unmet, 5_100));
    assert_eq!(
        run(format!(r#"{{ "all": [{{ "not": {soon} }}, {late}] }}"#)),
        (Verdict::Unmet, 5_100)
    );
    assert_eq!(run(r#"{ "all": [] }"#.to_owned()), (Verdict::Met, 0));
    assert_eq!(run(r#"{ "any": [] }"#.to_owned()), (Verdict::Unmet, 0));
}

#[test]
fn shares_are_exact() {
    // Of 60, the three of the seconds 10 to 12 fail twice and die.
    let share = |per_mille| {
        let mut scenario = shop(&format!(
            r#"{{ "at_most": {{ "of": {{ "measure": "dead_lettered" }}, "value": {per_mille},
                 "per_mille_of": {{ "measure": "published" }} }} }}"#
        ));
        scenario.system.queues[1].config.max_deliveries = 1;
        scenario.faults = vec![fault(9_500, Mode::Failing), fault(12_500, Mode::Healthy)];
        judged(scenario, 100)
    };
    let (less, enough) = (share(49), share(50));
    assert_eq!((less.verdict, enough.verdict), (Verdict::Unmet, Verdict::Met));
    let found = less.found.expect("a metric");
    assert_eq!((found.value, found.whole), (3, Some(60)));
    assert_eq!(enough.at_us, secs(60), "since the last one came, 3 are 5 %");
}

#[test]
fn percentiles_are_rounded_up() {
    let run = |value| verdict(shop(&at_most(r#""latency_ms", "queue": "orders""#, value)), 60);
    assert_eq!(run(100).0, Verdict::Met);
    assert_eq!(run(99), (Verdict::Unmet, 1_100), "since the first one");
    let waiting = shop(&at_most(r#""waiting_ms", "queue": "orders", "per_mille": 1000"#, 0));
    assert_eq!(verdict(waiting, 60).0, Verdict::Met);
}

#[test]
fn a_lost_answer_makes_a_duplicate_with_a_culprit() {
    let mut scenario = shop(&at_most(r#""duplicates", "provider": "bank""#, 0));
    scenario.faults = vec![
        fault(4_500, Mode::Flaky { fail_percent: 100, answer_lost: AnswerLost::After }),
        fault(5_500, Mode::Healthy),
    ];
    let judged = judged(scenario, 60);
    assert_eq!(judged.verdict, Verdict::Unmet);
    let found = judged.found.expect("a metric");
    let fifth: MessageId = "q1.4".parse().expect("an id");
    assert_eq!((found.value, found.message), (1, Some(fifth)));
    assert!(judged.at_us > secs(5));
}

/// Acknowledges as it hands out.
fn hasty(that: &str) -> Scenario<Topology> {
    let mut scenario = shop(that);
    scenario.system.queues[1].config.settlement = postroom_core::Settlement::OnDelivery;
    scenario
}

#[test]
fn what_is_acknowledged_before_the_work_is_lost_when_the_work_fails() {
    let lost = at_most(r#""lost", "queue": "orders""#, 0);
    assert_eq!(verdict(hasty(&lost), 60), (Verdict::Met, 0), "work under way is not lost");
    let mut scenario = hasty(&lost);
    scenario.faults = vec![fault(4_500, Mode::Failing), fault(5_500, Mode::Healthy)];
    assert_eq!(verdict(scenario, 60), (Verdict::Unmet, 5_100));
    let mut careful = shop(&lost);
    careful.faults = vec![fault(4_500, Mode::Failing), fault(5_500, Mode::Healthy)];
    assert_eq!(verdict(careful.clone(), 60).0, Verdict::Met, "it is tried again");
    careful.system.queues[1].config.max_deliveries = 1;
    assert_eq!(verdict(careful.clone(), 60).0, Verdict::Met, "it is among the dead letters");
    careful.system.queues[1].dead_letters = None;
    assert_eq!(verdict(careful, 60), (Verdict::Unmet, 5_100), "it was discarded");
}

#[test]
fn what_a_slow_provider_takes_after_all_is_lost_no_longer() {
    let mut scenario = hasty(&at_most(r#""lost""#, 0));
    let slow = Mode::Slow { extra_ms: 2_000 };
    scenario.faults = vec![fault(4_500, slow), fault(5_500, Mode::Healthy)];
    let mut trial = Trial::new(scenario).expect("it can be built");
    for (until_ms, lost) in [(5_400, 0), (5_600, 1), (7_050, 1), (7_150, 0)] {
        trial.run_until(Timestamp::from_millis(until_ms));
        let found = trial.judge().remove(0).found.expect("a metric");
        assert_eq!(found.value, lost, "after {until_ms} ms");
    }
}

#[test]
fn a_crash_loses_what_was_acknowledged_too_early() {
    let crash = Trouble::Crash { worker: "bank".to_owned() };
    let crash = Fault::new(5_050, crash).until(6_500);
    let mut scenario = hasty(&at_most(r#""lost""#, 0));
    scenario.faults = vec![crash.clone()];
    assert_eq!(verdict(scenario.clone(), 60).0, Verdict::Met, "what the bank has got, it takes");
    // A service does its work itself.
    scenario.system.queues.push(scenario.system.queues[0].clone());
    scenario.system.queues[2].name = "receipts".to_owned();
    let receipts = crate::Route { to: "receipts".to_owned(), ..Default::default() };
    scenario.system.consumers[0].publishes = vec![receipts];
    let judged = judged(scenario.clone(), 60);
    assert_eq!((judged.verdict, judged.at_us.as_micros()), (Verdict::Unmet, 5_050_000));
    let fifth: MessageId = "q1.4".parse().expect("an id");
    assert_eq!(judged.found.and_then(|found| found.message), Some(fifth));
    scenario.system.queues[1].config.settlement = postroom_core::Settlement::Explicit;
    assert_eq!(
        verdict(scenario.clone(), 60).0,
        Verdict::Met,
        "its lease runs out, and it comes again"
    );
    for (measure, count) in [(r#""crashed""#, 1), (r#""call_lost""#, 1), (r#""lease_expired""#, 1)]
    {
        scenario.goals = shop(&at_least(measure, count)).goals;
        assert_eq!(verdict(scenario.clone(), 60).0, Verdict::Met, "{measure}");
        scenario.goals = shop(&at_most(measure, count)).goals;
        assert_eq!(verdict(scenario.clone(), 60).0, Verdict::Met, "{measure}");
    }
}

/// A shop that hears no answer to the fifth order, and sends it again.
fn unheard(that: &str) -> Scenario<Topology> {
    let mut scenario = shop(that);
    let lost = Trouble::AnswersLost { producer: "shop".to_owned(), percent: 100 };
    scenario.faults = vec![Fault::new(4_500, lost).until(5_500)];
    scenario.producers[0].retry_ms = Some(700);
    let route = scenario.system.routes.get_mut("shop").expect("it is there");
    route.identity = Some(crate::Key::Each);
    scenario
}

#[test]
fn an_order_sent_twice_is_charged_twice_unless_it_is_recognised() {
    let duplicates = at_most(r#""duplicates", "provider": "bank""#, 0);
    let judged = judged(unheard(&duplicates), 60);
    assert_eq!(judged.verdict, Verdict::Unmet);
    let found = judged.found.expect("a metric");
    assert_eq!((found.value, found.message.map(|message| message.number)), (1, Some(5)));
    let idempotent = |that: &str| {
        let mut scenario = unheard(that);
        scenario.providers[0].remembers_ms = Some(60_000);
        verdict(scenario, 60).0
    };
    assert_eq!(idempotent(&duplicates), Verdict::Met);
    assert_eq!(idempotent(&at_least(r#""recognised""#, 1)), Verdict::Met);
    assert_eq!(idempotent(&at_most(r#""lost""#, 0)), Verdict::Met, "it was taken the first time");
}

#[test]
fn callers_that_wait_are_measured_too() {
    let checkout = |that: &str| {
        let mut scenario = shop(&at_least(r#""acked""#, 0));
        let parts = format!(
            r#"{{ "version": 1, "name": "n", "seed": 1, "system": {{}},
                "services": [{{ "name": "mail", "latency_ms": {{ "fixed": 300 }} }}],
                "callers": [{{ "name": "checkout", "calls": ["mail"], "timeout_ms": 2000,
                               "arrivals": {{ "constant": {{ "per_minute": 60 }} }} }}],
                "goals": [{{ "name": "g", "that": {that} }}] }}"#
        );
        let parts: Scenario<Topology> = serde_json::from_str(&parts).expect("a scenario");
        scenario.services = parts.services;
        scenario.callers = parts.callers;
        scenario.goals = parts.goals;
        scenario.faults = vec![Fault::mode(10_500, "mail", Mode::Failing)];
        verdict(scenario, 30)
    };
    use Verdict::{Met, Unmet};
    assert_eq!(checkout(&at_least(r#""requests", "caller": "checkout""#, 12)), (Met, 12_000));
    assert_eq!(checkout(&at_most(r#""answered""#, 9)), (Unmet, 10_300));
    assert_eq!(checkout(&at_most(r#""unanswered""#, 0)), (Unmet, 11_300));
    let latency = r#""request_ms", "caller": "checkout", "per_mille": 500"#;
    assert_eq!(checkout(&at_most(latency, 300)).0, Met);
    assert_eq!(checkout(&at_most(latency, 299)), (Unmet, 1_300));
}

#[test]
fn workers_are_counted_as_they_are_scaled() {
    let that = format!(
        r#"{{ "all": [{}, {{ "within": {{ "ms": 60000, "that": {} }} }}] }}"#,
        at_most(r#""workers", "provider": "bank""#, 8),
        at_least(r#""workers", "provider": "bank""#, 8)
    );
    let mut scenario = shop(&that);
    scenario.producers[0].arrivals = Arrivals::Burst { count: 60, every_ms: 10_000 };
    scenario.providers[0].latency_ms = Latency::Fixed(5_000);
    scenario.system.consumers[0].config.call_timeout = postroom_core::Span::from_secs(10);
    let scaler = |max: u32| {
        let by = r#"{ "depth": { "per_worker": 5 } }"#;
        let text = format!(r#"{{ "worker": "bank", "min": 1, "max": {max}, "by": {by} }}"#);
        vec![serde_json::from_str(&text).expect("a scaler")]
    };
    scenario.scalers = scaler(8);
    assert_eq!(verdict(scenario.clone(), 60).0, Verdict::Met);
    for max in [7, 9] {
        scenario.scalers = scaler(max);
        assert_eq!(verdict(scenario.clone(), 60).0, Verdict::Unmet, "{max}");
    }
}

#[test]
fn counts_are_those_of_the_trace() {
    for seed in 0..10 {
        let mut scenario = calm(seed);
        scenario.providers[2].mode =
            Mode::Flaky { fail_percent: 60, answer_lost: AnswerLost::Before };
        scenario.providers[2].latency_ms = Latency::Uniform { min: 10, max: 3_000 };
        let counted = |measure: &str| Goal {
            name: measure.to_owned(),
            that: serde_json::from_str(&at_least(measure, u64::MAX)).expect("a condition"),
        };
        scenario.goals = [
            r#""enqueued", "topic": "notifications""#,
            r#""redelivered", "queue": "sms""#,
            r#""call_failed", "reason": "timeout""#,
            r#""dead_lettered", "reason": "exhausted""#,
        ]
        .map(counted)
        .to_vec();
        let mut trace = Trace::new();
        let mut world = World::new(scenario.clone(), &mut trace).expect("it can be built");
        world.run_until(secs(60), &mut trace);
        let sms = world.machine().engine().find_queue("sms");
        let count = |is_it: &dyn Fn(&Event) -> bool| {
            trace.events().iter().filter(|(_, event)| is_it(event)).count() as u64
        };
        let expected = [
            count(&|event| matches!(event, Event::Enqueued { .. })),
            count(
                &|event| matches!(event, Event::Delivered { delivery: 2.., queue, .. } if Some(*queue) == sms),
            ),
            count(&|event| matches!(event, Event::CallFailed { reason: FailReason::Timeout, .. })),
            count(&|event| {
                matches!(event, Event::DeadLettered { reason: DeadReason::Exhausted, .. })
            }),
        ];
        let mut trial = Trial::new(scenario).expect("it can be built");
        trial.run_until(secs(60));
        let found = trial.judge().into_iter().filter_map(|judged| judged.found);
        assert_eq!(found.map(|found| found.value).collect::<Vec<_>>(), expected, "seed {seed}");
        assert!(expected[1] > 0 && expected[2] > 0);
    }
}

#[test]
fn a_run_in_slices_and_a_copy_of_it_are_judged_alike() {
    let mut scenario = shop(&format!(
        r#"{{ "any": [{{ "held_for": {{ "ms": 1001, "that": {} }} }}, {}] }}"#,
        at_most(DEPTH, 0),
        at_least(AGE, 400)
    ));
    scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 90 };
    let mut whole = Trial::new(scenario.clone()).expect("it can be built");
    whole.run_until(secs(40));
    let mut sliced = Trial::new(scenario).expect("it can be built");
    for slice in 1..=400 {
        if slice == 200 {
            sliced = sliced.clone();
        }
        while !sliced.run_steps(Timestamp::from_millis(slice * 100), 3) {}
    }
    assert_eq!(sliced.judge(), whole.judge());
}

#[test]
fn without_goals_nothing_is_watched() {
    let mut world = World::new(Scenario { goals: Vec::new(), ..shop(r#"{ "all": [] }"#) }, &mut ())
        .expect("it can be built");
    let mut goals = Goals::new(&world).expect("there are none");
    let before = goals.clone();
    world.run_until(secs(10), &mut goals);
    goals.look(&world);
    assert_eq!(goals, before);
    assert!(goals.are_decided() && goals.at_the_end().is_empty());
}
