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

/// The right to one call. It remembers in which state of the breaker the call started: a call
/// counts in that state only, so an answer that outlasts an opening neither spoils the probes nor
/// passes for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permit(u64);

/// A circuit breaker.
///
/// # Example: it opens when half of the calls failed
/// ```
/// use postroom_core::{Breaker, BreakerChange, BreakerConfig, Span, Timestamp};
///
/// let config = BreakerConfig { minimum_calls: 2, ..BreakerConfig::default() };
/// let mut breaker = Breaker::new(config);
/// let (first, second) = (breaker.call_started(), breaker.call_started());
/// assert_eq!(breaker.call_ended(first, false, Timestamp::ZERO), None);
/// let opened = breaker.call_ended(second, true, Timestamp::ZERO);
/// assert_eq!(opened, Some(BreakerChange::Opened(Timestamp::ZERO + Span::from_secs(10))));
/// assert_eq!(breaker.permits(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Breaker {
    config: BreakerConfig,
    state: BreakerState,
    /// Changes of state so far; a permit of an earlier one counts for nothing.
    changes: u64,
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
            changes: 0,
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

    /// How many calls may start now, on top of those under way: `u32::MAX` while closed.
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
        let due = self.next_deadline().is_some_and(|until| until <= now);
        due.then(|| {
            self.change(BreakerState::HalfOpen);
            self.probes_left = self.config.probes;
            BreakerChange::HalfOpened
        })
    }

    /// A call starts; only while there are [`Breaker::permits`].
    pub fn call_started(&mut self) -> Permit {
        if self.state == BreakerState::HalfOpen {
            self.probes_left = self.probes_left.saturating_sub(1);
        }
        Permit(self.changes)
    }

    /// A call ended in a way that says nothing about the other side's health (a bad address): if
    /// it was a probe, another may start.
    pub fn call_ignored(&mut self, permit: Permit) {
        if self.counts(permit) && self.state == BreakerState::HalfOpen {
            self.probes_left = self.probes_left.saturating_add(1).min(self.config.probes);
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
        match self.state {
            BreakerState::Open { .. } => None,
            BreakerState::HalfOpen if failed => Some(self.open(now)),
            BreakerState::HalfOpen => {
                self.probes_succeeded = self.probes_succeeded.saturating_add(1);
                (self.probes_succeeded >= self.config.probes).then(|| {
                    self.change(BreakerState::Closed);
                    BreakerChange::Closed
                })
            }
            BreakerState::Closed => {
                self.remember(failed);
                self.is_too_bad().then(|| self.open(now))
            }
        }
    }

    pub(crate) fn config(&self) -> BreakerConfig {
        self.config
    }

    /// Whether it could have come about: to be asked of what was read from a document.
    pub(crate) fn is_sound(&self) -> bool {
        let failures = self.recent.iter().filter(|failed| **failed).count();
        self.failures as usize == failures
            && self.recent.len() <= self.config.window as usize
            && (self.recent.is_empty() || self.state == BreakerState::Closed)
            && self.probes_left <= self.config.probes
            && self.probes_succeeded < self.config.probes
    }

    fn counts(&self, permit: Permit) -> bool {
        permit.0 == self.changes
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
        self.change(BreakerState::Open { until });
        BreakerChange::Opened(until)
    }

    /// Every state starts with a clean slate.
    fn change(&mut self, state: BreakerState) {
        self.state = state;
        self.changes += 1;
        self.recent.clear();
        self.failures = 0;
        self.probes_left = 0;
        self.probes_succeeded = 0;
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const CONFIG: BreakerConfig = BreakerConfig {
        window: 4,
        minimum_calls: 3,
        failure_percent: 50,
        open: Span::from_secs(10),
        probes: 2,
    };

    #[test]
    fn it_opens_at_the_threshold_and_not_before() {
        let cases: [(&str, BreakerConfig, Option<usize>); 10] = [
            ("..xx", CONFIG, Some(4)),
            // Two of three are enough, and three calls are the fewest that count.
            ("xx.", CONFIG, Some(3)),
            ("x..", CONFIG, None),
            ("xxx", BreakerConfig { minimum_calls: 4, ..CONFIG }, None),
            ("xxxx", BreakerConfig { minimum_calls: 4, ..CONFIG }, Some(4)),
            // The window slides: what failed long ago is forgotten.
            ("x....x...x", CONFIG, None),
            ("x....x.x", CONFIG, Some(8)),
            (
                "x",
                BreakerConfig { window: 1, minimum_calls: 1, failure_percent: 100, ..CONFIG },
                Some(1),
            ),
            ("xxx.xxx.", BreakerConfig { minimum_calls: 4, failure_percent: 76, ..CONFIG }, None),
            ("...x", BreakerConfig { failure_percent: 25, ..CONFIG }, Some(4)),
        ];
        for (calls, config, opens_at) in cases {
            let mut breaker = Breaker::new(config);
            let mut opened_at = None;
            for (nth, call) in (1..).zip(calls.chars()) {
                assert_eq!(breaker.permits(), u32::MAX, "{calls}: closed before call {nth}");
                if end(&mut breaker, call == 'x', 0).is_some() {
                    opened_at = Some(nth);
                    break;
                }
            }
            assert_eq!(opened_at, opens_at, "{calls} {config:?}");
        }
    }

    #[test]
    fn it_half_opens_in_the_very_microsecond() {
        let mut breaker = opened();
        assert_eq!(breaker.permits(), 0);
        assert_eq!(breaker.next_deadline(), Some(Timestamp::from_millis(10_000)));
        assert_eq!(breaker.tick(Timestamp::from_micros(9_999_999)), None);
        assert_eq!(breaker.tick(Timestamp::from_millis(10_000)), Some(BreakerChange::HalfOpened));
        assert_eq!(breaker.tick(Timestamp::from_millis(10_000)), None);
        assert_eq!((breaker.permits(), breaker.next_deadline()), (2, None));
    }

    #[test]
    fn it_closes_when_every_probe_succeeded() {
        let mut breaker = half_open();
        let (first, second) = (breaker.call_started(), breaker.call_started());
        assert_eq!(breaker.permits(), 0, "no more than the probes start");
        assert_eq!(breaker.call_ended(second, false, Timestamp::ZERO), None);
        assert_eq!(breaker.permits(), 0);
        let closed = breaker.call_ended(first, false, Timestamp::ZERO);
        assert_eq!(closed, Some(BreakerChange::Closed));
        assert_eq!(breaker.recent.len(), 0, "it starts with a clean slate");
    }

    #[test]
    fn one_failed_probe_opens_it_again() {
        let mut breaker = half_open();
        assert_eq!(end(&mut breaker, false, 10_000), None);
        let until = Timestamp::from_millis(22_000);
        assert_eq!(end(&mut breaker, true, 12_000), Some(BreakerChange::Opened(until)));
        assert_eq!(breaker.state(), BreakerState::Open { until });
        breaker.tick(until);
        assert_eq!(breaker.permits(), 2, "the successful probe of last time is forgotten");
    }

    #[test]
    fn a_probe_that_says_nothing_makes_room_for_another() {
        let mut breaker = half_open();
        let (first, _second) = (breaker.call_started(), breaker.call_started());
        breaker.call_ignored(first);
        assert_eq!((breaker.permits(), breaker.state()), (1, BreakerState::HalfOpen));
    }

    #[test]
    fn what_says_nothing_leaves_a_closed_breaker_alone() {
        let mut breaker = Breaker::new(CONFIG);
        let before = breaker.clone();
        let permit = breaker.call_started();
        breaker.call_ignored(permit);
        assert_eq!(breaker, before);
    }

    #[test]
    fn calls_that_outlast_a_change_count_for_nothing() {
        let mut breaker = Breaker::new(CONFIG);
        let old: [Permit; 4] = core::array::from_fn(|_| breaker.call_started());
        (0..3).for_each(|_| _ = end(&mut breaker, true, 0));
        let while_open = breaker.clone();
        assert_eq!(breaker.call_ended(old[0], true, Timestamp::ZERO), None);
        assert_eq!(breaker, while_open, "an opening is not prolonged");

        breaker.tick(Timestamp::from_millis(10_000));
        let probe = breaker.call_started();
        let while_half_open = breaker.clone();
        for failed in [true, false] {
            assert_eq!(breaker.call_ended(old[1], failed, Timestamp::ZERO), None);
        }
        breaker.call_ignored(old[2]);
        assert_eq!(breaker, while_half_open, "no old call passes for a probe");

        breaker.call_ended(probe, false, Timestamp::ZERO);
        end(&mut breaker, false, 0);
        assert_eq!(breaker.state(), BreakerState::Closed);
        assert_eq!(breaker.call_ended(old[3], true, Timestamp::ZERO), None);
        assert_eq!(breaker.failures, 0);
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::new(CONFIG);
        (0..3).for_each(|_| _ = end(&mut breaker, true, 0));
        breaker
    }

    fn half_open() -> Breaker {
        let mut breaker = opened();
        breaker.tick(Timestamp::from_millis(10_000));
        breaker
    }

    fn end(breaker: &mut Breaker, failed: bool, at_ms: u64) -> Option<BreakerChange> {
        let permit = breaker.call_started();
        breaker.call_ended(permit, failed, Timestamp::from_millis(at_ms))
    }
}
