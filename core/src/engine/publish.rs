//! Publishing: to a queue, or to a topic that fans out in one step.

use alloc::{string::String, vec::Vec};

use super::{Context, Engine, OnFull, PublishError};
use crate::{
    event::Event,
    id::{Address, MessageId, QueueId},
    limits::{ATTRIBUTE_BYTES_MAX, ATTRIBUTES_MAX, BODY_BYTES_MAX, KEY_BYTES_MAX, SPAN_MAX},
    machine::Sink,
    message::{
        DeadReason, Message, NewMessage, Placement, PlacementOutcome, Placements, Published,
        attribute_bytes,
    },
    planted::Bug,
    queue::{Arrival, Dedup, DedupScope, History, Overflow},
    routing::check_subject,
    time::{Span, Timestamp},
};

/// A queue that a message is for, as it stands before anything is stored.
#[derive(Clone, Copy)]
struct Target {
    queue: QueueId,
    on_full: OnFull,
    room: Room,
}

/// Whether a queue lets a message in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Free,
    /// Too full for a message of its priority.
    Shed,
    Full,
}

/// What matters of a message for its way into a queue.
struct Coming {
    delay: Span,
    not_before: Option<Timestamp>,
    ttl: Option<Span>,
}

impl Engine {
    #[inline]
    pub(super) fn do_publish(
        &mut self,
        to: Address,
        new: NewMessage,
        cx: &mut Context<impl Sink>,
    ) -> Result<Published, PublishError> {
        check(&new, cx.now)?;
        let number = self.next_message(to).ok_or(PublishError::NoSuchAddress { to })?;
        let message = MessageId { address: to, number };
        let key = match &new.dedup_key {
            None => None,
            Some(_) => match self.find_original(to, &new, cx)? {
                Ok(original) => {
                    let placements = Placements::NONE;
                    return Ok(Published { message: original, duplicate: true, placements });
                }
                Err(key) => Some(key),
            },
        };
        let coming = Coming { delay: new.delay, not_before: new.not_before, ttl: new.ttl };
        let published = Message::new(message, cx.now, new);
        let placements = match to {
            Address::Queue(queue) => {
                let target = self.target(queue, OnFull::Refuse, &published);
                self.check_target(target, &published)?;
                self.number_given(&published, key, cx);
                Placements::one(self.place_one(target, published, &coming, cx))
            }
            Address::Topic(_) => {
                let targets = self.subscribed(to, &published);
                self.check_room(&targets, &published)?;
                self.number_given(&published, key, cx);
                self.place(&targets, published, &coming, cx)
            }
        };
        self.move_on(cx);
        Ok(Published { message, duplicate: false, placements })
    }

    /// Puts a copy into a queue that can take it.
    pub(super) fn enqueue(
        &mut self,
        queue: QueueId,
        arrival: Arrival,
        cx: &mut Context<impl Sink>,
    ) {
        self.make_room(queue, arrival.message.bytes(), cx);
        self.put(queue, arrival, cx);
    }

    /// Puts a copy into a queue that has room.
    #[inline(always)]
    fn put(&mut self, queue: QueueId, arrival: Arrival, cx: &mut Context<impl Sink>) {
        let Some(into) = self.queue_mut(queue) else { return };
        let (message, due) = (arrival.message.id, arrival.due);
        let group = arrival.message.group();
        let is_parked =
            group.is_some_and(|group| into.parked.contains(group)) && !arrival.history.is_back();
        let slot = into.insert(arrival, cx.now);
        cx.emit(Event::Enqueued { queue, message, due: (due > cx.now).then_some(due) });
        if is_parked && into.planted.is(Bug::FollowsAtOnce) {
            self.die(queue, slot, DeadReason::GroupParked, cx);
            self.reschedule(queue, cx);
        } else if is_parked {
            // It goes on, and nobody is woken for it.
            self.follows(queue, slot);
        } else {
            self.reschedule(queue, cx);
        }
    }

    /// The number of the next message at an address.
    #[inline]
    fn next_message(&self, to: Address) -> Option<u64> {
        Some(match to {
            Address::Queue(queue) => self.queue(queue)?.next_message,
            Address::Topic(topic) => self.topics.get(topic.number() as usize)?.next_message,
        })
    }

    /// The message that holds the dedup key of a new one, or else the key to remember it by.
    #[inline(never)]
    fn find_original(
        &mut self,
        to: Address,
        new: &NewMessage,
        cx: &mut Context<impl Sink>,
    ) -> Result<Result<MessageId, String>, PublishError> {
        let planted = self.planted();
        let (dedup, scope) = self.dedup_of(to).ok_or(PublishError::NoSuchAddress { to })?;
        let scope = if planted.is(Bug::DedupIgnoresGroup) { DedupScope::Address } else { scope };
        let key = dedup_key(new, scope);
        let now = if planted.is(Bug::DedupForEver) { Timestamp::ZERO } else { cx.now };
        if let Some(number) = dedup.find(&key, now) {
            let original = MessageId { address: to, number };
            cx.emit(Event::Deduplicated { to, original });
            return Ok(Ok(original));
        }
        match dedup.full_until() {
            Some(frees_at) => Err(PublishError::DedupFull { frees_at }),
            None => Ok(Err(key)),
        }
    }

    /// The keys remembered at an address, and where they count.
    fn dedup_of(&mut self, to: Address) -> Option<(&mut Dedup, DedupScope)> {
        match to {
            Address::Queue(queue) => {
                let queue = self.queue_mut(queue)?;
                Some((&mut queue.dedup, queue.config.dedup_scope))
            }
            Address::Topic(topic) => {
                let topic = self.topics.get_mut(topic.number() as usize)?;
                Some((&mut topic.dedup, topic.config.dedup_scope))
            }
        }
    }

    /// Nothing fails from here on.
    #[inline]
    fn number_given(
        &mut self,
        published: &Message,
        key: Option<String>,
        cx: &mut Context<impl Sink>,
    ) {
        let MessageId { address: to, number } = published.id;
        let (dedup, next_message, window) = match to {
            Address::Queue(queue) => {
                let Some(queue) = self.queue_mut(queue) else { return };
                (&mut queue.dedup, &mut queue.next_message, queue.config.dedup_window)
            }
            Address::Topic(topic) => {
                let topic = &mut self.topics[topic.number() as usize];
                (&mut topic.dedup, &mut topic.next_message, topic.config.dedup_window)
            }
        };
        *next_message += 1;
        if let Some(key) = key {
            dedup.remember(key, number, cx.now, window);
        }
        let (causation, correlation) = (published.causation(), published.correlation());
        cx.emit(Event::Published { to, message: published.id, causation, correlation });
    }

    #[inline]
    fn target(&self, queue: QueueId, on_full: OnFull, message: &Message) -> Target {
        let admits = self.queue(queue).is_some_and(|queue| queue.admits(message.priority));
        let room = match () {
            () if !admits => Room::Shed,
            () if self.can_take(queue, 1, message.bytes()) => Room::Free,
            () => Room::Full,
        };
        Target { queue, on_full, room }
    }

    fn subscribed(&self, to: Address, message: &Message) -> Vec<Target> {
        let Address::Topic(topic) = to else { return Vec::new() };
        self.topics[topic.number() as usize]
            .subscriptions
            .iter()
            .filter(|subscription| subscription.selects(message.subject(), message.attributes()))
            .map(|subscription| self.target(subscription.queue, subscription.on_full, message))
            .collect()
    }

    #[inline]
    fn check_target(&self, target: Target, message: &Message) -> Result<(), PublishError> {
        match target.room {
            Room::Free => Ok(()),
            Room::Full => Err(self.full(target.queue, message)),
            Room::Shed => {
                let (queue, priority) = (target.queue, message.priority);
                Err(PublishError::Shed { queue, priority })
            }
        }
    }

    fn check_room(&self, targets: &[Target], message: &Message) -> Result<(), PublishError> {
        for target in targets.iter().filter(|target| target.on_full == OnFull::Refuse) {
            self.check_target(*target, message)?;
        }
        let bytes = message.bytes();
        let has_place =
            |target: &Target| target.room == Room::Free || self.can_bury(target.queue, bytes);
        if !targets.is_empty() && !targets.iter().any(has_place) {
            return Err(PublishError::AllRejected);
        }
        self.check_burials(targets, message)
    }

    /// Queues that make room by dead-lettering their oldest may share their dead letters, and these
    /// may be a target too, or do the same: there must be room for all of it together.
    fn check_burials(&self, targets: &[Target], message: &Message) -> Result<(), PublishError> {
        let bytes = message.bytes();
        let free = || targets.iter().filter(|target| target.room == Room::Free);
        let buries = |target: &Target| {
            self.queue(target.queue)
                .is_some_and(|queue| queue.config.overflow == Overflow::DeadLetterOldest)
        };
        if !free().any(buries) {
            return Ok(());
        }
        // What comes to each queue in all: copies and bytes. Dead letters are older than the queues
        // that they are for, so all that comes to the newest queue is known.
        let mut coming: Vec<(QueueId, u64, u64)> = Vec::new();
        free().for_each(|target| add(&mut coming, (target.queue, 1, bytes)));
        while let Some((queue, copies, bytes)) = coming.pop() {
            let (copies, bytes) =
                self.must_bury(queue, copies, bytes).ok_or_else(|| self.full(queue, message))?;
            if let Some(dead) = self.dead_letters_of(queue).filter(|_| copies > 0) {
                add(&mut coming, (dead.id, copies, bytes));
            }
        }
        Ok(())
    }

    fn full(&self, queue: QueueId, message: &Message) -> PublishError {
        let config = self.queue_config(queue).copied().unwrap_or_default();
        let (actual, capacity_bytes) = (message.bytes(), config.capacity_bytes);
        if actual > capacity_bytes {
            return PublishError::LargerThanQueue { queue, actual, capacity_bytes };
        }
        PublishError::Full { queue, capacity: config.capacity, capacity_bytes }
    }

    /// Copies for queues with room come first, so that none of them loses its place to a diverted
    /// copy where one queue is another's dead letters.
    fn place(
        &mut self,
        targets: &[Target],
        message: Message,
        coming: &Coming,
        cx: &mut Context<impl Sink>,
    ) -> Placements {
        let queued = |target: &Target| target.room == Room::Free;
        let mut placements: Vec<Placement> = targets
            .iter()
            .map(|Target { queue, .. }| Placement {
                queue: *queue,
                outcome: PlacementOutcome::Rejected,
            })
            .collect();
        for first in [true, false] {
            for (target, placement) in targets.iter().zip(&mut placements) {
                if queued(target) == first {
                    *placement = self.place_one(*target, message.clone(), coming, cx);
                }
            }
        }
        Placements::from(placements)
    }

    #[inline(always)]
    fn place_one(
        &mut self,
        target: Target,
        message: Message,
        coming: &Coming,
        cx: &mut Context<impl Sink>,
    ) -> Placement {
        let (queue, id) = (target.queue, message.id);
        let history = History::default();
        let placed = match target.room {
            Room::Free => {
                let due = self.due_time(queue, coming, cx.now);
                let arrival = Arrival { message, due, ttl: coming.ttl, history };
                if self.queue(queue).is_some_and(|into| into.fits(1, arrival.message.bytes())) {
                    self.put(queue, arrival, cx);
                } else {
                    self.enqueue(queue, arrival, cx);
                }
                Some(PlacementOutcome::Queued)
            }
            Room::Full | Room::Shed if self.can_bury(queue, message.bytes()) => {
                let full = target.room == Room::Full;
                let reason = if full { DeadReason::Overflow } else { DeadReason::Shed };
                let arrival = Arrival { message, due: cx.now, ttl: None, history };
                self.bury(queue, arrival, 0, reason, cx);
                Some(PlacementOutcome::Diverted)
            }
            Room::Full | Room::Shed => None,
        };
        let outcome = placed.unwrap_or_else(|| {
            cx.emit(Event::Refused { queue, message: id });
            PlacementOutcome::Rejected
        });
        Placement { queue, outcome }
    }

    #[inline]
    fn due_time(&self, queue: QueueId, coming: &Coming, now: Timestamp) -> Timestamp {
        if coming.delay == Span::ZERO && coming.not_before.is_none() {
            return now + self.queue_config(queue).map_or(Span::ZERO, |config| config.delay);
        }
        (now + coming.delay).max(coming.not_before.unwrap_or_default())
    }
}

/// Adds copies and bytes to what comes to a queue, in a list that is ordered by queue.
fn add(coming: &mut Vec<(QueueId, u64, u64)>, more: (QueueId, u64, u64)) {
    match coming.binary_search_by_key(&more.0, |(queue, ..)| *queue) {
        Ok(place) => {
            let (_, copies, bytes) = &mut coming[place];
            (*copies, *bytes) = (*copies + more.1, *bytes + more.2);
        }
        Err(place) => coming.insert(place, more),
    }
}

/// The key under which a message is remembered.
fn dedup_key(new: &NewMessage, scope: DedupScope) -> String {
    let key = new.dedup_key.as_deref().unwrap_or_default();
    match scope {
        DedupScope::Address => key.into(),
        DedupScope::Group => {
            let group = new.group.as_deref().unwrap_or_default();
            alloc::format!("{}:{group}{key}", group.len())
        }
    }
}

#[inline]
pub(crate) fn check(new: &NewMessage, now: Timestamp) -> Result<(), PublishError> {
    let actual = new.body.as_bytes().len() as u64;
    if actual > u64::from(BODY_BYTES_MAX) {
        return Err(PublishError::BodyTooLarge { actual });
    }
    if new.attributes.len() > ATTRIBUTES_MAX as usize
        || attribute_bytes(&new.attributes) > ATTRIBUTE_BYTES_MAX as usize
    {
        return Err(PublishError::AttributesTooLarge);
    }
    let misfit = |key: &Option<String>| {
        let bytes = key.as_ref().map_or(1, String::len) as u64;
        (!(1..=u64::from(KEY_BYTES_MAX)).contains(&bytes)).then_some(bytes)
    };
    if let Some(bytes) = misfit(&new.dedup_key) {
        return Err(PublishError::DedupKeyLength { bytes });
    }
    if let Some(bytes) = misfit(&new.group) {
        return Err(PublishError::GroupLength { bytes });
    }
    if let Some(subject) = &new.subject {
        check_subject(subject)?;
    }
    let far = new.not_before.is_some_and(|at| at.since(now) > SPAN_MAX);
    if new.delay > SPAN_MAX || far {
        return Err(PublishError::DelayTooLong);
    }
    if new.ttl.is_some_and(|ttl| ttl == Span::ZERO || ttl > SPAN_MAX) {
        return Err(PublishError::Ttl);
    }
    Ok(())
}
