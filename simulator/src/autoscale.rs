//! Autoscaling: how many workers a backlog asks for, and when there are as many.

use std::collections::VecDeque;

use postroom_core::{QueueStats, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    limits::{PER_WORKER_MAX, SCALE_EVERY_MS_MIN, SPAN_MS_MAX},
    scenario::{ScenarioError, out_of_range},
};

/// Changes how many calls a consumer makes at once, as its queue asks for: one call is one worker.
///
/// It looks at the queue at even distances. More workers are ordered at once and come when they have
/// started. Fewer remain only after fewer have been wanted for a while, and then as many as were
/// wanted at most meanwhile, so that a short lull costs nothing (Kubernetes calls it stabilisation).
///
/// # Example: a worker for every ten messages, and from one to fifty of them
/// ```
/// use postroom_simulator::Scaler;
///
/// let scaler: Scaler = serde_json::from_str(r#"{
///     "worker": "transcoder", "min": 1, "max": 50,
///     "by": { "depth": { "per_worker": 10 } },
///     "start_ms": 30000
/// }"#)?;
/// assert_eq!((scaler.every_ms, scaler.down_after_ms), (5_000, 60_000));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scaler {
    /// The name of the consumer, which no other scaler has.
    pub worker: String,
    /// Workers at least; from 1 to `max`.
    pub min: u32,
    /// Workers at most; 10,000 at the most.
    pub max: u32,
    /// What decides how many are wanted.
    pub by: ScaleBy,
    /// Milliseconds from look to look; from 100 ms to a day. Default 5 s.
    #[serde(default = "default_every")]
    pub every_ms: u64,
    /// Milliseconds from the order of a worker to its first call; at most a day. Default 0.
    #[serde(default)]
    pub start_ms: u64,
    /// Milliseconds for which fewer must have been wanted; at most a day. Default a minute.
    #[serde(default = "default_down_after")]
    pub down_after_ms: u64,
}

/// What decides how many workers are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScaleBy {
    /// The messages that wait or are worked on, as KEDA counts those of a queue.
    Depth {
        /// So many for each worker; from 1 to 1,000,000.
        per_worker: u64,
    },
    /// The age of the oldest message in the queue: as many times more workers as it is older than
    /// it should be, as Kubernetes reckons. None when the queue is empty.
    Age {
        /// Milliseconds that it should be old at most; from 1 to a day.
        target_ms: u64,
    },
}

const fn default_every() -> u64 {
    5_000
}

const fn default_down_after() -> u64 {
    60_000
}

/// A scaler at work.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScalerState {
    min: u32,
    max: u32,
    by: ScaleBy,
    every: Span,
    start: Span,
    down_after: Span,
    next_look: Timestamp,
    /// Ordered, and not there yet: when there will be how many.
    starting: VecDeque<(Timestamp, u32)>,
    /// Since when fewer are wanted, and how many at most since.
    lull: Option<(Timestamp, u32)>,
    orders: u64,
}

impl Scaler {
    pub(crate) fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        let spans = 0..=SPAN_MS_MAX;
        let (is_by_good, by, by_range) = match self.by {
            ScaleBy::Depth { per_worker } => (
                (1..=PER_WORKER_MAX).contains(&per_worker),
                "by.depth.per_worker",
                "1 to 1,000,000",
            ),
            ScaleBy::Age { target_ms } => {
                ((1..=SPAN_MS_MAX).contains(&target_ms), "by.age.target_ms", "1 ms to a day")
            }
        };
        let most = postroom_core::limits::CONCURRENCY_MAX;
        let every = SCALE_EVERY_MS_MIN..=SPAN_MS_MAX;
        for (is_good, setting, range) in [
            (self.min >= 1 && self.min <= self.max, "min", "1 to `max`"),
            (self.max <= most, "max", "at most 10,000"),
            (is_by_good, by, by_range),
            (every.contains(&self.every_ms), "every_ms", "100 ms to a day"),
            (spans.contains(&self.start_ms), "start_ms", "at most a day"),
            (spans.contains(&self.down_after_ms), "down_after_ms", "at most a day"),
        ] {
            if !is_good {
                return Err(out_of_range(&format!("{field}.{setting}"), range));
            }
        }
        Ok(())
    }
}

impl ScalerState {
    pub(crate) fn new(scaler: &Scaler) -> Self {
        let every = Span::from_millis(scaler.every_ms);
        Self {
            min: scaler.min,
            max: scaler.max,
            by: scaler.by,
            every,
            start: Span::from_millis(scaler.start_ms),
            down_after: Span::from_millis(scaler.down_after_ms),
            next_look: Timestamp::ZERO + every,
            starting: VecDeque::new(),
            lull: None,
            orders: 0,
        }
    }

    pub(crate) fn next_at(&self) -> Timestamp {
        self.starting.front().map_or(self.next_look, |(at, _)| self.next_look.min(*at))
    }

    /// Changes of size so far: a number for the chance of the next one.
    pub(crate) fn order(&mut self) -> u64 {
        self.orders += 1;
        self.orders - 1
    }

    pub(crate) fn shift(&mut self, by: Span) {
        self.next_look = self.next_look + by;
        self.starting.iter_mut().for_each(|(at, _)| *at = *at + by);
        self.lull = self.lull.map(|(since, most)| (since + by, most));
    }

    /// It is its turn: how many workers there are to be from now on, if another number than now.
    pub(crate) fn step(&mut self, now: Timestamp, size: u32, queue: &QueueStats) -> Option<u32> {
        let mut to = size;
        while let Some((_, started)) = self.starting.front().filter(|(at, _)| *at <= now) {
            to = *started;
            self.starting.pop_front();
        }
        if self.next_look <= now {
            self.next_look = now + self.every;
            to = self.look(now, to, queue);
        }
        Some(to).filter(|to| *to != size)
    }

    fn look(&mut self, now: Timestamp, size: u32, queue: &QueueStats) -> u32 {
        let ordered = self.starting.back().map_or(size, |(_, to)| *to);
        let wanted = self.wanted(now, ordered, queue);
        if wanted >= ordered {
            self.lull = None;
            if self.start == Span::ZERO {
                return wanted;
            }
            if wanted > ordered {
                self.starting.push_back((now + self.start, wanted));
            }
            return size;
        }
        let (since, most) =
            self.lull.map_or((now, wanted), |(since, most)| (since, most.max(wanted)));
        if now.since(since) < self.down_after {
            self.lull = Some((since, most));
            return size;
        }
        // What is still starting is called off.
        self.starting.clear();
        self.lull = None;
        most.min(size)
    }

    fn wanted(&self, now: Timestamp, ordered: u32, queue: &QueueStats) -> u32 {
        let wanted = match self.by {
            ScaleBy::Depth { per_worker } => (queue.ready + queue.in_flight).div_ceil(per_worker),
            ScaleBy::Age { target_ms } => {
                let age = queue.oldest_enqueued_at.map_or(Span::ZERO, |oldest| now.since(oldest));
                let share = u128::from(age.as_micros()) * u128::from(ordered);
                share.div_ceil(u128::from(target_ms) * 1_000).min(u128::from(self.max)) as u64
            }
        };
        wanted.clamp(u64::from(self.min), u64::from(self.max)) as u32
    }
}
