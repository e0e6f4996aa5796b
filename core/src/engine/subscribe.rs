//! Subscriptions: who gets a copy of what is published to a topic.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    ConfigureError, Context, Engine, OnFull, SubscriptionError, configure::check_count,
    topic::Subscription,
};
use crate::{
    event::Event,
    id::{QueueId, TopicId},
    limits::{SUBJECTS_MAX, SUBSCRIPTIONS_MAX},
    machine::Sink,
    routing::{Filter, SubjectPattern},
};

/// Gives a queue a copy of each message of a topic that its subjects and its filter both select.
///
/// A queue is subscribed to a topic at most once and gets at most one copy of a message, however
/// many of its patterns match. A message that nobody gets is numbered all the same and is gone.
/// To change a subscription, end it and subscribe again. Publishing looks at each subscription of
/// the topic in turn, at most [`SUBSCRIPTIONS_MAX`].
///
/// # RabbitMQ's exchanges
///
/// An exchange is a topic, and a binding is a subscription; the routing key is the message's
/// subject, and an empty routing key is no subject.
///
/// | exchange | binding | subscription |
/// |---|---|---|
/// | fanout | any key | neither subjects nor filter |
/// | direct | key `error` | subject `error` |
/// | direct | several keys to one queue | all of them as subjects |
/// | topic | key `*.critical.#` | subject `*.critical.#`: [`SubjectPattern`] reads it alike |
/// | headers, `x-match` all | headers | the filter names each |
/// | headers, `x-match` any | headers | the filter names each under `$or` |
///
/// Keys with an empty word, with white space, or with `*`, `>` or `#` that are not meant as wildcards
/// have no counterpart: they are refused. In a direct exchange RabbitMQ would take a `*` literally.
///
/// # Example: logs as in RabbitMQ's tutorial, by severity and by pattern
/// ```
/// use postroom_core::{
///     Address, At, Engine, NewMessage, QueueConfig, Subscribe, SubjectPattern, TopicConfig,
/// };
///
/// let (mut engine, at) = (Engine::new(), At::default());
/// let logs = engine.create_topic(at, "logs", TopicConfig::default(), &mut ())?;
/// for (name, keys) in [
///     ("everything", &[][..]),                            // fanout
///     ("errors", &["kern.error", "cron.error"]),          // direct, two bindings
///     ("kernel", &["kern.*"]),                            // topic
/// ] {
///     let queue = engine.create_queue(at, name, QueueConfig::default(), &mut ())?;
///     let parsed: Result<Vec<SubjectPattern>, _> = keys.iter().map(|key| key.parse()).collect();
///     let subjects = parsed.expect("these are patterns");
///     let subscribe = Subscribe { subjects, ..Subscribe::to(logs, queue) };
///     engine.subscribe(at, subscribe, &mut ())?;
/// }
/// let mut copies = |subject: &str| {
///     let message = NewMessage { subject: Some(subject.into()), ..NewMessage::new("…") };
///     engine.publish(at, Address::Topic(logs), message, &mut ()).map(|done| done.placements.len())
/// };
/// assert_eq!(copies("kern.error")?, 3);
/// assert_eq!(copies("kern.info")?, 2);
/// assert_eq!(copies("auth.info")?, 1);
/// # Ok::<(), postroom_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The topic.
    pub topic: TopicId,
    /// The queue; at most once per topic.
    pub queue: QueueId,
    /// Messages whose subject one of these patterns matches: at most [`SUBJECTS_MAX`]. Without any,
    /// all messages, also those that have no subject.
    #[serde(default)]
    pub subjects: Vec<SubjectPattern>,
    /// And whose attributes this filter selects: all by default.
    #[serde(default)]
    pub filter: Filter,
    /// What happens when the queue is full.
    #[serde(default)]
    pub on_full: OnFull,
}

impl Subscribe {
    /// To all messages of a topic; the publish is refused when the queue is full.
    #[must_use]
    pub fn to(topic: TopicId, queue: QueueId) -> Self {
        let (subjects, filter, on_full) = Default::default();
        Self { topic, queue, subjects, filter, on_full }
    }
}

impl Engine {
    pub(super) fn do_subscribe(
        &mut self,
        subscribe: Subscribe,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), ConfigureError> {
        let Subscribe { topic, queue, subjects, filter, on_full } = subscribe;
        let config = self.queue_config(queue).ok_or(ConfigureError::NoSuchQueue { queue })?;
        if on_full == OnFull::Divert && config.dead_letters.is_none() {
            return Err(ConfigureError::NowhereToDivert { queue });
        }
        if subjects.len() as u64 > u64::from(SUBJECTS_MAX) {
            let range = "at most 16 patterns";
            return Err(ConfigureError::OutOfRange { setting: "subjects", range });
        }
        filter.check()?;
        let subscribed_to = self.topics.get_mut(topic.number() as usize);
        let subscriptions =
            &mut subscribed_to.ok_or(ConfigureError::NoSuchTopic { topic })?.subscriptions;
        if subscriptions.iter().any(|subscription| subscription.queue == queue) {
            return Err(ConfigureError::SubscribedAlready { topic, queue });
        }
        check_count("subscriptions", subscriptions.len(), SUBSCRIPTIONS_MAX)?;

        subscriptions.push(Subscription { queue, subjects, filter, on_full, paused: false });
        cx.emit(Event::Subscribed { topic, queue });
        Ok(())
    }

    pub(super) fn do_pause_subscription(
        &mut self,
        topic: TopicId,
        queue: QueueId,
        paused: bool,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), SubscriptionError> {
        let (subscriptions, index) = self.subscription_mut(topic, queue)?;
        if core::mem::replace(&mut subscriptions[index].paused, paused) != paused {
            cx.emit(match paused {
                true => Event::SubscriptionPaused { topic, queue },
                false => Event::SubscriptionResumed { topic, queue },
            });
        }
        Ok(())
    }

    pub(super) fn do_unsubscribe(
        &mut self,
        topic: TopicId,
        queue: QueueId,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), SubscriptionError> {
        let (subscriptions, index) = self.subscription_mut(topic, queue)?;
        subscriptions.remove(index);
        cx.emit(Event::Unsubscribed { topic, queue });
        Ok(())
    }

    /// The subscriptions of a topic, and which of them is the queue's.
    fn subscription_mut(
        &mut self,
        topic: TopicId,
        queue: QueueId,
    ) -> Result<(&mut Vec<Subscription>, usize), SubscriptionError> {
        let found = self.topics.get_mut(topic.number() as usize);
        let subscriptions =
            &mut found.ok_or(SubscriptionError::NoSuchTopic { topic })?.subscriptions;
        let index = subscriptions.iter().position(|subscription| subscription.queue == queue);
        let index = index.ok_or(SubscriptionError::NotSubscribed { topic, queue })?;
        Ok((subscriptions, index))
    }
}
