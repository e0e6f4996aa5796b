//! Publishing: to a queue, or to a topic that fans out in one step.

use alloc::{sync::Arc, vec::Vec};

use super::{Context, Engine, OnFull, PublishError};
use crate::{
    event::Event,
    id::{Address, MessageId, QueueId},
    limits::{ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, BODY_BYTES_MAX, KEY_BYTES_MAX, SPAN_MAX},
    machine::Sink,
    message::{
        Attributes, DeadReason, Message, NewMessage, Placement, PlacementOutcome, Published,
    },
    queue::{Arrival, Dedup},
    time::{Span, Timestamp},
};

/// A queue that a message is for, as it stands before anything is stored.
struct Target {
    queue: QueueId,
    on_full: OnFull,
    has_room: bool,
}

impl Engine {
    pub(super) fn do_publish(
        &mut self,
        to: Address,
        new: NewMessage,
        cx: &mut Context<impl Sink>,
    ) -> Result<Published, PublishError> {
        check(&new)?;
        let (dedup, next_message, window) =
            self.address_mut(to).ok_or(PublishError::NoSuchAddress { to })?;
        let number = *next_message;
        let id = |number| MessageId { address: to, number };
        if let Some(key) = &new.dedup_key {
            if let Some(original) = dedup.find(key, cx.now).map(id) {
                cx.emit(Event::Deduplicated { to, original });
                return Ok(Published {
                    message: original,
                    duplicate: true,
                    placements: Vec::new(),
                });
            }
            if let Some(frees_at) = dedup.full_until() {
                return Err(PublishError::DedupFull { frees_at });
            }
        }
        let targets = self.targets(to, &new.attributes);
        self.check_room(&targets)?;

        // Nothing fails from here on.
        if let Some((dedup, next_message, _)) = self.address_mut(to) {
            *next_message += 1;
            if let Some(key) = new.dedup_key {
                dedup.remember(key, number, cx.now, window);
            }
        }
        let message = id(number);
        let correlation = new.cause.map_or(message, |cause| cause.correlation);
        let causation = new.cause.map(|cause| cause.message);
        let published = Arc::new(Message {
            id: message,
            body: new.body,
            attributes: new.attributes,
            causation,
            correlation,
            published_at: cx.now,
        });
        cx.emit(Event::Published { to, message, causation, correlation });
        let placements = self.place(&targets, &published, new.delay, cx);
        Ok(Published { message, duplicate: false, placements })
    }

    /// Puts a copy into a queue that has room.
    pub(super) fn enqueue(
        &mut self,
        queue: QueueId,
        arrival: Arrival,
        cx: &mut Context<impl Sink>,
    ) {
        let (message, due) = (arrival.message.id, arrival.due);
        if let Some(target) = self.queue_mut(queue) {
            target.insert(arrival, cx.now);
            cx.emit(Event::Enqueued { queue, message, due: (due > cx.now).then_some(due) });
            self.reschedule(queue);
        }
    }

    fn address_mut(&mut self, to: Address) -> Option<(&mut Dedup, &mut u64, Span)> {
        match to {
            Address::Queue(queue) => {
                let queue = self.queue_mut(queue)?;
                Some((&mut queue.dedup, &mut queue.next_message, queue.config.dedup_window))
            }
            Address::Topic(topic) => {
                let topic = self.topics.get_mut(topic.number() as usize)?;
                Some((&mut topic.dedup, &mut topic.next_message, topic.config.dedup_window))
            }
        }
    }

    fn targets(&self, to: Address, attributes: &Attributes) -> Vec<Target> {
        let target = |queue, on_full| {
            let has_room = self.queue(queue).is_some_and(|queue| queue.has_room());
            Target { queue, on_full, has_room }
        };
        match to {
            Address::Queue(queue) => Vec::from([target(queue, OnFull::Refuse)]),
            Address::Topic(topic) => self.topics[topic.number() as usize]
                .subscriptions
                .iter()
                .filter(|subscription| subscription.filter.matches(attributes))
                .map(|subscription| target(subscription.queue, subscription.on_full))
                .collect(),
        }
    }

    fn check_room(&self, targets: &[Target]) -> Result<(), PublishError> {
        for target in targets {
            if !target.has_room && target.on_full == OnFull::Refuse {
                let queue = target.queue;
                let capacity = self.queue_config(queue).map_or(0, |config| config.capacity);
                return Err(PublishError::Full { queue, capacity });
            }
        }
        let has_place = |target: &Target| {
            target.has_room || self.dead_letters_of(target.queue).is_some_and(|d| d.has_room())
        };
        if !targets.is_empty() && !targets.iter().any(has_place) {
            return Err(PublishError::AllRejected);
        }
        Ok(())
    }

    /// Copies for queues with room come first, so that none of them loses its place to a diverted
    /// copy where one queue is another's dead letters.
    fn place(
        &mut self,
        targets: &[Target],
        message: &Arc<Message>,
        delay: Span,
        cx: &mut Context<impl Sink>,
    ) -> Vec<Placement> {
        for target in targets.iter().filter(|target| target.has_room) {
            let due = self.due_time(target.queue, delay, cx.now);
            let arrival = Arrival { message: message.clone(), due, history: Vec::new() };
            self.enqueue(target.queue, arrival, cx);
        }
        let placement = |target: &Target| {
            let queue = target.queue;
            let outcome = if target.has_room {
                PlacementOutcome::Queued
            } else {
                self.divert(queue, message, cx)
            };
            Placement { queue, outcome }
        };
        targets.iter().map(placement).collect()
    }

    fn divert(
        &mut self,
        queue: QueueId,
        message: &Arc<Message>,
        cx: &mut Context<impl Sink>,
    ) -> PlacementOutcome {
        let arrival = Arrival { message: message.clone(), due: cx.now, history: Vec::new() };
        if self.bury(queue, arrival, 0, DeadReason::Overflow, cx) {
            PlacementOutcome::Diverted
        } else {
            cx.emit(Event::Refused { queue, message: message.id });
            PlacementOutcome::Rejected
        }
    }

    fn due_time(&self, queue: QueueId, delay: Span, now: Timestamp) -> Timestamp {
        let own = self.queue_config(queue).map_or(Span::ZERO, |config| config.delay);
        now + if delay == Span::ZERO { own } else { delay }
    }
}

fn check(new: &NewMessage) -> Result<(), PublishError> {
    let actual = new.body.as_bytes().len() as u64;
    if actual > u64::from(BODY_BYTES_MAX) {
        return Err(PublishError::BodyTooLarge { actual });
    }
    let bytes: usize = new.attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    if new.attributes.len() > ATTRIBUTES_MAX as usize || bytes > ATTRIBUTE_BYTES_MAX as usize {
        return Err(PublishError::AttributesTooLarge);
    }
    if let Some(key) = &new.dedup_key {
        let bytes = key.len() as u64;
        if !(1..=u64::from(KEY_BYTES_MAX)).contains(&bytes) {
            return Err(PublishError::DedupKeyLength { bytes });
        }
    }
    if new.delay > SPAN_MAX {
        return Err(PublishError::DelayTooLong);
    }
    Ok(())
}
