//! The token bucket.

use serde::{Deserialize, Serialize};

use crate::{
    limits::RATE_MAX,
    time::{Span, Timestamp},
};

/// So many calls a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// From 1 to 1,000,000.
    pub per_second: u32,
    /// From 1 to 1,000,000.
    pub burst: u32,
}

/// A token bucket: full at first, `per_second` tokens flow in, `burst` fit.
///
/// In any time `t` it gives no more than `burst` tokens and what flows in during `t` and one
/// microsecond more. Time that runs backwards stands still for it.
///
/// The level counts millionths of a token, so `rate · microseconds` is exact and nothing rounds:
/// how often it is asked in between changes nothing.
///
/// # Example: two at once, then one every 100 ms
/// ```
/// use postroom_core::{Limiter, Rate, Timestamp};
///
/// let start = Timestamp::ZERO;
/// let mut limiter = Limiter::new(Rate { per_second: 10, burst: 2 }, start);
/// assert!(limiter.take(start) && limiter.take(start));
/// assert!(!limiter.take(start));
/// assert_eq!(limiter.next_token_at(), Timestamp::from_millis(100));
/// assert!(limiter.take(Timestamp::from_millis(100)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limiter {
    rate: Rate,
    level: u64,
    as_of: Timestamp,
}

const TOKEN: u64 = 1_000_000;

impl Limiter {
    /// A full bucket. A rate out of range counts as the nearest one in range.
    #[must_use]
    pub fn new(rate: Rate, now: Timestamp) -> Self {
        let rate = Rate {
            per_second: rate.per_second.clamp(1, RATE_MAX),
            burst: rate.burst.clamp(1, RATE_MAX),
        };
        Self { rate, level: u64::from(rate.burst) * TOKEN, as_of: now }
    }

    /// Whole tokens in the bucket at `now`.
    pub fn available(&mut self, now: Timestamp) -> u32 {
        self.fill(now);
        (self.level / TOKEN) as u32
    }

    /// Takes one token; false if there is none.
    pub fn take(&mut self, now: Timestamp) -> bool {
        self.fill(now);
        let enough = self.level >= TOKEN;
        if enough {
            self.level -= TOKEN;
        }
        enough
    }

    /// When there is a whole token, if nobody takes one before.
    #[must_use]
    pub fn next_token_at(&self) -> Timestamp {
        let missing = TOKEN.saturating_sub(self.level);
        let wait = missing.div_ceil(u64::from(self.rate.per_second));
        self.as_of + Span::from_micros(wait)
    }

    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Whether it could have come about: to be asked of what was read from a document.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        self.level <= self.most() && self.as_of <= now
    }

    fn fill(&mut self, now: Timestamp) {
        let elapsed = now.since(self.as_of).as_micros();
        let flowed_in = elapsed.saturating_mul(u64::from(self.rate.per_second));
        self.level = self.level.saturating_add(flowed_in).min(self.most());
        self.as_of = self.as_of.max(now);
    }

    /// Besides `burst` tokens, what flows in during the microsecond in which a token becomes
    /// whole: without it a bucket of few tokens would lose a fraction at each.
    fn most(&self) -> u64 {
        u64::from(self.rate.burst) * TOKEN + u64::from(self.rate.per_second) - 1
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::entropy::Entropy;

    const ODD_RATES: [u32; 8] = [1, 3, 7, 999, 333_333, 600_000, 999_983, 1_000_000];

    #[test]
    fn the_nth_token_comes_in_the_very_microsecond() {
        for per_second in ODD_RATES {
            for burst in [1, 2, 50] {
                let mut limiter = Limiter::new(Rate { per_second, burst }, Timestamp::ZERO);
                (0..burst).for_each(|_| assert!(limiter.take(Timestamp::ZERO)));
                for nth in 1..=1_000_u64 {
                    let due = (nth * TOKEN).div_ceil(u64::from(per_second));
                    let due = Timestamp::from_micros(due);
                    assert_eq!(limiter.next_token_at(), due, "{per_second}/s, token {nth}");
                    let before = due - Span::from_micros(1);
                    assert!(!limiter.take(before), "not a moment early");
                    assert!(limiter.take(due));
                }
            }
        }
    }

    #[test]
    fn a_long_pause_fills_it_to_the_burst_and_no_further() {
        for per_second in ODD_RATES {
            for pause in [1, 3_600, 366 * 24 * 3_600, u64::MAX / 2_000_000] {
                let mut limiter = Limiter::new(Rate { per_second, burst: 5 }, Timestamp::ZERO);
                let later = Timestamp::ZERO + Span::from_secs(5 + pause);
                assert_eq!(limiter.available(later), 5);
                (0..5).for_each(|_| assert!(limiter.take(later)));
                assert!(!limiter.take(later), "{per_second}/s after {pause} s");
                let second = later + Span::from_secs(1);
                assert_eq!(limiter.available(second), per_second.min(5));
            }
        }
    }

    #[test]
    fn asking_in_between_changes_nothing() {
        for per_second in ODD_RATES {
            let mut often = Limiter::new(Rate { per_second, burst: 2 }, Timestamp::ZERO);
            let mut once = often.clone();
            let takes = [0, 0, 0, 17, 999_999, 1_000_001, 5_000_003].map(Timestamp::from_micros);
            for (from, to) in takes.iter().zip(&takes[1..]) {
                for step in 0..50 {
                    often.available(
                        *from + Span::from_micros(to.since(*from).as_micros() / 50 * step),
                    );
                }
                assert_eq!(often.take(*to), once.take(*to), "{per_second}/s at {to:?}");
            }
            assert_eq!(often, once);
        }
    }

    #[test]
    fn a_year_of_taking_all_there_is_loses_and_gains_nothing() {
        for per_second in [1, 3, 7, 11] {
            let mut limiter = Limiter::new(Rate { per_second, burst: RATE_MAX }, Timestamp::ZERO);
            let (mut now, mut taken) = (0_u64, 0_u64);
            while now < 366 * 24 * 3_600 * TOKEN {
                let whole = limiter.available(Timestamp::from_micros(now));
                limiter.level -= u64::from(whole) * TOKEN;
                taken += u64::from(whole);
                // Odd steps of 9 to 19 hours, never so long that it fills up.
                now += 32_400_000_007 + now % 36_000_000_011;
            }
            taken += u64::from(limiter.available(Timestamp::from_micros(now)));
            let flowed_in = u128::from(now) * u128::from(per_second) / u128::from(TOKEN);
            assert_eq!(u128::from(taken), u128::from(RATE_MAX) + flowed_in, "{per_second}/s");
        }
    }

    #[test]
    fn in_no_time_does_it_give_more_than_burst_and_rate_allow() {
        for per_second in ODD_RATES {
            for burst in [1, 2, 7] {
                let mut limiter = Limiter::new(Rate { per_second, burst }, Timestamp::ZERO);
                let mut takes: Vec<u64> = Vec::new();
                let mut now = 0;
                for nth in 0..400_u64 {
                    now += Entropy::new(nth).draw_up_to(3 * TOKEN / u64::from(per_second), &[]);
                    while limiter.take(Timestamp::from_micros(now)) {
                        takes.push(now);
                    }
                }
                for (first, from) in takes.iter().enumerate() {
                    for (last, to) in takes.iter().enumerate().skip(first).take(50) {
                        let given = (last - first + 1) as u64;
                        let flows = (to - from + 1) * u64::from(per_second);
                        let most = u64::from(burst) * TOKEN + flows;
                        assert!(given * TOKEN <= most, "{per_second}/s, {burst}: {from} to {to}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_end_of_time_is_reached_without_overflow() {
        let mut limiter = Limiter::new(Rate { per_second: 1, burst: 1 }, Timestamp::ZERO);
        let end = Timestamp::from_micros(u64::MAX);
        assert!(limiter.take(end) && !limiter.take(end));
        assert_eq!(limiter.next_token_at(), end);
    }

    #[test]
    fn time_that_runs_backwards_brings_and_takes_nothing() {
        let mut limiter =
            Limiter::new(Rate { per_second: 1, burst: 1 }, Timestamp::from_millis(500));
        assert!(limiter.take(Timestamp::ZERO));
        assert!(!limiter.take(Timestamp::ZERO));
        assert_eq!(limiter.next_token_at(), Timestamp::from_millis(1_500));
    }

    #[test]
    fn a_rate_out_of_range_counts_as_the_nearest() {
        let none = Limiter::new(Rate { per_second: 0, burst: 0 }, Timestamp::ZERO);
        assert_eq!(none, Limiter::new(Rate { per_second: 1, burst: 1 }, Timestamp::ZERO));
        let many = Limiter::new(Rate { per_second: u32::MAX, burst: u32::MAX }, Timestamp::ZERO);
        let most = Rate { per_second: RATE_MAX, burst: RATE_MAX };
        assert_eq!(many, Limiter::new(most, Timestamp::ZERO));
    }
}
