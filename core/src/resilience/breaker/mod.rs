//! The circuit breaker, in Resilience4j's terms.

mod config;
#[cfg(test)]
mod tests;
mod window;

use serde::{Deserialize, Serialize};

pub use self::config::{BreakerConfig, BreakerWindow};
use self::window::{Tally, Verdict, Window};
use crate::time::Timestamp;

/// Whether calls may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// As usual.
    Closed,
    /// None may, until then.
    Open {
        /// Then it half-opens.
        until: Timestamp,
    },
    /// A few may, to see how it goes.
    HalfOpen,
    /// None may, until it is reset.
    ForcedOpen,
    /// All may, however they end, until it is reset.
    Disabled,
}

/// What an operator may do to a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerOverride {
    /// No call starts until it is reset.
    ForceOpen,
    /// Calls start whatever happened, and nothing opens it until it is reset. Some call this
    /// forced closed.
    Disable,
    /// It is closed and has seen no call yet.
    Reset,
}

/// Why a breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenReason {
    /// Too many calls failed.
    FailureRate,
    /// Too many calls were slow.
    SlowCallRate,
    /// It was half-open for as long as it may be, and the probes were not done.
    HalfOpenTooLong,
}

/// A breaker's change of mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerChange {
    /// It opened.
    Opened {
        /// Then it half-opens.
        until: Timestamp,
        /// Why.
        reason: OpenReason,
    },
    /// It half-opened.
    HalfOpened,
    /// It closed, since the probes went well.
    Closed,
    /// An operator opened it.
    ForcedOpen,
    /// An operator disabled it.
    Disabled,
    /// An operator reset it.
    Reset,
}

/// The right to one call. It remembers in which state of the breaker the call started: a call
/// counts in that state only, so an answer that outlasts an opening neither spoils the probes nor
/// passes for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    change: u64,
    started_at: Timestamp,
}

/// A circuit breaker.
///
/// - **Closed**: calls start. After each that counts, the share of failed ones and of slow ones in
///   the window is looked at; if one reaches its threshold, the breaker opens.
/// - **Open**: no call starts. After [`BreakerConfig::open`] it half-opens by itself.
/// - **Half-open**: [`BreakerConfig::probes`] calls may start and no more. When the verdict over
///   them is certain, the breaker closes or opens again, by the same shares. A probe whose outcome
///   does not count makes room for another.
/// - **Forced open** and **disabled**: as an operator says, until it is reset.
///
/// It differs from Resilience4j on purpose in this: it half-opens by itself at its time (there an
/// option), a call under way counts in the state alone in which it started, and probes that can no
/// longer succeed open it at once, without the rest.
///
/// # Example: it opens when half of the calls failed
/// ```
/// use postroom_core::{Breaker, BreakerChange, BreakerConfig, OpenReason, Span, Timestamp};
///
/// let now = Timestamp::ZERO;
/// let config = BreakerConfig { minimum_calls: 2, ..BreakerConfig::default() };
/// let mut breaker = Breaker::new(config);
/// let (first, second) = (breaker.call_started(now), breaker.call_started(now));
/// assert_eq!(breaker.call_ended(first, false, now), None);
/// let (until, reason) = (now + Span::from_secs(10), OpenReason::FailureRate);
/// let opened = breaker.call_ended(second, true, now);
/// assert_eq!(opened, Some(BreakerChange::Opened { until, reason }));
/// assert_eq!(breaker.permits(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Breaker {
    config: BreakerConfig,
    state: BreakerState,
    /// Changes of state so far; a permit of an earlier one counts for nothing.
    changes: u64,
    /// The calls by which it judges. Empty unless closed.
    window: Window,
    /// Half-open only: probes that may still start, those that are done, and when it opens again
    /// without a verdict.
    probes_left: u32,
    probes_done: Tally,
    half_open_until: Option<Timestamp>,
}

impl Breaker {
    /// A closed breaker. A setting out of range counts as the nearest one in range.
    #[must_use]
    pub fn new(config: BreakerConfig) -> Self {
        let config = config.clamped();
        Self {
            config,
            state: BreakerState::Closed,
            changes: 0,
            window: Window::new(config.window),
            probes_left: 0,
            probes_done: Tally::default(),
            half_open_until: None,
        }
    }

    /// Whether calls may start.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// How many calls may start now, on top of those under way: `u32::MAX` while nothing limits
    /// them.
    #[must_use]
    pub fn permits(&self) -> u32 {
        match self.state {
            BreakerState::Closed | BreakerState::Disabled => u32::MAX,
            BreakerState::Open { .. } | BreakerState::ForcedOpen => 0,
            BreakerState::HalfOpen => self.probes_left,
        }
    }

    /// When it half-opens, or opens again for want of a verdict.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        match self.state {
            BreakerState::Open { until } => Some(until),
            BreakerState::HalfOpen => self.half_open_until,
            BreakerState::Closed | BreakerState::ForcedOpen | BreakerState::Disabled => None,
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Timestamp) -> Option<BreakerChange> {
        self.next_deadline().filter(|due| *due <= now)?;
        if self.state == BreakerState::HalfOpen {
            return Some(self.open(OpenReason::HalfOpenTooLong, now));
        }
        self.change(BreakerState::HalfOpen);
        self.probes_left = self.config.probes;
        self.half_open_until = self.config.half_open.map(|span| now + span);
        Some(BreakerChange::HalfOpened)
    }

    /// A call starts; only while there are [`Breaker::permits`].
    pub fn call_started(&mut self, now: Timestamp) -> Permit {
        if self.state == BreakerState::HalfOpen {
            self.probes_left = self.probes_left.saturating_sub(1);
        }
        Permit { change: self.changes, started_at: now }
    }

    /// A call ended in a way that says nothing about the other side's health (a bad address),
    /// however long it took: if it was a probe, another may start.
    pub fn call_ignored(&mut self, permit: Permit) {
        if self.counts(permit) && self.state == BreakerState::HalfOpen {
            let most = u64::from(self.config.probes) - self.probes_done.calls;
            self.probes_left = (self.probes_left + 1).min(most as u32);
        }
    }

    /// A call succeeded or failed.
    pub fn call_ended(
        &mut self,
        permit: Permit,
        failed: bool,
        now: Timestamp,
    ) -> Option<BreakerChange> {
        if !self.counts(permit) {
            return None;
        }
        let took = now.since(permit.started_at);
        let verdict = Verdict::new(failed, self.config.slow_call.is_some_and(|slow| took > slow));
        match self.state {
            BreakerState::Closed => {
                let tally = self.window.add(verdict, now, self.config.window);
                let enough = tally.calls >= u64::from(self.config.minimum_calls);
                let reason = self.is_too_bad(tally, tally.calls).filter(|_| enough)?;
                Some(self.open(reason, now))
            }
            BreakerState::HalfOpen => {
                self.probes_done.add(verdict);
                let needed = u64::from(self.config.probes.min(self.config.minimum_calls));
                if let Some(reason) = self.is_too_bad(self.probes_done, needed) {
                    return Some(self.open(reason, now));
                }
                (self.probes_done.calls >= needed).then(|| {
                    self.change(BreakerState::Closed);
                    BreakerChange::Closed
                })
            }
            BreakerState::Open { .. } | BreakerState::ForcedOpen | BreakerState::Disabled => None,
        }
    }

    /// An operator steps in; none if that changes nothing. After a change, calls under way count
    /// for nothing.
    pub fn apply_override(&mut self, how: BreakerOverride) -> Option<BreakerChange> {
        let (state, change) = match how {
            BreakerOverride::ForceOpen => (BreakerState::ForcedOpen, BreakerChange::ForcedOpen),
            BreakerOverride::Disable => (BreakerState::Disabled, BreakerChange::Disabled),
            BreakerOverride::Reset => (BreakerState::Closed, BreakerChange::Reset),
        };
        if self.state == state && self.window.is_empty() {
            return None;
        }
        self.change(state);
        Some(change)
    }

    pub(crate) fn config(&self) -> BreakerConfig {
        self.config
    }

    /// Whether a permit could be of this breaker: to be asked of what was read from a document.
    pub(crate) fn could_have_given(&self, permit: Permit) -> bool {
        permit.change <= self.changes
    }

    /// Whether it could have come about: to be asked of what was read from a document.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        let ends_in_time = match self.state {
            BreakerState::Open { until } => until <= now + self.config.open,
            _ => self
                .half_open_until
                .is_none_or(|until| self.config.half_open.is_some_and(|span| until <= now + span)),
        };
        let closed = self.state == BreakerState::Closed;
        let half_open = self.state == BreakerState::HalfOpen;
        let probes = u64::from(self.probes_left) + self.probes_done.calls;
        self.changes <= u64::MAX / 2
            && self.window.is_sound(self.config.window, now)
            && ends_in_time
            && (closed || self.window.is_empty())
            && self.probes_done.is_sound()
            && (half_open || probes == 0)
            && probes <= u64::from(self.config.probes)
            && self.half_open_until.is_some() == (half_open && self.config.half_open.is_some())
    }

    fn counts(&self, permit: Permit) -> bool {
        permit.change == self.changes
    }

    /// Whether so many of `calls` failed or were slow that it opens, whatever the rest does.
    fn is_too_bad(&self, tally: Tally, calls: u64) -> Option<OpenReason> {
        let reaches = |bad: u64, percent: u32| bad * 100 >= calls * u64::from(percent);
        if reaches(tally.failed, self.config.failure_percent) {
            Some(OpenReason::FailureRate)
        } else if reaches(tally.slow, self.config.slow_percent) {
            Some(OpenReason::SlowCallRate)
        } else {
            None
        }
    }

    fn open(&mut self, reason: OpenReason, now: Timestamp) -> BreakerChange {
        let until = now + self.config.open;
        self.change(BreakerState::Open { until });
        BreakerChange::Opened { until, reason }
    }

    /// Every state starts with a clean slate.
    fn change(&mut self, state: BreakerState) {
        self.state = state;
        self.changes += 1;
        self.window = Window::new(self.config.window);
        self.probes_left = 0;
        self.probes_done = Tally::default();
        self.half_open_until = None;
    }
}
