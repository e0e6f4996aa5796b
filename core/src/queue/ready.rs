//! Which copy is handed out next.

use alloc::{
    collections::{BTreeSet, BinaryHeap, VecDeque},
    vec::Vec,
};
use core::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Copies, Copy, Place};
use crate::{
    message::Priority,
    time::{Span, Timestamp},
};

/// Places for which an empty lane keeps its memory.
const KEPT: usize = 1_024;

/// Copies that may be handed out, by priority. Void places (of copies that were since handed out,
/// or removed) stay until they come up or are too many.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// By priority.
    lanes: [Lane; Priority::COUNT],
    /// A bit for each lane that holds a place.
    #[serde(skip)]
    occupied: u16,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Lane {
    /// Never delivered, in the order in which they became ready.
    fresh: VecDeque<Place>,
    /// Ready again after a delivery: they go ahead of the fresh ones, by arrival.
    #[serde(skip)]
    returned: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Lane {
    fn len(&self) -> usize {
        self.fresh.len() + self.returned.len()
    }

    /// The slot of the first copy that is still to be handed out; what is void before it goes.
    #[inline]
    fn head(&mut self, copies: &Copies) -> Option<u32> {
        while let Some(Reverse((seq, slot))) = self.returned.peek().copied() {
            if copies.is_on_offer(Place::new(seq, slot)) {
                return Some(slot);
            }
            self.returned.pop();
        }
        while let Some(place) = self.fresh.front().copied() {
            if copies.is_on_offer(place) {
                return Some(place.slot);
            }
            self.fresh.pop_front();
        }
        None
    }

    /// Drops the places of copies that have gone, up to the first that is still here.
    #[inline]
    fn drop_gone(&mut self, copies: &Copies) {
        while self.fresh.pop_front_if(|place| copies.at(*place).is_none()).is_some() {}
    }

    #[cold]
    fn drop_void(&mut self, copies: &Copies) {
        self.fresh.retain(|place| copies.is_on_offer(*place));
        let holds =
            |place: &Reverse<(u64, u32)>| copies.is_on_offer(Place::new(place.0.0, place.0.1));
        self.returned.retain(holds);
    }

    /// Takes the head that [`Lane::head`] found.
    fn pop(&mut self) {
        if self.returned.pop().is_none() {
            self.fresh.pop_front();
        }
    }
}

impl Ready {
    /// Puts a copy on offer; one that has `returned` from a delivery ahead of the fresh ones.
    #[inline]
    pub(crate) fn push(&mut self, copy: &Copy, slot: u32, returned: bool, copies: &Copies) {
        let level = usize::from(copy.message.priority.level());
        let lane = &mut self.lanes[level];
        self.occupied |= 1 << level;
        if returned {
            lane.returned.push(Reverse((copy.seq, slot)));
        } else {
            lane.fresh.push_back(Place::new(copy.seq, slot));
        }
        // Nobody may ever receive here: what is void may not outweigh the rest.
        if lane.len() as u64 > 64 + 2 * copies.len() {
            lane.drop_void(copies);
        }
    }

    /// Takes the copy that goes first.
    #[inline]
    pub(crate) fn pop(
        &mut self,
        now: Timestamp,
        aging: Option<Span>,
        copies: &Copies,
    ) -> Option<u32> {
        let (level, slot) = self.first(now, aging, copies)?;
        let lane = &mut self.lanes[level];
        lane.pop();
        // The next copy is looked at while this one's body is on its way from memory, not after.
        lane.drop_gone(copies);
        Some(slot)
    }

    /// Whether anything is on offer.
    #[inline(never)]
    pub(crate) fn is_any(&mut self, copies: &Copies) -> bool {
        self.first(Timestamp::ZERO, None, copies).is_some()
    }

    /// How many places it holds, void ones too.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lanes.iter().map(Lane::len).sum()
    }

    /// The fresh copies by priority, in their order: all that a document must keep of it.
    pub(crate) fn fresh<'a>(&'a self, copies: &'a Copies) -> impl Iterator<Item = Place> + 'a {
        let places = self.lanes.iter().flat_map(|lane| lane.fresh.iter().copied());
        places.filter(|place| copies.is_on_offer(*place))
    }

    /// All places, void ones too.
    pub(crate) fn places(&self) -> BTreeSet<Place> {
        let returned = |lane: &Lane| {
            let places = lane.returned.iter().map(|Reverse((seq, slot))| Place::new(*seq, *slot));
            places.collect::<Vec<_>>()
        };
        self.lanes
            .iter()
            .flat_map(|lane| returned(lane).into_iter().chain(lane.fresh.iter().copied()))
            .collect()
    }

    /// Drops the fresh places that are void.
    pub(crate) fn drop_void(&mut self, copies: &Copies) {
        for lane in &mut self.lanes {
            lane.fresh.retain(|place| copies.is_on_offer(*place));
        }
    }

    /// Gives memory back after a peak. To be called when no copy is left.
    pub(crate) fn shrink(&mut self) {
        for lane in &mut self.lanes {
            if lane.fresh.capacity().max(lane.returned.capacity()) > KEPT {
                *lane = Lane::default();
            }
        }
    }

    /// Drops all places; returns the fresh ones, by priority, in their order.
    pub(crate) fn take_fresh(&mut self) -> impl Iterator<Item = Place> + use<> {
        self.occupied = 0;
        core::mem::take(&mut self.lanes).into_iter().flat_map(|lane| lane.fresh)
    }

    /// The lane whose head goes first, and that head.
    #[inline]
    fn first(
        &mut self,
        now: Timestamp,
        aging: Option<Span>,
        copies: &Copies,
    ) -> Option<(usize, u32)> {
        let mut best: Option<(u64, usize, u32)> = None;
        let mut left = self.occupied;
        while left != 0 {
            let level = 15 - left.leading_zeros() as usize;
            left &= !(1 << level);
            let Some(slot) = self.lanes[level].head(copies) else {
                self.occupied &= !(1 << level);
                continue;
            };
            let Some(aging) = aging else { return Some((level, slot)) };
            let waited = copies.get(slot).map_or(Span::ZERO, |copy| now.since(copy.enqueued_at));
            let urgency = level as u64 + waited.as_micros() / aging.as_micros().max(1);
            if best.is_none_or(|(most, ..)| urgency > most) {
                best = Some((urgency, level, slot));
            }
        }
        best.map(|(_, level, slot)| (level, slot))
    }
}
