//! Randomness as data.

use serde::{Deserialize, Serialize};

/// The randomness that comes with one command: the host draws it, the machine only spreads it.
///
/// Whoever needs a number names what it is for ([`Entropy::draw`]), so that a draw in one queue
/// never shifts a draw in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entropy(u64);

impl Entropy {
    /// Entropy with this value.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The value the host gave.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// A number for the purpose that `keys` name: equal keys give equal numbers.
    #[must_use]
    #[inline]
    pub fn draw(self, keys: &[u64]) -> u64 {
        keys.iter().fold(mix(self.0), |state, key| mix(state ^ mix(*key)))
    }

    /// A number in `0..=most` for the purpose that `keys` name.
    #[must_use]
    #[inline]
    pub fn draw_up_to(self, most: u64, keys: &[u64]) -> u64 {
        // The high half of a 128-bit product: no modulo bias worth naming, and no float.
        let wide = u128::from(self.draw(keys)) * (u128::from(most) + 1);
        (wide >> 64) as u64
    }
}

/// One step of SplitMix64 (Steele, Lea and Flood, 2014): a bijection that scatters close inputs.
#[must_use]
pub const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
