//! When something happens to a copy by itself.

use alloc::collections::{BTreeSet, BinaryHeap, VecDeque};
use core::cmp::Reverse;

use super::Copies;
use crate::{message::CopyState, time::Timestamp};

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
    LeaseOver,
    Ends,
}

impl Timer {
    /// Whether it still means something.
    fn holds(&self, copies: &Copies) -> bool {
        let Some(copy) = copies.get(self.slot).filter(|copy| copy.seq == self.seq) else {
            return false;
        };
        match (self.kind, copy.state) {
            (TimerKind::Matures, CopyState::Delayed { until })
            | (TimerKind::LeaseOver, CopyState::InFlight { until, .. }) => until == self.at,
            // Kept while a consumer holds the copy: when that ends later, the copy is dead anyway.
            (TimerKind::Ends, state) => {
                copy.ends.at() == Some(self.at) && !matches!(state, CopyState::Blocked { .. })
            }
            _ => false,
        }
    }
}

/// Appointments for which an empty queue keeps its memory.
const KEPT: usize = 1_024;

/// The appointments of a queue's copies, the next one first.
///
/// Most of a kind are made in the order in which they come up, since a queue's own lease is of one
/// length: these stand in a line. All others go to a heap. Those that have become void stay until they
/// come up or are too many: an acknowledgement then costs nothing here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    /// By kind.
    lines: [VecDeque<Timer>; 3],
    heap: BinaryHeap<Reverse<Timer>>,
    /// None comes up before this one. It may have become void: then it is `stale`.
    head: Option<Timer>,
    stale: bool,
}

impl Timers {
    /// Makes the appointment that the copy's state calls for. A `regular` one comes up after all
    /// regular ones that were made before it.
    #[inline]
    pub(crate) fn set(&mut self, slot: u32, regular: bool, copies: &Copies) {
        let Some(copy) = copies.get(slot) else { return };
        let (at, kind) = match copy.state {
            CopyState::Delayed { until } => (until, TimerKind::Matures),
            CopyState::InFlight { until, .. } => (until, TimerKind::LeaseOver),
            CopyState::Ready | CopyState::Blocked { .. } => return,
        };
        self.push(Timer { at, seq: copy.seq, kind, slot }, regular, copies);
    }

    /// Makes the appointment for the copy's end by the time alone, once. What is blocked is dead.
    pub(crate) fn set_end(&mut self, slot: u32, regular: bool, copies: &Copies) {
        if let Some(copy) = copies.get(slot)
            && let Some(at) = copy.ends.at()
            && !matches!(copy.state, CopyState::Blocked { .. })
        {
            let timer = Timer { at, seq: copy.seq, kind: TimerKind::Ends, slot };
            self.push(timer, regular, copies);
        }
    }

    /// The next one. What is void before it is dropped on the way.
    #[inline]
    pub(crate) fn next(&mut self, copies: &Copies) -> Option<Timer> {
        if self.stale {
            self.find_head(copies);
        }
        self.head
    }

    /// To be called when a copy changes or goes.
    #[inline]
    pub(crate) fn disturb(&mut self, slot: u32) {
        self.stale |= self.head.is_some_and(|head| head.slot == slot);
    }

    /// Takes what [`Timers::next`] found.
    pub(crate) fn pop(&mut self, next: Timer, copies: &Copies) {
        if self.lines[next.kind as usize].pop_front_if(|timer| *timer == next).is_none() {
            self.heap.pop();
        }
        self.find_head(copies);
    }

    /// All appointments that mean something: whose, when, and what comes up.
    pub(crate) fn appointments(&self, copies: &Copies) -> BTreeSet<(u64, Timestamp, TimerKind)> {
        let lines = self.lines.iter().flatten();
        let all = lines.chain(self.heap.iter().map(|Reverse(timer)| timer));
        let hold = all.filter(|timer| timer.holds(copies));
        hold.map(|timer| (timer.seq, timer.at, timer.kind)).collect()
    }

    /// Gives memory back after a peak. To be called when no copy is left.
    pub(crate) fn shrink(&mut self) {
        let most = self.lines.iter().map(VecDeque::capacity).max().unwrap_or_default();
        if most.max(self.heap.capacity()) > KEPT {
            *self = Self::default();
        }
    }

    /// How many it holds, void ones too.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum::<usize>() + self.heap.len()
    }

    #[inline]
    fn push(&mut self, timer: Timer, regular: bool, copies: &Copies) {
        if self.head.is_none_or(|head| timer < head) {
            self.head = Some(timer);
        }
        let line = &mut self.lines[timer.kind as usize];
        // Copies that are handed out again may come out of their order at one time.
        if regular && line.back().is_none_or(|last| *last < timer) {
            line.push_back(timer);
        } else {
            self.heap.push(Reverse(timer));
        }
        // Three in four are void then: looking through them is worth it.
        let most = 64 + 4 * copies.appointments();
        if line.len().max(self.heap.len()) as u64 > most {
            self.drop_void(copies);
        }
    }

    #[cold]
    fn drop_void(&mut self, copies: &Copies) {
        for line in &mut self.lines {
            line.retain(|timer| timer.holds(copies));
        }
        self.heap.retain(|Reverse(timer)| timer.holds(copies));
    }

    #[inline(never)]
    fn find_head(&mut self, copies: &Copies) {
        for line in &mut self.lines {
            while line.pop_front_if(|timer| !timer.holds(copies)).is_some() {}
        }
        while self.heap.peek().is_some_and(|Reverse(timer)| !timer.holds(copies)) {
            self.heap.pop();
        }
        let lines = self.lines.iter().filter_map(VecDeque::front);
        self.stale = false;
        self.head = lines.chain(self.heap.peek().map(|Reverse(timer)| timer)).min().copied();
    }
}
