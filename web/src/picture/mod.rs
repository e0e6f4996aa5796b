//! The picture: a pure fold over events, read at a virtual time.
//!
//! Whatever is drawn is a function of (picture, now): pausing, scrubbing and stepping need nothing
//! of their own, and no animation decides anything. What the picture remembers is bounded by the
//! letters that are in the system: a journey is forgotten once it is over.

mod fold;
mod ghost;
mod journey;
mod lane;
mod layout;
mod mark;
mod plan;
mod read;
mod shelf;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use postroom_core::{ConsumerId, MessageId, QueueId, Recorded, Timestamp};

use self::{ghost::Ghosts, lane::LaneState};
pub use self::{
    layout::{Caller, Icon, Lane, Layout, Service, Source, TopicNode, Worker},
    mark::{End, Mark, Shape},
    plan::{DESKS_MAX, LanePlan, NodePlan, Plan, Point, Rect, ServicePlan, Tube, WorkerPlan},
};
use crate::row::Row;

/// What is where, and on its way to where.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    layout: Rc<Layout>,
    /// Where each queue's letters are drawn, and whether the queue is that lane's dead letters.
    queues: Row<QueueId, (u16, bool)>,
    consumers: Row<ConsumerId, u16>,
    lanes: Vec<LaneState>,
    workers: Vec<WorkerState>,
    ghosts: Ghosts,
    /// The message that was published last, and when it reaches its topic.
    published: Option<(MessageId, u64)>,
    /// Whether the message that was published last answers another.
    is_caused: bool,
    /// Counts what happened, so that whoever draws sees whether anything did.
    revision: u64,
}

/// Bytes of a letter in a copy: its entry, its place in a row, and a journey of two legs.
const LETTER_BYTES: u64 = 260;
/// Bytes of a letter on its last way.
const GHOST_BYTES: u64 = 280;
const DESK_BYTES: u64 = size_of::<Option<MessageId>>() as u64;

/// A consumer and its provider.
#[derive(Clone, Debug, Default, PartialEq)]
struct WorkerState {
    lane: u16,
    desks: Vec<Option<MessageId>>,
    view: WorkerView,
}

/// How a worker stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerView {
    /// Its breaker.
    pub breaker: Breaker,
    /// The rate limit holds it back until then.
    pub throttled_until: Option<Timestamp>,
    /// Whether it is there at all.
    pub presence: Presence,
    /// It takes no more until it is resumed.
    pub is_paused: bool,
    /// Calls under way.
    pub calls: u64,
    /// Calls that may be under way at once.
    pub concurrency: u32,
    /// Calls that succeeded since the start.
    pub succeeded: u64,
    /// Calls that failed since the start.
    pub failed: u64,
}

/// Whether a worker is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It runs and reaches its queue.
    #[default]
    Here,
    /// It runs, but does not reach its queue.
    CutOff,
    /// It has crashed.
    Crashed,
}

/// A breaker as it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breaker {
    /// Calls pass.
    #[default]
    Closed,
    /// No call passes, until then.
    Open {
        /// Then it half-opens.
        until: Timestamp,
    },
    /// A few calls pass, to see how it goes.
    HalfOpen,
    /// No call passes until an operator resets it.
    ForcedOpen,
    /// All calls pass until an operator resets it.
    Disabled,
}

/// The counters of one lane. They count events, not what has arrived on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Ready for a worker.
    pub ready: u64,
    /// With a worker.
    pub in_flight: u64,
    /// Waiting for their next try, or delayed.
    pub waiting: u64,
    /// In the dead-letter tray.
    pub dead: u64,
    /// Settled well since the start.
    pub delivered: u64,
    /// It hands out nothing until it is resumed.
    pub is_paused: bool,
}

impl Picture {
    /// The empty picture of a system.
    #[must_use]
    pub fn new(layout: Rc<Layout>) -> Self {
        let (mut queues, mut consumers) = (Row::default(), Row::default());
        let mut workers = Vec::new();
        for (number, lane) in (0_u16..).zip(&layout.lanes) {
            queues.insert(lane.queue, (number, false));
            if let Some(dead) = lane.dead_letters
                && queues.get(dead).is_none()
            {
                queues.insert(dead, (number, true));
            }
            for worker in &lane.workers {
                consumers.insert(worker.consumer, workers.len() as u16);
                let desks = (worker.concurrency_max as usize).min(DESKS_MAX);
                let desks = vec![None; desks];
                let concurrency = worker.concurrency;
                let view = WorkerView { concurrency, ..WorkerView::default() };
                workers.push(WorkerState { lane: number, desks, view });
            }
        }
        let lanes = vec![LaneState::default(); layout.lanes.len()];
        let ghosts = Ghosts::default();
        Self {
            layout,
            queues,
            consumers,
            lanes,
            workers,
            ghosts,
            published: None,
            is_caused: false,
            revision: 0,
        }
    }

    /// The system it shows.
    #[must_use]
    pub fn layout(&self) -> &Rc<Layout> {
        &self.layout
    }

    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.revision += 1;
        self.fold(recorded.at.as_micros(), &recorded.event);
    }

    /// Forgets everything but the layout: fold again from here to go back in time.
    pub fn clear(&mut self) {
        let revision = self.revision + 1;
        *self = Self { revision, ..Self::new(Rc::clone(&self.layout)) };
    }

    /// What it shows, to be gone back to.
    #[must_use]
    pub fn keep(&self) -> Self {
        Self { revision: 0, ..self.clone() }
    }

    /// Shows the same as `then`, a picture of the same system.
    pub fn go_to(&mut self, then: &Self) {
        let (revision, layout) = (self.revision + 1, Rc::clone(&self.layout));
        *self = Self { revision, layout, ..then.clone() };
    }

    /// About how many bytes a copy takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let letters: usize = self.lanes.iter().map(LaneState::len).sum();
        let desks: usize = self.workers.iter().map(|worker| worker.desks.len()).sum();
        letters as u64 * LETTER_BYTES
            + self.ghosts.len() as u64 * GHOST_BYTES
            + desks as u64 * DESK_BYTES
    }

    /// Changes with every event: equal revisions of one picture show the same.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The counters of a queue's lane; zero for a queue that has none. A dead-letter queue has
    /// those of the lane that it belongs to.
    #[must_use]
    pub fn counters(&self, queue: QueueId) -> Counters {
        self.queues
            .get(queue)
            .map_or_else(Counters::default, |(lane, _)| self.lanes[usize::from(*lane)].counters())
    }

    /// How a consumer stands; at rest for one that is not drawn.
    #[must_use]
    pub fn worker(&self, consumer: ConsumerId) -> WorkerView {
        let worker = self.consumers.get(consumer).map(|number| &self.workers[usize::from(*number)]);
        worker.map_or_else(WorkerView::default, |worker| worker.view)
    }

    /// When the next waiting letter of a queue comes up.
    #[must_use]
    pub fn next_due(&self, queue: QueueId) -> Option<Timestamp> {
        let (lane, _) = self.queues.get(queue)?;
        self.lanes[usize::from(*lane)].next_due().map(Timestamp::from_micros)
    }
}
