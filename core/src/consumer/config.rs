//! What can be set of a consumer, with the defaults.

use serde::{Deserialize, Serialize};

use crate::{
    consumer::{breaker::BreakerConfig, limiter::Rate},
    limits::{BREAKER_WINDOW_MAX, CONCURRENCY_MAX, RATE_MAX, SPAN_MAX},
    time::{Span, millis},
};

/// The settings of a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsumerConfig {
    /// Calls under way at once. Default 4; from 1 to 10,000.
    pub concurrency: u32,
    /// A call is given up after this long. Default 10 s. The queue's lease must be longer.
    #[serde(rename = "call_timeout_ms", with = "millis")]
    pub call_timeout: Span,
    /// At most so many calls a second. Default no limit.
    pub rate: Option<Rate>,
    /// When to stop calling a side that fails. Default never.
    pub breaker: Option<BreakerConfig>,
    /// What to do when it is not known whether a call succeeded. Default try again.
    pub ambiguous: Ambiguous,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        Self {
            concurrency: 4,
            call_timeout: Span::from_secs(10),
            rate: None,
            breaker: None,
            ambiguous: Ambiguous::Resend,
        }
    }
}

/// What to do when it is not known whether a call succeeded: it ran out of time, or its answer
/// was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ambiguous {
    /// Try again: the other side recognises a resend, or a duplicate does no harm.
    #[default]
    Resend,
    /// Dead-letter it with reason `unknown`: somebody must look.
    DeadLetter,
}

/// A setting of a consumer is out of range: put it into its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}` is out of range: give {range}")]
pub struct OutOfRange {
    /// The setting.
    pub setting: &'static str,
    /// Its range, in words.
    pub range: &'static str,
}

impl ConsumerConfig {
    /// Refuses the first setting that is out of range.
    pub(crate) fn check(&self) -> Result<(), OutOfRange> {
        self.out_of_range().map_or(Ok(()), |(setting, range)| Err(OutOfRange { setting, range }))
    }

    /// The first setting that is out of range: its name and the range in words.
    fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let rates = 1..=RATE_MAX;
        if !(1..=CONCURRENCY_MAX).contains(&self.concurrency) {
            return Some(("concurrency", "1 to 10,000"));
        }
        if self.call_timeout == Span::ZERO || self.call_timeout > SPAN_MAX {
            return Some(("call_timeout_ms", "1 ms to 366 days"));
        }
        if self.rate.is_some_and(|r| !rates.contains(&r.per_second) || !rates.contains(&r.burst)) {
            return Some(("rate", "1 to 1,000,000 a second, and as much in a burst"));
        }
        let breaker = self.breaker?;
        if !(1..=BREAKER_WINDOW_MAX).contains(&breaker.window) {
            return Some(("breaker.window", "1 to 1,000 calls"));
        }
        if !(1..=breaker.window).contains(&breaker.minimum_calls) {
            return Some(("breaker.minimum_calls", "1 to the window"));
        }
        if !(1..=100).contains(&breaker.failure_percent) {
            return Some(("breaker.failure_percent", "1 to 100"));
        }
        if !(1..=BREAKER_WINDOW_MAX).contains(&breaker.probes) {
            return Some(("breaker.probes", "1 to 1,000"));
        }
        if breaker.open == Span::ZERO || breaker.open > SPAN_MAX {
            return Some(("breaker.open_ms", "1 ms to 366 days"));
        }
        None
    }
}
