//! How large a world may be.

use postroom_core::{DeadReason, OnFull, Overflow, Shed};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{queue, secs};
use crate::{
    Arrivals, ConsumerSpec, Latency, Producer, Provider, QueueSpec, Route, Scenario, ScenarioError,
    SubscriptionSpec, TopicSpec, Topology, World,
    limits::{LIVE_MESSAGES_MAX, NODES_MAX},
};

fn producer(name: &str, arrivals: Arrivals) -> Producer {
    Producer::new(name, arrivals)
}

fn queue_of(name: &str) -> QueueSpec {
    QueueSpec { name: name.to_owned(), dead_letters: None, config: Default::default() }
}

#[test]
fn a_scenario_has_two_hundred_nodes() {
    let mut scenario = Scenario::new("large", 1, Topology::default());
    for i in 0..NODES_MAX / 4 {
        let name = format!("{i}");
        let topic = TopicSpec { name: format!("topic {i}"), config: Default::default() };
        let (queue, config) = (name.clone(), Default::default());
        scenario.system.queues.push(queue_of(&name));
        scenario.system.topics.push(topic);
        scenario.system.consumers.push(ConsumerSpec { config, ..ConsumerSpec::new(&name, &queue) });
        scenario.producers.push(producer(&name, Arrivals::Constant { per_minute: 1 }));
        let latency_ms = Latency::Fixed(1);
        scenario.providers.push(Provider::new(&name, latency_ms));
    }
    assert!(World::new(scenario.clone(), &mut ()).is_ok());
    scenario.system.queues.push(queue_of("one more"));
    let error = World::new(scenario, &mut ()).err().expect("it is one too many");
    assert_eq!(error, ScenarioError::TooManyNodes { found: NODES_MAX + 1 });
    let text = error.to_string();
    assert!(text.contains("201 nodes") && text.contains("more than 200"), "{text}");
}

/// 50,000 messages a second for two queues that nobody reads.
fn flood() -> Scenario<Topology> {
    let mut scenario = Scenario::new("flood", 1, Topology::default());
    scenario.system.queues = vec![queue_of("one"), queue_of("other")];
    for name in ["one", "other"] {
        let burst = Arrivals::Burst { count: 25_000, every_ms: 1_000 };
        scenario.producers.push(producer(name, burst));
        scenario
            .system
            .routes
            .insert(name.to_owned(), Route { to: name.to_owned(), ..Route::default() });
    }
    scenario
}

fn depth(world: &World<Topology>, name: &str) -> u64 {
    let stats = world.machine().engine().queue_stats(queue(world, name));
    stats.expect("it is there").depth()
}

#[test]
fn a_hundred_thousand_messages_live_and_more_are_turned_away() {
    let mut world = World::new(flood(), &mut ()).expect("it can be built");
    world.run_until(secs(2), &mut ());
    assert_eq!((depth(&world, "one") + depth(&world, "other")), LIVE_MESSAGES_MAX);
    assert_eq!(world.turned_away(), 0, "there was room for the last one");
    world.run_until(secs(3), &mut ());
    assert_eq!((depth(&world, "one") + depth(&world, "other")), LIVE_MESSAGES_MAX);
    assert_eq!(world.turned_away(), 50_000);
    let refused = world.producers().iter().map(crate::ProducerState::refused).sum::<u64>();
    assert_eq!(refused, 50_000, "who sent them knows");
}

#[test]
fn what_gave_way_does_not_live() {
    let mut scenario = flood();
    scenario.system.queues[0].config.capacity = 1_000;
    scenario.system.queues[0].config.overflow = Overflow::DeadLetterOldest;
    scenario.system.queues[0].dead_letters = Some("dead".to_owned());
    scenario.system.queues.insert(0, queue_of("dead"));
    scenario.system.queues[0].config.capacity = 5_000;
    scenario.system.queues[0].config.overflow = Overflow::DropOldest;
    scenario.producers.truncate(1);
    let mut trace = crate::Trace::new();
    let mut world = World::new(scenario, &mut trace).expect("it can be built");
    world.run_until(secs(7), &mut trace);
    let moved = super::count(&trace, |event| {
        matches!(event, postroom_core::Event::DeadLettered { reason: DeadReason::Overflow, .. })
    });
    assert_eq!(moved, 174_000, "events alone say of none whether it had been in the queue");
    assert_eq!((depth(&world, "one"), depth(&world, "dead")), (1_000, 5_000));
    assert_eq!(world.turned_away(), 0);
}

#[test]
fn what_was_shed_lives_among_the_dead_letters() {
    let mut scenario = flood();
    scenario.system.queues[0].config.shed = Some(Shed { from_percent: 1 });
    scenario.system.queues[0].config.capacity = 10_000;
    scenario.system.queues[0].dead_letters = Some("dead".to_owned());
    scenario.system.queues.insert(0, queue_of("dead"));
    scenario.system.topics.push(TopicSpec { name: "t".to_owned(), config: Default::default() });
    scenario.system.subscriptions.push(SubscriptionSpec {
        topic: "t".to_owned(),
        queue: "one".to_owned(),
        subjects: Vec::new(),
        filter: Default::default(),
        on_full: OnFull::Divert,
    });
    scenario
        .system
        .routes
        .insert("one".to_owned(), Route { to: "t".to_owned(), ..Route::default() });
    let mut world = World::new(scenario, &mut ()).expect("it can be built");
    world.run_until(secs(3), &mut ());
    assert!(depth(&world, "dead") > 20_000, "{}", depth(&world, "dead"));
    let live = depth(&world, "one") + depth(&world, "dead") + depth(&world, "other");
    assert_eq!((live, world.turned_away()), (LIVE_MESSAGES_MAX, 50_000));
}
