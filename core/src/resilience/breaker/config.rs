//! What can be set of a breaker, with the defaults.

use serde::{Deserialize, Serialize};

use crate::{
    limits::{BREAKER_WINDOW_MAX, BREAKER_WINDOW_TIME_MAX, BREAKER_WINDOW_TIME_MIN, SPAN_MAX},
    time::{Span, millis},
};

/// When a breaker opens, and how it tries again.
///
/// | here | in Resilience4j | its default |
/// |---|---|---|
/// | `window` | `slidingWindowType`, `slidingWindowSize` | the last 100 calls |
/// | `minimum_calls` | `minimumNumberOfCalls` | 100 |
/// | `failure_percent` | `failureRateThreshold` | 50 |
/// | `slow_call` | `slowCallDurationThreshold` | 60 s |
/// | `slow_percent` | `slowCallRateThreshold` | 100 |
/// | `open` | `waitDurationInOpenState` | 60 s |
/// | `probes` | `permittedNumberOfCallsInHalfOpenState` | 10 |
/// | `half_open` | `maxWaitDurationInHalfOpenState` | no limit |
///
/// # Example: open when most calls of the last half minute took longer than 2 s
/// ```
/// use postroom_core::{BreakerConfig, BreakerWindow, Span};
///
/// let config: BreakerConfig = serde_json::from_str(
///     r#"{ "window": { "time_ms": 30000 }, "slow_call_ms": 2000, "slow_percent": 51 }"#,
/// )?;
/// assert_eq!(config.window, BreakerWindow::Time { time: Span::from_secs(30) });
/// assert_eq!(config.failure_percent, BreakerConfig::default().failure_percent);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Which calls count while it is closed. Default the last 20.
    pub window: BreakerWindow,
    /// It stays closed until so many calls are in the window; a verdict over the probes needs no
    /// more either. Default 5; from 1 to the window's calls, or to 1,000 where the window is a
    /// time.
    pub minimum_calls: u32,
    /// It opens when this share of them failed. Default 50; from 1 to 100.
    pub failure_percent: u32,
    /// A call that took longer than this is slow, whether it failed or not. Default none: no call
    /// is. From 1 ms to 366 days.
    #[serde(rename = "slow_call_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub slow_call: Option<Span>,
    /// It opens when this share of them was slow. Default 100; from 1 to 100.
    pub slow_percent: u32,
    /// It stays open for this long. Default 10 s; from 1 ms to 366 days.
    #[serde(rename = "open_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub open: Span,
    /// Then so many calls may try: it closes or opens again by the same shares as above. Default
    /// 2; from 1 to 1,000.
    pub probes: u32,
    /// Without a verdict over the probes it opens again after this long. Default none: it waits
    /// for them. From 1 ms to 366 days.
    #[serde(rename = "half_open_ms", with = "millis::option")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<u64>"))]
    pub half_open: Option<Span>,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            window: BreakerWindow::Calls(20),
            minimum_calls: 5,
            failure_percent: 50,
            slow_call: None,
            slow_percent: 100,
            open: Span::from_secs(10),
            probes: 2,
            half_open: None,
        }
    }
}

/// Which calls a closed breaker judges by.
///
/// A document says `20` for calls and `{"time_ms": 30000}` for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "give the window as a number of calls, or as {\"time_ms\": …}"
)]
pub enum BreakerWindow {
    /// The last so many. From 1 to 1,000.
    Calls(u32),
    /// Those that ended within the last so long: each counts for at least nine tenths of the
    /// time, and for all of it at most.
    Time {
        /// From 10 ms to 1 h.
        #[serde(rename = "time_ms", with = "millis")]
        #[cfg_attr(feature = "schema", schemars(with = "u64"))]
        time: Span,
    },
}

impl BreakerConfig {
    /// The first setting that is out of range: its name and the range in words.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let fits = |span: Span| span > Span::ZERO && span <= SPAN_MAX;
        let percents = 1..=100;
        let minimum_max = match self.window {
            BreakerWindow::Calls(calls) if !(1..=BREAKER_WINDOW_MAX).contains(&calls) => {
                return Some(("breaker.window", "1 to 1,000 calls"));
            }
            BreakerWindow::Calls(calls) => calls,
            BreakerWindow::Time { time }
                if !(BREAKER_WINDOW_TIME_MIN..=BREAKER_WINDOW_TIME_MAX).contains(&time) =>
            {
                return Some(("breaker.window.time_ms", "10 ms to 1 h"));
            }
            BreakerWindow::Time { .. } => BREAKER_WINDOW_MAX,
        };
        if !(1..=minimum_max).contains(&self.minimum_calls) {
            return Some(("breaker.minimum_calls", "1 to the window's calls, at most 1,000"));
        }
        if !percents.contains(&self.failure_percent) {
            return Some(("breaker.failure_percent", "1 to 100"));
        }
        if !self.slow_call.is_none_or(fits) {
            return Some(("breaker.slow_call_ms", "1 ms to 366 days"));
        }
        if !percents.contains(&self.slow_percent) {
            return Some(("breaker.slow_percent", "1 to 100"));
        }
        if !fits(self.open) {
            return Some(("breaker.open_ms", "1 ms to 366 days"));
        }
        if !(1..=BREAKER_WINDOW_MAX).contains(&self.probes) {
            return Some(("breaker.probes", "1 to 1,000"));
        }
        if !self.half_open.is_none_or(fits) {
            return Some(("breaker.half_open_ms", "1 ms to 366 days"));
        }
        None
    }

    /// The nearest settings that are in range.
    pub(super) fn clamped(self) -> Self {
        let fit = |span: Span| span.clamp(Span::from_micros(1), SPAN_MAX);
        let (window, minimum_max) = match self.window {
            BreakerWindow::Calls(calls) => {
                let calls = calls.clamp(1, BREAKER_WINDOW_MAX);
                (BreakerWindow::Calls(calls), calls)
            }
            BreakerWindow::Time { time } => {
                let time = time.clamp(BREAKER_WINDOW_TIME_MIN, BREAKER_WINDOW_TIME_MAX);
                (BreakerWindow::Time { time }, BREAKER_WINDOW_MAX)
            }
        };
        Self {
            window,
            minimum_calls: self.minimum_calls.clamp(1, minimum_max),
            failure_percent: self.failure_percent.clamp(1, 100),
            slow_call: self.slow_call.map(fit),
            slow_percent: self.slow_percent.clamp(1, 100),
            open: fit(self.open),
            probes: self.probes.clamp(1, BREAKER_WINDOW_MAX),
            half_open: self.half_open.map(fit),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::resilience::Breaker;

    type Set = fn(&mut BreakerConfig);

    #[test]
    fn a_setting_out_of_range_counts_as_the_nearest() {
        const MICRO: Span = Span::from_micros(1);
        const LONGER: Span = Span::from_micros(SPAN_MAX.as_micros() + 1);
        let pairs: [(Set, Set); 15] = [
            (|c| c.window = calls(0), |c| (c.window, c.minimum_calls) = (calls(1), 1)),
            (|c| c.window = calls(1_001), |c| c.window = calls(1_000)),
            (|c| c.window = time(Span::ZERO), |c| c.window = time(BREAKER_WINDOW_TIME_MIN)),
            (|c| c.window = time(LONGER), |c| c.window = time(BREAKER_WINDOW_TIME_MAX)),
            (|c| c.minimum_calls = 0, |c| c.minimum_calls = 1),
            (|c| c.minimum_calls = 21, |c| c.minimum_calls = 20),
            (|c| c.failure_percent = 0, |c| c.failure_percent = 1),
            (|c| c.failure_percent = 101, |c| c.failure_percent = 100),
            (|c| c.slow_percent = 0, |c| c.slow_percent = 1),
            (|c| c.slow_percent = 101, |c| c.slow_percent = 100),
            (|c| c.probes = 0, |c| c.probes = 1),
            (|c| c.probes = 1_001, |c| c.probes = 1_000),
            (|c| c.open = Span::ZERO, |c| c.open = MICRO),
            (|c| c.half_open = Some(LONGER), |c| c.half_open = Some(SPAN_MAX)),
            (|c| c.slow_call = Some(Span::ZERO), |c| c.slow_call = Some(MICRO)),
        ];
        for (wrong, nearest) in pairs {
            let [wrong, nearest] = [wrong, nearest].map(|set| {
                let mut config = BreakerConfig::default();
                set(&mut config);
                config
            });
            assert!(wrong.out_of_range().is_some(), "{wrong:?}");
            assert_eq!(nearest.out_of_range(), None, "{nearest:?}");
            assert_eq!(Breaker::new(wrong), Breaker::new(nearest));
        }
    }

    #[test]
    fn documents_name_either_window() {
        for (text, window) in [
            ("20", BreakerWindow::Calls(20)),
            (r#"{"time_ms":30000}"#, BreakerWindow::Time { time: Span::from_secs(30) }),
        ] {
            assert_eq!(serde_json::to_string(&window).unwrap(), text);
            assert_eq!(serde_json::from_str::<BreakerWindow>(text).unwrap(), window);
        }
        for text in ["-1", r#""all""#, r#"{"calls":20}"#, r#"{"time_ms":5,"calls":2}"#] {
            let error = serde_json::from_str::<BreakerWindow>(text).unwrap_err();
            assert!(error.to_string().starts_with("give the window as"), "{error}");
        }
    }

    fn calls(calls: u32) -> BreakerWindow {
        BreakerWindow::Calls(calls)
    }

    fn time(time: Span) -> BreakerWindow {
        BreakerWindow::Time { time }
    }
}
