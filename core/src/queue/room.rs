//! Whether there is room for one more, and at whose cost.

use super::{Copy, Queue};
use crate::{message::Priority, planted::Bug};

impl Queue {
    /// Whether so many copies more, of so many bytes in all, fit in.
    #[inline]
    pub(crate) fn fits(&self, copies: u64, bytes: u64) -> bool {
        let free_of = if self.planted.is(Bug::CapacityIgnoresLeased) { u64::MAX } else { 0 };
        let uncounted = self.copies.counts().in_flight.min(free_of);
        let bytes = if self.planted.is(Bug::CapacityIgnoresBytes) { 0 } else { bytes };
        self.copies.len() - uncounted + copies <= self.config.capacity
            && self.copies.counts().bytes + bytes <= self.config.capacity_bytes
    }

    /// Whether a copy of `coming` bytes fits in once one of `leaving` bytes has left.
    pub(crate) fn fits_in_place_of(&self, leaving: u64, coming: u64) -> bool {
        self.copies.counts().bytes - leaving + coming <= self.config.capacity_bytes
    }

    /// What must leave for them to fit: copies and bytes. None if it cannot be.
    pub(crate) fn to_drop(&self, copies: u64, bytes: u64) -> Option<(u64, u64)> {
        let mut left = (0, 0);
        let mut waiting = self.waiting();
        let fits = |left: (u64, u64)| {
            self.copies.len() - left.0 + copies <= self.config.capacity
                && self.copies.counts().bytes - left.1 + bytes <= self.config.capacity_bytes
        };
        while !fits(left) {
            let (_, copy) = waiting.next()?;
            left = (left.0 + 1, left.1 + copy.message.bytes());
        }
        Some(left)
    }

    /// The copy that makes room first.
    pub(crate) fn oldest_waiting(&mut self) -> Option<u32> {
        let (slot, seq) = self.waiting().next().map(|(slot, copy)| (slot, copy.seq))?;
        self.none_waits_before = seq;
        Some(slot)
    }

    /// Whether a message of this priority is let in, full as the queue is.
    #[inline]
    pub(crate) fn admits(&self, priority: Priority) -> bool {
        self.config.shed.is_none_or(|shed| {
            let lowest = shed.lowest_admitted(self.copies.len(), self.config.capacity);
            lowest.is_none_or(|lowest| {
                priority.level() >= lowest + u8::from(self.planted.is(Bug::ShedOneTooMany))
            })
        })
    }

    /// The copies that wait, ready or delayed, oldest arrival first.
    fn waiting(&self) -> impl Iterator<Item = (u32, &Copy)> {
        self.copies
            .by_arrival_from(self.none_waits_before, self.next_seq)
            .filter(|(_, copy)| copy.waits())
    }
}
