//! Publishing: checks, duplicates, room, and the fan-out.

use std::collections::BTreeMap;

use postroom_core::{
    Address, CopyState, DeadReason, DedupScope, Event, MessageId, NewMessage, OnFull, Overflow,
    Placement, PlacementOutcome, PublishError, Published, QueueId, SubjectError, Timestamp, limits,
};

use super::{
    Broker, id,
    queue::{Copy, Queue, bytes},
};

/// What a queue says to a new message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    Full,
    TooLarge,
    Shed,
}

impl Broker {
    pub(super) fn publish(
        &mut self,
        to: Address,
        message: NewMessage,
    ) -> Result<Published, PublishError> {
        check(&message, self.now)?;
        let targets = self
            .targets(to, message.subject.as_deref())
            .ok_or(PublishError::NoSuchAddress { to })?;
        let key = self.dedup_key(to, &message);
        if let Some(key) = &key {
            let held = self.keys(to).get(key).copied().filter(|(_, until)| *until > self.now);
            if let Some((number, _)) = held {
                let original = MessageId { address: to, number };
                self.emit(Event::Deduplicated { to, original });
                let placements = Vec::new().into();
                return Ok(Published { message: original, duplicate: true, placements });
            }
        }
        let said: Vec<Says> = targets.iter().map(|(queue, _)| self.ask(*queue, &message)).collect();
        self.check_room(&targets, &said, &message)?;

        let number = self.next_number(to);
        let message_id = MessageId { address: to, number };
        if let Some(key) = key {
            let until = self.now + self.window(to);
            self.keys(to).insert(key, (number, until));
        }
        let correlation = message.cause.map_or(message_id, |cause| cause.correlation);
        let causation = message.cause.map(|cause| cause.message);
        self.emit(Event::Published { to, message: message_id, causation, correlation });
        let mut outcomes = vec![PlacementOutcome::Rejected; targets.len()];
        for let_in in [true, false] {
            for (place, (queue, _)) in targets.iter().enumerate() {
                if (said[place] == Says::Yes) == let_in {
                    outcomes[place] = self.place(*queue, message_id, &message, said[place]);
                }
            }
        }
        let placement = |((queue, _), outcome): (&(QueueId, OnFull), PlacementOutcome)| Placement {
            queue: *queue,
            outcome,
        };
        let placements: Vec<Placement> = targets.iter().zip(outcomes).map(placement).collect();
        Ok(Published { message: message_id, duplicate: false, placements: placements.into() })
    }

    /// Puts a copy into a queue, which has room.
    pub(super) fn enqueue(&mut self, index: usize, copy: Copy, due: Timestamp, redriven: bool) {
        assert!(self.queues[index].has_room_for(copy.bytes()), "all room is seen to before");
        let now = self.now;
        let queue = &mut self.queues[index];
        let seq = queue.next_seq;
        queue.next_seq += 1;
        let config = queue.config;
        let waits = due > now;
        let own_end = copy.ttl.map(|ttl| copy.published_at + ttl);
        let queue_end = config.ttl.map(|ttl| now + ttl);
        let expires = own_end.into_iter().chain(queue_end).min();
        let copy = Copy {
            seq,
            enqueued_at: now,
            deliveries: 0,
            returned: false,
            turn: None,
            state: CopyState::Delayed { until: due },
            deadline: config.deliver_within.map(|span| due.max(now) + span),
            expires,
            leases: Vec::new(),
            ..copy
        };
        let (message, group) = (copy.id, copy.message.group.clone());
        queue.copies.push(copy);
        if !waits {
            queue.make_ready(seq);
        }
        self.emit(Event::Enqueued { queue: id(index), message, due: waits.then_some(due) });
        // What comes to a parked group follows it, but for what was sent back on purpose.
        let parked = group.is_some_and(|group| self.queues[index].parked.contains(&group));
        if parked && !redriven {
            self.followers.push((index, seq));
        } else {
            self.change_alarms_of(index);
        }
    }

    fn fresh(&self, id: MessageId, message: &NewMessage) -> Copy {
        Copy {
            id,
            message: message.clone(),
            published_at: self.now,
            ttl: message.ttl,
            seq: 0,
            enqueued_at: self.now,
            deliveries: 0,
            returned: false,
            turn: None,
            state: CopyState::Ready,
            deadline: None,
            expires: None,
            leases: Vec::new(),
            history: Vec::new(),
        }
    }

    fn ask(&self, queue: QueueId, message: &NewMessage) -> Says {
        let (index, size) = (queue.number() as usize, bytes(message));
        let queue = &self.queues[index];
        let (config, depth) = (queue.config, queue.copies.len() as u64);
        if let Some(shed) = config.shed {
            let start = (config.capacity * u64::from(shed.from_percent)).div_ceil(100);
            if depth * 100 >= config.capacity * u64::from(shed.from_percent) {
                // A full queue has room for the most urgent alone, if something leaves for them.
                let lowest = match depth < config.capacity {
                    true => 1 + (depth - start) * 9 / (config.capacity - start),
                    false => 9,
                };
                if u64::from(message.priority.level()) < lowest {
                    return Says::Shed;
                }
            }
        }
        if size > config.capacity_bytes {
            Says::TooLarge
        } else if self.can_take(index, 1, size) {
            Says::Yes
        } else {
            Says::Full
        }
    }

    fn check_room(
        &self,
        targets: &[(QueueId, OnFull)],
        said: &[Says],
        message: &NewMessage,
    ) -> Result<(), PublishError> {
        for ((queue, on_full), says) in targets.iter().zip(said) {
            if *on_full == OnFull::Refuse {
                let queue = *queue;
                let config = self.queues[queue.number() as usize].config;
                let (capacity, capacity_bytes) = (config.capacity, config.capacity_bytes);
                match says {
                    Says::Yes => {}
                    Says::Full => {
                        return Err(PublishError::Full { queue, capacity, capacity_bytes });
                    }
                    Says::TooLarge => {
                        let actual = bytes(message);
                        return Err(PublishError::LargerThanQueue {
                            queue,
                            actual,
                            capacity_bytes,
                        });
                    }
                    Says::Shed => {
                        return Err(PublishError::Shed { queue, priority: message.priority });
                    }
                }
            }
        }
        let has_place = |((queue, _), says): (&(QueueId, OnFull), &Says)| {
            *says == Says::Yes
                || self.dead_has_room(queue.number() as usize, bytes(message)) == Some(true)
        };
        if !targets.is_empty() && !targets.iter().zip(said).any(has_place) {
            return Err(PublishError::AllRejected);
        }
        self.check_overflow(targets, said, bytes(message))
    }

    /// What gives way in several queues at once may go to the same dead letters, and these may be
    /// a target too, or give way themselves: there must be room for all of it.
    fn check_overflow(
        &self,
        targets: &[(QueueId, OnFull)],
        said: &[Says],
        size: u64,
    ) -> Result<(), PublishError> {
        let let_in = || targets.iter().zip(said).filter(|(_, says)| **says == Says::Yes);
        if let_in().count() < 2 {
            return Ok(());
        }
        let mut coming: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for ((queue, _), _) in let_in() {
            coming.insert(queue.number() as usize, (1, size));
        }
        // Whatever comes to a queue comes from queues that were made after it.
        for index in (0..self.queues.len()).rev() {
            let (count, bytes) = coming.get(&index).copied().unwrap_or_default();
            let queue = &self.queues[index];
            let (config, dropped) = (queue.config, to_drop(queue, count, bytes));
            let buried = match (dropped, config.overflow) {
                (Some((0, _)), _) | (Some(_), Overflow::DropOldest) => continue,
                (Some(buried), Overflow::DeadLetterOldest) => buried,
                (None, _) | (Some(_), Overflow::Reject) => {
                    let (capacity, capacity_bytes) = (config.capacity, config.capacity_bytes);
                    return Err(PublishError::Full { queue: id(index), capacity, capacity_bytes });
                }
            };
            let dead = config.dead_letters.expect("it dead-letters its oldest").number() as usize;
            let (count, bytes) = coming.entry(dead).or_default();
            (*count, *bytes) = (*count + buried.0, *bytes + buried.1);
        }
        Ok(())
    }

    fn place(
        &mut self,
        queue: QueueId,
        id: MessageId,
        message: &NewMessage,
        says: Says,
    ) -> PlacementOutcome {
        let (index, size) = (queue.number() as usize, bytes(message));
        let copy = self.fresh(id, message);
        if says == Says::Yes {
            self.make_room(index, size);
            let due = self.due(queue, message);
            self.enqueue(index, copy, due, false);
            return PlacementOutcome::Queued;
        } else if self.dead_has_room(index, size) == Some(true) {
            let shed = says == Says::Shed;
            self.bury(index, copy, if shed { DeadReason::Shed } else { DeadReason::Overflow });
            return PlacementOutcome::Diverted;
        }
        self.emit(Event::Refused { queue, message: id });
        PlacementOutcome::Rejected
    }

    fn due(&self, queue: QueueId, message: &NewMessage) -> Timestamp {
        let own = self.queues[queue.number() as usize].config.delay;
        let delay = if message.delay == postroom_core::Span::ZERO { own } else { message.delay };
        (self.now + delay).max(message.not_before.unwrap_or(Timestamp::ZERO))
    }

    fn dedup_key(&self, to: Address, message: &NewMessage) -> Option<(Option<String>, String)> {
        let scope = match to {
            Address::Queue(queue) => self.queues[queue.number() as usize].config.dedup_scope,
            Address::Topic(topic) => self.topics[topic.number() as usize].config.dedup_scope,
        };
        let group = if scope == DedupScope::Group { message.group.clone() } else { None };
        message.dedup_key.clone().map(|key| (group, key))
    }

    fn keys(&mut self, to: Address) -> &mut BTreeMap<(Option<String>, String), (u64, Timestamp)> {
        match to {
            Address::Queue(queue) => &mut self.queues[queue.number() as usize].dedup,
            Address::Topic(topic) => &mut self.topics[topic.number() as usize].dedup,
        }
    }

    fn window(&self, to: Address) -> postroom_core::Span {
        match to {
            Address::Queue(queue) => self.queues[queue.number() as usize].config.dedup_window,
            Address::Topic(topic) => self.topics[topic.number() as usize].config.dedup_window,
        }
    }

    fn next_number(&mut self, to: Address) -> u64 {
        let next = match to {
            Address::Queue(queue) => &mut self.queues[queue.number() as usize].next_message,
            Address::Topic(topic) => &mut self.topics[topic.number() as usize].next_message,
        };
        *next += 1;
        *next - 1
    }
}

/// How many of the oldest waiting copies must leave, and their bytes, until so many others fit;
/// none if these never do.
fn to_drop(queue: &Queue, copies: u64, size: u64) -> Option<(u64, u64)> {
    let (mut count, mut bytes) = (0, 0);
    let mut waiting = queue.copies.iter().filter(|copy| copy.waits());
    while queue.copies.len() as u64 + copies - count > queue.config.capacity
        || queue.bytes() + size - bytes > queue.config.capacity_bytes
    {
        let oldest = waiting.next()?;
        count += 1;
        bytes += oldest.bytes();
    }
    Some((count, bytes))
}

fn check(message: &NewMessage, now: Timestamp) -> Result<(), PublishError> {
    let actual = message.body.as_bytes().len() as u64;
    if actual > u64::from(limits::BODY_BYTES_MAX) {
        return Err(PublishError::BodyTooLarge { actual });
    }
    let bytes: usize = message.attributes.iter().map(|(k, v)| k.len() + v.len()).sum();
    if message.attributes.len() > limits::ATTRIBUTES_MAX as usize
        || bytes > limits::ATTRIBUTE_BYTES_MAX as usize
    {
        return Err(PublishError::AttributesTooLarge);
    }
    let key = 1..=limits::KEY_BYTES_MAX as usize;
    if let Some(bytes) = message.dedup_key.as_ref().map(String::len).filter(|n| !key.contains(n)) {
        return Err(PublishError::DedupKeyLength { bytes: bytes as u64 });
    }
    if let Some(bytes) = message.group.as_ref().map(String::len).filter(|n| !key.contains(n)) {
        return Err(PublishError::GroupLength { bytes: bytes as u64 });
    }
    if let Some(subject) = &message.subject {
        check_subject(subject)?;
    }
    let far = message.not_before.is_some_and(|at| at.since(now) > limits::SPAN_MAX);
    if message.delay > limits::SPAN_MAX || far {
        return Err(PublishError::DelayTooLong);
    }
    if message.ttl.is_some_and(|ttl| ttl > limits::SPAN_MAX || ttl == postroom_core::Span::ZERO) {
        return Err(PublishError::Ttl);
    }
    Ok(())
}

fn check_subject(subject: &str) -> Result<(), SubjectError> {
    let bytes = subject.len() as u64;
    if !(1..=u64::from(limits::SUBJECT_BYTES_MAX)).contains(&bytes) {
        return Err(SubjectError::Length { bytes });
    }
    let tokens = || subject.split('.');
    if tokens().any(str::is_empty) {
        return Err(SubjectError::EmptyToken);
    }
    if subject.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return Err(SubjectError::Space);
    }
    if subject.contains(['*', '>']) || tokens().any(|token| token == "#") {
        return Err(SubjectError::Wildcard);
    }
    Ok(())
}
