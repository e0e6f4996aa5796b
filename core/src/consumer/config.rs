//! What can be set of a consumer, with the defaults.

use serde::{Deserialize, Serialize};

use crate::{
    limits::{CONCURRENCY_MAX, RATE_MAX, SPAN_MAX},
    resilience::{BreakerConfig, BreakerWindow, Rate},
    time::{Span, millis},
};

/// The settings of a consumer.
///
/// # Example: twenty calls a second, and none while the other side is down
/// ```
/// use postroom_core::{BreakerConfig, ConsumerConfig, Rate};
///
/// let config = ConsumerConfig {
///     rate: Some(Rate { per_second: 20, burst: 5 }),
///     breaker: Some(BreakerConfig::default()),
///     ..ConsumerConfig::default()
/// };
/// assert_eq!(config.concurrency, 4);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConsumerConfig {
    /// Calls under way at once: the consumer's bulkhead, before which messages wait in the queue.
    /// Default 4; from 1 to 10,000.
    pub concurrency: u32,
    /// A call is given up after this long. Default 10 s. The queue's lease must be longer.
    #[serde(rename = "call_timeout_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        let timeout = self.call_timeout;
        if timeout == Span::ZERO || timeout > SPAN_MAX || !timeout.is_whole_millis() {
            return Some(("call_timeout_ms", "whole milliseconds, 1 ms to 366 days"));
        }
        if self.rate.is_some_and(|r| !rates.contains(&r.per_second) || !rates.contains(&r.burst)) {
            return Some(("rate", "1 to 1,000,000 a second, and as much in a burst"));
        }
        let breaker = self.breaker.as_ref();
        breaker.and_then(|breaker| breaker.out_of_range().or_else(|| fraction(breaker)))
    }
}

/// The first span of a breaker that no document can hold, since it is none of whole milliseconds.
fn fraction(breaker: &BreakerConfig) -> Option<(&'static str, &'static str)> {
    let window = match breaker.window {
        BreakerWindow::Time { time } => Some(time),
        BreakerWindow::Calls(_) => None,
    };
    let spans = [
        ("breaker.window.time_ms", window),
        ("breaker.slow_call_ms", breaker.slow_call),
        ("breaker.open_ms", Some(breaker.open)),
        ("breaker.half_open_ms", breaker.half_open),
    ];
    let found = spans.into_iter().find(|(_, span)| span.is_some_and(|s| !s.is_whole_millis()));
    found.map(|(setting, _)| (setting, "whole milliseconds"))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        consumer::Consumer,
        id::{ConsumerId, QueueId},
        time::Timestamp,
    };

    type Set = fn(&mut ConsumerConfig, u64);

    #[test]
    fn every_setting_is_bounded_at_both_ends() {
        let year = SPAN_MAX.as_micros();
        let hour = 60 * 60 * 1_000_000;
        let settings: [(&str, u64, u64, Set); 14] = [
            ("concurrency", 1, 10_000, |c, n| c.concurrency = n as u32),
            ("call_timeout_ms", 1_000, year, |c, n| c.call_timeout = Span::from_micros(n)),
            ("rate", 1, 1_000_000, |c, n| c.rate = Some(Rate { per_second: n as u32, burst: 1 })),
            ("rate", 1, 1_000_000, |c, n| c.rate = Some(Rate { per_second: 1, burst: n as u32 })),
            ("breaker.window", 1, 1_000, |c, n| {
                breaker(c, |b| (b.window, b.minimum_calls) = (calls(n), 1))
            }),
            ("breaker.window.time_ms", 10_000, hour, |c, n| breaker(c, |b| b.window = time(n))),
            ("breaker.minimum_calls", 1, 20, |c, n| breaker(c, |b| b.minimum_calls = n as u32)),
            ("breaker.minimum_calls", 1, 1_000, |c, n| {
                breaker(c, |b| (b.window, b.minimum_calls) = (time(1_000_000), n as u32))
            }),
            ("breaker.failure_percent", 1, 100, |c, n| {
                breaker(c, |b| b.failure_percent = n as u32)
            }),
            ("breaker.slow_call_ms", 1_000, year, |c, n| {
                breaker(c, |b| b.slow_call = Some(Span::from_micros(n)))
            }),
            ("breaker.slow_percent", 1, 100, |c, n| breaker(c, |b| b.slow_percent = n as u32)),
            ("breaker.open_ms", 1_000, year, |c, n| breaker(c, |b| b.open = Span::from_micros(n))),
            ("breaker.probes", 1, 1_000, |c, n| breaker(c, |b| b.probes = n as u32)),
            ("breaker.half_open_ms", 1_000, year, |c, n| {
                breaker(c, |b| b.half_open = Some(Span::from_micros(n)))
            }),
        ];
        for (name, least, most, set) in settings {
            for (value, fits) in
                [(least - 1, false), (least, true), (most, true), (most + 1, false)]
            {
                let mut config = ConsumerConfig::default();
                set(&mut config, value);
                let made =
                    Consumer::new(ConsumerId::new(0), QueueId::new(0), config, Timestamp::ZERO);
                assert_eq!(
                    made.err().map(|e| e.setting),
                    (!fits).then_some(name),
                    "{name} {value}"
                );
            }
        }
    }

    #[test]
    fn a_document_may_leave_everything_out_and_may_not_misspell() {
        let config: ConsumerConfig = serde_json::from_str("{}").unwrap();
        assert_eq!(config, ConsumerConfig::default());
        let text =
            r#"{"call_timeout_ms":2000,"breaker":{"open_ms":500},"ambiguous":"dead_letter"}"#;
        let config: ConsumerConfig = serde_json::from_str(text).unwrap();
        assert_eq!(config.call_timeout, Span::from_secs(2));
        let breaker = config.breaker.map(|breaker| (breaker.open, breaker.window));
        assert_eq!(breaker, Some((Span::from_millis(500), BreakerWindow::Calls(20))));
        assert_eq!(config.ambiguous, Ambiguous::DeadLetter);
        for text in [r#"{"concurency":4}"#, r#"{"rate":{"per_second":5}}"#, r#"{"concurrency":-1}"#]
        {
            assert!(serde_json::from_str::<ConsumerConfig>(text).is_err(), "{text}");
        }
    }

    fn calls(calls: u64) -> BreakerWindow {
        BreakerWindow::Calls(calls as u32)
    }

    fn time(micros: u64) -> BreakerWindow {
        BreakerWindow::Time { time: Span::from_micros(micros) }
    }

    fn breaker(config: &mut ConsumerConfig, set: impl FnOnce(&mut BreakerConfig)) {
        set(config.breaker.get_or_insert_default());
    }
}
