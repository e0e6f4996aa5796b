//! What there is to draw: who sends, what fans out, which queues, who works them.

use postroom_core::{Address, ConsumerId, QueueId, TopicId};

/// The parts of a system, in the order in which they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Who publishes.
    pub sources: Vec<Source>,
    /// What fans out.
    pub topics: Vec<TopicNode>,
    /// One lane per queue, from top to bottom. A dead-letter queue is part of its queue's lane.
    pub lanes: Vec<Lane>,
    /// Who calls services and waits.
    pub callers: Vec<Caller>,
    /// The services that are called.
    pub services: Vec<Service>,
}

/// Somebody who publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The producer's name in the scenario.
    pub name: String,
    /// What the reader sees.
    pub label: String,
    /// Its sign.
    pub icon: Icon,
    /// Where it publishes.
    pub to: Vec<Address>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicNode {
    /// Its id.
    pub topic: TopicId,
    /// Its name in the scenario.
    pub name: String,
    /// What the reader sees.
    pub label: String,
}

/// A queue with everything that belongs to it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The queue.
    pub queue: QueueId,
    /// Its name in the scenario.
    pub name: String,
    /// What the reader sees.
    pub label: String,
    /// Its sign.
    pub icon: Icon,
    /// The topics that it is subscribed to.
    pub topics: Vec<TopicId>,
    /// Where its dead letters go.
    pub dead_letters: Option<QueueId>,
    /// Who works it.
    pub workers: Vec<Worker>,
}

/// A consumer, and the provider that it calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The consumer.
    pub consumer: ConsumerId,
    /// The provider's name, as in [`StageAction::SetMode`](crate::stage::StageAction::SetMode).
    pub provider: String,
    /// What the reader sees of the provider.
    pub label: String,
    /// The provider's sign.
    pub icon: Icon,
    /// Calls that may be under way at once, at the start.
    pub concurrency: u32,
    /// The same at most, however it is scaled.
    pub concurrency_max: u32,
    /// Where it publishes what it makes.
    pub publishes: Vec<Address>,
    /// Whether a breaker stands between it and its provider.
    pub breaker: bool,
}

/// Somebody who calls services, one after the other, and waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its name in the scenario.
    pub name: String,
    /// What the reader sees.
    pub label: String,
    /// The names of the services.
    pub calls: Vec<String>,
}

/// A service that is called directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name in the scenario.
    pub name: String,
    /// What the reader sees.
    pub label: String,
}

/// The sign of a part: it is told apart by shape, never by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Icon {
    /// A plain parcel.
    #[default]
    Parcel,
    /// A shop front.
    Shop,
    /// A bell.
    Push,
    /// An at sign.
    Email,
    /// A speech bubble.
    Sms,
    /// A rubber stamp.
    Worker,
    /// One line that becomes three.
    FanOut,
    /// A clock.
    Waits,
    /// A crossed letter.
    DeadLetters,
    /// Two ends of a line.
    Connect,
}
