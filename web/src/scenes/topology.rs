//! Any system of queues, topics and consumers; and what to try with a queue beside a topic.

use postroom_core::{
    Address, Command, ConsumerConfig, Filter, OnFull, QueueConfig, QueueId, Redrive, Span, Station,
    StationCommand, TopicConfig,
};
use postroom_simulator::{
    Arrivals, CommandOf, ConsumerSpec, Latency, Producer, Provider, QueueSpec, Route, Scenario,
    SubscriptionSpec, TopicSpec, Topology,
};

use crate::{
    panels::{Sight, Step, words::capitalised},
    picture::{Icon, Lane, Layout, Source, TopicNode, Worker},
    run::{REDRIVE_MAX, REDRIVE_PER_SECOND, System},
};

/// What `queue_and_topic.json` says.
pub(super) fn scenario() -> Scenario<Topology> {
    const ORDER_PLACED: &str = "order placed";
    const SUBSCRIBERS: [&str; 3] = ["billing", "shipping", "statistics"];
    let workers: Vec<_> = ["packer 1", "packer 2", "packer 3"]
        .map(|packer| (packer, "packing", Latency::Uniform { min: 900, max: 1_700 }))
        .into_iter()
        .chain(SUBSCRIBERS.map(|name| (name, name, Latency::Uniform { min: 300, max: 600 })))
        .collect();
    let mut system = Topology::default();
    for name in ["packing"].into_iter().chain(SUBSCRIBERS) {
        let tray = format!("{name}.dead");
        system.queues.push(queue(&tray, None));
        system.queues.push(queue(name, Some(tray)));
    }
    let config = TopicConfig::default();
    system.topics.push(TopicSpec { name: ORDER_PLACED.to_owned(), config });
    system.subscriptions.extend(SUBSCRIBERS.map(|queue| SubscriptionSpec {
        topic: ORDER_PLACED.to_owned(),
        queue: queue.to_owned(),
        subjects: Vec::new(),
        filter: Filter::default(),
        on_full: OnFull::default(),
    }));
    system.consumers.extend(workers.iter().map(|(name, queue, _)| ConsumerSpec {
        config: ConsumerConfig {
            concurrency: 1,
            call_timeout: Span::from_secs(4),
            ..ConsumerConfig::default()
        },
        ..ConsumerSpec::new(name, queue)
    }));
    let mut scenario = Scenario::new("Queue and topic", 7, system);
    for (name, to) in [("orders to the queue", "packing"), ("orders to the topic", ORDER_PLACED)] {
        let route = Route { to: to.to_owned(), ..Route::default() };
        scenario.system.routes.insert(name.to_owned(), route);
        scenario.producers.push(Producer {
            stream: Some("orders".to_owned()),
            ..Producer::new(name, Arrivals::Poisson { per_minute: 90 })
        });
    }
    let providers = workers.into_iter().map(|(name, _, latency)| Provider::new(name, latency));
    scenario.providers.extend(providers);
    scenario
}

fn queue(name: &str, dead_letters: Option<String>) -> QueueSpec {
    QueueSpec { name: name.to_owned(), dead_letters, config: QueueConfig::default() }
}

/// The steps of the guide to a queue beside a topic: for the first queue that no topic feeds, and
/// for those that one feeds.
pub(super) fn steps(layout: &Layout) -> Vec<Step> {
    let is_fed = |lane: &&Lane| !lane.topics.is_empty();
    let fed: Vec<_> = layout.lanes.iter().filter(is_fed).map(|lane| lane.queue).collect();
    let alone = layout.lanes.iter().find(|lane| !is_fed(lane)).map(|lane| lane.queue);
    let (Some(alone), Some(first)) = (alone, fed.first().copied()) else { return Vec::new() };
    let step = |text: &str, until| Step { text: text.into(), until };
    vec![
        step(
            "Follow an order: one packer takes it from the queue; each subscriber of the topic \
             gets a copy.",
            fed.into_iter().chain([alone]).map(Sight::Acked).collect(),
        ),
        step(
            "Make one packer fail: its orders go back to the queue, and the others pack them.",
            vec![Sight::CallFailed(alone)],
        ),
        step(
            "Make billing fail: shipping and statistics have their own copies and go on.",
            vec![Sight::CallFailed(first)],
        ),
    ]
}

impl System for Topology {
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
        let redrive =
            Redrive { to: Some(queue), max: REDRIVE_MAX, per_second, ..Redrive::all(from) };
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
