//! What a program works with: its queues, topics and subscriptions, by name.

use postroom_core::{
    Address, Filter, OnFull, Overflow, Poison, Profile, QueueConfig, QueueId, Settlement,
    SubjectPattern, TopicConfig, TopicId,
};

use super::{Capabilities, Capability};

/// A queue of a program.
///
/// # Example: five tries, then to the dead letters
/// ```
/// use postroom_core::QueueConfig;
/// use postroom_runtime::Queue;
///
/// let config = QueueConfig { max_deliveries: 5, ..QueueConfig::default() };
/// let orders = Queue::new("orders").config(config).dead_letters("orders.dead");
/// assert_eq!(orders.name(), "orders");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub(crate) name: String,
    pub(crate) config: QueueConfig,
    pub(crate) dead_letters: Option<String>,
}

impl Queue {
    /// A queue of this name, 1 to 80 bytes, with the default settings.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), config: QueueConfig::default(), dead_letters: None }
    }

    /// Its settings. `dead_letters` in them does not count: name the queue instead.
    #[must_use]
    pub fn config(self, config: QueueConfig) -> Self {
        Self { config, ..self }
    }

    /// The queue to which its dead go; it must be given to the builder before this one.
    #[must_use]
    pub fn dead_letters(self, name: impl Into<String>) -> Self {
        Self { dead_letters: Some(name.into()), ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl From<&str> for Queue {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// Which messages of a topic a queue gets: all of them unless said otherwise.
///
/// # Example: orders from the EU
/// ```
/// use postroom_runtime::Selection;
///
/// let selection = Selection::all().subjects(["orders.eu.>".parse()?]);
/// # Ok::<(), postroom_core::SubjectError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub(crate) subjects: Vec<SubjectPattern>,
    pub(crate) filter: Filter,
    pub(crate) on_full: OnFull,
}

impl Selection {
    /// All messages.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Those whose subject one of these patterns matches.
    #[must_use]
    pub fn subjects(self, subjects: impl IntoIterator<Item = SubjectPattern>) -> Self {
        Self { subjects: subjects.into_iter().collect(), ..self }
    }

    /// Those whose attributes the filter selects.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// What happens when the queue is full. Default the publish is refused.
    #[must_use]
    pub fn on_full(self, on_full: OnFull) -> Self {
        Self { on_full, ..self }
    }
}

/// Everything that a backend sets up before a program starts. Queues and topics are numbered from
/// 0 in their order: these numbers are their ids from then on.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Plan {
    /// The queues: their names, and their settings with `dead_letters` filled in.
    pub queues: Vec<(String, QueueConfig)>,
    /// The topics.
    pub topics: Vec<(String, TopicConfig)>,
    /// The subscriptions.
    pub subscriptions: Vec<postroom_core::Subscribe>,
    /// What the program needs, whether it said so or it follows from the above.
    pub needs: Capabilities,
}

impl Plan {
    /// The queue of this name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<QueueId> {
        let place = self.queues.iter().position(|(taken, _)| taken == name)?;
        Some(QueueId::new(place as u32))
    }

    /// The topic of this name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<TopicId> {
        let place = self.topics.iter().position(|(taken, _)| taken == name)?;
        Some(TopicId::new(place as u32))
    }

    /// The queue or topic of this name. No queue has the name of a topic.
    #[must_use]
    pub fn address(&self, name: &str) -> Option<Address> {
        let queue = self.queue(name).map(Address::Queue);
        queue.or_else(|| self.topic(name).map(Address::Topic))
    }

    /// The name of a queue or topic; empty where there is none.
    #[must_use]
    pub fn name_of(&self, address: Address) -> &str {
        match address {
            Address::Queue(queue) => {
                self.queues.get(queue.number() as usize).map_or("", |(name, _)| name)
            }
            Address::Topic(topic) => {
                self.topics.get(topic.number() as usize).map_or("", |(name, _)| name)
            }
        }
    }

    /// The settings of a queue.
    #[must_use]
    pub fn queue_config(&self, queue: QueueId) -> Option<&QueueConfig> {
        self.queues.get(queue.number() as usize).map(|(_, config)| config)
    }

    /// What queues, topics and subscriptions need.
    pub(crate) fn follows(&self) -> Capabilities {
        let queues = self.queues.iter().flat_map(|(_, config)| of_queue(config));
        let topics = self.topics.iter().map(|_| Capability::Topics);
        queues.chain(topics).chain(self.subscriptions.iter().flat_map(of_subscription)).collect()
    }
}

/// What a queue needs that differs from the default.
fn of_queue(config: &QueueConfig) -> impl Iterator<Item = Capability> + use<> {
    use Capability as C;
    let usual = QueueConfig::default();
    let needed = [
        (config.dead_letters.is_some(), C::DeadLetters),
        (config.backoff != usual.backoff, C::Backoff),
        (config.delay != usual.delay, C::QueueDelay),
        (config.ttl.is_some(), C::QueueTtl),
        (config.deliver_within.is_some(), C::Deadline),
        (config.overflow == Overflow::DropOldest, C::DropOldest),
        (config.overflow == Overflow::DeadLetterOldest, C::DeadLetterOldest),
        (config.shed.is_some(), C::Shedding),
        (config.settlement == Settlement::OnDelivery, C::AtMostOnce),
        (config.aging.is_some(), C::Aging),
        (config.poison != Poison::default(), C::Poison),
        (config.alarm_depth.is_some() || config.alarm_age.is_some(), C::Alarms),
        (config.profile == Profile::Sqs, C::SqsProfile),
    ];
    needed.into_iter().filter_map(|(is_needed, capability)| is_needed.then_some(capability))
}

fn of_subscription(
    subscription: &postroom_core::Subscribe,
) -> impl Iterator<Item = Capability> + use<> {
    let needed = [
        (!subscription.subjects.is_empty(), Capability::Subjects),
        (subscription.filter != Filter::default(), Capability::Filters),
        (subscription.on_full == OnFull::Divert, Capability::Divert),
    ];
    needed.into_iter().filter_map(|(is_needed, capability)| is_needed.then_some(capability))
}
