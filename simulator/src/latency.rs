//! How long a call takes: the distributions, and how they are drawn.

use std::hash::{Hash, Hasher};

use postroom_core::{Entropy, Span};
use serde::{Deserialize, Serialize};

use crate::{
    limits::SPAN_MS_MAX,
    numbers::{log2, minus_ln, normal, times_power_of_2},
    scenario::{ScenarioError, out_of_range},
};

/// How long a call takes, in milliseconds: a distribution, drawn to the microsecond.
///
/// Every call draws its own, independently of all others. None takes longer than a day. The draws
/// are made in whole numbers, so they are the same on every platform.
///
/// | distribution | take it for |
/// |---|---|
/// | `fixed` | a machine that always works as long; the D in M/D/1 |
/// | `uniform` | a guess of which only the least and the most are known |
/// | `exponential` | the M in M/M/1: mostly short, now and then several times the mean |
/// | `log_normal` | a service on the network, by the two numbers of its dashboard: a long tail |
///
/// # Example: three providers
/// ```
/// use postroom_simulator::Latency;
///
/// for text in [
///     r#"{ "fixed": 40 }"#,
///     r#"{ "uniform": { "min": 50, "max": 90 } }"#,
///     r#"{ "exponential": { "mean": 100 } }"#,
///     r#"{ "log_normal": { "median": 120, "p99": 2000 } }"#,
/// ] {
///     assert!(serde_json::from_str::<Latency>(text).is_ok());
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Latency {
    /// Always so many milliseconds, from 0 to a day.
    Fixed(u64),
    /// Any time between the two is equally likely.
    Uniform {
        /// At least.
        min: u64,
        /// At most; a day at the most.
        max: u64,
    },
    /// However long a call has taken, the rest takes the mean again.
    Exponential {
        /// On average; from 1 ms to a day.
        mean: u64,
    },
    /// The logarithm is normally distributed. With a 99th percentile of ten times the median the
    /// mean is 1.6 times the median, with one of a hundred times 7 times.
    LogNormal {
        /// Half of the calls take longer; from 1 ms on.
        median: u64,
        /// One call in a hundred takes longer; at least the median, at most a day.
        p99: u64,
    },
}

/// The 99th percentile of the standard normal distribution in units of 2^-28.
const NORMAL_P99: u128 = 624_474_252;

impl Latency {
    pub(crate) fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        let (is_good, setting, range) = match *self {
            Self::Fixed(value) => (value <= SPAN_MS_MAX, "fixed", "0 to a day"),
            Self::Uniform { min, max } => (
                min <= max && max <= SPAN_MS_MAX,
                "uniform",
                "`min` at most `max`, `max` at most a day",
            ),
            Self::Exponential { mean } => {
                ((1..=SPAN_MS_MAX).contains(&mean), "exponential.mean", "1 ms to a day")
            }
            Self::LogNormal { median, p99 } => (
                1 <= median && median <= p99 && p99 <= SPAN_MS_MAX,
                "log_normal",
                "`median` 1 ms at least and `p99` at most, `p99` at most a day",
            ),
        };
        let field = || format!("{field}.latency_ms.{setting}");
        if is_good { Ok(()) } else { Err(out_of_range(&field(), range)) }
    }

    /// How long one call takes. All that it draws is drawn for `concern`.
    #[inline]
    pub(crate) fn draw(self, entropy: Entropy, concern: u64) -> Span {
        let micros = match self {
            Self::Fixed(millis) => millis * 1_000,
            Self::Uniform { min, max } => {
                let most = max.saturating_sub(min) * 1_000;
                min * 1_000 + entropy.draw_up_to(most, &[concern])
            }
            Self::Exponential { mean } => {
                let product =
                    u128::from(mean * 1_000) * u128::from(minus_ln(entropy.draw(&[concern])));
                ((product + (1 << 31)) >> 32) as u64
            }
            Self::LogNormal { median, p99 } => {
                let (is_short, deviation) = normal(|attempt| entropy.draw(&[concern, attempt]));
                let to_p99 = log2(p99 * 1_000) - log2(median * 1_000);
                let exponent = u128::from(to_p99) * u128::from(deviation) / NORMAL_P99;
                let exponent = if is_short { -(exponent as i64) } else { exponent as i64 };
                times_power_of_2(median * 1_000, exponent)
            }
        };
        Span::from_micros(micros.min(SPAN_MS_MAX * 1_000))
    }
}

/// A uniform one as it was when there was no other: worlds that have only such keep their digests.
impl Hash for Latency {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // `min` is never so large: nothing else begins like this.
        let other = |kind: u64| (u64::MAX, kind);
        match *self {
            Self::Uniform { min, max } => (min, max).hash(state),
            Self::Fixed(value) => (other(0), value).hash(state),
            Self::Exponential { mean } => (other(1), mean).hash(state),
            Self::LogNormal { median, p99 } => (other(2), median, p99).hash(state),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::Stream;

    const DRAWS: u64 = 100_000;

    fn draws(latency: Latency, draws: u64) -> Vec<u64> {
        let stream = Stream::new(3, "test", "call");
        let all = (0..draws).map(|place| latency.draw(stream.draw(place), 0).as_micros());
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        all
    }

    fn mean(draws: &[u64]) -> u64 {
        draws.iter().sum::<u64>() / draws.len() as u64
    }

    /// The value that so many in a thousand are below.
    fn quantile(sorted: &[u64], in_a_thousand: usize) -> u64 {
        sorted[sorted.len() * in_a_thousand / 1_000]
    }

    #[test]
    fn the_fixed_never_varies() {
        assert!(draws(Latency::Fixed(40), 1_000).iter().all(|micros| *micros == 40_000));
        assert_eq!(draws(Latency::Fixed(0), 1), [0]);
    }

    #[test]
    fn the_uniform_goes_from_the_least_to_the_most() {
        let drawn = draws(Latency::Uniform { min: 200, max: 210 }, DRAWS);
        assert!((200_000..200_010).contains(&drawn[0]) && drawn[drawn.len() - 1] > 209_990);
        assert!(mean(&drawn).abs_diff(205_000) < 40, "{}", mean(&drawn));
        assert_eq!(draws(Latency::Uniform { min: 7, max: 7 }, 1), [7_000]);
    }

    #[test]
    fn the_exponential_has_its_mean_and_its_tail() {
        // A standard deviation of the mean is 316 us, of the number beyond a quantile 95 at most.
        let drawn = draws(Latency::Exponential { mean: 100 }, DRAWS);
        assert!(mean(&drawn).abs_diff(100_000) < 1_300, "{}", mean(&drawn));
        for (times_mean_in_hundredths, longer) in [(69, 50_158), (230, 10_026), (461, 995)] {
            let bound = times_mean_in_hundredths * 1_000;
            let found = drawn.iter().filter(|micros| **micros > bound).count();
            assert!(found.abs_diff(longer) < 640, "{found} beyond {bound}, not {longer}");
        }
    }

    #[test]
    fn the_log_normal_has_its_percentiles_and_its_mean() {
        let drawn = draws(Latency::LogNormal { median: 100, p99: 1_000 }, DRAWS);
        // 16th and 84th: one deviation, a factor of 10^(1 / 2.3263) = 2.6905, from the median.
        for (in_a_thousand, expected, tolerance) in [
            (159, 37_170, 700),
            (500, 100_000, 1_600),
            (841, 269_000, 5_500),
            (990, 1_000_000, 48_000),
        ] {
            let found = quantile(&drawn, in_a_thousand);
            assert!(found.abs_diff(expected) < tolerance, "{found}, not {expected}");
        }
        // 100 ms times e^(0.98978^2 / 2).
        assert!(mean(&drawn).abs_diff(163_212) < 2_700, "{}", mean(&drawn));
        let level = draws(Latency::LogNormal { median: 80, p99: 80 }, 1_000);
        assert!(level.iter().all(|micros| *micros == 80_000), "no spread, no chance");
    }

    #[test]
    fn no_call_takes_longer_than_a_day() {
        let day = SPAN_MS_MAX * 1_000;
        for latency in [
            Latency::Exponential { mean: SPAN_MS_MAX },
            Latency::LogNormal { median: 1, p99: SPAN_MS_MAX },
        ] {
            let drawn = draws(latency, 5_000);
            assert!(drawn[0] < day, "{latency:?}");
            assert_eq!(drawn.last(), Some(&day), "{latency:?}");
        }
    }

    /// The same numbers natively and in a browser, today and in years.
    #[test]
    fn draws_stay_as_they_are() {
        let of = |latency: Latency| {
            let stream = Stream::new(7, "sms", "call");
            [0, 1, 2].map(|place| latency.draw(stream.draw(place), 0).as_micros())
        };
        assert_eq!(of(Latency::Uniform { min: 100, max: 200 }), [194_476, 160_365, 184_703]);
        assert_eq!(of(Latency::Exponential { mean: 100 }), [5_682, 50_477, 16_602]);
        assert_eq!(of(Latency::LogNormal { median: 100, p99: 1_000 }), [64_868, 162_485, 321_785]);
    }
}
