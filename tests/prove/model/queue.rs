//! A queue is a list of copies in the order in which they came.

use std::collections::BTreeMap;

use postroom_core::{
    Alarm, CopyState, Hop, HopReason, LeaseId, MessageId, NewMessage, Profile, QueueConfig,
    QueueId, QueueStats, Span, Timestamp,
};

use super::{Broker, answer::Letter, redrive::Task};

#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(super) id: MessageId,
    pub(super) message: NewMessage,
    pub(super) published_at: Timestamp,
    /// Its own time to live, until it is dead for the first time.
    pub(super) ttl: Option<Span>,
    pub(super) seq: u64,
    pub(super) enqueued_at: Timestamp,
    pub(super) deliveries: u32,
    /// Handed out before in this queue.
    pub(super) returned: bool,
    /// When its turn came for the first time, among all here whose turn came.
    pub(super) turn: Option<u64>,
    pub(super) state: CopyState,
    pub(super) deadline: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    /// Every lease under which it was handed out here.
    pub(super) leases: Vec<u64>,
    pub(super) history: Vec<Hop>,
}

#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) config: QueueConfig,
    /// Oldest arrival first.
    pub(super) copies: Vec<Copy>,
    /// The places of blocked copies, longest blocked first.
    pub(super) blocked: Vec<u64>,
    pub(super) parked: Vec<String>,
    /// The leases that were acknowledged, the latest last.
    pub(super) acked: Vec<u64>,
    /// Group (if it counts) and key, with what holds it and until when.
    pub(super) dedup: BTreeMap<(Option<String>, String), (u64, Timestamp)>,
    pub(super) paused: bool,
    pub(super) task: Option<Task>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) next_message: u64,
    pub(super) next_seq: u64,
    pub(super) next_lease: u64,
    pub(super) next_turn: u64,
    pub(super) redeliveries: u64,
    pub(super) dead: u64,
}

impl Queue {
    pub(super) fn new(config: QueueConfig) -> Self {
        Self {
            config,
            copies: Vec::new(),
            blocked: Vec::new(),
            parked: Vec::new(),
            acked: Vec::new(),
            dedup: BTreeMap::new(),
            paused: false,
            task: None,
            alarms: Vec::new(),
            next_message: 0,
            next_seq: 0,
            next_lease: 1,
            next_turn: 0,
            redeliveries: 0,
            dead: 0,
        }
    }

    pub(super) fn stats(&self) -> QueueStats {
        let count = |want: fn(&CopyState) -> bool| {
            self.copies.iter().filter(|copy| want(&copy.state)).count() as u64
        };
        QueueStats {
            ready: count(|state| matches!(state, CopyState::Ready)),
            delayed: count(|state| matches!(state, CopyState::Delayed { .. })),
            in_flight: count(|state| matches!(state, CopyState::InFlight { .. })),
            blocked: count(|state| matches!(state, CopyState::Blocked { .. })),
            bytes: self.bytes(),
            oldest_enqueued_at: self.copies.first().map(|copy| copy.enqueued_at),
            redeliveries: self.redeliveries,
            dead_letters: self.dead,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.copies.iter().map(Copy::bytes).sum()
    }

    pub(super) fn has_room_for(&self, bytes: u64) -> bool {
        (self.copies.len() as u64) < self.config.capacity
            && self.bytes() + bytes <= self.config.capacity_bytes
    }

    pub(super) fn is_sqs(&self) -> bool {
        self.config.profile == Profile::Sqs
    }

    pub(super) fn find(&self, seq: u64) -> Option<&Copy> {
        self.copies.iter().find(|copy| copy.seq == seq)
    }

    pub(super) fn find_mut(&mut self, seq: u64) -> Option<&mut Copy> {
        self.copies.iter_mut().find(|copy| copy.seq == seq)
    }

    /// Takes a copy out.
    pub(super) fn take(&mut self, seq: u64) -> Copy {
        let place = self.copies.iter().position(|copy| copy.seq == seq).expect("it is there");
        self.blocked.retain(|blocked| *blocked != seq);
        let copy = self.copies.remove(place);
        self.note_turns();
        copy
    }

    pub(super) fn make_ready(&mut self, seq: u64) {
        self.find_mut(seq).expect("it is there").state = CopyState::Ready;
        self.note_turns();
    }

    /// Ready, and nothing of its group is in the queue before it.
    pub(super) fn is_head(&self, copy: &Copy) -> bool {
        let earlier = |other: &Copy| other.seq < copy.seq && other.group() == copy.group();
        copy.state == CopyState::Ready
            && (copy.group().is_none() || !self.copies.iter().any(earlier))
    }

    fn note_turns(&mut self) {
        for place in 0..self.copies.len() {
            if self.copies[place].turn.is_none() && self.is_head(&self.copies[place]) {
                self.copies[place].turn = Some(self.next_turn);
                self.next_turn += 1;
            }
        }
    }
}

impl Copy {
    pub(super) fn letter(&self) -> Letter {
        Letter {
            id: self.id,
            body: self.message.body.clone(),
            priority: self.message.priority.level(),
            group: self.message.group.clone(),
            published_at: self.published_at,
            correlation: self.message.cause.map_or(self.id, |cause| cause.correlation),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        bytes(&self.message)
    }

    pub(super) fn group(&self) -> Option<&str> {
        self.message.group.as_deref()
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.state, CopyState::InFlight { .. })
    }

    pub(super) fn lease(&self) -> Option<LeaseId> {
        match self.state {
            CopyState::InFlight { lease, .. } => Some(lease),
            _ => None,
        }
    }

    /// When it is dead by itself; with a deadline at the same time as the end of its time to
    /// live, the deadline counts.
    pub(super) fn end(&self) -> Option<(Timestamp, postroom_core::DeadReason)> {
        use postroom_core::DeadReason::{Deadline, Expired};
        match (self.deadline, self.expires) {
            (Some(deadline), Some(expires)) if expires < deadline => Some((expires, Expired)),
            (Some(deadline), _) => Some((deadline, Deadline)),
            (None, Some(expires)) => Some((expires, Expired)),
            (None, None) => None,
        }
    }

    /// The queue in which it died last.
    pub(super) fn source(&self) -> Option<QueueId> {
        let died = |hop: &&Hop| matches!(hop.why, HopReason::DeadLettered(_));
        self.history.iter().rev().find(died).map(|hop| hop.from)
    }

    /// Where it died and why, if it has not moved since.
    pub(super) fn death(&self) -> Option<(QueueId, postroom_core::DeadReason)> {
        let hop = self.history.last()?;
        match hop.why {
            HopReason::DeadLettered(reason) => Some((hop.from, reason)),
            HopReason::Redriven => None,
        }
    }

    /// Sent back from the dead letters, and not dead since.
    pub(super) fn is_back(&self) -> bool {
        self.history.last().is_some_and(|hop| hop.why == HopReason::Redriven)
    }

    pub(super) fn waits(&self) -> bool {
        matches!(self.state, CopyState::Ready | CopyState::Delayed { .. })
    }
}

/// What a message counts towards a queue's capacity in bytes.
pub(super) fn bytes(message: &NewMessage) -> u64 {
    let attributes: usize = message.attributes.iter().map(|(k, v)| k.len() + v.len()).sum();
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let all =
        message.body.as_bytes().len() + attributes + text(&message.subject) + text(&message.group);
    all as u64
}

impl Broker {
    pub(super) fn change_alarms(&mut self) {
        (0..self.queues.len()).for_each(|index| self.change_alarms_of(index));
    }

    /// Raises and clears alarms. One on depth is cleared at half of it.
    pub(super) fn change_alarms_of(&mut self, index: usize) {
        let queue = &mut self.queues[index];
        let depth = queue.copies.len() as u64;
        let was_deep = queue.alarms.contains(&Alarm::Depth);
        let deep = queue
            .config
            .alarm_depth
            .is_some_and(|limit| depth >= limit || (was_deep && depth > limit / 2));
        let oldest = queue.copies.first();
        let old = queue
            .config
            .alarm_age
            .is_some_and(|limit| oldest.is_some_and(|copy| copy.enqueued_at + limit <= self.now));
        let raised = [(Alarm::Depth, deep), (Alarm::Age, old)].into_iter();
        queue.alarms = raised.filter(|(_, raised)| *raised).map(|(alarm, _)| alarm).collect();
    }
}
