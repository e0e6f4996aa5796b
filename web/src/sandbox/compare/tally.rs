//! What a run has come to: the numbers by which two runs are compared.

use postroom_core::{
    DeadReason, Event, MessageId, QueueId, Recorded, Sink, Span, Timestamp,
    observe::{Histogram, Latency},
};

use crate::{panels::Ages, picture::Layout, row::Row, run::Fold};

/// Copies of which is known what was done for them; the oldest are forgotten first.
pub const WORKS_MAX: usize = 20_000;

/// Bytes of the histograms of a queue.
const QUEUE_BYTES: u64 = 20 << 10;
/// Bytes of a copy that is in a queue: when it came.
const COPY_BYTES: u64 = 100;
/// Bytes of a copy that is worked on.
const WORK_BYTES: u64 = 48;

/// Counts of a run so far, folded from its events and from nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    published: u64,
    acked: u64,
    repeated: u64,
    dead: Row<DeadReason, u64>,
    latency: Latency,
    /// Copies in queues, dead letters included.
    copies: u64,
    /// Of copies that are in a queue, or for which a call is still under way.
    works: Row<(MessageId, QueueId), Work>,
}

/// What is done for a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Work {
    /// A call for it has succeeded.
    is_done: bool,
    calls: u32,
    /// It has left its queue for good.
    is_gone: bool,
}

/// A run at one moment, in the numbers of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Messages that were accepted.
    pub published: u64,
    /// Copies that were acknowledged.
    pub handled: u64,
    /// Copies that are in a queue, dead letters left out.
    pub waiting: u64,
    /// For how long the oldest of them has been there.
    pub oldest: Option<Span>,
    /// Calls that succeeded for a copy for which one had succeeded before.
    pub repeated: u64,
    /// Half of the acknowledged copies took no longer from their arrival in the queue.
    pub p50: Option<Span>,
    /// 99 of a hundred took no longer.
    pub p99: Option<Span>,
    /// Dead copies by reason, in the order of the reasons.
    pub dead: Vec<(DeadReason, u64)>,
}

impl Tally {
    /// The numbers at `now`; `ages` has seen the same events.
    #[must_use]
    pub fn figures(&self, layout: &Layout, ages: &Ages, now: Timestamp) -> Figures {
        let queues = || layout.lanes.iter().map(|lane| lane.queue);
        let mut times = Histogram::default();
        for (_, latency) in self.latency.queues() {
            times.merge(&latency.sojourn);
        }
        let oldest = queues().filter_map(|queue| ages.oldest_since(queue)).min();
        Figures {
            published: self.published,
            handled: self.acked,
            waiting: queues().map(|queue| ages.depth(queue)).sum(),
            oldest: oldest.map(|since| now.since(since)),
            repeated: self.repeated,
            p50: times.percentile(500),
            p99: times.percentile(990),
            dead: self.dead.keys().zip(self.dead.values().copied()).collect(),
        }
    }

    /// Queues that had a copy.
    #[must_use]
    pub fn queues(&self) -> u64 {
        self.latency.queues().count() as u64
    }

    fn count(&mut self, recorded: &Recorded) {
        self.latency.record(recorded.at, recorded.event);
        match recorded.event {
            Event::Enqueued { .. } => self.copies += 1,
            Event::Acked { .. }
            | Event::Discarded { .. }
            | Event::DeadLettered { .. }
            | Event::Redriven { .. } => {
                self.copies = self.copies.saturating_sub(1);
            }
            _ => {}
        }
        match recorded.event {
            Event::Published { .. } => self.published += 1,
            Event::Acked { queue, message, .. } => {
                self.acked += 1;
                self.change((message, queue), |work| work.is_gone = true);
            }
            Event::DeadLettered { reason, .. } => *self.dead.get_or_default(reason) += 1,
            Event::Discarded { queue, message, reason, .. } => {
                *self.dead.get_or_default(reason) += 1;
                self.change((message, queue), |work| work.is_gone = true);
            }
            Event::CallStarted { queue, message, .. } => {
                self.works.get_or_default((message, queue)).calls += 1;
                self.keep_within_bounds();
            }
            Event::CallSucceeded { queue, message, .. } => {
                let work = self.works.get_or_default((message, queue));
                self.repeated += u64::from(std::mem::replace(&mut work.is_done, true));
                self.end_call((message, queue));
                self.keep_within_bounds();
            }
            Event::CallFailed { queue, message, .. } | Event::CallLost { queue, message, .. } => {
                self.end_call((message, queue));
            }
            _ => {}
        }
    }

    fn end_call(&mut self, copy: (MessageId, QueueId)) {
        self.change(copy, |work| work.calls = work.calls.saturating_sub(1));
    }

    /// Changes what is known of a copy, and forgets it when no call can succeed for it any more.
    fn change(&mut self, copy: (MessageId, QueueId), change: impl FnOnce(&mut Work)) {
        let Some(work) = self.works.get_mut(copy) else { return };
        change(work);
        if work.is_gone && work.calls == 0 {
            self.works.remove(copy);
        }
    }

    fn keep_within_bounds(&mut self) {
        if self.works.len() > WORKS_MAX
            && let Some(oldest) = self.works.first_key()
        {
            self.works.remove(oldest);
        }
    }
}

impl Fold for Tally {
    type Kept = Self;

    fn apply(&mut self, events: &[Recorded], _are_news: bool) {
        events.iter().for_each(|recorded| self.count(recorded));
    }

    fn go_to(&mut self, kept: Option<&Self>) {
        *self = kept.cloned().unwrap_or_default();
    }

    fn keep(&self) -> Self {
        self.clone()
    }

    fn bytes(&self) -> u64 {
        let works = self.works.len() as u64 * WORK_BYTES;
        self.queues() * QUEUE_BYTES + self.copies * COPY_BYTES + works
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::CallId;

    use super::*;
    use crate::panels::samples::{
        SMS, WORKER, acked, dead_lettered, layout, message, published, queued, recorded,
    };

    #[test]
    fn a_run_is_counted_from_its_events() {
        let story = [
            published(0, 1),
            queued(0, 1),
            published(1_000, 2),
            queued(1_000, 2),
            published(2_000, 3),
            queued(2_000, 3),
            acked(3_000, 1),
            dead_lettered(4_000, 2),
        ];
        let (mut tally, mut ages) = (Tally::default(), Ages::default());
        tally.apply(&story, true);
        story.iter().for_each(|each| ages.apply(each));
        let figures = tally.figures(&layout(), &ages, Timestamp::from_millis(5_000));
        assert_eq!((figures.published, figures.handled, figures.waiting), (3, 1, 1));
        assert_eq!(figures.oldest, Some(Span::from_secs(3)));
        assert_eq!(figures.dead, [(DeadReason::Deadline, 1)]);
        assert_eq!((figures.p50, figures.p99), (Some(Span::from_secs(3)), figures.p50));
        tally.go_to(None);
        tally.apply(&[published(0, 1)], true);
        let figures = tally.figures(&layout(), &Ages::default(), Timestamp::ZERO);
        assert_eq!(figures, Figures { published: 1, ..Figures::default() });
    }

    #[test]
    fn work_that_is_done_again_is_counted() {
        let mut tally = Tally::default();
        let story = [started(1), succeeded(1), succeeded(2), succeeded(1), succeeded(1)];
        tally.apply(&story, true);
        assert_eq!(tally.repeated, 2);
    }

    #[test]
    fn work_that_goes_on_after_the_acknowledgement_is_counted_and_then_forgotten() {
        let mut tally = Tally::default();
        tally.apply(&[started(1), started(1), succeeded(1), acked(2_000, 1)], true);
        assert_eq!((tally.repeated, tally.works.len()), (0, 1), "a second worker still has it");
        tally.apply(&[succeeded(1)], true);
        assert_eq!((tally.repeated, tally.works.len()), (1, 0));
    }

    #[test]
    fn of_too_many_the_oldest_are_forgotten() {
        let mut tally = Tally::default();
        let all: Vec<_> = (0..=WORKS_MAX as u64).map(succeeded).collect();
        tally.apply(&all, true);
        assert_eq!(tally.works.len(), WORKS_MAX);
        tally.apply(&[succeeded(0), succeeded(WORKS_MAX as u64)], true);
        assert_eq!(tally.repeated, 1, "the first is not known any more");
    }

    fn started(number: u64) -> Recorded {
        let (queue, message, call) = (SMS, message(number), CallId::new(number));
        let deadline = Timestamp::from_millis(10_000);
        recorded(1, Event::CallStarted { consumer: WORKER, queue, message, call, deadline })
    }

    fn succeeded(number: u64) -> Recorded {
        let (queue, message, call) = (SMS, message(number), CallId::new(number));
        recorded(1, Event::CallSucceeded { consumer: WORKER, call, queue, message })
    }
}
