//! What a run has come to: the numbers by which two runs are compared.

use postroom_core::{
    DeadReason, Event, MessageId, QueueId, Recorded, Sink, Span, Timestamp,
    observe::{Histogram, Latency},
};
use postroom_simulator::RunUpdate;

use crate::{panels::Ages, picture::Layout, row::Row};

/// Copies of which is known that their work was done once; the oldest are forgotten first.
pub const DONE_KEPT_MAX: usize = 20_000;

/// Counts of a run so far, folded from its events and from nothing else.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    published: u64,
    acked: u64,
    repeated: u64,
    dead: Row<DeadReason, u64>,
    latency: Latency,
    /// Copies whose work was done at least once.
    done: Row<(MessageId, QueueId), ()>,
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
    /// Takes in what the run says.
    pub fn take(&mut self, update: &RunUpdate) {
        if update.reset {
            *self = Self::default();
        }
        update.batch.events.iter().for_each(|recorded| self.apply(recorded));
    }

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

    fn apply(&mut self, recorded: &Recorded) {
        self.latency.record(recorded.at, recorded.event);
        match recorded.event {
            Event::Published { .. } => self.published += 1,
            Event::Acked { .. } => self.acked += 1,
            Event::DeadLettered { reason, .. } | Event::Discarded { reason, .. } => {
                *self.dead.get_or_default(reason) += 1;
            }
            Event::CallSucceeded { queue, message, .. } => self.succeed(message, queue),
            _ => {}
        }
    }

    fn succeed(&mut self, message: MessageId, queue: QueueId) {
        let copy = (message, queue);
        if self.done.get(copy).is_some() {
            self.repeated += 1;
            return;
        }
        self.done.insert(copy, ());
        if self.done.len() > DONE_KEPT_MAX
            && let Some(oldest) = self.done.first_key()
        {
            self.done.remove(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Batch, CallId};
    use postroom_simulator::BranchId;

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
        tally.take(&update(false, story.to_vec()));
        story.iter().for_each(|each| ages.apply(each));
        let figures = tally.figures(&layout(), &ages, Timestamp::from_millis(5_000));
        assert_eq!((figures.published, figures.handled, figures.waiting), (3, 1, 1));
        assert_eq!(figures.oldest, Some(Span::from_secs(3)));
        assert_eq!(figures.dead, [(DeadReason::Deadline, 1)]);
        assert_eq!((figures.p50, figures.p99), (Some(Span::from_secs(3)), figures.p50));
        tally.take(&update(true, vec![published(0, 1)]));
        let figures = tally.figures(&layout(), &Ages::default(), Timestamp::ZERO);
        assert_eq!(figures, Figures { published: 1, ..Figures::default() });
    }

    #[test]
    fn work_that_is_done_again_is_counted() {
        let mut tally = Tally::default();
        let story = vec![succeeded(1), succeeded(2), succeeded(1), succeeded(1)];
        tally.take(&update(false, story));
        assert_eq!(tally.repeated, 2);
    }

    #[test]
    fn of_too_many_the_oldest_are_forgotten() {
        let mut tally = Tally::default();
        let all = (0..=DONE_KEPT_MAX as u64).map(succeeded).collect();
        tally.take(&update(false, all));
        assert_eq!(tally.done.len(), DONE_KEPT_MAX);
        tally.take(&update(false, vec![succeeded(0), succeeded(DONE_KEPT_MAX as u64)]));
        assert_eq!(tally.repeated, 1, "the first is not known any more");
    }

    fn succeeded(number: u64) -> Recorded {
        let (queue, message, call) = (SMS, message(number), CallId::new(number));
        recorded(1, Event::CallSucceeded { consumer: WORKER, call, queue, message })
    }

    fn update(reset: bool, events: Vec<Recorded>) -> RunUpdate {
        RunUpdate {
            reset,
            batch: Batch { events },
            missed: 0,
            now_us: Timestamp::ZERO,
            end_us: Timestamp::ZERO,
            next_us: None,
            arrived: true,
            branch: BranchId::new(0),
            branches: Vec::new(),
            refused: None,
        }
    }
}
