//! The second scene: a queue that workers share, beside a topic that subscribers listen to.

use postroom_core::{
    Address, Command, ConsumerConfig, QueueId, Redrive, Span, Station, StationCommand,
};
use postroom_simulator::{
    Arrivals, CommandOf, ConsumerSpec, Latency, Mode, Producer, Provider, QueueSpec, Route,
    Scenario, SubscriptionSpec, TopicSpec, Topology,
};

use crate::{
    panels::{Sight, Step, words::capitalised},
    picture::{Icon, Lane, Layout, Source, TopicNode, Worker},
    run::{REDRIVE_MAX, REDRIVE_PER_SECOND, System},
};

/// Those who share one queue.
const PACKERS: [&str; 3] = ["packer 1", "packer 2", "packer 3"];
/// Those who each get a copy.
const SUBSCRIBERS: [&str; 3] = ["billing", "shipping", "statistics"];
/// The shared queue.
const SHARED: &str = "packing";

/// The scene: the same orders go to a queue and to a topic.
#[must_use]
pub(super) fn scenario() -> Scenario<Topology> {
    let mut scenario = Scenario::new("Queue and topic", 7, system());
    // Both take their times from one stream: the same orders at the same moments.
    let producer = |name: &str| Producer {
        name: name.into(),
        arrivals: Arrivals::Poisson { per_minute: 90 },
        limit: None,
        stream: Some("orders".into()),
    };
    scenario.producers = vec![producer("orders to the queue"), producer("orders to the topic")];
    let provider = |name: &str, min, max| Provider {
        name: name.into(),
        mode: Mode::Healthy,
        latency_ms: Latency { min, max },
    };
    scenario.providers = PACKERS.iter().map(|name| provider(name, 900, 1_700)).collect();
    scenario.providers.extend(SUBSCRIBERS.iter().map(|name| provider(name, 300, 600)));
    scenario
}

fn system() -> Topology {
    let mut topology = Topology::default();
    for name in std::iter::once(&SHARED).chain(&SUBSCRIBERS) {
        let dead = format!("{name}.dead");
        let queue = |name: &str, dead_letters| QueueSpec {
            name: name.into(),
            dead_letters,
            config: Default::default(),
        };
        topology.queues.push(queue(&dead, None));
        topology.queues.push(queue(name, Some(dead)));
    }
    topology.topics.push(TopicSpec { name: "order placed".into(), config: Default::default() });
    let consumer = |name: &str, queue: &str| ConsumerSpec {
        name: name.into(),
        queue: queue.into(),
        config: ConsumerConfig {
            concurrency: 1,
            call_timeout: Span::from_secs(4),
            ..ConsumerConfig::default()
        },
    };
    topology.consumers.extend(PACKERS.iter().map(|name| consumer(name, SHARED)));
    for name in SUBSCRIBERS {
        topology.consumers.push(consumer(name, name));
        topology.subscriptions.push(SubscriptionSpec {
            topic: "order placed".into(),
            queue: name.into(),
            filter: Default::default(),
            on_full: Default::default(),
        });
    }
    let route = |to: &str| Route { to: to.into(), attributes: Default::default() };
    topology.routes.insert("orders to the queue".into(), route(SHARED));
    topology.routes.insert("orders to the topic".into(), route("order placed"));
    topology
}

/// The steps of the guide, for the queues of this scene.
#[must_use]
pub(super) fn steps(shared: QueueId, subscribers: &[QueueId]) -> Vec<Step> {
    let step = |text: &str, until| Step { text: text.into(), until };
    vec![
        step(
            "Follow an order: one packer takes it from the queue; each subscriber of the topic \
             gets a copy.",
            subscribers.iter().copied().chain([shared]).map(Sight::Acked).collect(),
        ),
        step(
            "Make one packer fail: its orders go back to the queue, and the others pack them.",
            vec![Sight::CallFailed(shared)],
        ),
        step(
            "Make billing fail: shipping and statistics have their own copies and go on.",
            subscribers.first().copied().map(Sight::CallFailed).into_iter().collect(),
        ),
    ]
}

impl System for Topology {
    const KIND: &'static str = "topology";

    fn layout(scenario: &Scenario<Self>, machine: &Station) -> Layout {
        let topology = &scenario.system;
        let topics = topology.topics.iter().filter_map(|spec| {
            let topic = machine.engine().find_topic(&spec.name)?;
            Some(TopicNode { topic, label: capitalised(&spec.name) })
        });
        let is_tray = |spec: &QueueSpec| {
            topology.queues.iter().any(|each| each.dead_letters.as_ref() == Some(&spec.name))
        };
        let queues = topology.queues.iter().filter(|spec| !is_tray(spec));
        Layout {
            sources: sources(scenario, machine),
            topics: topics.collect(),
            lanes: queues.filter_map(|spec| lane(topology, machine, spec)).collect(),
        }
    }

    fn redrive(machine: &Station, queue: QueueId) -> Option<CommandOf<Self>> {
        let from = machine.engine().queue_config(queue)?.dead_letters?;
        let per_second = Some(REDRIVE_PER_SECOND);
        let redrive = Redrive { from, to: Some(queue), max: REDRIVE_MAX, per_second };
        Some(StationCommand::Engine(Command::Redrive(redrive)))
    }
}

/// Producers that share a stream send the same things at the same moments: they are drawn as one.
fn sources(scenario: &Scenario<Topology>, machine: &Station) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for producer in &scenario.producers {
        let Some(route) = scenario.system.routes.get(&producer.name) else { continue };
        let engine = machine.engine();
        let queue = engine.find_queue(&route.to).map(Address::Queue);
        let to = queue.or_else(|| engine.find_topic(&route.to).map(Address::Topic));
        let name = producer.stream.as_ref().unwrap_or(&producer.name);
        match sources.iter_mut().find(|source| &source.name == name) {
            Some(source) => source.to.extend(to),
            None => sources.push(Source {
                name: name.clone(),
                label: capitalised(name),
                icon: Icon::Shop,
                to: to.into_iter().collect(),
            }),
        }
    }
    sources
}

fn lane(topology: &Topology, machine: &Station, spec: &QueueSpec) -> Option<Lane> {
    let engine = machine.engine();
    let subscriptions = topology.subscriptions.iter().filter(|each| each.queue == spec.name);
    let consumers = topology.consumers.iter().filter(|each| each.queue == spec.name);
    let workers = consumers.filter_map(|consumer| {
        Some(Worker {
            consumer: machine.find_consumer(&consumer.name)?,
            provider: consumer.name.clone(),
            label: capitalised(&consumer.name),
            icon: Icon::Worker,
            concurrency: consumer.config.concurrency,
            breaker: consumer.config.breaker.is_some(),
        })
    });
    let dead_letters = spec.dead_letters.as_ref();
    Some(Lane {
        queue: engine.find_queue(&spec.name)?,
        label: capitalised(&spec.name),
        icon: Icon::Parcel,
        topics: subscriptions.filter_map(|each| engine.find_topic(&each.topic)).collect(),
        dead_letters: dead_letters.and_then(|name| engine.find_queue(name)),
        workers: workers.collect(),
    })
}
