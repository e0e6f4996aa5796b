//! What a history comes to: one number for all its events.

use std::hash::Hasher;

use postroom_core::mix;

/// A hash that is the same on every platform, at one multiplication a number: every event of a run
/// goes through it. Not for keys that an adversary chooses.
///
/// [`Digest`](postroom_core::Digest) multiplies for every byte, which was an eighth of what a message
/// costs in a world.
#[derive(Clone, Debug)]
pub(super) struct Trail(u64);

/// An odd number whose bits look like chance.
const FACTOR: u64 = 0xD6E8_FEB8_6659_FD93;

impl Default for Trail {
    fn default() -> Self {
        Self(FACTOR)
    }
}

impl Hasher for Trail {
    #[inline]
    fn finish(&self) -> u64 {
        mix(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut number = [0; 8];
            number[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(number));
        }
        self.write_u64(bytes.len() as u64);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.write_u64(value.into());
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    /// Turned, since a product's upper bits hang on all bits and its lower ones on lower ones alone.
    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(26) ^ value).wrapping_mul(FACTOR);
    }

    #[inline]
    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }

    /// Widened: a 32-bit browser and a 64-bit server come to the same.
    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    #[inline]
    fn write_i8(&mut self, value: i8) {
        self.write_u8(value as u8);
    }

    #[inline]
    fn write_i16(&mut self, value: i16) {
        self.write_u16(value as u16);
    }

    #[inline]
    fn write_i32(&mut self, value: i32) {
        self.write_u32(value as u32);
    }

    #[inline]
    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    #[inline]
    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use std::{collections::BTreeSet, hash::Hash};

    use super::*;

    fn trail_of(value: impl Hash) -> u64 {
        let mut trail = Trail::default();
        value.hash(&mut trail);
        trail.finish()
    }

    #[test]
    fn it_is_the_same_on_every_platform() {
        assert_eq!(trail_of(7_usize), trail_of(7_u64));
        assert_eq!(trail_of(-1_isize), trail_of(-1_i64));
        assert_eq!(trail_of((1_u64, 2_u32, "three")), 0x05F2_4A9A_2D9E_7E49);
    }

    #[test]
    fn the_bits_of_every_number_count_and_so_does_the_order() {
        let mut seen = BTreeSet::from([trail_of([0_u64; 4])]);
        for place in 0..4 {
            // Times and ids have no more; the topmost bits move few others.
            for bit in 0..53 {
                let mut numbers = [0_u64; 4];
                numbers[place] = 1 << bit;
                assert!(seen.insert(trail_of(numbers)), "bit {bit} of number {place}");
            }
        }
        assert_ne!(trail_of(("ab", "c")), trail_of(("a", "bc")));
        assert_ne!(trail_of((1_u64, 2_u64)), trail_of((2_u64, 1_u64)));
    }
}
