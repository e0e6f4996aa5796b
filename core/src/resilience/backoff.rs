//! How long to wait after a failure.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    entropy::Entropy,
    limits::{BACKOFF_STEPS_MAX, DELIVERIES_MAX, SPAN_MAX},
    time::{Span, millis},
};

/// How long to wait after the nth failed delivery: a wait that grows, at most `cap`, then spread.
///
/// Integer arithmetic throughout, so that every platform waits the same. Nothing is remembered
/// between two waits: the count of failures and the given entropy are all it takes. That rules out
/// the jitter called decorrelated, which draws on the wait before.
///
/// # Example: growing gaps
/// ```
/// use postroom_core::{Backoff, Entropy, Jitter, Span};
///
/// let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
/// let gaps = [1, 2, 3].map(|n| backoff.delay(n, Entropy::new(7), 0));
/// assert_eq!(gaps, [1, 2, 4].map(Span::from_secs));
/// ```
///
/// # Example: three waits by hand, spread over their upper halves
/// ```
/// use postroom_core::{Backoff, Entropy, Growth, Jitter, Span, Steps};
///
/// let steps = Steps::new(&[5, 60, 3_600].map(Span::from_secs)).expect("1 to 8 waits");
/// let growth = Growth::Steps(steps);
/// let backoff = Backoff { growth, jitter: Jitter::Equal, ..Backoff::default() };
/// let second = backoff.delay(2, Entropy::new(7), 0);
/// assert!((Span::from_secs(30)..=Span::from_secs(60)).contains(&second));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Backoff {
    /// The wait after the first failure. Default 1 s; at most 366 days.
    #[serde(rename = "base_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub base: Span,
    /// How a wait follows from the one before. Default twice as long.
    pub growth: Growth,
    /// The longest wait. Default 10 min; at most 366 days.
    #[serde(rename = "cap_ms", with = "millis")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub cap: Span,
    /// How far a wait is spread, so that many failures do not come back at once. Default full.
    pub jitter: Jitter,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Span::from_secs(1),
            growth: Growth::default(),
            cap: Span::from_secs(600),
            jitter: Jitter::Full,
        }
    }
}

/// How a wait follows from the one before, `cap` and jitter aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// Every wait is `base`.
    Fixed,
    /// The nth wait is n times `base`.
    Linear,
    /// Each wait is so many percent of the one before.
    Exponential {
        /// Default 200: each is twice the one before. From 101 to 1,000; what is out of range
        /// counts as the nearest in range.
        percent: u32,
    },
    /// The waits one by one, in place of `base`. The last one stands for all that follow.
    #[serde(rename = "steps_ms")]
    Steps(Steps),
}

impl Default for Growth {
    fn default() -> Self {
        Self::Exponential { percent: 200 }
    }
}

/// Waits by hand: from 1 to [`BACKOFF_STEPS_MAX`].
///
/// A document lists whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "Vec<u64>", into = "Vec<u64>")]
pub struct Steps {
    /// The last one again where there are fewer.
    waits: [Span; BACKOFF_STEPS_MAX as usize],
    len: u8,
}

/// Waits were not taken: give from 1 to 8 of whole milliseconds, each at most 366 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the waits are out of range: give 1 to {BACKOFF_STEPS_MAX} of whole milliseconds, each at most 366 days"
)]
pub struct StepsOutOfRange;

impl Steps {
    /// These waits, the first one first.
    ///
    /// # Errors
    /// [`StepsOutOfRange`] if there is none, more than [`BACKOFF_STEPS_MAX`], or one that is
    /// longer than [`SPAN_MAX`] or no whole number of milliseconds.
    pub fn new(waits: &[Span]) -> Result<Self, StepsOutOfRange> {
        let last = *waits.last().ok_or(StepsOutOfRange)?;
        let fits = |wait: &Span| wait.is_whole_millis() && *wait <= SPAN_MAX;
        if waits.len() > BACKOFF_STEPS_MAX as usize || !waits.iter().all(fits) {
            return Err(StepsOutOfRange);
        }
        let nth = |n: usize| waits.get(n).copied().unwrap_or(last);
        Ok(Self { waits: core::array::from_fn(nth), len: waits.len() as u8 })
    }

    /// The waits, the first one first.
    #[must_use]
    pub fn as_slice(&self) -> &[Span] {
        &self.waits[..usize::from(self.len)]
    }

    fn nth(&self, failures: u32) -> Span {
        let last = BACKOFF_STEPS_MAX - 1;
        self.waits[failures.saturating_sub(1).min(last) as usize]
    }
}

impl TryFrom<Vec<u64>> for Steps {
    type Error = StepsOutOfRange;

    fn try_from(millis: Vec<u64>) -> Result<Self, StepsOutOfRange> {
        let waits: Vec<Span> = millis.into_iter().map(Span::from_millis).collect();
        Self::new(&waits)
    }
}

impl From<Steps> for Vec<u64> {
    fn from(steps: Steps) -> Self {
        steps.as_slice().iter().map(|wait| wait.as_millis()).collect()
    }
}

/// How far a wait is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// The most and the least that one wait may be of the one before.
const PERCENT_MIN: u32 = 101;
const PERCENT_MAX: u32 = 1_000;

/// Growing waits are reckoned in these parts of a microsecond, so that short ones grow too.
const FRACTION_BITS: u32 = 32;

impl Backoff {
    /// The wait after failure `failures` (from 1); `key` tells one copy's draw from another's.
    #[must_use]
    pub fn delay(&self, failures: u32, entropy: Entropy, key: u64) -> Span {
        let whole = self.whole(failures).min(self.cap).as_micros();
        let draw = |most| entropy.draw_up_to(most, &[key, u64::from(failures)]);
        Span::from_micros(match self.jitter {
            Jitter::None => whole,
            Jitter::Equal => whole - draw(whole / 2),
            Jitter::Full => draw(whole),
        })
    }

    /// The first setting that is out of range: its name and the range in words.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, &'static str)> {
        let fits = |span: Span| span.is_whole_millis() && span <= SPAN_MAX;
        if !fits(self.base) || !fits(self.cap) {
            return Some(("backoff", "whole milliseconds, at most 366 days"));
        }
        match self.growth {
            Growth::Exponential { percent } if !(PERCENT_MIN..=PERCENT_MAX).contains(&percent) => {
                Some(("backoff.growth", "101 to 1,000 percent"))
            }
            _ => None,
        }
    }

    /// The wait before cap and jitter, or anything above the cap.
    fn whole(&self, failures: u32) -> Span {
        match self.growth {
            Growth::Fixed => self.base,
            Growth::Linear => self.base.times(u64::from(failures.max(1))),
            Growth::Exponential { percent } => self.exponential(failures, percent),
            Growth::Steps(steps) => steps.nth(failures),
        }
    }

    /// Nothing is delivered more than [`DELIVERIES_MAX`] times, so the loop is short.
    fn exponential(&self, failures: u32, percent: u32) -> Span {
        let percent = u128::from(percent.clamp(PERCENT_MIN, PERCENT_MAX));
        let cap = u128::from(self.cap.as_micros()) << FRACTION_BITS;
        let mut wait = u128::from(self.base.as_micros()) << FRACTION_BITS;
        for _ in 1..failures.min(DELIVERIES_MAX) {
            if wait >= cap || wait == 0 {
                break;
            }
            wait = wait * percent / 100;
        }
        Span::from_micros((wait.min(cap) >> FRACTION_BITS) as u64)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const DAY: Span = Span::from_secs(24 * 60 * 60);
    const TOO_LONG: Span = Span::from_micros(SPAN_MAX.as_micros() + 1);

    #[test]
    fn waits_grow_as_they_are_told_to() {
        let cases: [(&str, Growth, [u64; 5]); 7] = [
            ("fixed", Growth::Fixed, [400, 400, 400, 400, 400]),
            ("linear", Growth::Linear, [400, 800, 1_200, 1_600, 2_000]),
            ("doubled", Growth::default(), [400, 800, 1_600, 3_200, 6_400]),
            ("by half", exponential(150), [400, 600, 900, 1_350, 2_025]),
            ("tenfold", exponential(1_000), [400, 4_000, 10_000, 10_000, 10_000]),
            ("by hand", steps(&[7, 5, 20_000]), [7, 5, 10_000, 10_000, 10_000]),
            ("one by hand", steps(&[90]), [90, 90, 90, 90, 90]),
        ];
        for (name, growth, waits) in cases {
            let (base, cap) = (Span::from_millis(400), Span::from_secs(10));
            let backoff = Backoff { base, growth, cap, jitter: Jitter::None };
            let said = [1, 2, 3, 4, 5].map(|nth| plain(&backoff, nth).as_millis());
            assert_eq!(said, waits, "{name}");
        }
    }

    #[test]
    fn a_wait_before_any_failure_is_the_first_one() {
        for growth in [Growth::Fixed, Growth::Linear, Growth::default(), steps(&[9, 10])] {
            let backoff = Backoff { growth, jitter: Jitter::None, ..Backoff::default() };
            assert_eq!(plain(&backoff, 0), plain(&backoff, 1), "{growth:?}");
        }
    }

    #[test]
    fn the_largest_settings_and_counts_stay_within_the_cap() {
        for growth in [Growth::Fixed, Growth::Linear, exponential(101), exponential(1_000)] {
            for base in [Span::ZERO, Span::from_micros(1), SPAN_MAX] {
                for cap in [Span::ZERO, Span::from_micros(1), DAY, SPAN_MAX] {
                    let backoff = Backoff { base, growth, cap, jitter: Jitter::None };
                    let waits = [1, 2, 41, 1_000, u32::MAX].map(|nth| plain(&backoff, nth));
                    assert!(waits.is_sorted(), "{backoff:?} {waits:?}");
                    assert!(waits[4] <= cap, "{backoff:?} {waits:?}");
                    assert_eq!(waits[0], base.min(cap));
                }
            }
        }
    }

    #[test]
    fn short_waits_grow_as_steadily_as_long_ones() {
        let growth = exponential(110);
        let of = |base| Backoff { base, growth, cap: SPAN_MAX, jitter: Jitter::None };
        let (short, long) = (of(Span::from_micros(1)), of(Span::from_secs(1)));
        for nth in 1..=180 {
            let exact = plain(&long, nth).as_micros() / 1_000_000;
            assert!(plain(&short, nth).as_micros().abs_diff(exact) <= 1, "wait {nth}");
        }
    }

    #[test]
    fn jitter_stays_in_its_part_and_fills_it() {
        let whole = 1_000_000;
        for (jitter, least) in
            [(Jitter::None, whole), (Jitter::Equal, whole / 2), (Jitter::Full, 0)]
        {
            let backoff = Backoff { growth: Growth::Fixed, jitter, ..Backoff::default() };
            let draws = (0..10_000).map(|key| backoff.delay(1, Entropy::new(3), key).as_micros());
            let draws: Vec<u64> = draws.collect();
            let (low, high) = (*draws.iter().min().unwrap(), *draws.iter().max().unwrap());
            assert!(low >= least && high <= whole, "{jitter:?} draws from {low} to {high}");
            let edge = (whole - least) / 100;
            assert!(low - least <= edge && whole - high <= edge, "{jitter:?} fills its part");
            let mean = draws.iter().sum::<u64>() / 10_000;
            assert!(mean.abs_diff(u64::midpoint(least, whole)) <= edge, "{jitter:?} is even");
        }
    }

    #[test]
    fn a_wait_depends_on_entropy_key_and_count_and_on_nothing_else() {
        let backoff = Backoff { growth: Growth::Fixed, ..Backoff::default() };
        let wait = |nth, entropy, key| backoff.delay(nth, Entropy::new(entropy), key);
        assert_eq!(wait(1, 1, 1), wait(1, 1, 1));
        let others = [wait(2, 1, 1), wait(1, 2, 1), wait(1, 1, 2)];
        assert!(others.iter().all(|other| *other != wait(1, 1, 1)));
    }

    #[test]
    fn settings_are_bounded_at_both_ends() {
        for (backoff, setting) in [
            (Backoff { base: SPAN_MAX, cap: SPAN_MAX, ..Backoff::default() }, None),
            (Backoff { base: TOO_LONG, ..Backoff::default() }, Some("backoff")),
            (Backoff { cap: TOO_LONG, ..Backoff::default() }, Some("backoff")),
            (Backoff { growth: exponential(100), ..Backoff::default() }, Some("backoff.growth")),
            (Backoff { growth: exponential(101), ..Backoff::default() }, None),
            (Backoff { growth: exponential(1_000), ..Backoff::default() }, None),
            (Backoff { growth: exponential(1_001), ..Backoff::default() }, Some("backoff.growth")),
        ] {
            assert_eq!(backoff.out_of_range().map(|(name, _)| name), setting, "{backoff:?}");
        }
        let nearest = |percent| Backoff { growth: exponential(percent), ..Backoff::default() };
        assert_eq!(nearest(0).whole(9), nearest(101).whole(9));
        assert_eq!(nearest(u32::MAX).whole(3), nearest(1_000).whole(3));
    }

    #[test]
    fn one_to_eight_waits_are_taken() {
        let waits = |count| vec![SPAN_MAX; count];
        for (count, taken) in [(0, false), (1, true), (8, true), (9, false)] {
            let steps = Steps::new(&waits(count));
            assert_eq!(steps.is_ok(), taken, "{count}");
            assert!(!taken || steps.unwrap().as_slice() == waits(count));
        }
        for wrong in [TOO_LONG, SPAN_MAX.times(2), Span::from_micros(1_500)] {
            assert_eq!(Steps::new(&[DAY, wrong]), Err(StepsOutOfRange), "{wrong:?}");
        }
        assert!(StepsOutOfRange.to_string().contains("give 1 to 8"));
    }

    #[test]
    fn documents_name_each_growth() {
        for (text, growth) in [
            (r#""fixed""#, Growth::Fixed),
            (r#""linear""#, Growth::Linear),
            (r#"{"exponential":{"percent":150}}"#, exponential(150)),
            (r#"{"steps_ms":[1000,5000]}"#, steps(&[1_000, 5_000])),
        ] {
            assert_eq!(serde_json::to_string(&growth).unwrap(), text);
            assert_eq!(serde_json::from_str::<Growth>(text).unwrap(), growth);
        }
        let read: Backoff = serde_json::from_str(r#"{"base_ms":5,"growth":"fixed"}"#).unwrap();
        let (base, growth) = (Span::from_millis(5), Growth::Fixed);
        assert_eq!(read, Backoff { base, growth, ..Backoff::default() });
        for text in
            [r#"{"growth":{"steps_ms":[]}}"#, r#"{"growth":{"steps_ms":[0,1,2,3,4,5,6,7,8]}}"#]
        {
            let error = serde_json::from_str::<Backoff>(text).unwrap_err();
            assert!(error.to_string().contains("give 1 to 8"), "{error}");
        }
    }

    fn plain(backoff: &Backoff, failures: u32) -> Span {
        backoff.delay(failures, Entropy::new(0), 0)
    }

    fn exponential(percent: u32) -> Growth {
        Growth::Exponential { percent }
    }

    fn steps(millis: &[u64]) -> Growth {
        Growth::Steps(Steps::try_from(millis.to_vec()).unwrap())
    }
}
