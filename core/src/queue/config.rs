//! What can be set of a queue, with the defaults.

use serde::{Deserialize, Serialize};

use crate::{
    id::QueueId,
    limits::{CAPACITY_DEFAULT, CAPACITY_MAX, DELIVERIES_MAX, LEASE_MAX, LEASE_MIN, SPAN_MAX},
    resilience::Backoff,
    time::{Span, millis},
};

/// The settings of a queue.
///
/// # Example: a queue that gives up after three deliveries
/// ```
/// use postroom_core::{QueueConfig, Span};
///
/// let config = QueueConfig { max_deliveries: 3, ..QueueConfig::default() };
/// assert_eq!(config.lease, Span::from_secs(30));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueConfig {
    /// How long a delivery is its receiver's alone. Default 30 s; from 1 ms to 12 h.
    #[serde(rename = "lease_ms", with = "millis")]
    pub lease: Span,
    /// Deliveries in all before a copy is dead. Default 5; from 1 to 1,000. Released deliveries
    /// do not count.
    pub max_deliveries: u32,
    /// When a failed delivery is tried again.
    pub backoff: Backoff,
    /// Copies in the queue at once, in whatever state. Default 100,000; from 1 to 10 million.
    pub capacity: u64,
    /// When a copy counts as done.
    pub settlement: Settlement,
    /// Every copy waits this long first. Default none.
    #[serde(rename = "delay_ms", with = "millis")]
    pub delay: Span,
    /// A copy not settled within this time is dead, delivered or not. A delivery under way is
    /// not torn away: the copy is dead when it comes back. Default none.
    #[serde(rename = "deliver_within_ms", with = "millis::option")]
    pub deliver_within: Option<Span>,
    /// How long a dedup key is remembered after its first message was stored. Default 5 min.
    #[serde(rename = "dedup_window_ms", with = "millis")]
    pub dedup_window: Span,
    /// Where dead copies go; without it they are discarded.
    pub dead_letters: Option<QueueId>,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            lease: Span::from_secs(30),
            max_deliveries: 5,
            backoff: Backoff::default(),
            capacity: CAPACITY_DEFAULT,
            settlement: Settlement::default(),
            delay: Span::ZERO,
            deliver_within: None,
            dedup_window: Span::from_secs(5 * 60),
            dead_letters: None,
        }
    }
}

impl QueueConfig {
    /// The first setting that is out of range: its name and the range in words.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let Self { lease, max_deliveries, backoff, capacity, delay, deliver_within, .. } = *self;
        if !(LEASE_MIN..=LEASE_MAX).contains(&lease) {
            return Some(("lease_ms", "1 ms to 12 h"));
        }
        if !(1..=DELIVERIES_MAX).contains(&max_deliveries) {
            return Some(("max_deliveries", "1 to 1,000"));
        }
        if !(1..=CAPACITY_MAX).contains(&capacity) {
            return Some(("capacity", "1 to 10,000,000"));
        }
        if let Some(found) = backoff.out_of_range() {
            return Some(found);
        }
        if delay > SPAN_MAX {
            return Some(("delay_ms", "at most 366 days"));
        }
        if deliver_within.is_some_and(|span| span > SPAN_MAX || span == Span::ZERO) {
            return Some(("deliver_within_ms", "1 ms to 366 days"));
        }
        if self.dedup_window > SPAN_MAX {
            return Some(("dedup_window_ms", "at most 366 days"));
        }
        None
    }
}

/// When a copy counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// When its receiver says so: at least once.
    #[default]
    Explicit,
    /// As it is handed out: at most once.
    OnDelivery,
}
