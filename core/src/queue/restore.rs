//! A queue read from a document: is it sound, and what is where.

use alloc::{collections::BTreeSet, vec::Vec};
use core::cmp::Reverse;

use super::{Place, Queue, QueueStats, SETTLED_REMEMBERED};
use crate::{limits::HISTORY_MAX, message::CopyState};

impl Queue {
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
        let leases: Vec<u64> = copies()
            .filter_map(|copy| match copy.state {
                CopyState::InFlight { lease, .. } => Some(lease.number()),
                _ => None,
            })
            .chain(self.settled.iter().map(|lease| lease.number()))
            .collect();
        if leases.iter().any(|lease| !(1..self.next_lease).contains(lease))
            || leases.iter().collect::<BTreeSet<_>>().len() != leases.len()
            || self.settled.len() > SETTLED_REMEMBERED
        {
            return Some("two deliveries of a queue have one lease");
        }
        if copies().any(|copy| copy.history.len() > HISTORY_MAX as usize) {
            return Some("a copy's history is too long");
        }
        let blocked: BTreeSet<Place> = self
            .copies
            .iter()
            .filter(|(_, copy)| matches!(copy.state, CopyState::Blocked { .. }))
            .map(|(slot, copy)| (copy.seq, slot))
            .collect();
        let listed: BTreeSet<Place> = self.blocked.iter().copied().collect();
        if blocked != listed || listed.len() != self.blocked.len() {
            return Some("a queue's blocked copies are not those listed");
        }
        None
    }

    /// Makes the index anew.
    pub(crate) fn reindex(&mut self) {
        let copies = &self.copies;
        let mut fresh = BTreeSet::new();
        self.fresh.retain(|place| {
            let ready = |copy: &super::Copy| copy.seq == place.0 && copy.state == CopyState::Ready;
            copies.get(place.1).is_some_and(ready) && fresh.insert(*place)
        });
        let mut arrivals: Vec<Place> = copies.iter().map(|(slot, copy)| (copy.seq, slot)).collect();
        arrivals.sort_unstable();
        self.counts = QueueStats::default();
        for (slot, copy) in copies.iter() {
            *self.counts.count_of(copy.state) += 1;
            self.timers.set(slot, copies);
            self.timers.set_deadline(slot, copies);
            if copy.state == CopyState::Ready && !fresh.contains(&(copy.seq, slot)) {
                self.returned.push(Reverse((copy.seq, slot)));
            }
        }
        self.arrivals = arrivals.into();
    }
}
