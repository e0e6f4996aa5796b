//! The token bucket.

use serde::{Deserialize, Serialize};

use crate::{
    limits::RATE_MAX,
    time::{Span, Timestamp},
};

/// So many calls a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// From 1 to 1,000,000.
    pub per_second: u32,
    /// From 1 to 1,000,000.
    pub burst: u32,
}

/// A token bucket: full at first, `per_second` tokens flow in, `burst` fit.
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

    fn fill(&mut self, now: Timestamp) {
        let elapsed = now.since(self.as_of).as_micros();
        let flowed_in = elapsed.saturating_mul(u64::from(self.rate.per_second));
        self.level = self.level.saturating_add(flowed_in).min(self.full());
        self.as_of = self.as_of.max(now);
    }

    fn full(&self) -> u64 {
        u64::from(self.rate.burst) * TOKEN
    }
}
