//! Events on their way to whoever watches: a page, a test, a client of a service.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{event::Event, machine::Sink, time::Timestamp};

/// An event with its identity: the command that caused it and its place among that command's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recorded {
    /// When it happened.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// The number of the command, from 1, in the order in which the host applied them.
    pub command: u64,
    /// The number among the command's events, from 0.
    pub index: u32,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Events in order, as they travel from a run to those who watch it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Oldest first.
    pub events: Vec<Recorded>,
}

/// Gives every event its identity. Call [`Recorder::next_command`] before each `apply`.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    command: u64,
    index: u32,
    events: Vec<Recorded>,
}

impl Recorder {
    /// What is recorded from now on belongs to the next command; its number is returned.
    pub fn next_command(&mut self) -> u64 {
        self.command += 1;
        self.index = 0;
        self.command
    }

    /// The commands so far.
    #[must_use]
    pub fn commands(&self) -> u64 {
        self.command
    }

    /// Takes what was recorded since the last call.
    pub fn take(&mut self) -> Batch {
        Batch { events: core::mem::take(&mut self.events) }
    }
}

impl Sink for Recorder {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.events.push(Recorded { at, command: self.command, index: self.index, event });
        self.index += 1;
    }
}
