//! A model in a simulated world, measured by its events.

use std::collections::{BTreeMap, VecDeque};

use postroom_core::{ConsumerConfig, Event, MessageId, QueueConfig, Sink, Span, Timestamp};
use postroom_simulator::{
    Arrivals, ConsumerSpec, Producer, Provider, QueueSpec, Route, Scenario, Topology, World,
};

use crate::models::{Figures, Model};

/// Customers that are let through before the measuring begins.
const WARM_UP: u64 = 5_000;

/// Runs `model` until so many customers are measured.
pub(crate) fn measure(model: &Model, per_minute: u32, customers: u64, seed: u64) -> Figures {
    let mut watch = Watch::new(WARM_UP, customers);
    let mut world = World::new(scenario(model, per_minute, seed), &mut watch).unwrap();
    while !watch.is_over() {
        world.step(&mut watch).unwrap();
    }
    watch.figures(model.servers)
}

fn scenario(model: &Model, per_minute: u32, seed: u64) -> Scenario<Topology> {
    let hours = |hours: u64| Span::from_secs(hours * 3_600);
    let queue = QueueConfig { lease: hours(12), ..QueueConfig::default() };
    let servers = ConsumerConfig {
        concurrency: model.servers,
        call_timeout: hours(11),
        ..ConsumerConfig::default()
    };
    let route = Route { to: "queue".to_owned(), ..Route::default() };
    let system = Topology {
        queues: vec![QueueSpec { name: "queue".to_owned(), dead_letters: None, config: queue }],
        consumers: vec![ConsumerSpec { config: servers, ..ConsumerSpec::new("servers", "queue") }],
        routes: BTreeMap::from([("customers".to_owned(), route)]),
        ..Topology::default()
    };
    Scenario {
        producers: vec![Producer::new("customers", Arrivals::Poisson { per_minute })],
        providers: vec![Provider::new("servers", model.service)],
        ..Scenario::new(model.name, seed, system)
    }
}

/// Follows the customers by their events. All sums are whole microseconds.
struct Watch {
    warm_up: u64,
    customers: u64,
    arrived: u64,
    waiting: VecDeque<(MessageId, Timestamp)>,
    served: u64,
    waits: u64,
    in_system: u64,
    busy: u64,
    /// From the first measured arrival to the one after the last.
    window: Option<(Timestamp, Option<Timestamp>)>,
    now: Timestamp,
    /// Over the window: customers, and servers at work, times how long.
    in_system_time: u64,
    busy_time: u64,
}

impl Watch {
    fn new(warm_up: u64, customers: u64) -> Self {
        Self {
            warm_up,
            customers,
            arrived: 0,
            waiting: VecDeque::new(),
            served: 0,
            waits: 0,
            in_system: 0,
            busy: 0,
            window: None,
            now: Timestamp::ZERO,
            in_system_time: 0,
            busy_time: 0,
        }
    }

    /// Whether every measured customer's wait is known, and the window closed.
    fn is_over(&self) -> bool {
        self.served >= self.warm_up + self.customers
            && self.window.is_some_and(|(_, end)| end.is_some())
    }

    fn figures(&self, servers: u32) -> Figures {
        let Some((start, Some(end))) = self.window else { panic!("the window is open") };
        let window = end.since(start).as_micros() as f64;
        Figures {
            wait_ms: self.waits as f64 / 1_000.0 / self.customers as f64,
            utilisation: self.busy_time as f64 / window / f64::from(servers),
            in_system: self.in_system_time as f64 / window,
        }
    }

    /// Lets time pass up to an event.
    fn pass(&mut self, at: Timestamp) {
        if let Some((_, None)) = self.window {
            let passed = at.since(self.now).as_micros();
            self.in_system_time += self.in_system * passed;
            self.busy_time += self.busy * passed;
        }
        self.now = at;
    }
}

impl Sink for Watch {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.pass(at);
        match event {
            Event::Enqueued { message, .. } => {
                match self.window {
                    None if self.arrived == self.warm_up => self.window = Some((at, None)),
                    Some((start, None)) if self.arrived == self.warm_up + self.customers => {
                        self.window = Some((start, Some(at)));
                    }
                    _ => {}
                }
                self.arrived += 1;
                self.in_system += 1;
                self.waiting.push_back((message, at));
            }
            Event::Delivered { message, delivery, .. } => {
                let (first, arrived) = self.waiting.pop_front().unwrap();
                assert_eq!((message, delivery), (first, 1), "they are served in their order, once");
                if (self.warm_up..self.warm_up + self.customers).contains(&self.served) {
                    self.waits += at.since(arrived).as_micros();
                }
                self.served += 1;
                self.busy += 1;
            }
            Event::Acked { .. } => {
                self.in_system -= 1;
                self.busy -= 1;
            }
            Event::QueueCreated { .. }
            | Event::Published { .. }
            | Event::Woken { .. }
            | Event::CallStarted { .. }
            | Event::CallSucceeded { .. } => {}
            other => panic!("{other:?} is no event of a plain queue"),
        }
    }
}
