//! A queue: which copies it holds, what each waits for, and in what order they come out.
//!
//! A queue knows nothing of other queues: moves between them are the engine's.

mod config;
mod copy;
mod dedup;
mod restore;
mod shed;
mod timers;

use alloc::{
    collections::{BinaryHeap, VecDeque},
    string::String,
    vec::Vec,
};
use core::{
    cmp::Reverse,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Serialize};

use self::timers::Timers;
pub use self::{
    config::{QueueConfig, Settlement},
    shed::Shed,
};
pub(crate) use self::{
    copy::{Arrival, Copy},
    dedup::Dedup,
    timers::{Timer, TimerKind},
};
use crate::{
    id::{LeaseId, QueueId},
    message::{CopyState, CopyView, Delivery, Receipt},
    slab::Slab,
    time::Timestamp,
};

/// Acknowledged leases that a queue remembers, so that settling again does no harm.
pub(crate) const SETTLED_REMEMBERED: usize = 1_024;

/// A queue's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QueueStats {
    /// Copies that wait for a consumer.
    pub ready: u64,
    /// Copies that wait for their time: delayed, or between two tries.
    pub delayed: u64,
    /// Copies that a consumer holds.
    pub in_flight: u64,
    /// Dead copies that wait for room in the dead-letter queue.
    pub blocked: u64,
    /// When the oldest copy came in.
    pub oldest_enqueued_at: Option<Timestamp>,
}

impl QueueStats {
    /// All copies in the queue.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.ready + self.delayed + self.in_flight + self.blocked
    }

    fn count_of(&mut self, state: CopyState) -> &mut u64 {
        match state {
            CopyState::Ready => &mut self.ready,
            CopyState::Delayed { .. } => &mut self.delayed,
            CopyState::InFlight { .. } => &mut self.in_flight,
            CopyState::Blocked { .. } => &mut self.blocked,
        }
    }
}

/// A copy by its place in the order of arrival and its slot. Void once the slot holds another.
type Place = (u64, u32);

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) id: QueueId,
    pub(crate) name: String,
    pub(crate) config: QueueConfig,
    copies: Slab<Copy>,
    /// Ready and never delivered, in the order in which they became ready. May hold void places.
    fresh: VecDeque<Place>,
    /// Dead, and waiting for room in the dead-letter queue, longest first.
    blocked: VecDeque<Place>,
    /// The latest acknowledged leases, oldest first.
    settled: VecDeque<LeaseId>,
    pub(crate) dedup: Dedup,
    /// The number of the next message published here.
    pub(crate) next_message: u64,
    next_seq: u64,
    next_lease: u64,
    /// Queues whose dead letters come here.
    pub(crate) feeders: Vec<QueueId>,

    // What follows is an index over the above, made anew by `reindex`.
    #[serde(skip)]
    counts: QueueStats,
    /// All copies by arrival. May hold void places.
    #[serde(skip)]
    arrivals: VecDeque<Place>,
    /// Ready again after a delivery: they go ahead of the fresh ones, by arrival. May hold void
    /// places.
    #[serde(skip)]
    returned: BinaryHeap<Reverse<Place>>,
    #[serde(skip)]
    timers: Timers,
}

impl Queue {
    pub(crate) fn new(id: QueueId, name: String, config: QueueConfig) -> Self {
        Self {
            id,
            name,
            config,
            copies: Slab::default(),
            fresh: VecDeque::new(),
            blocked: VecDeque::new(),
            settled: VecDeque::new(),
            dedup: Dedup::default(),
            next_message: 0,
            next_seq: 0,
            next_lease: 1,
            feeders: Vec::new(),
            counts: QueueStats::default(),
            arrivals: VecDeque::new(),
            returned: BinaryHeap::new(),
            timers: Timers::default(),
        }
    }

    pub(crate) fn has_room(&self) -> bool {
        self.copies.len() < self.config.capacity
    }

    pub(crate) fn stats(&self) -> QueueStats {
        let oldest = self.by_arrival().next().map(|(_, copy)| copy.enqueued_at);
        QueueStats { oldest_enqueued_at: oldest, ..self.counts }
    }

    pub(crate) fn peek(&self, skip: u32, limit: u32) -> Vec<CopyView> {
        let places = self.by_arrival().skip(skip as usize).take(limit as usize);
        places.map(|(_, copy)| copy.view()).collect()
    }

    /// The copies with their slots, oldest arrival first.
    pub(crate) fn by_arrival(&self) -> impl Iterator<Item = (u32, &Copy)> {
        self.arrivals.iter().filter_map(|place| Some((place.1, self.at(*place)?)))
    }

    pub(crate) fn copy(&self, slot: u32) -> Option<&Copy> {
        self.copies.get(slot)
    }

    /// Takes a copy in. The caller has seen that there is room.
    pub(crate) fn insert(&mut self, arrival: Arrival, now: Timestamp) {
        let Arrival { message, due, history } = arrival;
        let seq = self.next_seq;
        self.next_seq += 1;
        let ready = due <= now;
        let state = if ready { CopyState::Ready } else { CopyState::Delayed { until: due } };
        let deadline = self.config.deliver_within.map(|span| due.max(now) + span);
        let copy = Copy { message, seq, enqueued_at: now, deliveries: 0, state, deadline, history };
        let slot = self.copies.insert(copy);
        *self.counts.count_of(state) += 1;
        self.remember_arrival((seq, slot));
        if ready {
            self.push_fresh((seq, slot));
        }
        self.timers.set(slot, &self.copies);
        self.timers.set_deadline(slot, &self.copies);
    }

    /// Takes a copy out.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Copy> {
        let copy = self.copies.remove(slot)?;
        *self.counts.count_of(copy.state) -= 1;
        while self.arrivals.front().is_some_and(|place| self.at(*place).is_none()) {
            self.arrivals.pop_front();
        }
        Some(copy)
    }

    /// Takes an acknowledged copy out.
    pub(crate) fn ack(&mut self, slot: u32, lease: LeaseId) -> Option<Copy> {
        if self.settled.len() == SETTLED_REMEMBERED {
            self.settled.pop_front();
        }
        self.settled.push_back(lease);
        self.remove(slot)
    }

    pub(crate) fn was_settled(&self, lease: LeaseId) -> bool {
        self.settled.contains(&lease)
    }

    /// Whether this queue ever gave a lease of this number.
    pub(crate) fn knows(&self, lease: LeaseId) -> bool {
        (1..self.next_lease).contains(&lease.number())
    }

    /// Hands out the next ready copy.
    pub(crate) fn deliver(&mut self, now: Timestamp) -> Option<Delivery> {
        let slot = self.pop_ready()?;
        let lease = LeaseId::new(self.next_lease);
        self.next_lease += 1;
        let until = now + self.config.lease;
        self.set_state(slot, CopyState::InFlight { lease, until });
        let copy = self.copies.get_mut(slot)?;
        copy.deliveries += 1;
        let on_delivery = self.config.settlement == Settlement::OnDelivery;
        let delivery = Delivery {
            receipt: Receipt { queue: self.id, slot, lease },
            message: copy.message.clone(),
            delivery: copy.deliveries,
            lease_until: (!on_delivery).then_some(until),
            deadline: copy.deadline,
        };
        if on_delivery {
            self.ack(slot, lease);
        }
        Some(delivery)
    }

    /// The copy for which a receipt stands, while its lease lasts.
    pub(crate) fn held(&self, receipt: Receipt) -> Option<&Copy> {
        self.copies.get(receipt.slot).filter(
            |copy| matches!(copy.state, CopyState::InFlight { lease, .. } if lease == receipt.lease),
        )
    }

    /// Makes a delivered copy ready again at `due`.
    pub(crate) fn put_back(&mut self, slot: u32, due: Timestamp, now: Timestamp) {
        if due <= now {
            self.set_state(slot, CopyState::Ready);
            self.push_ready(slot, true);
        } else {
            self.set_state(slot, CopyState::Delayed { until: due });
        }
    }

    /// The last delivery does not count.
    pub(crate) fn uncount_delivery(&mut self, slot: u32) {
        if let Some(copy) = self.copies.get_mut(slot) {
            copy.deliveries = copy.deliveries.saturating_sub(1);
        }
    }

    /// The delay of a copy is over.
    pub(crate) fn mature(&mut self, slot: u32) {
        self.set_state(slot, CopyState::Ready);
        let returned = self.copies.get(slot).is_some_and(|copy| copy.deliveries > 0);
        self.push_ready(slot, returned);
    }

    /// The copy is dead, and there is no room for it where the dead go.
    pub(crate) fn block(&mut self, slot: u32, reason: crate::DeadReason) {
        self.set_state(slot, CopyState::Blocked { reason });
        if let Some(copy) = self.copies.get(slot) {
            self.blocked.push_back((copy.seq, slot));
        }
    }

    /// Whether dead copies wait for room.
    pub(crate) fn has_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// The dead copy that has waited longest for room.
    pub(crate) fn pop_blocked(&mut self) -> Option<u32> {
        self.blocked.pop_front().map(|(_, slot)| slot)
    }

    pub(crate) fn next_timer(&mut self) -> Option<Timestamp> {
        self.timers.next(&self.copies)
    }

    pub(crate) fn pop_timer(&mut self, now: Timestamp) -> Option<Timer> {
        self.timers.pop_due(now, &self.copies)
    }

    #[cfg(test)]
    pub(crate) fn index_len(&self) -> usize {
        self.timers.len().max(self.fresh.len()).max(self.arrivals.len()).max(self.returned.len())
    }

    fn at(&self, (seq, slot): Place) -> Option<&Copy> {
        self.copies.get(slot).filter(|copy| copy.seq == seq)
    }

    fn set_state(&mut self, slot: u32, state: CopyState) {
        let Some(copy) = self.copies.get_mut(slot) else { return };
        *self.counts.count_of(copy.state) -= 1;
        copy.state = state;
        *self.counts.count_of(state) += 1;
        self.timers.set(slot, &self.copies);
    }

    fn push_ready(&mut self, slot: u32, returned: bool) {
        let Some(copy) = self.copies.get(slot) else { return };
        let place = (copy.seq, slot);
        if returned {
            self.returned.push(Reverse(place));
            if self.returned.len() as u64 > 64 + 2 * self.copies.len() {
                let copies = &self.copies;
                self.returned.retain(|Reverse((seq, slot))| {
                    copies.get(*slot).is_some_and(|copy| copy.seq == *seq)
                });
            }
        } else {
            self.push_fresh(place);
        }
    }

    /// Void places are dropped when they outweigh the rest: nobody may ever receive here.
    fn push_fresh(&mut self, place: Place) {
        self.fresh.push_back(place);
        if self.fresh.len() as u64 > 64 + 2 * self.copies.len() {
            let copies = &self.copies;
            self.fresh.retain(|(seq, slot)| copies.get(*slot).is_some_and(|c| c.seq == *seq));
        }
    }

    fn pop_ready(&mut self) -> Option<u32> {
        let is_ready = |copies: &Slab<Copy>, (seq, slot): Place| {
            copies.get(slot).is_some_and(|c| c.seq == seq && c.state == CopyState::Ready)
        };
        while let Some(Reverse(place)) = self.returned.pop() {
            if is_ready(&self.copies, place) {
                return Some(place.1);
            }
        }
        while let Some(place) = self.fresh.pop_front() {
            if is_ready(&self.copies, place) {
                return Some(place.1);
            }
        }
        None
    }

    /// What is void in the middle (settled out of order) is dropped when it outweighs the rest.
    fn remember_arrival(&mut self, place: Place) {
        self.arrivals.push_back(place);
        if self.arrivals.len() as u64 > 64 + 2 * self.copies.len() {
            let copies = &self.copies;
            let holds = |place: &Place| copies.get(place.1).is_some_and(|copy| copy.seq == place.0);
            self.arrivals.retain(holds);
        }
    }
}

/// Hashes what a snapshot holds, void places left out: equal for equal states.
impl Hash for Queue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, &self.name, &self.config, &self.copies, &self.blocked).hash(state);
        let ready = |copy: &Copy| copy.state == CopyState::Ready;
        for place in self.fresh.iter().filter(|place| self.at(**place).is_some_and(ready)) {
            place.hash(state);
        }
        (&self.settled, &self.dedup, self.next_message, self.next_seq, self.next_lease).hash(state);
        self.feeders.hash(state);
    }
}
