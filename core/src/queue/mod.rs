//! A queue: which copies it holds, what each waits for, and in what order they come out.
//!
//! A queue knows nothing of other queues: moves between them are the engine's.

mod alarm;
mod check;
mod config;
mod copies;
mod copy;
mod dedup;
mod groups;
mod lease;
mod policy;
mod ready;
mod restore;
mod room;
mod shed;
mod stats;
mod task;
mod timers;

use alloc::{collections::VecDeque, string::String, vec::Vec};
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

pub use self::{
    alarm::Alarm,
    config::QueueConfig,
    policy::{DedupScope, Overflow, Poison, Profile, Settlement},
    shed::Shed,
    stats::QueueStats,
    task::Select,
};
use self::{
    alarm::Alarms,
    copies::{Copies, Place},
    ready::Ready,
    timers::Timers,
};
pub(crate) use self::{
    copy::{Arrival, Copy, Ends, History},
    dedup::Dedup,
    groups::Parked,
    task::Task,
    timers::{Timer, TimerKind},
};
use crate::{
    id::{LeaseId, QueueId},
    message::{CopyState, CopyView, DeadReason},
    planted::{Bug, Planted},
    time::Timestamp,
};

/// Acknowledged leases that a queue remembers, so that settling again does no harm.
pub(crate) const SETTLED_REMEMBERED: usize = 1_024;

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Queue {
    pub(crate) id: QueueId,
    pub(crate) name: String,
    pub(crate) config: QueueConfig,
    pub(crate) copies: Copies,
    ready: Ready,
    /// Dead, and waiting for room in the dead-letter queue, longest first. May hold void places.
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
    /// Groups that follow a dead message to the dead letters.
    pub(crate) parked: Parked,
    pub(crate) paused: bool,
    /// The redrive that moves copies out of here, if one is under way.
    pub(crate) task: Option<Task>,
    pub(crate) alarms: Alarms,
    /// Whether something was deliverable when it was last looked at.
    pub(crate) awake: bool,
    redeliveries: u64,
    /// Copies that left for the dead letters.
    pub(crate) buried: u64,
    /// Made anew by `reindex`.
    #[serde(skip)]
    timers: Timers,
    /// Copies that came in before this place are held or blocked: they need not be looked at when
    /// the oldest that waits is looked for.
    #[serde(skip)]
    none_waits_before: u64,
    #[serde(skip)]
    pub(crate) planted: Planted,
}

impl Queue {
    pub(crate) fn new(id: QueueId, name: String, config: QueueConfig) -> Self {
        Self {
            id,
            name,
            config,
            copies: Copies::default(),
            ready: Ready::default(),
            blocked: VecDeque::new(),
            settled: VecDeque::new(),
            dedup: Dedup::default(),
            next_message: 0,
            next_seq: 0,
            next_lease: 1,
            feeders: Vec::new(),
            parked: Parked::default(),
            paused: false,
            task: None,
            alarms: Alarms::default(),
            awake: false,
            redeliveries: 0,
            buried: 0,
            timers: Timers::default(),
            none_waits_before: 0,
            planted: Planted::default(),
        }
    }

    pub(crate) fn stats(&self) -> QueueStats {
        QueueStats {
            oldest_enqueued_at: self.oldest_enqueued_at(),
            redeliveries: self.redeliveries,
            dead_letters: self.buried,
            ..*self.copies.counts()
        }
    }

    pub(crate) fn oldest_enqueued_at(&self) -> Option<Timestamp> {
        self.copies.by_arrival().next().map(|(_, copy)| copy.enqueued_at)
    }

    pub(crate) fn peek(&self, skip: u32, limit: u32) -> Vec<CopyView> {
        let places = self.copies.by_arrival().skip(skip as usize).take(limit as usize);
        places.map(|(_, copy)| copy.view()).collect()
    }

    pub(crate) fn copy(&self, slot: u32) -> Option<&Copy> {
        self.copies.get(slot)
    }

    /// The place that the next copy to come in will have: all that are here have lower ones.
    pub(crate) fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Takes a copy in. The caller has seen that there is room.
    // Or else a message is moved once more on its way.
    #[inline(always)]
    pub(crate) fn insert(&mut self, arrival: Arrival, now: Timestamp) -> u32 {
        let Arrival { message, due, ttl, history } = arrival;
        let seq = self.next_seq;
        self.next_seq += 1;
        let ready = due <= now;
        let state = if ready { CopyState::Ready } else { CopyState::Delayed { until: due } };
        let ttl_least = match (ttl, self.config.ttl) {
            (Some(own), Some(most)) => Some(own.min(most)),
            (own, most) => own.or(most),
        };
        let expiry = ttl_least.map(|ttl| now + ttl);
        let deadline = self.config.deliver_within.map(|span| due.max(now) + span);
        let ends = Ends::first(deadline, expiry);
        let copy = Copy { message, seq, enqueued_at: now, state, ends, deliveries: 0, history };
        let slot = self.copies.insert(copy);
        if ready {
            self.offer(slot, false);
        } else {
            self.timers.set(slot, due == now + self.config.delay, &self.copies);
        }
        if ends.at().is_some() && (ready || !self.planted.is(Bug::DelayedNeverEnds)) {
            self.timers.set_end(slot, ready && ttl.is_none(), &self.copies);
        }
        slot
    }

    /// Drops a copy that is in no group.
    #[inline]
    pub(crate) fn discard(&mut self, slot: u32) {
        self.copies.discard(slot);
        self.timers.disturb(slot);
        if self.copies.len() == 0 {
            self.shrink();
        }
    }

    /// Takes a copy out.
    #[inline]
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Copy> {
        let copy = self.copies.remove(slot)?;
        self.timers.disturb(slot);
        if let Some(group) = copy.message.group()
            && let Some((seq, next)) = self.copies.groups().first(group)
            && seq > copy.seq
        {
            // It was the first of its group: the turn of the next has come.
            let returned = self.copies.get(next).is_some_and(|copy| copy.deliveries > 0);
            self.offer(next, returned);
        }
        if self.copies.len() == 0 {
            self.shrink();
        }
        Some(copy)
    }

    /// The delay of a copy is over.
    pub(crate) fn mature(&mut self, slot: u32) {
        self.set_state(slot, CopyState::Ready);
        let returned = self.copies.get(slot).is_some_and(|copy| copy.deliveries > 0);
        self.offer(slot, returned);
    }

    /// The copy is dead, and there is no room for it where the dead go.
    pub(crate) fn block(&mut self, slot: u32, reason: DeadReason) {
        self.set_state(slot, CopyState::Blocked { reason });
        if let Some(copy) = self.copies.get(slot) {
            self.blocked.push_back(Place::new(copy.seq, slot));
        }
    }

    /// The dead copy that has waited longest for room.
    pub(crate) fn first_blocked(&self) -> Option<(u32, &Copy)> {
        self.blocked.iter().find_map(|place| {
            let blocked = |copy: &&Copy| matches!(copy.state, CopyState::Blocked { .. });
            Some((place.slot, self.copies.at(*place).filter(blocked)?))
        })
    }

    /// Whether a change here may let a dead copy move: one that waits for room here, or one from here.
    #[inline]
    pub(crate) fn may_move_on(&self) -> bool {
        !self.feeders.is_empty() || self.copies.counts().blocked > 0
    }

    /// Takes it out.
    pub(crate) fn pop_blocked(&mut self) -> Option<u32> {
        let (slot, _) = self.first_blocked()?;
        while self.blocked.pop_front().is_some_and(|place| place.slot != slot) {}
        Some(slot)
    }

    /// The slots of all copies, oldest arrival first.
    pub(crate) fn slots(&self) -> Vec<u32> {
        let forgotten = |copy: &Copy| {
            self.planted.is(Bug::PurgeForgetsLeased)
                && matches!(copy.state, CopyState::InFlight { .. })
        };
        let copies = self.copies.by_arrival().filter(|(_, copy)| !forgotten(copy));
        copies.map(|(slot, _)| slot).collect()
    }

    /// The first copy of a group that waits and came in at `seq` or later: its place and slot.
    pub(crate) fn waiting_in(&self, group: &str, seq: u64) -> Option<(u64, u32)> {
        let waits = |(_, slot): &(u64, u32)| self.copies.get(*slot).is_some_and(Copy::waits);
        self.copies.groups().members_from(group, seq).find(waits)
    }

    /// When something comes up in this queue by itself next.
    #[inline]
    pub(crate) fn next_due(&mut self) -> Option<Timestamp> {
        let timer = self.timers.next(&self.copies).map(|timer| timer.at);
        if self.task.is_none() && self.config.alarm_age.is_none() {
            return timer;
        }
        self.first_of_all(timer)
    }

    /// The first of an appointment, a redrive and an alarm.
    #[inline(never)]
    fn first_of_all(&self, timer: Option<Timestamp>) -> Option<Timestamp> {
        let task = self.task.as_ref().map(|task| task.next_at);
        [timer, task, self.age_alarm_at()].into_iter().flatten().min()
    }

    /// Takes the next appointment of a copy, if it has come up by `at`.
    pub(crate) fn pop_timer(&mut self, at: Timestamp) -> Option<Timer> {
        let next = self.timers.next(&self.copies).filter(|timer| timer.at <= at)?;
        self.timers.pop(next, &self.copies);
        Some(next)
    }

    /// Whether a receive would give something.
    #[inline]
    pub(crate) fn is_deliverable(&mut self) -> bool {
        let counts = self.copies.counts();
        if self.paused || counts.ready == 0 || counts.in_flight >= self.config.in_flight_max {
            return false;
        }
        // Without groups all that is ready has its turn.
        self.copies.groups().is_empty() || self.ready.is_any(&self.copies)
    }

    #[cfg(test)]
    pub(crate) fn index_len(&self) -> usize {
        self.timers.len().max(self.ready.len()).max(self.copies.index_len())
    }

    fn set_state(&mut self, slot: u32, state: CopyState) {
        self.copies.set_state(slot, state);
        self.timers.disturb(slot);
    }

    /// Gives the memory back that a peak took.
    fn shrink(&mut self) {
        self.ready.shrink();
        self.timers.shrink();
        self.blocked = VecDeque::new();
    }

    /// Puts a copy on offer, if it is ready and its turn has come.
    #[inline]
    fn offer(&mut self, slot: u32, returned: bool) {
        let Some(copy) = self.copies.get(slot).filter(|copy| self.copies.has_turn(copy)) else {
            return;
        };
        self.ready.push(copy, slot, returned, &self.copies);
    }
}

/// Hashes what a snapshot holds, void places left out: equal for equal states.
impl Hash for Queue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, &self.name, &self.config, &self.copies).hash(state);
        self.ready.fresh(&self.copies).for_each(|place| place.hash(state));
        let blocked = |place: &&Place| {
            let copy = self.copies.at(**place);
            copy.is_some_and(|copy| matches!(copy.state, CopyState::Blocked { .. }))
        };
        self.blocked.iter().filter(blocked).for_each(|place| place.hash(state));
        (&self.settled, &self.dedup, self.next_message, self.next_seq, self.next_lease).hash(state);
        (&self.feeders, &self.parked, self.paused, &self.task, &self.alarms).hash(state);
        (self.awake, self.redeliveries, self.buried).hash(state);
    }
}
