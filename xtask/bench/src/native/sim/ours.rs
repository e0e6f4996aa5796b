//! M/M/1 as a scenario: a producer, the engine's queue, a consumer and a provider.

use std::collections::BTreeMap;

use postroom_core::{ConsumerConfig, Event, QueueConfig, Sink, Span, Timestamp};
use postroom_simulator::{
    Arrivals, ConsumerSpec, Latency, Producer, Provider, QueueSpec, Route, Scenario, Topology,
    World,
};

use super::{CUSTOMERS, Figures, PROVIDER, SERVICE_MS, System};

/// Runs until so many customers are served, and follows their waits as the floor does.
pub(super) fn run(system: System, seed: u64, customers: u64) -> Figures {
    let mut watch = Watch::default();
    let mut world =
        World::new(scenario(system, seed), &mut watch).expect("the scenario is in order");
    while watch.served < customers {
        world.step(&mut watch).expect("customers come for ever");
    }
    Figures { started: watch.started, wait_us: watch.wait_us }
}

fn scenario(system: System, seed: u64) -> Scenario<Topology> {
    let hours = |hours: u64| Span::from_secs(hours * 3_600);
    let queue = QueueConfig { lease: hours(12), ..QueueConfig::default() };
    let servers = ConsumerConfig {
        concurrency: system.servers,
        call_timeout: hours(11),
        ..ConsumerConfig::default()
    };
    let route = Route { to: "queue".to_owned(), ..Route::default() };
    let topology = Topology {
        queues: vec![QueueSpec { name: "queue".to_owned(), dead_letters: None, config: queue }],
        consumers: vec![ConsumerSpec { config: servers, ..ConsumerSpec::new(PROVIDER, "queue") }],
        routes: BTreeMap::from([(CUSTOMERS.to_owned(), route)]),
        ..Topology::default()
    };
    let arrivals = Arrivals::Poisson { per_minute: system.arrivals_per_minute() };
    Scenario {
        producers: vec![Producer::new(CUSTOMERS, arrivals)],
        providers: vec![Provider::new(PROVIDER, Latency::Exponential { mean: SERVICE_MS })],
        ..Scenario::new("measured", seed, topology)
    }
}

/// Follows waits by events: a queue in order serves in the order of arrival.
#[derive(Default)]
struct Watch {
    waiting: std::collections::VecDeque<Timestamp>,
    started: u64,
    served: u64,
    wait_us: u64,
}

impl Sink for Watch {
    fn record(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Enqueued { .. } => self.waiting.push_back(at),
            Event::Delivered { .. } => {
                let since = self.waiting.pop_front().expect("what is delivered was enqueued");
                self.started += 1;
                self.wait_us += at.since(since).as_micros();
            }
            Event::Acked { .. } => self.served += 1,
            _ => {}
        }
    }
}
