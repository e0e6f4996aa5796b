//! A hash that is the same on every platform.

use core::hash::{Hash, Hasher};

/// FNV-1a over little-endian bytes, with sizes widened to 64 bits: a 32-bit browser and a 64-bit
/// server hash equal values equally. Not for keys that an adversary chooses.
#[derive(Clone, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn write_u16(&mut self, value: u16) {
        self.write_number(value.into(), 2);
    }

    fn write_u32(&mut self, value: u32) {
        self.write_number(value.into(), 4);
    }

    fn write_u64(&mut self, value: u64) {
        self.write_number(value, 8);
    }

    fn write_u128(&mut self, value: u128) {
        self.write(&value.to_le_bytes());
    }

    fn write_usize(&mut self, value: usize) {
        self.write_number(value as u64, 8);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_number(value as i64 as u64, 8);
    }

    fn write_i32(&mut self, value: i32) {
        self.write_u32(value as u32);
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }
}

const PRIME: u64 = 0x0000_0100_0000_01B3;

/// The powers of the prime: a byte and the zeros after it are one multiplication.
const POWERS: [u64; 9] = {
    let mut powers = [1_u64; 9];
    let mut zeros = 1;
    while zeros < powers.len() {
        powers[zeros] = powers[zeros - 1].wrapping_mul(PRIME);
        zeros += 1;
    }
    powers
};

impl Digest {
    /// As [`Hasher::write`] of the number's little-endian bytes. Most numbers are small: their
    /// upper bytes are zero.
    fn write_number(&mut self, mut value: u64, bytes: usize) {
        let mut left = bytes;
        while value > 0xFF {
            self.0 = (self.0 ^ (value & 0xFF)).wrapping_mul(PRIME);
            value >>= 8;
            left -= 1;
        }
        self.0 = (self.0 ^ value).wrapping_mul(POWERS[left]);
    }
}

/// The digest of one value.
#[must_use]
pub fn digest_of(value: &impl Hash) -> u64 {
    let mut digest = Digest::default();
    value.hash(&mut digest);
    digest.finish()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn numbers_are_hashed_as_their_bytes() {
        for value in [0, 1, 0xFF, 0x100, 0xAB00, 0x12_0000_0034, u64::MAX, 1 << 63] {
            let (mut bytes, mut numbers) = (Digest::default(), Digest::default());
            for digest in [&mut bytes, &mut numbers] {
                digest.write(b"before");
            }
            bytes.write(&value.to_le_bytes());
            bytes.write(&(value as u32).to_le_bytes());
            bytes.write(&(value as u16).to_le_bytes());
            numbers.write_u64(value);
            numbers.write_u32(value as u32);
            numbers.write_u16(value as u16);
            assert_eq!(bytes.finish(), numbers.finish(), "{value:x}");
        }
        assert_eq!(digest_of(&-1_i64), digest_of(&u64::MAX));
        assert_eq!(digest_of(&7_usize), digest_of(&7_u64));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        let mut digest = Digest::default();
        digest.write(b"foobar");
        assert_eq!(digest.finish(), 0x8594_4171_F739_67E8);
    }
}
