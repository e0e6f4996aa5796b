//! A queue read from a document: is it sound, and what is where.

use alloc::{collections::BTreeSet, vec::Vec};

use super::{Copy, Place, Queue, SETTLED_REMEMBERED};
use crate::{limits::HISTORY_MAX, message::CopyState, time::Timestamp};

impl Queue {
    /// As it is written down, void places left out: equal states have equal documents.
    pub(crate) fn written(&self) -> Self {
        let mut queue = self.clone();
        queue.ready.drop_void(&queue.copies);
        let is_blocked = |copy: &Copy| matches!(copy.state, CopyState::Blocked { .. });
        queue.blocked.retain(|place| self.copies.at(*place).is_some_and(is_blocked));
        queue
    }

    /// What does not fit in a damaged document.
    pub(crate) fn damage(&self) -> Option<&'static str> {
        if self.config.out_of_range().is_some() {
            return Some("a queue's settings are out of range");
        }
        if !self.copies.is_sound() || self.copies.len() > self.config.capacity {
            return Some("a queue's slots are not those of its copies");
        }
        if !self.dedup.is_sound() {
            return Some("a queue's dedup keys do not match their times");
        }
        let copies = || self.copies.iter().map(|(_, copy)| copy);
        let seqs: BTreeSet<u64> = copies().map(|copy| copy.seq).collect();
        if seqs.len() as u64 != self.copies.len() || seqs.last() >= Some(&self.next_seq) {
            return Some("two copies of a queue have one place");
        }
        let bytes = copies().map(|copy| u128::from(copy.message.bytes())).sum::<u128>();
        if bytes > u128::from(self.config.capacity_bytes) {
            return Some("a queue holds more bytes than its capacity");
        }
        let leases: Vec<u64> = copies()
            .filter_map(|copy| match copy.state {
                CopyState::InFlight { lease, .. } => Some(lease.number()),
                _ => None,
            })
            .collect();
        // Made-up receipts may have settled one lease twice, or another's, as SQS's leniency goes.
        let settled = self.settled.iter().map(|lease| lease.number());
        if settled.chain(leases.iter().copied()).any(|n| !(1..self.next_lease).contains(&n))
            || leases.iter().collect::<BTreeSet<_>>().len() != leases.len()
            || self.settled.len() > SETTLED_REMEMBERED
        {
            return Some("two deliveries of a queue have one lease");
        }
        if copies().any(|copy| copy.history.hops().len() > HISTORY_MAX as usize) {
            return Some("a copy's history is too long");
        }
        if [self.next_seq, self.next_lease, self.next_message].into_iter().any(|n| n >> 62 != 0) {
            return Some("a queue's numbers are too high to go on from");
        }
        if self.task.as_ref().is_some_and(|task| !task.is_sound(self.next_seq)) {
            return Some("a queue's redrive under way is impossible");
        }
        let is_blocked = |copy: &Copy| matches!(copy.state, CopyState::Blocked { .. });
        let blocked: BTreeSet<Place> = self
            .copies
            .iter()
            .filter(|(_, copy)| is_blocked(copy))
            .map(|(slot, copy)| Place::new(copy.seq, slot))
            .collect();
        let listed: Vec<Place> = self
            .blocked
            .iter()
            .copied()
            .filter(|place| self.copies.at(*place).is_some_and(is_blocked))
            .collect();
        if listed.len() != blocked.len() || listed.into_iter().collect::<BTreeSet<_>>() != blocked {
            return Some("a queue's blocked copies are not those listed");
        }
        None
    }

    /// Makes the index anew.
    pub(crate) fn reindex(&mut self, now: Timestamp) {
        self.copies.reindex();
        let mut offered = BTreeSet::new();
        let fresh: Vec<Place> = self.ready.take_fresh().collect();
        for place in fresh {
            if self.copies.is_on_offer(place) && offered.insert(place.slot) {
                self.offer(place.slot, false);
            }
        }
        let mut slots: Vec<u32> = self.copies.iter().map(|(slot, _)| slot).collect();
        slots.sort_unstable_by_key(|slot| self.copies.get(*slot).map(|copy| copy.seq));
        for slot in slots {
            if !offered.contains(&slot) {
                self.offer(slot, true);
            }
            self.timers.set(slot, false, &self.copies);
            // What ended while a consumer holds it comes up no more: it is dead when it comes back.
            let is_held_over = self.copies.get(slot).is_some_and(|copy| {
                matches!(copy.state, CopyState::InFlight { .. }) && copy.over(now).is_some()
            });
            if !is_held_over {
                self.timers.set_end(slot, false, &self.copies);
            }
        }
    }
}
