//! A queue.

mod config;

use serde::{Deserialize, Serialize};

pub use self::config::{Backoff, Jitter, QueueConfig, Settlement};
use crate::time::Timestamp;

/// A queue's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStats {
    /// Copies that wait for a consumer.
    pub ready: u64,
    /// Copies that wait for their time: delayed, or between two tries.
    pub delayed: u64,
    /// Copies that a consumer holds.
    pub in_flight: u64,
    /// Dead copies that wait for room in the dead-letter queue.
    pub blocked: u64,
    /// When the oldest copy came in.
    pub oldest_enqueued_at: Option<Timestamp>,
}

impl QueueStats {
    /// All copies in the queue.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.ready + self.delayed + self.in_flight + self.blocked
    }
}
