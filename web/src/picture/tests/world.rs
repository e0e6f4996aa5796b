//! A run of two queues behind a topic, with everything that happens in it.

use std::rc::Rc;

use postroom_core::{
    Address, Backoff, BreakerConfig, Command, ConsumerConfig, Event, Jitter, QueueConfig, QueueId,
    QueueStats, Recorded, Recorder, Redrive, Span, StationCommand, Timestamp,
};
use postroom_simulator::{
    Arrivals, ConsumerSpec, Fault, Intervention, Latency, Mode, Producer, Provider, QueueSpec,
    Route, Scenario, SubscriptionSpec, TopicSpec, Topology, World,
};

use crate::picture::{Icon, Lane, Layout, Picture, Plan, Source, TopicNode, Worker};

const NAMES: [&str; 2] = ["push", "sms"];

pub(super) struct Run {
    pub(super) world: World<Topology>,
    pub(super) recorder: Recorder,
    pub(super) picture: Picture,
    pub(super) events: Vec<Recorded>,
}

/// `arrivals` to both queues, `limit` in all; `faults` befall sms, in seconds.
pub(super) fn run(arrivals: Arrivals, limit: Option<u64>, faults: &[(u64, Mode)]) -> Run {
    let mut scenario = Scenario::new("picture", 11, topology());
    let producer = Producer { limit, ..Producer::new("shop", arrivals) };
    scenario.producers = vec![producer];
    scenario.providers = NAMES.map(provider).to_vec();
    scenario.faults =
        faults.iter().map(|(second, mode)| Fault::mode(second * 1_000, "sms", *mode)).collect();
    let mut recorder = Recorder::default();
    let world = World::new(scenario, &mut recorder).expect("a valid scenario");
    let picture = Picture::new(Rc::new(layout(&world)));
    let mut run = Run { world, recorder, picture, events: Vec::new() };
    run.take();
    run
}

fn provider(name: &str) -> Provider {
    Provider::new(name, Latency::Uniform { min: 40, max: 700 })
}

fn topology() -> Topology {
    let mut topology = Topology::default();
    topology.topics.push(TopicSpec { name: "news".into(), config: Default::default() });
    let route = Route { to: "news".into(), ..Default::default() };
    topology.routes.insert("shop".into(), route);
    for name in NAMES {
        let dead = format!("{name}.dead");
        let config = QueueConfig {
            deliver_within: Some(Span::from_secs(20)),
            backoff: Backoff { jitter: Jitter::Equal, ..Backoff::default() },
            ..QueueConfig::default()
        };
        let spec = QueueSpec { name: dead.clone(), dead_letters: None, config: Default::default() };
        topology.queues.push(spec);
        topology.queues.push(QueueSpec { name: name.into(), dead_letters: Some(dead), config });
        topology.subscriptions.push(SubscriptionSpec {
            topic: "news".into(),
            queue: name.into(),
            subjects: Vec::new(),
            filter: Default::default(),
            on_full: Default::default(),
        });
        let config = ConsumerConfig {
            call_timeout: Span::from_secs(2),
            breaker: Some(BreakerConfig::default()),
            ..ConsumerConfig::default()
        };
        topology.consumers.push(ConsumerSpec { config, ..ConsumerSpec::new(name, name) });
    }
    topology
}

fn layout(world: &World<Topology>) -> Layout {
    let station = world.machine();
    let engine = station.engine();
    let topic = engine.find_topic("news").expect("a topic");
    let lane = |name: &str| Lane {
        queue: engine.find_queue(name).expect("a queue"),
        name: name.into(),
        label: name.into(),
        icon: Icon::Parcel,
        topics: vec![topic],
        dead_letters: engine.find_queue(&format!("{name}.dead")),
        workers: vec![Worker {
            consumer: station.find_consumer(name).expect("a consumer"),
            provider: name.into(),
            label: name.into(),
            icon: Icon::Worker,
            concurrency: 4,
            concurrency_max: 4,
            publishes: Vec::new(),
            breaker: true,
        }],
    };
    let to = vec![Address::Topic(topic)];
    Layout {
        sources: vec![Source { name: "shop".into(), label: "Shop".into(), icon: Icon::Shop, to }],
        topics: vec![TopicNode { topic, name: "news".into(), label: "news".into() }],
        lanes: NAMES.map(lane).to_vec(),
        ..Layout::default()
    }
}

impl Run {
    /// One step of the world; false once nothing will ever happen.
    pub(super) fn step(&mut self) -> bool {
        self.recorder.next_command();
        let goes_on = self.world.step(&mut self.recorder).is_some();
        self.take();
        goes_on
    }

    pub(super) fn run_until(&mut self, at: Timestamp) {
        while self.world.next_event_at().is_some_and(|next| next <= at) {
            self.step();
        }
        // What is done to the world is done then, not at the time of what happened last.
        self.world.run_until(at, &mut self.recorder);
    }

    pub(super) fn redrive(&mut self, name: &str, per_second: Option<u32>) {
        let from = self.queue(&format!("{name}.dead"));
        let redrive = Redrive { per_second, ..Redrive::all(from) };
        let command = StationCommand::Engine(Command::Redrive(redrive));
        self.recorder.next_command();
        let redriven = self.world.intervene(Intervention::Command(command), &mut self.recorder);
        redriven.expect("a redrive");
        self.take();
    }

    pub(super) fn queue(&self, name: &str) -> QueueId {
        self.world.machine().engine().find_queue(name).expect("a queue")
    }

    pub(super) fn stats(&self, name: &str) -> QueueStats {
        let engine = self.world.machine().engine();
        engine.queue_stats(self.queue(name)).expect("a queue")
    }

    pub(super) fn count(&self, is_it: impl Fn(&Event) -> bool) -> u64 {
        self.events.iter().filter(|recorded| is_it(&recorded.event)).count() as u64
    }

    pub(super) fn plan(&self) -> Plan {
        Plan::new(self.picture.layout(), 1_000.0)
    }

    fn take(&mut self) {
        for recorded in self.recorder.take().events {
            self.picture.apply(&recorded);
            self.events.push(recorded);
        }
    }
}
