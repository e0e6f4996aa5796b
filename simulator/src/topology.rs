//! A system of queues, topics and consumers, described by names: a blueprint of a [`Station`].

use std::collections::BTreeMap;

use postroom_core::{
    Address, At, Blueprint, Command, ConsumerConfig, Entropy, Filter, Machine, Message, OnFull,
    QueueConfig, QueueId, Sink, Station, StationCommand, SubjectPattern, Subscribe, TopicConfig,
    TopicId, patterns::message_key,
};
use serde::{Deserialize, Serialize};

use crate::{
    limits::{EMISSIONS_MAX, NODES_MAX},
    route::{Label, Route},
};

/// Queues, topics and consumers by name, and where each producer sends.
///
/// # Example: a queue that two workers share, beside a topic that two teams read
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, World};
///
/// let text = r#"{
///     "version": 1, "name": "orders", "seed": 7,
///     "system": {
///         "queues": [{ "name": "work" }, { "name": "billing" }, { "name": "shipping" }],
///         "topics": [{ "name": "placed" }],
///         "subscriptions": [
///             { "topic": "placed", "queue": "billing" },
///             { "topic": "placed", "queue": "shipping" }
///         ],
///         "consumers": [
///             { "name": "workers", "queue": "work", "config": { "concurrency": 2 } },
///             { "name": "biller", "queue": "billing" },
///             { "name": "shipper", "queue": "shipping" }
///         ],
///         "routes": { "orders": { "to": "work" }, "order news": { "to": "placed" } }
///     },
///     "producers": [
///         { "name": "orders", "arrivals": { "constant": { "per_minute": 60 } } },
///         { "name": "order news", "arrivals": { "constant": { "per_minute": 60 } } }
///     ],
///     "providers": [
///         { "name": "workers", "latency_ms": { "uniform": { "min": 50, "max": 90 } } },
///         { "name": "biller", "latency_ms": { "uniform": { "min": 50, "max": 90 } } },
///         { "name": "shipper", "latency_ms": { "uniform": { "min": 50, "max": 90 } } }
///     ]
/// }"#;
/// let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut world = World::new(scenario, &mut ())?;
/// world.run_until(Timestamp::from_millis(10_500), &mut ());
/// let taken = |name| world.provider(name).map(|p| p.taken().total());
/// assert_eq!(["workers", "biller", "shipper"].map(taken), [Some(10); 3]);
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Topology {
    /// Created in this order.
    pub queues: Vec<QueueSpec>,
    /// Created in this order, after the queues. No topic has the name of a queue.
    pub topics: Vec<TopicSpec>,
    /// Made in this order.
    pub subscriptions: Vec<SubscriptionSpec>,
    /// Attached in this order.
    pub consumers: Vec<ConsumerSpec>,
    /// Where each producer sends, by the producer's name.
    pub routes: BTreeMap<String, Route>,
}

/// A queue of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// Unlike every other queue's and topic's.
    pub name: String,
    /// The queue that gets its dead letters: one listed before it. Default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<String>,
    /// Its settings; leave `dead_letters` in them empty, it is named above.
    #[serde(default)]
    pub config: QueueConfig,
}

/// A topic of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TopicSpec {
    /// Unlike every other topic's and queue's.
    pub name: String,
    /// Its settings.
    #[serde(default)]
    pub config: TopicConfig,
}

/// A subscription of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SubscriptionSpec {
    /// The topic's name.
    pub topic: String,
    /// The queue's name.
    pub queue: String,
    /// Messages with which subjects. Default all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SubjectPattern>,
    /// Messages with which attributes. Default all.
    #[serde(default)]
    pub filter: Filter,
    /// What happens when the queue is full. Default the publish is refused.
    #[serde(default)]
    pub on_full: OnFull,
}

/// A consumer of a [`Topology`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConsumerSpec {
    /// Unlike every other consumer's; the provider of this name answers its calls.
    pub name: String,
    /// The name of its queue.
    pub queue: String,
    /// Its settings.
    #[serde(default)]
    pub config: ConsumerConfig,
    /// What it publishes each time its work is done, in this order, before it acknowledges: it is a
    /// service. A crash then ends the work under way. At most 16. Default nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publishes: Vec<Route>,
}

impl ConsumerSpec {
    /// A consumer of this name and queue with the default settings, which publishes nothing.
    #[must_use]
    pub fn new(name: &str, queue: &str) -> Self {
        let (name, queue) = (name.to_owned(), queue.to_owned());
        Self { name, queue, config: ConsumerConfig::default(), publishes: Vec::new() }
    }
}

impl Blueprint for Topology {
    type Machine = Station;

    fn build(&self, at: At, sink: &mut impl Sink) -> Result<Station, String> {
        // A world counts them too; before they are made, a document full of them costs nothing.
        let nodes = self.queues.len() + self.topics.len() + self.consumers.len();
        if nodes > NODES_MAX {
            return Err(format!("{nodes} nodes, more than {NODES_MAX}: leave some out"));
        }
        let mut builder = Builder { station: Station::new(), at, sink };
        self.create_queues(&mut builder)?;
        for (i, topic) in self.topics.iter().enumerate() {
            let field = format!("topics[{i}]");
            if builder.station.engine().find_queue(&topic.name).is_some() {
                return Err(format!("{field}.name: `{}` is a queue already", topic.name));
            }
            let (name, config) = (topic.name.clone(), topic.config);
            builder.engine(&field, Command::CreateTopic { name, config })?;
        }
        for (i, subscription) in self.subscriptions.iter().enumerate() {
            let field = format!("subscriptions[{i}]");
            let SubscriptionSpec { subjects, filter, on_full, .. } = subscription.clone();
            let topic = builder.topic(&field, &subscription.topic)?;
            let queue = builder.queue(&field, &subscription.queue)?;
            let subscribe = Subscribe { topic, queue, subjects, filter, on_full };
            builder.engine(&field, Command::Subscribe(subscribe))?;
        }
        for (i, consumer) in self.consumers.iter().enumerate() {
            let field = format!("consumers[{i}]");
            let queue = builder.queue(&field, &consumer.queue)?;
            let (name, config) = (consumer.name.clone(), consumer.config);
            builder.apply(&field, StationCommand::Attach { name, queue, config })?;
            if consumer.publishes.len() > EMISSIONS_MAX {
                return Err(format!("{field}.publishes: list at most {EMISSIONS_MAX}"));
            }
            for (nth, route) in consumer.publishes.iter().enumerate() {
                let field = format!("{field}.publishes[{nth}]");
                Self::check_route(&builder.station, &field, route)?;
            }
        }
        for (producer, route) in &self.routes {
            Self::check_route(&builder.station, &format!("routes.{producer}"), route)?;
        }
        Ok(builder.station)
    }

    /// As the producer's [`Route`] says. A producer without a route sends nothing: the command is a
    /// tick.
    fn arrival(
        &self,
        machine: &Station,
        producer: &str,
        number: u64,
        entropy: Entropy,
    ) -> StationCommand {
        let Some(route) = self.routes.get(producer) else { return StationCommand::Tick };
        let Some(to) = find_address(machine, &route.to) else { return StationCommand::Tick };
        let message = route.message(producer, Label::Number(number), entropy);
        StationCommand::Engine(Command::Publish { to, message })
    }

    fn emissions(&self, consumer: &str) -> usize {
        self.publishes(consumer).len()
    }

    /// As the [`Route`] says, caused by the message that was worked on.
    fn emission(
        &self,
        machine: &Station,
        consumer: &str,
        cause: &Message,
        nth: usize,
        entropy: Entropy,
    ) -> Option<StationCommand> {
        let route = self.publishes(consumer).get(nth)?;
        let to = find_address(machine, &route.to)?;
        let key = message_key(cause);
        let mut message = route.message(consumer, Label::Text(&key), entropy);
        message.cause = Some(cause.as_cause());
        Some(StationCommand::Engine(Command::Publish { to, message }))
    }
}

impl Topology {
    fn publishes(&self, consumer: &str) -> &[Route] {
        let found = self.consumers.iter().find(|spec| spec.name == consumer);
        found.map_or(&[], |spec| &spec.publishes)
    }

    /// Sees that a route leads somewhere, and that it can be taken.
    fn check_route(station: &Station, field: &str, route: &Route) -> Result<(), String> {
        if find_address(station, &route.to).is_none() {
            return Err(format!("{field}.to: there is no queue or topic `{}`", route.to));
        }
        route.check().map_err(|problem| format!("{field}.{problem}"))
    }

    fn create_queues<K: Sink>(&self, builder: &mut Builder<'_, K>) -> Result<(), String> {
        for (i, queue) in self.queues.iter().enumerate() {
            let field = format!("queues[{i}]");
            if queue.config.dead_letters.is_some() {
                return Err(format!(
                    "{field}.config.dead_letters: name it in {field}.dead_letters"
                ));
            }
            let mut config = queue.config;
            if let Some(name) = &queue.dead_letters {
                let found = builder.station.engine().find_queue(name);
                let missing = || format!("{field}.dead_letters: list queue `{name}` before it");
                config.dead_letters = Some(found.ok_or_else(missing)?);
            }
            let name = queue.name.clone();
            builder.engine(&field, Command::CreateQueue { name, config })?;
        }
        Ok(())
    }
}

struct Builder<'k, K> {
    station: Station,
    at: At,
    sink: &'k mut K,
}

impl<K: Sink> Builder<'_, K> {
    fn apply(&mut self, field: &str, command: StationCommand) -> Result<(), String> {
        let reply = self.station.apply(self.at, command, self.sink);
        reply.map(drop).map_err(|error| format!("{field}: {error}"))
    }

    fn engine(&mut self, field: &str, command: Command) -> Result<(), String> {
        self.apply(field, StationCommand::Engine(command))
    }

    fn queue(&self, field: &str, name: &str) -> Result<QueueId, String> {
        let found = self.station.engine().find_queue(name);
        found.ok_or_else(|| format!("{field}.queue: there is no queue `{name}`"))
    }

    fn topic(&self, field: &str, name: &str) -> Result<TopicId, String> {
        let found = self.station.engine().find_topic(name);
        found.ok_or_else(|| format!("{field}.topic: there is no topic `{name}`"))
    }
}

fn find_address(station: &Station, name: &str) -> Option<Address> {
    let engine = station.engine();
    let queue = engine.find_queue(name).map(Address::Queue);
    queue.or_else(|| engine.find_topic(name).map(Address::Topic))
}
