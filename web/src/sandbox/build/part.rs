//! The parts that a reader builds with, by name.

use postroom_simulator::{Producer, Scenario, Topology};

use crate::{picture::Layout, stage::Selection};

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sends messages.
    Producer,
    /// Gives each of its queues a copy.
    Topic,
    /// Keeps messages until they are worked on.
    Queue,
    /// Works on the messages of a queue; with its provider.
    Worker,
}

/// A part of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// Its name. Producers that share a stream are one part, of the stream's name.
    pub name: String,
}

impl Kind {
    /// It in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Producer => "producer",
            Self::Topic => "topic",
            Self::Queue => "queue",
            Self::Worker => "worker",
        }
    }
}

impl Part {
    /// The part of this kind and name.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }

    /// What an element of the picture says it stands for, such as `queue:jobs`.
    #[must_use]
    pub fn of_mark(mark: &str) -> Option<Self> {
        let (kind, name) = mark.split_once(':')?;
        let kinds = [Kind::Producer, Kind::Topic, Kind::Queue, Kind::Worker];
        let kind = kinds.into_iter().find(|each| each.word() == kind)?;
        Some(Self::new(kind, name))
    }

    /// The part that is selected; none where a message is.
    #[must_use]
    pub fn selected(
        selection: &Selection,
        scenario: &Scenario<Topology>,
        layout: &Layout,
    ) -> Option<Self> {
        Some(match selection {
            Selection::Source(name) => Self::new(Kind::Producer, name),
            Selection::Provider(name) => Self::new(Kind::Worker, name),
            Selection::Topic(topic) => {
                let found = layout.topics.iter().find(|node| node.topic == *topic)?;
                Self::new(Kind::Topic, &found.name)
            }
            Selection::Queue(queue) => {
                let found = layout.lanes.iter().find(|lane| lane.queue == *queue);
                match found {
                    Some(lane) => Self::new(Kind::Queue, &lane.name),
                    None => {
                        let lane =
                            layout.lanes.iter().find(|lane| lane.dead_letters == Some(*queue))?;
                        let mut queues = scenario.system.queues.iter();
                        let spec = queues.find(|spec| spec.name == lane.name)?;
                        Self::new(Kind::Queue, spec.dead_letters.as_ref()?)
                    }
                }
            }
            Selection::Message(_) => return None,
        })
    }

    /// It as a selection, if it is drawn.
    #[must_use]
    pub fn selection(&self, scenario: &Scenario<Topology>, layout: &Layout) -> Option<Selection> {
        match self.kind {
            Kind::Producer => self.is_in(scenario).then(|| Selection::Source(self.name.clone())),
            Kind::Worker => self.is_in(scenario).then(|| Selection::Provider(self.name.clone())),
            Kind::Topic => {
                let found = layout.topics.iter().find(|node| node.name == self.name)?;
                Some(Selection::Topic(found.topic))
            }
            Kind::Queue => {
                if let Some(lane) = layout.lanes.iter().find(|lane| lane.name == self.name) {
                    return Some(Selection::Queue(lane.queue));
                }
                let keeper = scenario
                    .system
                    .queues
                    .iter()
                    .find(|spec| spec.dead_letters.as_ref() == Some(&self.name))?;
                let lane = layout.lanes.iter().find(|lane| lane.name == keeper.name)?;
                lane.dead_letters.map(Selection::Queue)
            }
        }
    }

    /// Whether the scenario has it.
    #[must_use]
    pub fn is_in(&self, scenario: &Scenario<Topology>) -> bool {
        let system = &scenario.system;
        match self.kind {
            Kind::Producer => scenario.producers.iter().any(|each| is_of(each, &self.name)),
            Kind::Topic => system.topics.iter().any(|each| each.name == self.name),
            Kind::Queue => system.queues.iter().any(|each| each.name == self.name),
            Kind::Worker => system.consumers.iter().any(|each| each.name == self.name),
        }
    }
}

/// Whether a producer belongs to the part of this name.
pub(super) fn is_of(producer: &Producer, name: &str) -> bool {
    producer.stream.as_ref().unwrap_or(&producer.name) == name
}

/// The queue whose dead letters this one keeps, if it keeps any.
pub(super) fn kept_for<'s>(scenario: &'s Scenario<Topology>, queue: &str) -> Option<&'s str> {
    let mut queues = scenario.system.queues.iter();
    queues.find(|spec| spec.dead_letters.as_deref() == Some(queue)).map(|spec| spec.name.as_str())
}
