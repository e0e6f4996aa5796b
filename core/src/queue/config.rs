//! What can be set of a queue, with the defaults.

use serde::{Deserialize, Serialize};

use crate::{
    id::QueueId,
    limits::{
        CAPACITY_BYTES_DEFAULT, CAPACITY_BYTES_MAX, CAPACITY_DEFAULT, CAPACITY_MAX, DELIVERIES_MAX,
        IN_FLIGHT_DEFAULT, LEASE_MAX, LEASE_MIN, MESSAGE_BYTES_MAX, SPAN_MAX,
    },
    queue::{
        policy::{DedupScope, Overflow, Poison, Profile, Settlement},
        shed::Shed,
    },
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QueueConfig {
    /// How long a delivery is its receiver's alone. Default 30 s; from 1 ms to 12 h.
    #[serde(rename = "lease_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub lease: Span,
    /// Deliveries in all before a copy is dead. Default 5; from 1 to 1,000. Released deliveries
    /// do not count, but in the profile `Sqs`.
    pub max_deliveries: u32,
    /// When a failed delivery is tried again.
    pub backoff: Backoff,
    /// Copies in the queue at once, in whatever state. Default 100,000; from 1 to 10 million.
    pub capacity: u64,
    /// Bytes in the queue at once: bodies, attributes, subjects and groups. Default 1 GiB; from 1
    /// to 1 TiB.
    pub capacity_bytes: u64,
    /// What happens to a copy for which there is no room. Default it is refused.
    pub overflow: Overflow,
    /// From which fill on only urgent messages are let in. Default never.
    pub shed: Option<Shed>,
    /// Deliveries under way at once; a receive gives no more. Default 100,000; from 1 to 10
    /// million.
    pub in_flight_max: u64,
    /// When a copy counts as done.
    pub settlement: Settlement,
    /// A message that names no time of its own waits this long first; dead letters and what is
    /// redriven do not. Default none.
    #[serde(rename = "delay_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub delay: Span,
    /// A copy not settled this long after its delay was over is dead, delivered or not. A delivery
    /// under way is not torn away: the copy is dead when it comes back. Default none.
    #[serde(rename = "deliver_within_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub deliver_within: Option<Span>,
    /// A copy not settled this long after it came in is expired, delay included. Default none.
    #[serde(rename = "ttl_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub ttl: Option<Span>,
    /// What becomes of an ordered group when one of its messages is dead. Default the group is
    /// parked.
    pub poison: Poison,
    /// Each such time that a copy has waited since it came in raises it by one priority, without
    /// end; of equals the one that was more urgent at first goes first. Only the first of each
    /// priority is compared: one that waits behind a younger one (which came back, say) does not
    /// raise it. Default never: a steady flow of urgent messages then starves the others.
    #[serde(rename = "aging_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub aging: Option<Span>,
    /// How long a dedup key is remembered after its first message was stored. Default 5 min.
    #[serde(rename = "dedup_window_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub dedup_window: Span,
    /// Where a dedup key counts. Default in the whole queue.
    pub dedup_scope: DedupScope,
    /// Where dead copies go; without it they are discarded. That queue must exist, and its
    /// `capacity_bytes` be no less than the largest message here: than this queue's own, or
    /// [`MESSAGE_BYTES_MAX`](crate::limits::MESSAGE_BYTES_MAX) if that is less.
    pub dead_letters: Option<QueueId>,
    /// An alarm is raised when so many copies are in the queue, and cleared at half of it. Default
    /// none; from 1 to 10 million.
    pub alarm_depth: Option<u64>,
    /// An alarm is raised when the oldest copy has been in the queue for so long, and cleared when
    /// it no longer has. Default none.
    #[serde(rename = "alarm_age_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub alarm_age: Option<Span>,
    /// Where real brokers disagree: the engine's own way, or that of SQS. Default the former.
    pub profile: Profile,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            lease: Span::from_secs(30),
            max_deliveries: 5,
            backoff: Backoff::default(),
            capacity: CAPACITY_DEFAULT,
            capacity_bytes: CAPACITY_BYTES_DEFAULT,
            overflow: Overflow::default(),
            shed: None,
            in_flight_max: IN_FLIGHT_DEFAULT,
            settlement: Settlement::default(),
            delay: Span::ZERO,
            deliver_within: None,
            ttl: None,
            poison: Poison::default(),
            aging: None,
            dedup_window: Span::from_secs(5 * 60),
            dedup_scope: DedupScope::default(),
            dead_letters: None,
            alarm_depth: None,
            alarm_age: None,
            profile: Profile::default(),
        }
    }
}

impl QueueConfig {
    /// The most that one message counts in such a queue.
    pub(crate) fn largest(&self) -> u64 {
        self.capacity_bytes.min(MESSAGE_BYTES_MAX)
    }

    /// The first setting that is out of range: its name and the range in words.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        const COPIES: &str = "1 to 10,000,000";
        const SOME_TIME: &str = "whole milliseconds, 1 ms to 366 days";
        const ANY_TIME: &str = "whole milliseconds, at most 366 days";
        let copies = |count: &u64| (1..=CAPACITY_MAX).contains(count);
        let within = |span: Span, most| span.is_whole_millis() && span <= most;
        let some = |span: &Option<Span>| {
            span.is_none_or(|span| span != Span::ZERO && within(span, SPAN_MAX))
        };
        let any = |span: Span| within(span, SPAN_MAX);
        let settings = [
            (
                "lease_ms",
                "whole milliseconds, 1 ms to 12 h",
                self.lease >= LEASE_MIN && within(self.lease, LEASE_MAX),
            ),
            ("max_deliveries", "1 to 1,000", (1..=DELIVERIES_MAX).contains(&self.max_deliveries)),
            ("capacity", COPIES, copies(&self.capacity)),
            (
                "capacity_bytes",
                "1 to 1,099,511,627,776",
                (1..=CAPACITY_BYTES_MAX).contains(&self.capacity_bytes),
            ),
            (
                "shed.from_percent",
                "1 to 99",
                self.shed.is_none_or(|shed| (1..=99).contains(&shed.from_percent)),
            ),
            ("in_flight_max", COPIES, copies(&self.in_flight_max)),
            ("delay_ms", ANY_TIME, any(self.delay)),
            ("deliver_within_ms", SOME_TIME, some(&self.deliver_within)),
            ("ttl_ms", SOME_TIME, some(&self.ttl)),
            ("aging_ms", SOME_TIME, some(&self.aging)),
            ("dedup_window_ms", ANY_TIME, any(self.dedup_window)),
            ("alarm_depth", COPIES, self.alarm_depth.as_ref().is_none_or(copies)),
            ("alarm_age_ms", SOME_TIME, some(&self.alarm_age)),
        ];
        let found = settings.into_iter().find(|(.., fits)| !fits);
        found.map(|(setting, range, _)| (setting, range)).or_else(|| self.backoff.out_of_range())
    }
}
