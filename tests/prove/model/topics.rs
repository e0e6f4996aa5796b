//! Topics: who gets a copy of what.

use std::collections::BTreeMap;

use postroom_core::{
    Address, ConfigureError, Event, OnFull, QueueId, Reply, SubscriptionError, Timestamp,
    TopicConfig, TopicId,
};

use super::{Answer, Broker, done};
use crate::script::{Change, Subscribed, TopicLayout};

#[derive(Clone, Debug)]
pub(super) struct Topic {
    pub(super) config: TopicConfig,
    /// Each with whether it is paused.
    subscriptions: Vec<(Subscribed, bool)>,
    pub(super) dedup: BTreeMap<(Option<String>, String), (u64, Timestamp)>,
    pub(super) next_message: u64,
}

impl Topic {
    pub(super) fn new(layout: &TopicLayout) -> Self {
        let subscriptions = layout.subscriptions.iter().map(|one| (*one, false)).collect();
        Self { config: layout.config, subscriptions, dedup: BTreeMap::new(), next_message: 0 }
    }
}

impl Broker {
    /// The queues that a message with this subject is for, and what each does if it is full.
    pub(super) fn targets(
        &self,
        to: Address,
        subject: Option<&str>,
    ) -> Option<Vec<(QueueId, OnFull)>> {
        let topic = match to {
            Address::Queue(queue) => {
                return self.known(queue).map(|_| vec![(queue, OnFull::Refuse)]);
            }
            Address::Topic(topic) => self.topics.get(topic.number() as usize)?,
        };
        let tokens: Vec<&str> = subject.map(|text| text.split('.').collect()).unwrap_or_default();
        let selects = |pattern: &&str| {
            let pattern: Vec<&str> = pattern.split('.').collect();
            matches(&pattern, &tokens)
        };
        let selected = topic.subscriptions.iter().filter(|(one, paused)| {
            !paused && (one.subjects.is_empty() || one.subjects.iter().any(selects))
        });
        Some(selected.map(|(one, _)| (one.queue, one.on_full)).collect())
    }

    pub(super) fn change_subscription(
        &mut self,
        topic: TopicId,
        queue: QueueId,
        change: Change,
    ) -> Answer {
        if let Change::Begins(subscribed) = change {
            return Answer::plain(self.subscribe(topic, subscribed).map(|()| Reply::Done));
        }
        let Some(here) = self.topics.get_mut(topic.number() as usize) else {
            return Answer::plain(Err(SubscriptionError::NoSuchTopic { topic }));
        };
        let place = here.subscriptions.iter().position(|(one, _)| one.queue == queue);
        let Some(place) = place else {
            return Answer::plain(Err(SubscriptionError::NotSubscribed { topic, queue }));
        };
        let was_paused = here.subscriptions[place].1;
        match change {
            Change::Ends => {
                here.subscriptions.remove(place);
                self.emit(Event::Unsubscribed { topic, queue });
            }
            Change::Pauses if !was_paused => {
                here.subscriptions[place].1 = true;
                self.emit(Event::SubscriptionPaused { topic, queue });
            }
            Change::Resumes if was_paused => {
                here.subscriptions[place].1 = false;
                self.emit(Event::SubscriptionResumed { topic, queue });
            }
            _ => {}
        }
        done()
    }

    fn subscribe(&mut self, topic: TopicId, new: Subscribed) -> Result<(), ConfigureError> {
        let queue = new.queue;
        let index = self.known(queue).ok_or(ConfigureError::NoSuchQueue { queue })?;
        if new.on_full == OnFull::Divert && self.queues[index].config.dead_letters.is_none() {
            return Err(ConfigureError::NowhereToDivert { queue });
        }
        let here = self.topics.get_mut(topic.number() as usize);
        let subscriptions = &mut here.ok_or(ConfigureError::NoSuchTopic { topic })?.subscriptions;
        if subscriptions.iter().any(|(one, _)| one.queue == queue) {
            return Err(ConfigureError::SubscribedAlready { topic, queue });
        }
        subscriptions.push((new, false));
        self.emit(Event::Subscribed { topic, queue });
        Ok(())
    }
}

/// `*` stands for one token, `>` at the end for one or more, `#` for any number.
fn matches(pattern: &[&str], tokens: &[&str]) -> bool {
    match (pattern, tokens) {
        ([], []) => true,
        (["#", rest @ ..], _) => (0..=tokens.len()).any(|n| matches(rest, &tokens[n..])),
        ([">"], [_, ..]) => true,
        (["*", rest @ ..], [_, left @ ..]) => matches(rest, left),
        ([token, rest @ ..], [other, left @ ..]) => token == other && matches(rest, left),
        _ => false,
    }
}
