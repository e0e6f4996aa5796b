//! Every fault does what its name says, for as long as it says.

use postroom_core::{Event, Span, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, count, queue, run, secs};
use crate::{
    Arrivals, Fault, Intervention, Key, Latency, Mode, Run, Scenario, ScenarioError, Topology,
    Trace, Trouble, World,
    limits::{BURST_MAX, SPAN_MS_MAX},
};

/// Sixty orders a minute for SMS alone, for half a minute, and what befalls them.
fn shop(faults: Vec<Fault>) -> Scenario<Topology> {
    let mut scenario = Scenario { faults, ..calm(5) };
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 60 };
    scenario.producers[0].limit = Some(30);
    scenario.system.subscriptions.retain(|subscription| subscription.queue == "sms");
    let sms = &mut scenario.system.queues[1].config;
    (sms.max_deliveries, sms.deliver_within) = (1_000, None);
    sms.lease = Span::from_secs(5);
    scenario.system.consumers[2].config.breaker = None;
    scenario.system.consumers[2].config.concurrency = 100;
    scenario.providers[2].latency_ms = Latency::Fixed(500);
    scenario
}

fn sms() -> String {
    "sms".to_owned()
}

fn events() -> String {
    "events".to_owned()
}

/// From the tenth second to the twentieth.
fn for_ten_seconds(what: Trouble) -> Vec<Fault> {
    // Between two orders, and in the middle of a call.
    vec![Fault::new(10_250, what).until(20_250)]
}

/// Distinct copies that SMS took, and all.
fn taken(world: &World<Topology>) -> (u64, u64) {
    let taken = world.provider("sms").expect("it is there").taken();
    (taken.distinct(), taken.total())
}

fn depth(world: &World<Topology>) -> u64 {
    let stats = world.machine().engine().queue_stats(queue(world, "sms"));
    stats.expect("it is there").depth()
}

fn within(trace: &Trace, from: Timestamp, to: Timestamp, is_it: impl Fn(&Event) -> bool) -> u64 {
    let times = trace.events().iter().filter(|(at, event)| (from..to).contains(at) && is_it(event));
    times.count() as u64
}

fn delivered(event: &Event) -> bool {
    matches!(event, Event::Delivered { .. })
}

#[test]
fn a_crashed_worker_loses_its_calls_and_settles_nothing() {
    let (world, trace) = run(shop(for_ten_seconds(Trouble::Crash { worker: sms() })), 60);
    let (down, up) = (Timestamp::from_millis(10_250), Timestamp::from_millis(20_250));
    assert_eq!(within(&trace, down, up, delivered), 0);
    assert_eq!(count(&trace, |event| matches!(event, Event::CallLost { .. })), 1);
    assert_eq!(count(&trace, |event| matches!(event, Event::LeaseExpired { .. })), 1);
    // The one under way had reached the provider, and comes a second time.
    assert_eq!((taken(&world), depth(&world)), ((30, 31), 0));
    let starts = count(&trace, |event| matches!(event, Event::CallStarted { .. }));
    let ends = count(&trace, |event| {
        matches!(event, Event::CallSucceeded { .. } | Event::CallLost { .. })
    });
    assert_eq!((starts, ends), (31, 31));
}

#[test]
fn a_worker_that_never_starts_again_leaves_everything_in_its_queue() {
    let faults = vec![Fault::new(10_250, Trouble::Crash { worker: sms() })];
    let (world, _) = run(shop(faults), 60);
    assert_eq!((taken(&world), depth(&world)), ((10, 10), 21));
}

#[test]
fn lost_acknowledgements_make_duplicates_unless_the_provider_remembers() {
    let lost = || for_ten_seconds(Trouble::AcksLost { worker: sms(), percent: 100 });
    let (world, trace) = run(shop(lost()), 60);
    let vain = count(&trace, |event| matches!(event, Event::SettlementLost { .. }));
    // Ten first deliveries, and those of them that came again within the ten seconds.
    assert!(vain > 10 && vain < 30, "{vain}");
    assert_eq!((taken(&world), depth(&world)), ((30, 30 + vain), 0));

    let mut scenario = shop(lost());
    scenario.providers[2].remembers_ms = Some(60_000);
    let (world, trace) = run(scenario, 60);
    let recognised = count(&trace, |event| matches!(event, Event::Recognised { .. }));
    assert_eq!((recognised, taken(&world), depth(&world)), (vain, (30, 30), 0));

    // It forgets before the lease has run out.
    let mut scenario = shop(lost());
    scenario.providers[2].remembers_ms = Some(4_000);
    let (world, _) = run(scenario, 60);
    assert_eq!(taken(&world), (30, 30 + vain));
}

#[test]
fn some_acknowledgements_are_lost_in_their_share() {
    let faults = vec![Fault::new(0, Trouble::AcksLost { worker: sms(), percent: 30 })];
    let mut scenario = shop(faults);
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 6_000 };
    scenario.producers[0].limit = Some(3_000);
    let (_, trace) = run(scenario, 400);
    let calls = count(&trace, |event| matches!(event, Event::CallSucceeded { .. }));
    let vain = count(&trace, |event| matches!(event, Event::SettlementLost { .. }));
    // 4,286 calls on average; four standard deviations of the share are 2.8 %.
    assert!((vain * 1_000 / calls).abs_diff(300) < 28, "{vain} of {calls}");
}

#[test]
fn a_worker_that_is_cut_off_receives_nothing_and_settles_in_vain() {
    let (world, trace) = run(shop(for_ten_seconds(Trouble::WorkerCutOff { worker: sms() })), 60);
    let (down, up) = (Timestamp::from_millis(10_250), Timestamp::from_millis(20_250));
    assert_eq!(within(&trace, down, up, delivered), 0);
    assert_eq!(count(&trace, |event| matches!(event, Event::SettlementLost { .. })), 1);
    assert_eq!((taken(&world), depth(&world)), ((30, 31), 0));
}

fn published(trace: &Trace) -> u64 {
    count(trace, |event| matches!(event, Event::Published { .. }))
}

#[test]
fn a_producer_that_is_cut_off_gives_up_or_tries_again() {
    let cut_off = || for_ten_seconds(Trouble::ProducerCutOff { producer: events() });
    let (world, trace) = run(shop(cut_off()), 60);
    let producer = world.producer("events").expect("it is there");
    assert_eq!((producer.sent(), producer.unanswered(), producer.given_up()), (30, 10, 10));
    assert_eq!(published(&trace), 20);

    let mut scenario = shop(cut_off());
    scenario.producers[0].retry_ms = Some(700);
    let (world, trace) = run(scenario, 60);
    let producer = world.producer("events").expect("it is there");
    assert_eq!((producer.sent(), producer.given_up(), published(&trace)), (30, 0, 30));
    assert!(producer.retried() > 60, "{}", producer.retried());
    assert_eq!(taken(&world), (30, 30));
}

#[test]
fn a_retry_after_a_lost_answer_is_a_duplicate_unless_it_has_a_key() {
    let with = |dedup_key, identity, remembers_ms| {
        let lost = Trouble::AnswersLost { producer: events(), percent: 100 };
        let mut scenario = shop(for_ten_seconds(lost));
        scenario.producers[0].retry_ms = Some(3_000);
        scenario.providers[2].remembers_ms = remembers_ms;
        let route = scenario.system.routes.get_mut("events").expect("it is there");
        (route.dedup_key, route.identity) = (dedup_key, identity);
        run(scenario, 60)
    };
    let (world, trace) = with(None, None, None);
    let again = world.producer("events").expect("it is there").retried();
    // Ten were not answered, and some of them several times.
    assert!(again > 20, "{again}");
    assert_eq!((published(&trace), taken(&world)), (30 + again, (30 + again, 30 + again)));

    let (world, trace) = with(Some(Key::Each), None, None);
    let known = count(&trace, |event| matches!(event, Event::Deduplicated { .. }));
    assert_eq!((known, published(&trace), taken(&world)), (again, 30, (30, 30)));

    // The provider knows them by the identity that they carry.
    let (world, trace) = with(None, Some(Key::Each), Some(60_000));
    let known = count(&trace, |event| matches!(event, Event::Recognised { .. }));
    assert_eq!((known, published(&trace), taken(&world)), (again, 30 + again, (30, 30)));
}

#[test]
fn a_refused_message_is_sent_again() {
    let mut scenario = shop(Vec::new());
    scenario.system.queues[1].config.capacity = 3;
    scenario.system.subscriptions[0].on_full = postroom_core::OnFull::Refuse;
    scenario.system.consumers[2].config.concurrency = 1;
    scenario.providers[2].latency_ms = Latency::Fixed(1_900);
    scenario.producers[0].retry_ms = Some(1_000);
    let (world, _) = run(scenario, 100);
    let producer = world.producer("events").expect("it is there");
    assert!(producer.refused() > 20, "{}", producer.refused());
    assert_eq!((producer.refused(), producer.given_up()), (producer.retried(), 0));
    assert_eq!(taken(&world), (30, 30));
}

#[test]
fn a_burst_comes_at_once_and_on_top() {
    let burst = Trouble::Burst { producer: events(), count: 500 };
    let (world, trace) = run(shop(vec![Fault::new(10_250, burst)]), 60);
    let at = Timestamp::from_millis(10_250);
    let is_published = |event: &Event| matches!(event, Event::Published { .. });
    assert_eq!(within(&trace, at, at + Span::from_micros(1), is_published), 500);
    // The limit counts all that it sent.
    assert_eq!(world.producer("events").map(|p| p.sent()), Some(510));
}

#[test]
fn another_rate_holds_until_its_end() {
    let arrivals = Arrivals::Constant { per_minute: 600 };
    let mut scenario = shop(for_ten_seconds(Trouble::Rate { producer: events(), arrivals }));
    scenario.producers[0].limit = None;
    let (_, trace) = run(scenario, 30);
    let is_published = |event: &Event| matches!(event, Event::Published { .. });
    assert_eq!(within(&trace, secs(0), Timestamp::from_millis(10_250), is_published), 10);
    let until = Timestamp::from_millis(20_251);
    // The end comes before the hundredth, which would be sent just then.
    assert_eq!(within(&trace, Timestamp::from_millis(10_250), until, is_published), 99);
    assert_eq!(within(&trace, until, secs(31), is_published), 9);
}

#[test]
fn a_clock_that_jumps_ends_leases_and_calls_and_moves_nobody_outside() {
    let jump = Trouble::ClockJump { by_ms: 60_000 };
    let (world, trace) = run(shop(vec![Fault::new(10_250, jump)]), 120);
    let after = Timestamp::from_millis(70_250);
    let timeout = |event: &Event| matches!(event, Event::CallFailed { .. });
    assert_eq!(within(&trace, after, after + Span::from_micros(1), timeout), 1);
    assert_eq!(within(&trace, Timestamp::from_millis(10_251), after, |_| true), 0);
    // The order after the jump comes as long after the one before it as ever, by its own clock.
    let is_published = |event: &Event| matches!(event, Event::Published { .. });
    let next = trace.events().iter().find(|(at, event)| *at > after && is_published(event));
    assert_eq!(next.map(|(at, _)| *at), Some(secs(71)));
    assert_eq!(published(&trace), 30);
    assert_eq!((taken(&world), depth(&world)), ((30, 31), 0));
}

#[test]
fn when_a_fault_is_over_all_is_as_the_scenario_says() {
    let mode = Mode::Slow { extra_ms: 10 };
    let mut scenario = shop(vec![Fault::mode(1_000, "sms", Mode::Failing).until(2_000)]);
    scenario.providers[2].mode = mode;
    let mut world = World::new(scenario, &mut ()).expect("it can be built");
    let mut modes = Vec::new();
    for millis in [999, 1_000, 1_999, 2_000] {
        world.run_until(Timestamp::from_millis(millis), &mut ());
        modes.push(world.provider("sms").map(crate::ProviderState::mode));
    }
    assert_eq!(modes, [mode, Mode::Failing, Mode::Failing, mode].map(Some));
}

/// Everything at once.
fn misery(seed: u64) -> Scenario<Topology> {
    let arrivals = Arrivals::Poisson { per_minute: 900 };
    let faults = vec![
        Fault::new(4_000, Trouble::AcksLost { worker: sms(), percent: 40 }).until(30_000),
        Fault::new(5_000, Trouble::Crash { worker: "push".to_owned() }).until(9_000),
        Fault::new(6_000, Trouble::WorkerCutOff { worker: "email".to_owned() }).until(12_000),
        Fault::new(7_000, Trouble::AnswersLost { producer: events(), percent: 50 }).until(20_000),
        Fault::new(9_000, Trouble::Crash { worker: sms() }).until(11_000),
        Fault::new(13_000, Trouble::ProducerCutOff { producer: events() }).until(15_000),
        Fault::new(16_000, Trouble::Burst { producer: events(), count: 40 }),
        Fault::new(17_000, Trouble::Rate { producer: events(), arrivals }).until(19_000),
        Fault::new(21_000, Trouble::ClockJump { by_ms: 7_000 }),
    ];
    let mut scenario = Scenario { faults, ..calm(seed) };
    scenario.producers[0].retry_ms = Some(1_500);
    scenario.providers[2].remembers_ms = Some(20_000);
    scenario
}

#[test]
fn misery_is_the_same_in_slices_and_back_in_time() {
    for seed in 0..5 {
        let (whole, trace) = run(misery(seed), 40);
        assert!(count(&trace, |event| matches!(event, Event::Recognised { .. })) > 0);
        let mut run = Run::new(misery(seed)).expect("it can be built");
        let mut digests = Vec::new();
        for slice in 1..=80 {
            run.advance_to(Timestamp::from_millis(slice * 500));
            digests.push(run.world().digest());
        }
        assert_eq!(run.world().digest(), whole.digest(), "seed {seed}");
        assert_eq!(run.world().trace_digest(), whole.trace_digest(), "seed {seed}");
        for slice in [60, 3, 41, 22, 55, 17, 33, 80, 1] {
            run.seek(Timestamp::from_millis(slice * 500));
            let back = run.world().digest();
            assert_eq!(back, digests[slice as usize - 1], "seed {seed}, slice {slice}");
        }
    }
}

/// The same number natively and in a browser.
#[test]
fn misery_is_the_same_on_every_platform() {
    let digests = (0..20).map(|seed| run(misery(seed), 40).0.trace_digest());
    let all = digests.fold(0, |all: u64, digest| all.rotate_left(1) ^ digest);
    assert_eq!(all, 6_700_362_171_643_739_913);
}

#[test]
fn a_watcher_can_begin_and_end_what_goes_wrong() {
    let mut trace = Trace::new();
    let mut world = World::new(shop(Vec::new()), &mut trace).expect("it can be built");
    world.run_until(Timestamp::from_millis(10_250), &mut trace);
    let crash = Trouble::Crash { worker: sms() };
    world.intervene(Intervention::Begin(crash.clone()), &mut trace).expect("it is there");
    world.run_until(Timestamp::from_millis(20_250), &mut trace);
    world.intervene(Intervention::End(crash.clone()), &mut trace).expect("it is there");
    world.run_until(secs(60), &mut trace);
    let (planned, expected) = run(shop(for_ten_seconds(crash)), 60);
    assert_eq!(trace.to_text(), expected.to_text());
    assert_eq!(taken(&world), taken(&planned));

    let mut refused = |what| world.intervene(Intervention::Begin(what), &mut ()).unwrap_err();
    let error = refused(Trouble::Crash { worker: "fax".to_owned() });
    assert_eq!(error.to_string(), "there is no provider `fax`");
    let error = refused(Trouble::ProducerCutOff { producer: "shop".to_owned() });
    assert_eq!(error.to_string(), "there is no producer `shop`");
    let error = refused(Trouble::ClockJump { by_ms: 0 });
    assert!(error.to_string().contains("clock_jump.by_ms"), "{error}");
}

#[test]
fn every_fault_ends_at_its_limits() {
    let with = |fault: Fault| shop(vec![fault]).validate();
    let acks = |percent| Trouble::AcksLost { worker: sms(), percent };
    let answers = |percent| Trouble::AnswersLost { producer: events(), percent };
    let burst = |count| Trouble::Burst { producer: events(), count };
    let jump = |by_ms| Trouble::ClockJump { by_ms };
    let slow = |extra_ms| Trouble::Mode { provider: sms(), mode: Mode::Slow { extra_ms } };
    let rate = |per_minute| {
        let arrivals = Arrivals::Constant { per_minute };
        Trouble::Rate { producer: events(), arrivals }
    };
    for good in [acks(1), acks(100), answers(1), answers(100), burst(1), burst(BURST_MAX)] {
        assert_eq!(with(Fault::new(1, good)), Ok(()));
    }
    assert_eq!(with(Fault::new(1, jump(SPAN_MS_MAX))), Ok(()));
    assert_eq!(with(Fault::new(1, acks(1)).until(2)), Ok(()));
    let nobody = || "nobody".to_owned();
    for (fault, field) in [
        (Fault::new(1, acks(0)), "what.acks_lost.percent"),
        (Fault::new(1, acks(101)), "what.acks_lost.percent"),
        (Fault::new(1, answers(0)), "what.answers_lost.percent"),
        (Fault::new(1, answers(101)), "what.answers_lost.percent"),
        (Fault::new(1, burst(0)), "what.burst.count"),
        (Fault::new(1, burst(BURST_MAX + 1)), "what.burst.count"),
        (Fault::new(1, jump(0)), "what.clock_jump.by_ms"),
        (Fault::new(1, jump(SPAN_MS_MAX + 1)), "what.clock_jump.by_ms"),
        (Fault::new(1, slow(SPAN_MS_MAX + 1)), "what.mode.mode.slow.extra_ms"),
        (Fault::new(1, rate(u32::MAX)), "what.rate.arrivals.per_minute"),
        (Fault::new(1, acks(1)).until(1), "until_ms"),
        (Fault::new(1, burst(1)).until(2), "until_ms"),
        (Fault::new(1, jump(1)).until(2), "until_ms"),
        (Fault::new(1, Trouble::Crash { worker: nobody() }), "what.crash.worker"),
        (Fault::new(1, Trouble::WorkerCutOff { worker: nobody() }), "what.worker_cut_off.worker"),
        (
            Fault::new(1, Trouble::ProducerCutOff { producer: nobody() }),
            "what.producer_cut_off.producer",
        ),
    ] {
        let error = with(fault).expect_err(field).to_string();
        assert!(error.starts_with(&format!("`faults[0].{field}`")), "{error}");
    }
}

#[test]
fn patience_ends_at_its_limits() {
    let with = |retry_ms, remembers_ms| {
        let mut scenario = shop(Vec::new());
        scenario.producers[0].retry_ms = Some(retry_ms);
        scenario.providers[0].remembers_ms = Some(remembers_ms);
        scenario.validate().map_err(|error: ScenarioError| error.to_string())
    };
    assert_eq!(with(1, SPAN_MS_MAX), Ok(()));
    assert_eq!(with(SPAN_MS_MAX, 1), Ok(()));
    for bad in [0, SPAN_MS_MAX + 1] {
        let range = "is out of range: give 1 ms to a day";
        assert_eq!(with(bad, 1), Err(format!("`producers[0].retry_ms` {range}")));
        assert_eq!(with(1, bad), Err(format!("`providers[0].remembers_ms` {range}")));
    }
}
