//! Which consumers may have something to do, so that nobody looks at those that have not.

use alloc::vec::Vec;

use crate::{
    consumer::Consumer,
    due::Due,
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
    deadlines: Due,
    /// By queue, the consumers that do not know of anything there, in order.
    unaware: Vec<Numbers>,
    /// Queues in which something happened, and that were not looked at since.
    pub(super) touched: Vec<QueueId>,
    /// To be looked at. Of the unaware of one queue only the next in turn: it calls the one after
    /// it if it leaves anything.
    candidates: Numbers,
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
    #[inline]
    pub(super) fn note(&mut self, index: usize, consumer: &Consumer) {
        if index == self.noted.len() {
            self.noted.push(Noted::default());
        }
        let (number, queue) = (index as u32, consumer.queue());
        let (deadline, is_unaware) = (consumer.next_deadline(), !consumer.is_woken());
        let before = core::mem::replace(&mut self.noted[index], Noted { deadline, is_unaware });
        self.deadlines.change(u64::from(number), before.deadline, deadline);
        if before.is_unaware != is_unaware {
            let of_queue = queue.number() as usize;
            if of_queue >= self.unaware.len() {
                self.unaware.resize(of_queue + 1, Numbers::default());
            }
            self.unaware[of_queue].set(number, is_unaware);
        }
        self.touched.push(queue);
    }

    #[inline]
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| at)
    }

    /// Those whose deadline has come are to be looked at.
    #[inline]
    pub(super) fn call_due(&mut self, now: Timestamp) {
        if self.next_deadline().is_some_and(|at| at <= now) {
            self.deadlines.by(now).for_each(|number| self.candidates.set(number as u32, true));
        }
    }

    /// A queue has something: the next one in turn that does not know is to be looked at.
    #[inline]
    pub(super) fn call_unaware(&mut self, queue: QueueId, turn: u32) {
        let unaware = self.unaware.get(queue.number() as usize);
        if let Some(number) = unaware.and_then(|unaware| unaware.next_in_turn(turn)) {
            self.candidates.set(number, true);
        }
    }

    /// The next one in turn to be looked at, in the order of numbers, round and round.
    #[inline]
    pub(super) fn next(&mut self, turn: u32) -> Option<u32> {
        let next = self.candidates.next_in_turn(turn)?;
        self.candidates.set(next, false);
        #[cfg(test)]
        {
            self.looked_at += 1;
        }
        Some(next)
    }
}

/// Numbers of consumers, in order: a thousand at most.
#[derive(Clone, Debug, Default)]
struct Numbers(Vec<u32>);

impl Numbers {
    /// Puts a number in, or takes it out.
    #[inline]
    fn set(&mut self, number: u32, is_in: bool) {
        match (self.0.binary_search(&number), is_in) {
            (Err(place), true) => self.0.insert(place, number),
            (Ok(place), false) => _ = self.0.remove(place),
            _ => {}
        }
    }

    /// The first from `turn` on, or else the first of all.
    #[inline]
    fn next_in_turn(&self, turn: u32) -> Option<u32> {
        let from = self.0.partition_point(|number| *number < turn);
        self.0.get(from).or(self.0.first()).copied()
    }
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
