//! What can be counted of a queue at no cost.

use serde::{Deserialize, Serialize};

use crate::{message::CopyState, time::Timestamp};

/// A queue's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QueueStats {
    /// Copies that wait for a consumer. Of an ordered group one at a time is deliverable.
    pub ready: u64,
    /// Copies that wait for their time: delayed, or between two tries.
    pub delayed: u64,
    /// Copies that a consumer holds.
    pub in_flight: u64,
    /// Dead copies that wait for room in the dead-letter queue.
    pub blocked: u64,
    /// Bytes of all these: bodies, attributes, subjects and groups.
    pub bytes: u64,
    /// When the oldest copy came in.
    pub oldest_enqueued_at: Option<Timestamp>,
    /// Deliveries since the queue was created that were not the first of their copy.
    pub redeliveries: u64,
    /// Copies that have left for the dead-letter queue since the queue was created, diverted ones
    /// too.
    pub dead_letters: u64,
}

impl QueueStats {
    /// All copies in the queue.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.ready + self.delayed + self.in_flight + self.blocked
    }

    #[inline]
    pub(crate) fn count_of(&mut self, state: CopyState) -> &mut u64 {
        match state {
            CopyState::Ready => &mut self.ready,
            CopyState::Delayed { .. } => &mut self.delayed,
            CopyState::InFlight { .. } => &mut self.in_flight,
            CopyState::Blocked { .. } => &mut self.blocked,
        }
    }
}
