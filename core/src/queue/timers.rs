//! When something happens to a copy by itself.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;

use crate::{id::LeaseId, message::CopyState, queue::copy::Copy, slab::Slab, time::Timestamp};

/// One appointment of one copy. Void once the copy has moved on: it is skipped when it comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timer {
    pub(crate) at: Timestamp,
    seq: u64,
    pub(crate) kind: TimerKind,
    pub(crate) slot: u32,
}

/// What comes up. The order matters where several come up at once: a lease ends before its copy's
/// deadline is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TimerKind {
    Matures,
    LeaseEnds(LeaseId),
    Deadline,
}

impl Timer {
    /// Whether it still means something.
    fn holds(&self, copies: &Slab<Copy>) -> bool {
        let Some(copy) = copies.get(self.slot).filter(|copy| copy.seq == self.seq) else {
            return false;
        };
        match (self.kind, copy.state) {
            (TimerKind::Matures, CopyState::Delayed { until }) => until == self.at,
            (TimerKind::LeaseEnds(ours), CopyState::InFlight { lease, .. }) => lease == ours,
            // Kept while a consumer holds the copy: when that ends later, the copy is dead anyway.
            (TimerKind::Deadline, state) => !matches!(state, CopyState::Blocked { .. }),
            _ => false,
        }
    }
}

/// The appointments of a queue's copies, the next one first.
///
/// Those that have become void stay until they come up or are too many: an acknowledgement then
/// costs nothing here, and the heap stays within a constant factor of the copies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<Timer>>,
}

impl Timers {
    /// Makes the appointments that the copy's state calls for.
    pub(crate) fn set(&mut self, slot: u32, copies: &Slab<Copy>) {
        let Some(copy) = copies.get(slot) else { return };
        let at = match copy.state {
            CopyState::Delayed { until } => Some((until, TimerKind::Matures)),
            CopyState::InFlight { lease, until } => Some((until, TimerKind::LeaseEnds(lease))),
            CopyState::Ready | CopyState::Blocked { .. } => None,
        };
        if let Some((at, kind)) = at {
            self.push(Timer { at, seq: copy.seq, kind, slot }, copies);
        }
    }

    /// Makes the appointment for the copy's deadline, once.
    pub(crate) fn set_deadline(&mut self, slot: u32, copies: &Slab<Copy>) {
        if let Some(copy) = copies.get(slot)
            && let Some(at) = copy.deadline
        {
            self.push(Timer { at, seq: copy.seq, kind: TimerKind::Deadline, slot }, copies);
        }
    }

    /// When the next one comes up. What is void at the head is dropped on the way.
    pub(crate) fn next(&mut self, copies: &Slab<Copy>) -> Option<Timestamp> {
        while let Some(Reverse(timer)) = self.heap.peek() {
            if timer.holds(copies) {
                return Some(timer.at);
            }
            self.heap.pop();
        }
        None
    }

    /// The next one, if it has come up.
    pub(crate) fn pop_due(&mut self, now: Timestamp, copies: &Slab<Copy>) -> Option<Timer> {
        self.next(copies).filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse(timer)| timer)
    }

    fn push(&mut self, timer: Timer, copies: &Slab<Copy>) {
        self.heap.push(Reverse(timer));
        // A copy has two appointments at most, so at least half are void here.
        if self.heap.len() as u64 > 64 + 4 * copies.len() {
            self.heap.retain(|Reverse(timer)| timer.holds(copies));
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.heap.len()
    }
}
