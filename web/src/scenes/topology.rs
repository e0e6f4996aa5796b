//! Any system of queues, topics and consumers; and what to try with a queue beside a topic.

use postroom_core::{
    Address, Command, ConsumerChange, MessageId, QueueId, Redrive, Station, StationCommand,
};
use postroom_simulator::{CommandOf, QueueSpec, Scenario, Topology};

use crate::{
    panels::{Sight, Step, words::capitalised},
    picture::{Caller, Icon, Lane, Layout, Service, Source, TopicNode, Worker},
    run::{PartOrder, REDRIVE_MAX, REDRIVE_PER_SECOND, System},
};

/// Copies of a queue of which the ordered group is looked up: more than the stage shows one by one.
const GROUPS_PER_QUEUE: u32 = 48;

/// The steps of the guide to a queue beside a topic: for the first queue that no topic feeds, and
/// for those that one feeds.
pub(crate) fn steps(layout: &Layout) -> Vec<Step> {
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
            Some(TopicNode { topic, name: spec.name.clone(), label: capitalised(&spec.name) })
        });
        let is_tray = |spec: &QueueSpec| {
            topology.queues.iter().any(|each| each.dead_letters.as_ref() == Some(&spec.name))
        };
        let queues = topology.queues.iter().filter(|spec| !is_tray(spec));
        Layout {
            sources: sources(scenario, machine),
            topics: topics.collect(),
            lanes: queues.filter_map(|spec| lane(scenario, machine, spec)).collect(),
            callers: scenario
                .callers
                .iter()
                .map(|each| Caller {
                    name: each.name.clone(),
                    label: capitalised(&each.name),
                    calls: each.calls.clone(),
                })
                .collect(),
            services: scenario
                .services
                .iter()
                .map(|each| Service { name: each.name.clone(), label: capitalised(&each.name) })
                .collect(),
        }
    }

    fn redrive(machine: &Station, queue: QueueId) -> Option<CommandOf<Self>> {
        let from = machine.engine().queue_config(queue)?.dead_letters?;
        let per_second = Some(REDRIVE_PER_SECOND);
        let redrive =
            Redrive { to: Some(queue), max: REDRIVE_MAX, per_second, ..Redrive::all(from) };
        Some(StationCommand::Engine(Command::Redrive(redrive)))
    }

    fn groups(machine: &Station) -> Vec<(MessageId, String)> {
        let engine = machine.engine();
        let queues = (0..).map(QueueId::new).take_while(|id| engine.queue_name(*id).is_some());
        let copies = queues.flat_map(|queue| engine.peek(queue, 0, GROUPS_PER_QUEUE));
        copies
            .filter_map(|copy| Some((copy.message.id, copy.message.group()?.to_owned())))
            .collect()
    }

    fn tell(order: PartOrder) -> Option<CommandOf<Self>> {
        Some(match order {
            PartOrder::PauseWorker(consumer) => StationCommand::PauseConsumer { consumer },
            PartOrder::ResumeWorker(consumer) => StationCommand::ResumeConsumer { consumer },
            PartOrder::Scale(consumer, concurrency) => {
                StationCommand::Change(ConsumerChange::Scale { consumer, concurrency })
            }
            PartOrder::PauseQueue(queue) => StationCommand::Engine(Command::Pause { queue }),
            PartOrder::ResumeQueue(queue) => StationCommand::Engine(Command::Resume { queue }),
            PartOrder::Purge(queue) => {
                StationCommand::Engine(Command::Purge { queue, forget_dedup: false })
            }
        })
    }
}

/// Producers that share a stream send the same things at the same moments: they are drawn as one.
fn sources(scenario: &Scenario<Topology>, machine: &Station) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for producer in &scenario.producers {
        let route = scenario.system.routes.get(&producer.name);
        let to = route.and_then(|route| address(machine, &route.to));
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

fn address(machine: &Station, name: &str) -> Option<Address> {
    let engine = machine.engine();
    let queue = engine.find_queue(name).map(Address::Queue);
    queue.or_else(|| engine.find_topic(name).map(Address::Topic))
}

fn lane(scenario: &Scenario<Topology>, machine: &Station, spec: &QueueSpec) -> Option<Lane> {
    let (topology, engine) = (&scenario.system, machine.engine());
    let subscriptions = topology.subscriptions.iter().filter(|each| each.queue == spec.name);
    let consumers = topology.consumers.iter().filter(|each| each.queue == spec.name);
    let workers = consumers.filter_map(|consumer| {
        let concurrency = consumer.config.concurrency;
        let mut scalers = scenario.scalers.iter();
        let scaler = scalers.find(|scaler| scaler.worker == consumer.name);
        Some(Worker {
            consumer: machine.find_consumer(&consumer.name)?,
            provider: consumer.name.clone(),
            label: capitalised(&consumer.name),
            icon: Icon::Worker,
            concurrency,
            publishes: consumer
                .publishes
                .iter()
                .filter_map(|it| address(machine, &it.to))
                .collect(),
            concurrency_max: scaler.map_or(concurrency, |scaler| scaler.max.max(concurrency)),
            breaker: consumer.config.breaker.is_some(),
        })
    });
    let dead_letters = spec.dead_letters.as_ref();
    Some(Lane {
        queue: engine.find_queue(&spec.name)?,
        name: spec.name.clone(),
        label: capitalised(&spec.name),
        icon: Icon::Parcel,
        topics: subscriptions.filter_map(|each| engine.find_topic(&each.topic)).collect(),
        dead_letters: dead_letters.and_then(|name| engine.find_queue(name)),
        workers: workers.collect(),
    })
}
