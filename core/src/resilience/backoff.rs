//! How long to wait after a failure.

use serde::{Deserialize, Serialize};

use crate::{
    entropy::Entropy,
    time::{Span, millis},
};

/// How long to wait after the nth failed delivery: `base · 2^(n-1)`, at most `cap`.
///
/// Integer arithmetic throughout, so that every platform waits the same.
///
/// # Example: growing gaps
/// ```
/// use postroom_core::{Backoff, Entropy, Jitter, Span};
///
/// let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
/// let gaps = [1, 2, 3].map(|n| backoff.delay(n, Entropy::new(7), 0));
/// assert_eq!(gaps, [1, 2, 4].map(Span::from_secs));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backoff {
    /// The wait after the first failure. Default 1 s.
    #[serde(rename = "base_ms", with = "millis")]
    pub base: Span,
    /// The longest wait. Default 10 min.
    #[serde(rename = "cap_ms", with = "millis")]
    pub cap: Span,
    /// How far a wait is spread, so that many failures do not come back at once. Default full.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Span::from_secs(1), cap: Span::from_secs(600), jitter: Jitter::Full }
    }
}

/// How far a wait is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Not at all.
    None,
    /// Over the upper half: from half the wait to all of it. Gaps still visibly grow.
    Equal,
    /// From nothing to the whole wait.
    #[default]
    Full,
}

impl Backoff {
    /// The wait after failure `failures` (from 1); `key` tells one copy's draw from another's.
    #[must_use]
    pub fn delay(&self, failures: u32, entropy: Entropy, key: u64) -> Span {
        let doublings = failures.saturating_sub(1).min(40);
        let whole = self.base.times(1 << doublings).min(self.cap).as_micros();
        let draw = |most| entropy.draw_up_to(most, &[key, u64::from(failures)]);
        Span::from_micros(match self.jitter {
            Jitter::None => whole,
            Jitter::Equal => whole - draw(whole / 2),
            Jitter::Full => draw(whole),
        })
    }
}
