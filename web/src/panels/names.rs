//! What the parts of a system are called, by their ids.

use postroom_core::{Address, ConsumerId, QueueId, TopicId};

use crate::picture::Layout;

/// What the reader calls the parts of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    queues: Vec<(QueueId, String)>,
    topics: Vec<(TopicId, String)>,
    providers: Vec<(ConsumerId, String)>,
    /// By the provider's name in the scenario.
    labels: Vec<(String, String)>,
}

impl Names {
    /// The names on the picture.
    #[must_use]
    pub fn of(layout: &Layout) -> Self {
        let mut names = Self::default();
        for topic in &layout.topics {
            names.topics.push((topic.topic, topic.label.clone()));
        }
        for lane in &layout.lanes {
            names.queues.push((lane.queue, lane.label.clone()));
            if let Some(dead) = lane.dead_letters {
                names.queues.push((dead, format!("{} dead letters", lane.label)));
            }
            for worker in &lane.workers {
                names.providers.push((worker.consumer, worker.label.clone()));
                names.labels.push((worker.provider.clone(), worker.label.clone()));
            }
        }
        let services = layout.services.iter();
        names.labels.extend(services.map(|each| (each.name.clone(), each.label.clone())));
        names
    }

    /// A queue's name.
    #[must_use]
    pub fn queue(&self, queue: QueueId) -> String {
        find(&self.queues, &queue).unwrap_or_else(|| format!("queue {}", queue.number()))
    }

    /// A topic's name.
    #[must_use]
    pub fn topic(&self, topic: TopicId) -> String {
        find(&self.topics, &topic).unwrap_or_else(|| format!("topic {}", topic.number()))
    }

    /// The name of the provider that a consumer calls.
    #[must_use]
    pub fn provider(&self, consumer: ConsumerId) -> String {
        find(&self.providers, &consumer)
            .unwrap_or_else(|| format!("provider {}", consumer.number()))
    }

    /// What the reader calls the provider that the scenario calls so.
    #[must_use]
    pub fn label<'a>(&'a self, provider: &'a str) -> &'a str {
        let label = self.labels.iter().find(|(name, _)| name == provider);
        label.map_or(provider, |(_, label)| label)
    }

    /// The name of a queue or topic.
    #[must_use]
    pub fn address(&self, address: Address) -> String {
        match address {
            Address::Queue(queue) => self.queue(queue),
            Address::Topic(topic) => self.topic(topic),
        }
    }
}

/// A system has a few parts: a list is quicker than a map, and smaller.
fn find<I: PartialEq>(names: &[(I, String)], id: &I) -> Option<String> {
    names.iter().find(|(each, _)| each == id).map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{SMS_DEAD, WORKER, layout};

    #[test]
    fn dead_letters_are_named_after_their_queue() {
        let names = Names::of(&layout());
        assert_eq!(names.queue(SMS_DEAD), "SMS dead letters");
        assert_eq!(names.provider(WORKER), "SMS gateway");
        assert_eq!((names.label("sms"), names.label("fax")), ("SMS gateway", "fax"));
        assert_eq!(names.queue(QueueId::new(9)), "queue 9", "a stranger keeps its number");
    }
}
