//! The copies in a queue, counted, in the order of arrival and by group.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Copy, QueueStats, groups::Groups};
use crate::{message::CopyState, slab::Slab};

/// A copy by its place in the order of arrival and its slot. Void once the slot holds another.
///
/// The lower half of the place tells copies of one slot apart: a void place is dropped long before
/// four billion others have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    seq: u32,
    pub(crate) slot: u32,
}

impl Place {
    pub(crate) fn new(seq: u64, slot: u32) -> Self {
        Self { seq: seq as u32, slot }
    }
}

/// Places for which an empty queue keeps its memory.
const KEPT: usize = 1_024;

/// The copies in a queue, in whatever state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Copies {
    slab: Slab<Copy>,

    // What follows is an index over the above, made anew by `reindex`.
    #[serde(skip)]
    tally: Tally,
    /// By arrival. May hold void places.
    #[serde(skip)]
    arrivals: VecDeque<Place>,
    #[serde(skip)]
    groups: Groups,
}

/// What is counted of the copies.
#[derive(Clone, Debug, Default)]
struct Tally {
    counts: QueueStats,
    /// Copies that end by the time alone.
    ending: u64,
}

impl Tally {
    #[inline]
    fn add(&mut self, copy: &Copy) {
        *self.counts.count_of(copy.state) += 1;
        self.counts.bytes += copy.message.bytes();
        self.ending += u64::from(copy.ends.at().is_some());
    }

    #[inline]
    fn subtract(&mut self, copy: &Copy) {
        *self.counts.count_of(copy.state) -= 1;
        self.counts.bytes -= copy.message.bytes();
        self.ending -= u64::from(copy.ends.at().is_some());
    }

    #[inline]
    fn change(&mut self, copy: &mut Copy, state: CopyState) {
        *self.counts.count_of(copy.state) -= 1;
        *self.counts.count_of(state) += 1;
        copy.state = state;
    }
}

impl Copies {
    pub(crate) fn len(&self) -> u64 {
        self.slab.len()
    }

    /// Counters of the copies that are here now.
    pub(crate) fn counts(&self) -> &QueueStats {
        &self.tally.counts
    }

    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&Copy> {
        self.slab.get(slot)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Copy)> {
        self.slab.iter()
    }

    /// The copies with their slots, oldest arrival first.
    pub(crate) fn by_arrival(&self) -> impl Iterator<Item = (u32, &Copy)> {
        self.arrivals.iter().filter_map(|place| Some((place.slot, self.at(*place)?)))
    }

    /// Those that came in at `seq` or later, where `next_seq` is to come.
    pub(crate) fn by_arrival_from(
        &self,
        seq: u64,
        next_seq: u64,
    ) -> impl Iterator<Item = (u32, &Copy)> {
        // Halves of numbers compare by their distance from the end: none is as old as four billion.
        let age = |seq: u32| (next_seq as u32).wrapping_sub(seq);
        let oldest = (next_seq - seq).min(u64::from(u32::MAX)) as u32;
        let first = self.arrivals.partition_point(|place| age(place.seq) > oldest);
        let places = self.arrivals.range(first..);
        places.filter_map(|place| Some((place.slot, self.at(*place)?)))
    }

    /// The copy at a place, unless that is void.
    #[inline]
    pub(crate) fn at(&self, place: Place) -> Option<&Copy> {
        self.slab.get(place.slot).filter(|copy| copy.seq as u32 == place.seq)
    }

    /// Whether the copy at a place is ready, and its turn has come in its group.
    #[inline]
    pub(crate) fn is_on_offer(&self, place: Place) -> bool {
        self.at(place).is_some_and(|copy| self.has_turn(copy))
    }

    /// How many appointments the copies have: at least half of the most that [`Timers`] keeps.
    ///
    /// [`Timers`]: super::timers::Timers
    pub(crate) fn appointments(&self) -> u64 {
        self.tally.counts.in_flight + self.tally.counts.delayed + self.tally.ending
    }

    /// Whether a copy is ready and no earlier one of its group is here.
    #[inline]
    pub(crate) fn has_turn(&self, copy: &Copy) -> bool {
        matches!(copy.state, CopyState::Ready)
            && copy.message.group().is_none_or(|group| {
                self.groups.first(group).is_some_and(|(seq, _)| seq == copy.seq)
            })
    }

    #[inline]
    pub(crate) fn insert(&mut self, copy: Copy) -> u32 {
        let seq = copy.seq;
        self.tally.add(&copy);
        let is_grouped = copy.message.group().is_some();
        let slot = self.slab.insert(copy);
        if is_grouped {
            self.join_group(slot);
        }
        self.arrivals.push_back(Place::new(seq, slot));
        // What is void in the middle (settled out of order) may not outweigh the rest.
        if self.arrivals.len() as u64 > 64 + 2 * self.slab.len() {
            self.drop_void();
        }
        slot
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<Copy> {
        let copy = self.slab.remove(slot)?;
        self.tally.subtract(&copy);
        if let Some(group) = copy.message.group() {
            self.groups.leave(group, copy.seq);
        }
        self.shorten_arrivals();
        Some(copy)
    }

    /// Drops a copy that is in no group.
    #[inline]
    pub(crate) fn discard(&mut self, slot: u32) {
        let tally = &mut self.tally;
        self.slab.discard(slot, |copy| tally.subtract(copy));
        self.shorten_arrivals();
    }

    pub(crate) fn set_state(&mut self, slot: u32, state: CopyState) {
        let Some(copy) = self.slab.get_mut(slot) else { return };
        assert!(copy.state.may_become(state), "a copy went where it may not go");
        self.tally.change(copy, state);
    }

    /// Marks a copy as handed out, and counts the delivery.
    #[inline]
    pub(crate) fn hand_out(&mut self, slot: u32, state: CopyState) -> Option<&Copy> {
        let copy = self.slab.get_mut(slot)?;
        self.tally.change(copy, state);
        copy.deliveries = copy.deliveries.saturating_add(1);
        Some(copy)
    }

    /// The last delivery does not count.
    pub(crate) fn uncount_delivery(&mut self, slot: u32) {
        if let Some(copy) = self.slab.get_mut(slot) {
            copy.deliveries = copy.deliveries.saturating_sub(1);
        }
    }

    /// Whether the slots are sound: false for a damaged document.
    pub(crate) fn is_sound(&self) -> bool {
        self.slab.is_sound()
    }

    /// Makes the index anew.
    pub(crate) fn reindex(&mut self) {
        *self = Self { slab: core::mem::take(&mut self.slab), ..Self::default() };
        let mut places: alloc::vec::Vec<(u64, u32)> =
            self.slab.iter().map(|(slot, copy)| (copy.seq, slot)).collect();
        places.sort_unstable();
        for (seq, slot) in places {
            if let Some(copy) = self.slab.get(slot) {
                self.tally.add(copy);
            }
            self.join_group(slot);
            self.arrivals.push_back(Place::new(seq, slot));
        }
    }

    /// How many places the index holds, void ones too.
    #[cfg(test)]
    pub(crate) fn index_len(&self) -> usize {
        self.arrivals.len()
    }

    /// Drops what is void at the front.
    #[inline]
    fn shorten_arrivals(&mut self) {
        while self.arrivals.front().is_some_and(|place| self.at(*place).is_none()) {
            self.arrivals.pop_front();
        }
        if self.arrivals.is_empty() && self.arrivals.capacity() > KEPT {
            self.arrivals = VecDeque::new();
        }
    }

    fn join_group(&mut self, slot: u32) {
        if let Some(copy) = self.slab.get(slot)
            && let Some(group) = copy.message.group()
        {
            self.groups.join(group, copy.seq, slot);
        }
    }

    #[cold]
    fn drop_void(&mut self) {
        let slab = &self.slab;
        let holds =
            |place: &Place| slab.get(place.slot).is_some_and(|copy| copy.seq as u32 == place.seq);
        self.arrivals.retain(holds);
    }
}

impl core::hash::Hash for Copies {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.slab.hash(state);
    }
}
