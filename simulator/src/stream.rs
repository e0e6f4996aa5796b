//! Random numbers by name: who draws, what for, and the how-manieth draw it is.

use postroom_core::{Entropy, Span, digest_of};

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
    pub fn draw(&self, place: u64) -> Entropy {
        Entropy::new(self.key.draw(&[place]))
    }
}

/// ln 2 in units of 2^-32.
const LN_2: u64 = 2_977_044_472;

/// The time to the next of a Poisson process's arrivals, for a uniform `draw`.
///
/// The inverse of the exponential distribution in whole numbers: native and wasm logarithms
/// differ in their last bits, this one has none to differ in. Exact to a microsecond in the hour.
/// A rate of zero never arrives.
#[must_use]
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

/// -ln(draw / 2^64) in units of 2^-32.
fn minus_ln(draw: u64) -> u64 {
    let draw = draw.max(1);
    let exponent = 63 - draw.leading_zeros();
    // The mantissa lies in [1, 2), in units of 2^-63. Squaring it doubles its logarithm, whose
    // bits come out one by one.
    let mut mantissa = draw << draw.leading_zeros();
    let mut log2 = u64::from(exponent);
    for _ in 0..32 {
        let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
        let bit = (square >> 64) as u64;
        mantissa = (square >> bit) as u64;
        log2 = (log2 << 1) | bit;
    }
    let minus_log2 = (64 << 32) - log2;
    ((u128::from(minus_log2) * u128::from(LN_2)) >> 32) as u64
}
