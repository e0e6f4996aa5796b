//! Callers that wait, and the services that they call.

use postroom_core::Timestamp;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::secs;
use crate::{
    Arrivals, Caller, CallerState, Fault, Intervention, Latency, Mode, Producer, Run, Scenario,
    ScenarioError, Service, Topology, Trouble, World,
    limits::{AT_ONCE_MAX, CALLERS_MAX, CHAIN_MAX, SERVICES_MAX, SPAN_MS_MAX},
};

/// A checkout a second for 30 seconds, which charges and then writes a mail.
fn shop() -> Scenario<Topology> {
    let mut scenario = Scenario::new("checkout", 3, Topology::default());
    scenario.services =
        vec![Service::new("bank", Latency::Fixed(200)), Service::new("mail", Latency::Fixed(300))];
    scenario.callers = vec![Caller {
        name: "checkout".to_owned(),
        arrivals: Arrivals::Constant { per_minute: 60 },
        limit: Some(30),
        calls: vec!["bank".to_owned(), "mail".to_owned()],
        timeout_ms: 2_000,
        concurrency: 100,
    }];
    scenario
}

fn from_ten_to_twenty(scenario: Scenario<Topology>, what: Trouble) -> Scenario<Topology> {
    Scenario { faults: vec![Fault::new(9_900, what).until(19_900)], ..scenario }
}

fn mode(provider: &str, mode: Mode) -> Trouble {
    Trouble::Mode { provider: provider.to_owned(), mode }
}

fn run(scenario: Scenario<Topology>, until: u64) -> World<Topology> {
    let mut world = World::new(scenario, &mut ()).expect("it can be built");
    world.run_until(secs(until), &mut ());
    world
}

fn checkout(world: &World<Topology>) -> &CallerState {
    world.caller("checkout").expect("it is there")
}

/// Succeeded, failed, timed out, refused.
fn ends(world: &World<Topology>) -> [u64; 4] {
    let caller = checkout(world);
    [caller.succeeded(), caller.failed(), caller.timed_out(), caller.refused()]
}

fn taken(world: &World<Topology>) -> [u64; 2] {
    ["bank", "mail"].map(|name| world.service(name).expect("it is there").taken())
}

#[test]
fn a_request_takes_as_long_as_all_its_calls() {
    let world = run(shop(), 60);
    assert_eq!((ends(&world), taken(&world)), ([30, 0, 0, 0], [30, 30]));
    let latency = checkout(&world).latency();
    assert_eq!((latency.min(), latency.max()), (latency.max(), latency.mean()));
    assert_eq!(latency.mean().map(|span| span.as_millis()), Some(500));
    assert_eq!((world.events(), world.commands()), (0, 1), "no queue knows of it");
}

#[test]
fn a_service_that_fails_fails_the_request_and_undoes_nothing() {
    let world = run(from_ten_to_twenty(shop(), mode("mail", Mode::Failing)), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 10, 0, 0], [30, 20]));
    let world = run(from_ten_to_twenty(shop(), mode("bank", Mode::Failing)), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 10, 0, 0], [20, 20]));
}

#[test]
fn a_service_that_hangs_holds_its_callers_until_their_time_is_up() {
    let mut scenario = from_ten_to_twenty(shop(), mode("mail", Mode::Hanging));
    let world = run(scenario.clone(), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 0, 10, 0], [30, 20]));
    // With room for one only, those that wait keep out others.
    scenario.callers[0].concurrency = 1;
    let world = run(scenario, 60);
    let [succeeded, failed, timed_out, refused] = ends(&world);
    assert_eq!((succeeded + timed_out + refused, failed), (30, 0));
    assert!(refused >= 4 && timed_out >= 4, "{:?}", ends(&world));
}

#[test]
fn a_slow_service_works_for_those_who_have_gone() {
    let world = run(from_ten_to_twenty(shop(), mode("mail", Mode::Slow { extra_ms: 5_000 })), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 0, 10, 0], [30, 30]));
}

#[test]
fn who_comes_when_all_are_busy_waits_in_line() {
    let mut scenario = shop();
    scenario.callers[0].arrivals = Arrivals::Burst { count: 10, every_ms: 10_000 };
    scenario.callers[0].limit = Some(10);
    scenario.services[0].concurrency = 2;
    let mut world = run(scenario, 10);
    assert_eq!(world.service("bank").map(|bank| bank.waiting()), Some(8));
    world.run_until(secs(60), &mut ());
    // Two at a time: the last leave the bank after a second, and the mail 0.3 s later.
    assert_eq!(ends(&world), [10, 0, 0, 0]);
    let latency = checkout(&world).latency();
    let millis = [latency.min(), latency.max()].map(|span| span.map(|span| span.as_millis()));
    assert_eq!(millis, [Some(500), Some(1_300)]);
}

#[test]
fn a_network_that_is_down_and_answers_that_are_lost_cost_the_whole_time() {
    let producer = || "checkout".to_owned();
    let down = Trouble::ProducerCutOff { producer: producer() };
    let world = run(from_ten_to_twenty(shop(), down), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 0, 10, 0], [20, 20]));
    let lost = Trouble::AnswersLost { producer: producer(), percent: 100 };
    let world = run(from_ten_to_twenty(shop(), lost), 60);
    assert_eq!((ends(&world), taken(&world)), ([20, 0, 10, 0], [30, 30]));
    let burst = Trouble::Burst { producer: producer(), count: 150 };
    let scenario = Scenario { faults: vec![Fault::new(9_900, burst)], ..shop() };
    let world = run(scenario, 60);
    assert_eq!(ends(&world), [109, 0, 0, 50], "a hundred at once");
}

#[test]
fn a_run_with_callers_goes_back_to_what_it_was() {
    let mut scenario = from_ten_to_twenty(
        shop(),
        mode("mail", Mode::Flaky { fail_percent: 40, answer_lost: crate::AnswerLost::Never }),
    );
    scenario.callers[0].arrivals = Arrivals::Poisson { per_minute: 600 };
    scenario.callers[0].limit = None;
    scenario.services[0].latency_ms = Latency::Exponential { mean: 300 };
    scenario.services[0].concurrency = 3;
    scenario.faults.push(Fault::new(12_000, Trouble::ClockJump { by_ms: 1_500 }));
    let whole = run(scenario.clone(), 40);
    let mut run = Run::new(scenario).expect("it can be built");
    let mut digests = Vec::new();
    for second in 1..=40 {
        run.advance_to(secs(second));
        digests.push(run.world().digest());
    }
    assert_eq!(run.world().digest(), whole.digest());
    for second in [30, 11, 13, 12, 40, 2, 25] {
        run.seek(secs(second));
        assert_eq!(run.world().digest(), digests[second as usize - 1], "second {second}");
    }
    // The same natively and in a browser.
    assert_eq!(ends(&whole), [111, 17, 264, 0]);
}

#[test]
fn a_watcher_can_break_what_is_called() {
    let mut world = run(shop(), 10);
    world.run_until(Timestamp::from_millis(10_900), &mut ());
    let fails = mode("bank", Mode::Failing);
    world.intervene(Intervention::Begin(fails.clone()), &mut ()).expect("it is there");
    world.run_until(Timestamp::from_millis(12_900), &mut ());
    world.intervene(Intervention::End(fails), &mut ()).expect("it is there");
    world.run_until(secs(60), &mut ());
    assert_eq!(ends(&world), [28, 2, 0, 0]);
    let crash = Trouble::Crash { worker: "bank".to_owned() };
    let error = world.intervene(Intervention::Begin(crash), &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "there is no provider `bank`", "it is no worker of a queue");
}

#[test]
fn callers_and_services_end_at_their_limits() {
    type Spoil = fn(&mut Scenario<Topology>);
    let with = |change: Spoil| {
        let mut scenario = shop();
        change(&mut scenario);
        scenario.validate()
    };
    let good: [Spoil; 4] = [
        |s| s.callers[0].timeout_ms = SPAN_MS_MAX,
        |s| s.callers[0].calls = vec!["bank".to_owned(); CHAIN_MAX],
        |s| (s.callers[0].concurrency, s.services[0].concurrency) = (AT_ONCE_MAX, 1),
        |s| (s.callers[0].concurrency, s.services[0].concurrency) = (1, AT_ONCE_MAX),
    ];
    for change in good {
        assert_eq!(with(change), Ok(()));
    }
    let bad: [(Spoil, &str); 12] = [
        (|s| s.callers[0].timeout_ms = 0, "`callers[0].timeout_ms` is out of range"),
        (|s| s.callers[0].timeout_ms = SPAN_MS_MAX + 1, "`callers[0].timeout_ms` is out of range"),
        (|s| s.callers[0].calls.clear(), "`callers[0].calls` is out of range"),
        (
            |s| s.callers[0].calls = vec!["bank".to_owned(); CHAIN_MAX + 1],
            "`callers[0].calls` is out of range",
        ),
        (|s| s.callers[0].calls[1] = "fax".to_owned(), "`callers[0].calls[1]` names `fax`"),
        (|s| s.callers[0].concurrency = 0, "`callers[0].concurrency` is out of range"),
        (|s| s.services[1].concurrency = AT_ONCE_MAX + 1, "`services[1].concurrency` is out"),
        (|s| s.services.push(s.services[0].clone()), "`services[2].name`: `bank` is taken"),
        (|s| s.services[0].mode = Mode::Slow { extra_ms: u64::MAX }, "`services[0].mode.slow"),
        (
            |s| {
                let arrivals = Arrivals::Constant { per_minute: 1 };
                s.producers.push(Producer::new("checkout", arrivals));
            },
            "`callers[0].name`: `checkout` is taken",
        ),
        (
            |s| s.callers = vec![s.callers[0].clone(); CALLERS_MAX + 1],
            "`callers` has 201 entries, more than 200",
        ),
        (
            |s| s.services = vec![s.services[0].clone(); SERVICES_MAX + 1],
            "`services` has 201 entries, more than 200",
        ),
    ];
    for (change, says) in bad {
        let error: ScenarioError = with(change).expect_err(says);
        assert!(error.to_string().starts_with(says), "{error}");
    }
}

/// The comparison that a lesson draws: the same outage, with and without a queue.
#[test]
fn an_outage_costs_those_who_wait_and_delays_the_others() {
    let text = include_str!("../../examples/checkout.json");
    let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str);
    let world = run(scenario.expect("it is a scenario"), 120);
    let waits = world.caller("checkout that waits").expect("it is there");
    // Two a second for twenty seconds, but for the calls that were through before.
    assert!((39..=40).contains(&waits.timed_out()), "{}", waits.timed_out());
    assert_eq!(waits.succeeded() + waits.timed_out(), 120);
    let mailed = world.provider("mailer").expect("it is there").taken();
    assert_eq!((mailed.distinct(), mailed.total()), (120, 120));
}

#[test]
fn a_service_can_be_made_to_fail_while_it_runs() {
    let text = include_str!("../../examples/checkout.json");
    let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str);
    let mut world = run(scenario.expect("it is a scenario"), 10);
    let failed =
        |world: &World<Topology>| world.caller("checkout that waits").map(|it| it.failed());
    assert_eq!(failed(&world), Some(0));
    let provider = "bank".to_owned();
    let change = Intervention::SetMode { provider, mode: Mode::Failing };
    world.intervene(change, &mut ()).expect("there is such a service");
    world.run_until(Timestamp::from_millis(15_000), &mut ());
    assert!(failed(&world) > Some(8), "{:?}", failed(&world));
}
