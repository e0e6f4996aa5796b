//! Random numbers by name: who draws, what for, and the how-manieth draw it is.

use postroom_core::{Entropy, Span, digest_of};

use crate::numbers::minus_ln;

/// The random numbers of one concern of one actor.
///
/// A number depends on the seed, the two names and its own place in the stream, and on nothing
/// else: whatever other actors draw shifts nothing here.
///
/// # Example: the third draw is the third draw, whoever else draws
/// ```
/// use postroom_simulator::Stream;
///
/// let latency = Stream::new(7, "sms", "call");
/// assert_eq!(latency.draw(3), Stream::new(7, "sms", "call").draw(3));
/// assert_ne!(latency.draw(3), Stream::new(7, "push", "call").draw(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    key: Entropy,
}

impl Stream {
    /// The stream that `actor` uses for `concern`.
    #[must_use]
    pub fn new(seed: u64, actor: &str, concern: &str) -> Self {
        Self { key: Entropy::new(digest_of(&(seed, actor, concern))) }
    }

    /// Draw number `place`, as entropy for one command or one decision.
    #[must_use]
    #[inline]
    pub fn draw(&self, place: u64) -> Entropy {
        Entropy::new(self.key.draw(&[place]))
    }
}

/// The time to the next of a Poisson process's arrivals, for a uniform `draw`.
///
/// The inverse of the exponential distribution in whole numbers: native and wasm logarithms
/// differ in their last bits, this one has none to differ in. Exact to a microsecond in the hour.
/// A rate of zero never arrives.
#[must_use]
#[inline]
pub fn exponential(draw: u64, per_minute: u32) -> Option<Span> {
    const MINUTE: u128 = 60_000_000;
    let rate = u128::from(per_minute);
    if rate == 0 {
        return None;
    }
    let wait = MINUTE * u128::from(minus_ln(draw));
    let micros = ((wait + (rate << 31)) / rate) >> 32;
    Some(Span::from_micros(micros as u64))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const SECOND: u64 = 1_000_000;

    fn gaps(per_minute: u32, draws: u64) -> impl Iterator<Item = u64> {
        let stream = Stream::new(11, "test", "gap");
        (0..draws)
            .filter_map(move |place| exponential(stream.draw(place).value(), per_minute))
            .map(Span::as_micros)
    }

    #[test]
    fn a_draw_depends_on_seed_actor_concern_and_place() {
        let draw = |seed, actor, concern, place| Stream::new(seed, actor, concern).draw(place);
        let base = draw(1, "sms", "call", 0);
        assert_eq!(base, draw(1, "sms", "call", 0));
        for other in [
            draw(2, "sms", "call", 0),
            draw(1, "push", "call", 0),
            draw(1, "sms", "answer", 0),
            draw(1, "smsc", "all", 0),
            draw(1, "sms", "call", 1),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn waits_have_their_mean_and_their_shape() {
        // 100,000 draws: a standard deviation of the mean is 0.3 %, of a share 0.16 %.
        let draws = 100_000;
        let sum: u64 = gaps(60, draws).sum();
        assert!((sum / draws).abs_diff(SECOND) < 13_000, "{}", sum / draws);
        for (factor_percent, longer_in_ten_thousand) in [(10, 9_048), (100, 3_679), (300, 498)] {
            let bound = SECOND * factor_percent / 100;
            let longer = gaps(60, draws).filter(|gap| *gap > bound).count() as u64;
            let expected = longer_in_ten_thousand * draws / 10_000;
            assert!(longer.abs_diff(expected) < 700, "{longer} > {bound}, not {expected}");
        }
    }

    #[test]
    fn waits_are_exact_at_known_places() {
        let wait = |draw, per_minute| exponential(draw, per_minute).map(Span::as_micros);
        assert_eq!(wait(u64::MAX, 60), Some(0), "-ln 1");
        assert_eq!(wait(1 << 63, 60), Some(693_147), "-ln 1/2");
        assert_eq!(wait(1 << 62, 60), Some(1_386_294), "-ln 1/4");
        assert_eq!(wait(6_786_177_901_268_885_274, 60), Some(SECOND), "-ln 1/e");
        assert_eq!(wait(1, 60), Some(44_361_420), "-ln 2^-64");
        assert_eq!(wait(0, 60), wait(1, 60), "the logarithm of 0 is capped");
        assert_eq!(wait(1 << 63, 1), Some(41_588_831));
        assert_eq!(wait(1 << 63, 6_000_000), Some(7));
        assert_eq!(wait(1 << 63, 0), None);
    }

    /// The same numbers natively and in a browser, today and in years.
    #[test]
    fn streams_stay_as_they_are() {
        let stream = Stream::new(7, "sms", "call");
        let draws = [0, 1, u64::MAX].map(|place| stream.draw(place).value());
        assert_eq!(
            draws,
            [12_382_524_638_185_541_556, 1_543_644_823_031_104_676, 6_634_068_208_420_278_584]
        );
        assert_eq!(gaps(600, 4).collect::<Vec<_>>(), [94_728, 12_705, 41_156, 34_837]);
    }
}
