//! The token bucket.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

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
/// The level counts millionths of a token, so `rate · microseconds` is exact and nothing rounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limiter {
    rate: Rate,
    level: u64,
    as_of: Timestamp,
}

const TOKEN: u64 = 1_000_000;

impl Limiter {
    /// A full bucket.
    #[must_use]
    pub fn new(rate: Rate, now: Timestamp) -> Self {
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

    /// Puts back a token that was taken and not used.
    pub fn put_back(&mut self) {
        self.level = (self.level + TOKEN).min(self.full());
    }

    /// When there is a whole token.
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
