//! The picture: a pure fold over events, read at a virtual time.
//!
//! Whatever is drawn is a function of (picture, now): pausing, scrubbing and stepping need nothing
//! of their own, and no animation decides anything.

mod layout;

use std::rc::Rc;

use postroom_core::{QueueId, Recorded, Timestamp};

pub use layout::{Icon, Lane, Layout, Source, TopicNode, Worker};

/// What is where, and on its way to where.
#[derive(Clone, Debug)]
pub struct Picture {
    layout: Rc<Layout>,
    as_of: Timestamp,
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
}

impl Picture {
    /// The empty picture of a system.
    #[must_use]
    pub fn new(layout: Rc<Layout>) -> Self {
        Self { layout, as_of: Timestamp::ZERO }
    }

    /// The system it shows.
    #[must_use]
    pub fn layout(&self) -> &Rc<Layout> {
        &self.layout
    }

    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.as_of = self.as_of.max(recorded.at);
    }

    /// Forgets everything but the layout: fold again from here to go back in time.
    pub fn clear(&mut self) {
        *self = Self::new(Rc::clone(&self.layout));
    }

    /// The counters of a queue's lane; zero for a queue that has none.
    #[must_use]
    pub fn counters(&self, _queue: QueueId) -> Counters {
        Counters::default()
    }
}
