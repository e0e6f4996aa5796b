//! Which consumers may have something to do, so that nobody looks at those that have not.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use crate::{
    consumer::Consumer,
    event::Event,
    id::QueueId,
    machine::{Machine, Sink},
    time::Timestamp,
};

/// An index over a station's consumers, no part of its state.
///
/// A consumer has something to do when its deadline has come, or when its queue has something and
/// it does not know. Both are noted as they change: the first by [`Agenda::note`] after everything
/// that a consumer is told, the second by listening to what happens in queues ([`Watch`]).
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    /// What is noted of each consumer.
    noted: Vec<Noted>,
    deadlines: BTreeSet<(Timestamp, u32)>,
    /// The consumers of each queue that do not know of anything there.
    unaware: BTreeMap<QueueId, BTreeSet<u32>>,
    /// Queues in which something happened, and that were not looked at since.
    pub(super) touched: Vec<QueueId>,
    /// To be looked at. Of the unaware of one queue only the next in turn: it calls the one after
    /// it if it leaves anything.
    candidates: BTreeSet<u32>,
    #[cfg(test)]
    pub(super) looked_at: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    deadline: Option<Timestamp>,
    is_unaware: bool,
}

impl Agenda {
    /// Notes how a consumer stands, a new one too.
    pub(super) fn note(&mut self, index: usize, consumer: &Consumer) {
        if index == self.noted.len() {
            self.noted.push(Noted::default());
        }
        let (number, queue) = (index as u32, consumer.queue());
        let (deadline, is_unaware) = (consumer.next_deadline(), !consumer.is_woken());
        let before = core::mem::replace(&mut self.noted[index], Noted { deadline, is_unaware });
        if before.deadline != deadline {
            before.deadline.map(|at| self.deadlines.remove(&(at, number)));
            deadline.map(|at| self.deadlines.insert((at, number)));
        }
        if before.is_unaware != is_unaware {
            let unaware = self.unaware.entry(queue).or_default();
            if is_unaware {
                unaware.insert(number);
            } else {
                unaware.remove(&number);
            }
        }
        self.touched.push(queue);
    }

    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Those whose deadline has come are to be looked at.
    pub(super) fn call_due(&mut self, now: Timestamp) {
        let due = self.deadlines.range(..=(now, u32::MAX));
        self.candidates.extend(due.map(|(_, number)| *number));
    }

    /// A queue has something: the next one in turn that does not know is to be looked at.
    pub(super) fn call_unaware(&mut self, queue: QueueId, turn: u32) {
        let Some(unaware) = self.unaware.get(&queue) else { return };
        self.candidates.extend(next_in_turn(unaware, turn));
    }

    /// The next one in turn to be looked at, in the order of numbers, round and round.
    pub(super) fn next(&mut self, turn: u32) -> Option<u32> {
        let next = next_in_turn(&self.candidates, turn)?;
        self.candidates.remove(&next);
        #[cfg(test)]
        {
            self.looked_at += 1;
        }
        Some(next)
    }
}

fn next_in_turn(numbers: &BTreeSet<u32>, turn: u32) -> Option<u32> {
    numbers.range(turn..).next().or_else(|| numbers.first()).copied()
}

/// Hands events on, and notes in which queues something happened: nothing in a queue changes
/// without an event that says so.
pub(super) struct Watch<'a, S> {
    pub(super) sink: &'a mut S,
    pub(super) touched: &'a mut Vec<QueueId>,
}

impl<S: Sink> Sink for Watch<'_, S> {
    fn record(&mut self, at: Timestamp, event: Event) {
        if let Some(queue) = event.queue()
            && self.touched.last() != Some(&queue)
        {
            self.touched.push(queue);
        }
        self.sink.record(at, event);
    }
}
