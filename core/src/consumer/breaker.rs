//! The circuit breaker, in Resilience4j's terms: closed, open, half-open; a window counted in calls.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp, millis};

/// When a breaker opens, and how it tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// The last so many calls count. Default 20; from 1 to 1,000.
    pub window: u32,
    /// It stays closed until so many calls are in the window. Default 5; from 1 to the window.
    pub minimum_calls: u32,
    /// It opens when this share of them failed. Default 50; from 1 to 100.
    pub failure_percent: u32,
    /// It stays open for this long. Default 10 s.
    #[serde(rename = "open_ms", with = "millis")]
    pub open: Span,
    /// Then so many calls may try; all must succeed to close it. Default 2; from 1 to 1,000.
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window: 20,
            minimum_calls: 5,
            failure_percent: 50,
            open: Span::from_secs(10),
            probes: 2,
        }
    }
}

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
}

/// A breaker's change of mind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerChange {
    /// It opened, until then.
    Opened(Timestamp),
    /// It half-opened.
    HalfOpened,
    /// It closed.
    Closed,
}

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Breaker {
    config: BreakerConfig,
    state: BreakerState,
    /// Whether each of the last calls failed, oldest first. Empty unless closed.
    recent: VecDeque<bool>,
    failures: u32,
    /// Half-open only: probes that may still start, and probes that succeeded.
    probes_left: u32,
    probes_succeeded: u32,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(config: BreakerConfig) -> Self {
        Self {
            config,
            state: BreakerState::Closed,
            recent: VecDeque::new(),
            failures: 0,
            probes_left: 0,
            probes_succeeded: 0,
        }
    }

    /// Whether calls may start.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// How many calls may start now, on top of those under way.
    #[must_use]
    pub fn permits(&self) -> u32 {
        match self.state {
            BreakerState::Closed => u32::MAX,
            BreakerState::Open { .. } => 0,
            BreakerState::HalfOpen => self.probes_left,
        }
    }

    /// When it half-opens.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        match self.state {
            BreakerState::Open { until } => Some(until),
            BreakerState::Closed | BreakerState::HalfOpen => None,
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Timestamp) -> Option<BreakerChange> {
        match self.state {
            BreakerState::Open { until } if until <= now => {
                self.state = BreakerState::HalfOpen;
                self.probes_left = self.config.probes;
                self.probes_succeeded = 0;
                Some(BreakerChange::HalfOpened)
            }
            _ => None,
        }
    }

    /// A call starts.
    pub fn call_started(&mut self) {
        if self.state == BreakerState::HalfOpen {
            self.probes_left = self.probes_left.saturating_sub(1);
        }
    }

    /// A call ended in a way that says nothing about the other side's health (a bad address).
    pub fn call_ignored(&mut self) {
        if self.state == BreakerState::HalfOpen {
            self.probes_left = (self.probes_left + 1).min(self.config.probes);
        }
    }

    /// A call succeeded or failed. Calls that outlast an opening count for nothing.
    pub fn call_ended(&mut self, failed: bool, now: Timestamp) -> Option<BreakerChange> {
        match self.state {
            BreakerState::Open { .. } => None,
            BreakerState::HalfOpen if failed => Some(self.open(now)),
            BreakerState::HalfOpen => {
                self.probes_succeeded += 1;
                (self.probes_succeeded >= self.config.probes).then(|| self.close())
            }
            BreakerState::Closed => {
                self.remember(failed);
                self.is_too_bad().then(|| self.open(now))
            }
        }
    }

    fn remember(&mut self, failed: bool) {
        if self.recent.len() == self.config.window as usize && self.recent.pop_front() == Some(true)
        {
            self.failures -= 1;
        }
        self.recent.push_back(failed);
        self.failures += u32::from(failed);
    }

    fn is_too_bad(&self) -> bool {
        let calls = self.recent.len() as u64;
        calls >= u64::from(self.config.minimum_calls)
            && u64::from(self.failures) * 100 >= calls * u64::from(self.config.failure_percent)
    }

    fn open(&mut self, now: Timestamp) -> BreakerChange {
        let until = now + self.config.open;
        self.forget();
        self.state = BreakerState::Open { until };
        BreakerChange::Opened(until)
    }

    fn close(&mut self) -> BreakerChange {
        self.forget();
        self.state = BreakerState::Closed;
        BreakerChange::Closed
    }

    fn forget(&mut self) {
        self.recent.clear();
        self.failures = 0;
        self.probes_left = 0;
        self.probes_succeeded = 0;
    }
}
