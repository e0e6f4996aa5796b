//! One scenario, one history; channels that share nothing.

use std::collections::BTreeSet;

use postroom_core::{
    At, Blueprint, CallRef, Consumer, ConsumerChange, ConsumerId, Digest, Effect, Entropy, Hosted,
    Machine, Outcome, QueueId, QueueStats, Sink, Timestamp, TopicId, digest_of,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, outage, run, secs, text_of, trouble};
use crate::{
    AnswerLost, Arrivals, ConsumerSpec, Fault, Intervention, Latency, Mode, Producer, Provider,
    QueueSpec, Route, Scenario, ScenarioError, Topology, World,
};

const EVERY_MODE: [Mode; 7] = [
    Mode::Healthy,
    Mode::Failing,
    Mode::Hanging,
    Mode::Slow { extra_ms: 3_000 },
    flaky(AnswerLost::Never),
    flaky(AnswerLost::Before),
    flaky(AnswerLost::After),
];

const fn flaky(answer_lost: AnswerLost) -> Mode {
    Mode::Flaky { fail_percent: 40, answer_lost }
}

#[test]
fn one_seed_gives_one_history() {
    for seed in 0..20 {
        let histories = [(); 2].map(|()| {
            let (world, trace) = run(trouble(seed, flaky(AnswerLost::After)), 40);
            (world.digest(), world.trace_digest(), trace.to_text())
        });
        assert_eq!(histories[0], histories[1], "seed {seed}");
    }
}

#[test]
fn another_seed_gives_another_history() {
    let digests = (0..20).map(|seed| run(calm(seed), 20).0.trace_digest());
    assert_eq!(digests.collect::<BTreeSet<_>>().len(), 20);
}

/// The same number natively and in a browser, for 100 seeds and every mode. A change of outcome
/// changes it, in the engine or here: then the new one belongs here.
#[test]
fn histories_are_the_same_on_every_platform() {
    let mut digest = Digest::default();
    for seed in 0..100 {
        let mode = EVERY_MODE[seed as usize % EVERY_MODE.len()];
        let (world, _) = run(trouble(seed, mode), 30);
        std::hash::Hash::hash(&(world.trace_digest(), world.digest()), &mut digest);
    }
    assert_eq!(std::hash::Hasher::finish(&digest), 7_879_508_152_601_259_737);
}

#[test]
fn slices_and_steps_come_to_the_same() {
    let (whole, _) = run(outage(), 50);
    let mut sliced = World::new(outage(), &mut ()).expect("it can be built");
    for slice in 1..=500 {
        sliced.run_until(Timestamp::from_millis(slice * 100), &mut ());
    }
    let mut stepped = World::new(outage(), &mut ()).expect("it can be built");
    while !stepped.run_steps(secs(50), 1, &mut ()) {}
    assert_eq!(whole.digest(), sliced.digest());
    assert_eq!(whole.digest(), stepped.digest());
    assert_eq!(whole.trace_digest(), stepped.trace_digest());
}

/// Push and e-mail have trouble of their own, so that they retry by chance: push fails now and
/// then, and some e-mails take longer than the call may.
fn restless(mut scenario: Scenario<Topology>) -> Scenario<Topology> {
    scenario.providers[0].mode = flaky(AnswerLost::Never);
    scenario.providers[1].latency_ms = Latency::Uniform { min: 100, max: 3_000 };
    scenario
}

#[test]
fn no_channel_notices_what_befalls_another() {
    for seed in 0..20 {
        let (world, trace) = run(restless(calm(seed)), 40);
        for mode in EVERY_MODE {
            let (other, troubled) = run(restless(trouble(seed, mode)), 40);
            for channel in ["push", "email"] {
                let expected = text_of(&world, &trace, channel);
                assert_eq!(expected, text_of(&other, &troubled, channel), "seed {seed}, {mode:?}");
                assert!(expected.lines().count() > 100, "seed {seed}: {expected}");
            }
            let differs = text_of(&world, &trace, "sms") != text_of(&other, &troubled, "sms");
            assert_eq!(differs, mode != Mode::Healthy, "seed {seed}, {mode:?}");
        }
    }
}

#[test]
fn another_producer_shifts_nothing_elsewhere() {
    let mut scenario = restless(trouble(3, Mode::Failing));
    let (world, trace) = run(scenario.clone(), 40);
    let (name, arrivals) = ("extra".to_owned(), Arrivals::Poisson { per_minute: 600 });
    let producer = Producer::new(&name, arrivals);
    scenario.producers.insert(0, producer);
    let system = &mut scenario.system;
    let config = Default::default();
    system.queues.push(QueueSpec { name: name.clone(), dead_letters: None, config });
    system.consumers.push(ConsumerSpec::new(&name, &name));
    let route = Route { to: name.clone(), ..Default::default() };
    system.routes.insert(name.clone(), route);
    let latency_ms = Latency::Uniform { min: 1, max: 900 };
    scenario.providers.insert(0, Provider::new(&name, latency_ms));
    let (more, busier) = run(scenario, 40);
    assert!(more.provider("extra").is_some_and(|extra| extra.taken().total() > 300));
    for channel in ["push", "email", "sms", "sms dead letters"] {
        let expected = text_of(&world, &trace, channel);
        assert_eq!(expected, text_of(&more, &busier, channel), "{channel}");
    }
}

#[test]
fn subscriptions_select_by_the_subject_of_what_a_producer_sends() {
    let mut scenario = calm(1);
    scenario.system.routes.get_mut("events").expect("it is there").subject =
        Some("orders.eu.created".to_owned());
    let subjects = [r#"["orders.>"]"#, r#"["*.us.*"]"#, "[]"];
    for (subscription, subjects) in scenario.system.subscriptions.iter_mut().zip(subjects) {
        subscription.subjects = serde_json::from_str(subjects).expect("these are patterns");
    }
    let (world, _) = run(scenario.clone(), 20);
    let taken = |at: usize| {
        let queue = &scenario.system.subscriptions[at].queue;
        world.provider(queue).map(|provider| provider.taken().total())
    };
    assert_eq!(taken(1), Some(0));
    assert!(taken(0) > Some(30) && taken(2) > Some(30), "{:?} and {:?}", taken(0), taken(2));

    let text = serde_json::to_string(&scenario.system).expect("a topology is plain data");
    assert_eq!(
        serde_json::from_str::<Topology>(&text).expect("as it was written"),
        scenario.system
    );
}

#[test]
fn a_full_queue_refuses_and_the_producer_counts_it() {
    let mut scenario = calm(1);
    scenario.system.queues[1].config.capacity = 3;
    scenario.system.subscriptions[2].on_full = postroom_core::OnFull::Refuse;
    scenario.providers[2].mode = Mode::Hanging;
    scenario.system.consumers[2].config.call_timeout = postroom_core::Span::from_secs(20);
    let (world, _) = run(scenario, 20);
    let producer = world.producer("events").expect("it is there");
    assert_eq!(producer.sent() - producer.refused(), 3);
    assert_eq!(world.provider("push").map(|push| push.taken().total()), Some(3));
}

#[test]
fn faults_come_at_their_time_whatever_their_order() {
    let fault = |at_ms, mode| Fault::mode(at_ms, "sms", mode);
    let faults = vec![fault(7_000, Mode::Hanging), fault(2_000, Mode::Failing)];
    let mut world = World::new(Scenario { faults, ..calm(1) }, &mut ()).expect("it can be built");
    let mut modes = Vec::new();
    for millis in [1_999, 2_000, 6_999, 7_000] {
        world.run_until(Timestamp::from_millis(millis), &mut ());
        modes.push(world.provider("sms").map(crate::ProviderState::mode));
    }
    let expected = [Mode::Healthy, Mode::Failing, Mode::Failing, Mode::Hanging];
    assert_eq!(modes, expected.map(Some));
}

#[test]
fn an_idle_world_only_passes_time() {
    let mut scenario = calm(1);
    scenario.producers.clear();
    let (world, _) = run(scenario, 1_000);
    assert_eq!((world.now(), world.steps(), world.next_event_at()), (secs(1_000), 0, None));
}

#[test]
fn interventions_change_what_they_name() {
    let (mut world, _) = run(calm(1), 10);
    let sent = world.producer("events").map(crate::ProducerState::sent);
    let producer = || "events".to_owned();
    world.intervene(Intervention::Send { producer: producer() }, &mut ()).expect("it can send");
    assert_eq!(world.producer("events").map(crate::ProducerState::sent), sent.map(|n| n + 1));
    let silence = Arrivals::Constant { per_minute: 0 };
    let set = Intervention::SetRate { producer: producer(), arrivals: silence };
    world.intervene(set, &mut ()).expect("it can be silent");
    world.run_until(secs(100), &mut ());
    assert_eq!(world.producer("events").map(crate::ProducerState::sent), sent.map(|n| n + 1));
    let set = Intervention::SetMode { provider: "fax".to_owned(), mode: Mode::Failing };
    let error = world.intervene(set, &mut ()).expect_err("there is no fax");
    assert_eq!(error.to_string(), "there is no provider `fax`");
}

#[test]
fn consumers_and_providers_must_match() {
    let mut scenario = calm(1);
    scenario.providers.pop();
    let error = World::new(scenario, &mut ()).err();
    assert_eq!(error, Some(ScenarioError::NoProvider { consumer: "sms".to_owned() }));
    let mut scenario = calm(1);
    scenario.system.consumers.pop();
    let (field, name) = ("providers[2].name".to_owned(), "sms".to_owned());
    let error = World::new(scenario, &mut ()).err();
    assert_eq!(error, Some(ScenarioError::NoSuchConsumer { field, name }));
}

#[test]
fn a_topology_that_cannot_be_built_names_the_field() {
    fn why(spoil: impl Fn(&mut Topology)) -> String {
        let mut scenario = calm(1);
        spoil(&mut scenario.system);
        World::new(scenario, &mut ()).err().expect("it cannot be built").to_string()
    }
    assert_eq!(
        why(|system| system.queues.reverse()),
        "`system`: queues[2].dead_letters: list queue `sms dead letters` before it"
    );
    assert_eq!(
        why(|system| system.subscriptions[1].queue = "fax".to_owned()),
        "`system`: subscriptions[1].queue: there is no queue `fax`"
    );
    assert_eq!(
        why(|system| system.subscriptions[1].topic = "news".to_owned()),
        "`system`: subscriptions[1].topic: there is no topic `news`"
    );
    assert_eq!(
        why(|system| system.consumers[0].queue = "fax".to_owned()),
        "`system`: consumers[0].queue: there is no queue `fax`"
    );
    assert_eq!(
        why(|system| system.topics[0].name = "push".to_owned()),
        "`system`: topics[0].name: `push` is a queue already"
    );
    assert_eq!(
        why(|system| system.queues[1].config.dead_letters = Some(QueueId::new(0))),
        "`system`: queues[1].config.dead_letters: name it in queues[1].dead_letters"
    );
    let lost = Route { to: "nowhere".to_owned(), ..Default::default() };
    assert_eq!(
        why(|system| drop(system.routes.insert("events".to_owned(), lost.clone()))),
        "`system`: routes.events.to: there is no queue or topic `nowhere`"
    );
    let wild = |system: &mut Topology| {
        let route = system.routes.get_mut("events").expect("it is there");
        route.subject = Some("orders.*".to_owned());
    };
    assert!(why(wild).starts_with("`system`: routes.events.subject: `*`, `>` and `#`"));
    let empty = |system: &mut Topology| {
        let filter = &mut system.subscriptions[1].filter;
        *filter = std::mem::take(filter).and("sms", []);
    };
    assert!(why(empty).starts_with("`system`: subscriptions[1]: `filter.sms` is empty"));
    assert!(why(|system| system.queues[1].config.capacity = 0).starts_with("`system`: queues[1]"));
}

/// A machine that writes down the entropy of its commands. Its deadline may not pass: then its
/// tick forgets to deal with it.
#[derive(Clone)]
struct Toy {
    entropies: Vec<Entropy>,
    deadline: Option<Timestamp>,
}

impl Machine for Toy {
    type Command = ();
    type Reply = ();
    type Error = ();

    fn apply(&mut self, at: At, (): (), _: &mut impl Sink) -> Result<(), ()> {
        self.entropies.push(at.entropy);
        Ok(())
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.deadline
    }
}

impl Hosted for Toy {
    fn tick() {}

    fn call_finished(_: CallRef, _: Outcome) {}

    fn consumer_change(_: ConsumerChange) {}

    fn drain() {}

    fn poll_effect(&mut self) -> Option<Effect> {
        None
    }

    fn consumer_name(&self, _: ConsumerId) -> Option<&str> {
        None
    }

    fn queue_name(&self, _: QueueId) -> Option<&str> {
        None
    }

    fn consumer(&self, _: ConsumerId) -> Option<&Consumer> {
        None
    }

    fn topic_name(&self, _: TopicId) -> Option<&str> {
        None
    }

    fn queue_stats(&self, _: QueueId) -> Option<QueueStats> {
        None
    }

    fn digest(&self) -> u64 {
        digest_of(&self.entropies)
    }
}

/// A system of one toy.
#[derive(Clone)]
struct ToySystem {
    deadline: Option<Timestamp>,
}

impl Blueprint for ToySystem {
    type Machine = Toy;

    fn build(&self, _: At, _: &mut impl Sink) -> Result<Toy, String> {
        Ok(Toy { entropies: Vec::new(), deadline: self.deadline })
    }

    fn arrival(&self, _: &Toy, _: &str, _: u64, _: Entropy) {}
}

#[test]
#[should_panic(expected = "however often it ticks")]
fn a_machine_whose_deadline_does_not_pass_is_named() {
    let scenario = Scenario::new("stuck", 1, ToySystem { deadline: Some(secs(1)) });
    let mut world = World::new(scenario, &mut ()).expect("it can be built");
    world.run_until(secs(2), &mut ());
}

#[test]
fn every_command_has_entropy_of_its_own() {
    let mut scenario = Scenario::new("toy", 1, ToySystem { deadline: None });
    let arrivals = Arrivals::Constant { per_minute: 60 };
    scenario.producers = ["one", "two"].map(|name| Producer::new(name, arrivals.clone())).to_vec();
    let mut world = World::new(scenario, &mut ()).expect("it can be built");
    for second in 1..=50 {
        world.run_until(secs(second), &mut ());
        world.intervene(Intervention::Command(()), &mut ()).expect("it takes everything");
    }
    let entropies: BTreeSet<_> = world.machine().entropies.iter().map(|e| e.value()).collect();
    assert_eq!((entropies.len(), world.machine().entropies.len()), (150, 150));
}
