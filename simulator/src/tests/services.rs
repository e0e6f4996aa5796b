//! Services: workers that publish what they make.

use postroom_core::{Event, MessageId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{count, queue, run};
use crate::{
    Arrivals, ConsumerSpec, Fault, Key, Latency, Producer, Provider, QueueSpec, Route, Scenario,
    ScenarioError, Topology, Trace, Trouble, World, limits::EMISSIONS_MAX,
};

/// Orders are charged, and each charge is announced to shipping: 30 orders, one a second.
fn shop(announces: Route) -> Scenario<Topology> {
    let mut system = Topology::default();
    for name in ["orders", "charged"] {
        let config = postroom_core::QueueConfig {
            lease: postroom_core::Span::from_secs(5),
            max_deliveries: 1_000,
            ..Default::default()
        };
        system.queues.push(QueueSpec { name: name.to_owned(), dead_letters: None, config });
    }
    let publishes = vec![Route { to: "charged".to_owned(), ..announces }];
    for (name, queue, publishes) in
        [("billing", "orders", publishes), ("shipping", "charged", Vec::new())]
    {
        let mut spec = ConsumerSpec { publishes, ..ConsumerSpec::new(name, queue) };
        spec.config.call_timeout = postroom_core::Span::from_secs(2);
        system.consumers.push(spec);
    }
    let route = Route { to: "orders".to_owned(), ..Default::default() };
    system.routes.insert("shop".to_owned(), route);
    let mut scenario = Scenario::new("a shop", 1, system);
    let arrivals = Arrivals::Constant { per_minute: 60 };
    scenario.producers = vec![Producer { limit: Some(30), ..Producer::new("shop", arrivals) }];
    let provider = |name| Provider::new(name, Latency::Fixed(500));
    scenario.providers = ["billing", "shipping"].map(provider).to_vec();
    scenario
}

fn taken(world: &World<Topology>, name: &str) -> u64 {
    world.provider(name).expect("it is there").taken().total()
}

fn announced(world: &World<Topology>, trace: &Trace) -> Vec<(Option<MessageId>, MessageId)> {
    let charged = postroom_core::Address::Queue(queue(world, "charged"));
    let events = trace.events().iter().filter_map(|(_, event)| match *event {
        Event::Published { to, causation, correlation, .. } if to == charged => {
            Some((causation, correlation))
        }
        _ => None,
    });
    events.collect()
}

#[test]
fn what_is_made_names_what_it_was_made_of() {
    let (world, trace) = run(shop(Route::default()), 60);
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (30, 30));
    let orders = queue(&world, "orders");
    for (number, (causation, correlation)) in (0..).zip(announced(&world, &trace)) {
        let order = MessageId { address: postroom_core::Address::Queue(orders), number };
        assert_eq!((causation, correlation), (Some(order), order));
    }
}

#[test]
fn work_done_twice_is_announced_twice_unless_it_has_a_key() {
    let with = |route, remembers_ms| {
        let mut scenario = shop(route);
        let lost = Trouble::AcksLost { worker: "billing".to_owned(), percent: 100 };
        scenario.faults = vec![Fault::new(10_250, lost).until(14_250)];
        scenario.providers[0].remembers_ms = remembers_ms;
        run(scenario, 60)
    };
    let (world, trace) = with(Route::default(), None);
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (34, 34));
    assert_eq!(announced(&world, &trace).len(), 34);

    let dedup = Route { dedup_key: Some(Key::Each), ..Route::default() };
    let (world, trace) = with(dedup, None);
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (34, 30));
    assert_eq!(count(&trace, |event| matches!(event, Event::Deduplicated { .. })), 4);

    // Who remembers neither charges nor announces twice.
    let (world, trace) = with(Route::default(), Some(60_000));
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (30, 30));
    assert_eq!(count(&trace, |event| matches!(event, Event::Recognised { .. })), 4);
}

#[test]
fn what_cannot_be_announced_is_done_again() {
    let mut scenario = shop(Route::default());
    scenario.system.queues[1].config.capacity = 2;
    scenario.providers[1].latency_ms = Latency::Fixed(1_500);
    scenario.system.consumers[1].config.concurrency = 1;
    let (world, trace) = run(scenario, 200);
    let failed = count(&trace, |event| matches!(event, Event::CallFailed { .. }));
    assert!(failed > 5, "{failed}");
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (30 + failed, 30));
}

#[test]
fn a_service_that_crashes_has_not_done_what_was_under_way() {
    let mut scenario = shop(Route::default());
    let crash = Trouble::Crash { worker: "billing".to_owned() };
    scenario.faults = vec![Fault::new(10_250, crash).until(14_250)];
    let (world, trace) = run(scenario.clone(), 60);
    assert_eq!(count(&trace, |event| matches!(event, Event::CallLost { .. })), 1);
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (30, 30));

    // Its claim holds until it runs out; then the work is done.
    scenario.providers[0].remembers_ms = Some(300_000);
    let (world, _) = run(scenario.clone(), 60);
    assert_eq!(taken(&world, "shipping"), 29);
    let (world, _) = run(scenario, 200);
    assert_eq!((taken(&world, "billing"), taken(&world, "shipping")), (30, 30));
}

#[test]
fn a_service_that_cannot_publish_is_not_built() {
    let why = |publishes: Vec<Route>| {
        let mut scenario = shop(Route::default());
        scenario.system.consumers[0].publishes = publishes;
        World::new(scenario, &mut ()).map(drop)
    };
    let route = |to: &str| Route { to: to.to_owned(), ..Default::default() };
    assert_eq!(why(vec![route("charged"); EMISSIONS_MAX]), Ok(()));
    let refused = |publishes, expected: &str| {
        assert_eq!(why(publishes), Err(ScenarioError::System { why: expected.to_owned() }));
    };
    refused(
        vec![route("nowhere")],
        "consumers[0].publishes[0].to: there is no queue or topic `nowhere`",
    );
    refused(
        vec![Route { delay_ms: u64::MAX, ..route("charged") }],
        "consumers[0].publishes[0].delay_ms: give at most a day",
    );
    let many = vec![route("charged"); EMISSIONS_MAX + 1];
    refused(many, "consumers[0].publishes: list at most 16");
}
