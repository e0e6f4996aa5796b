//! What the parts of a system are called, by their ids.

use std::collections::BTreeMap;

use postroom_core::{Address, ConsumerId, QueueId, TopicId};

use crate::picture::Layout;

/// What the reader calls the parts of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    queues: BTreeMap<QueueId, String>,
    topics: BTreeMap<TopicId, String>,
    providers: BTreeMap<ConsumerId, String>,
    /// By the provider's name in the scenario.
    labels: BTreeMap<String, String>,
}

impl Names {
    /// The names on the picture.
    #[must_use]
    pub fn of(layout: &Layout) -> Self {
        let mut names = Self::default();
        for topic in &layout.topics {
            names.topics.insert(topic.topic, topic.label.clone());
        }
        for lane in &layout.lanes {
            names.queues.insert(lane.queue, lane.label.clone());
            if let Some(dead) = lane.dead_letters {
                names.queues.insert(dead, format!("{} dead letters", lane.label));
            }
            for worker in &lane.workers {
                names.providers.insert(worker.consumer, worker.label.clone());
                names.labels.insert(worker.provider.clone(), worker.label.clone());
            }
        }
        names
    }

    /// A queue's name.
    #[must_use]
    pub fn queue(&self, queue: QueueId) -> String {
        self.queues.get(&queue).cloned().unwrap_or_else(|| format!("queue {}", queue.number()))
    }

    /// A topic's name.
    #[must_use]
    pub fn topic(&self, topic: TopicId) -> String {
        self.topics.get(&topic).cloned().unwrap_or_else(|| format!("topic {}", topic.number()))
    }

    /// The name of the provider that a consumer calls.
    #[must_use]
    pub fn provider(&self, consumer: ConsumerId) -> String {
        self.providers
            .get(&consumer)
            .cloned()
            .unwrap_or_else(|| format!("provider {}", consumer.number()))
    }

    /// What the reader calls the provider that the scenario calls so.
    #[must_use]
    pub fn label<'a>(&'a self, provider: &'a str) -> &'a str {
        self.labels.get(provider).map_or(provider, String::as_str)
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
