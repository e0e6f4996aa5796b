//! Decimal numbers, exact: what numeric conditions compare.

use alloc::string::String;
use core::{fmt, str::FromStr};

use crate::limits::{NUMBER_DECIMALS_MAX, NUMBER_MAX};

/// The unit in which a number is kept: one, in quintillionths.
const ONE: u128 = 10_u128.pow(NUMBER_DECIMALS_MAX);

/// A decimal number between -10²⁰ and 10²⁰ with at most 18 decimals, kept exactly: `0.1` is a
/// tenth, and every whole number of 64 bits fits.
///
/// It reads what JSON calls a number (`-3`, `301.8`, `3.018e2`), and nothing else: no spaces, no
/// leading `+` or `0`, no separators.
///
/// # Example: equal however it is written
/// ```
/// use postroom_core::{Number, NumberError};
///
/// let number: Number = "3.018e2".parse()?;
/// assert_eq!(number, "301.80".parse()?);
/// assert_eq!(number.to_string(), "301.8");
/// assert_eq!("1,000".parse::<Number>(), Err(NumberError::NotANumber));
/// # Ok::<(), NumberError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i128);

/// Why a text is not a [`Number`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Write it as JSON does.
    #[error("not a number: write it as JSON does, such as -3, 0.5 or 3e8")]
    NotANumber,
    /// Stay between -10²⁰ and 10²⁰.
    #[error("a number out of range: stay between -10^20 and 10^20")]
    OutOfRange,
    /// Round it to 18 decimals.
    #[error("a number with too many decimals: round it to {NUMBER_DECIMALS_MAX}")]
    TooManyDecimals,
}

impl Number {
    pub(super) const MIN: Self = Self(-((NUMBER_MAX * ONE) as i128));

    /// The number as a whole number, if it is one of 64 bits.
    pub(super) fn whole(self) -> Option<i64> {
        let one = ONE as i128;
        (self.0 % one == 0).then(|| i64::try_from(self.0 / one).ok()).flatten()
    }
}

macro_rules! from_whole {
    ($($whole:ty),*) => {
        $(impl From<$whole> for Number {
            fn from(whole: $whole) -> Self {
                Self(i128::from(whole) * ONE as i128)
            }
        })*
    };
}

from_whole!(i32, u32, i64, u64);

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (text, exponent) = match text.split_once(['e', 'E']) {
            Some((before, exponent)) => (before, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(NumberError::NotANumber),
            Some(parts) => parts,
            None => (text, ""),
        };
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(NumberError::NotANumber);
        }
        let point = exponent - fraction.len() as i64;
        let size = Digits::read(whole.bytes().chain(fraction.bytes()))?.shifted(point)?;
        Ok(Self(if negative { -size } else { size }))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", size / ONE)?;
        match size % ONE {
            0 => Ok(()),
            fraction => {
                let mut digits = String::new();
                fmt::write(&mut digits, format_args!("{fraction:0>18}"))?;
                write!(f, ".{}", digits.trim_end_matches('0'))
            }
        }
    }
}

/// The digits of a number, without its point, from the first that is not zero.
#[derive(Default)]
struct Digits {
    /// As one number, without the zeros at its end; none if that is more than a number holds.
    value: Option<u128>,
    /// The zeros at its end.
    zeros: u32,
    /// All of them.
    count: i64,
}

impl Digits {
    fn read(digits: impl Iterator<Item = u8>) -> Result<Self, NumberError> {
        let mut read = Self { value: Some(0), ..Self::default() };
        for digit in digits {
            match digit {
                b'0' if read.count == 0 => continue,
                b'0' => read.zeros += 1,
                b'1'..=b'9' => {
                    let factor = 10_u128.checked_pow(read.zeros + 1);
                    let shifted = read.value.zip(factor).and_then(|(v, f)| v.checked_mul(f));
                    read.value = shifted.and_then(|v| v.checked_add(u128::from(digit - b'0')));
                    read.zeros = 0;
                }
                _ => return Err(NumberError::NotANumber),
            }
            read.count += 1;
        }
        Ok(read)
    }

    /// The digits times ten to the power of `point`, in quintillionths.
    fn shifted(&self, point: i64) -> Result<i128, NumberError> {
        if self.count == 0 {
            return Ok(0);
        }
        if self.count + point > i64::from(NUMBER_MAX.ilog10()) + 1 {
            return Err(NumberError::OutOfRange);
        }
        // What is in range so far and has more digits than a number holds has too many decimals.
        let value = self.value.ok_or(NumberError::TooManyDecimals)?;
        let power = i64::from(self.zeros) + point + i64::from(NUMBER_DECIMALS_MAX);
        let power = u32::try_from(power).map_err(|_| NumberError::TooManyDecimals)?;
        10_u128
            .checked_pow(power)
            .and_then(|factor| value.checked_mul(factor))
            .filter(|size| *size <= NUMBER_MAX * ONE)
            .map(|size| size as i128)
            .ok_or(NumberError::OutOfRange)
    }
}

/// An exponent; one beyond all limits counts as the largest that can still be added to.
fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberError::NotANumber);
    }
    let size = digits
        .iter()
        .fold(0_i64, |size, digit| (size * 10 + i64::from(digit - b'0')).min(i64::from(u32::MAX)));
    Ok(if negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use std::string::ToString;

    use super::*;
    use NumberError::{NotANumber, OutOfRange, TooManyDecimals};

    fn number(text: &str) -> Number {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_number_is_equal_however_it_is_written() {
        let cases = [
            ("300", "300.0"),
            ("300", "3.0e2"),
            ("300", "3E+2"),
            ("301.8", "3018e-1"),
            ("0", "-0"),
            ("0", "0.000"),
            ("0", "0e99999999999999999999"),
            ("0.1", "0.10000000000000000000000000000000000000000000"),
            ("1e20", "100000000000000000000.0"),
            ("1e-18", "0.000000000000000001"),
            ("-5", "-50e-1"),
        ];
        for (one, other) in cases {
            assert_eq!(number(one), number(other), "{one} and {other}");
        }
    }

    #[test]
    fn numbers_are_in_order_to_the_last_decimal() {
        let ascending = [
            "-1e20",
            "-300.000000000000000001",
            "-300",
            "-299.999999999999999999",
            "-0.1",
            "0",
            "0.000000000000000001",
            "0.1",
            "0.100000000000000001",
            "9",
            "10",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "99999999999999999999.999999999999999999",
            "1e20",
        ];
        for pair in ascending.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn it_is_written_in_its_shortest_form_and_read_back() {
        let cases = [
            ("0", "0"),
            ("-0.50", "-0.5"),
            ("3.018e2", "301.8"),
            ("1e20", "100000000000000000000"),
            ("-1e-18", "-0.000000000000000001"),
            ("1200", "1200"),
        ];
        for (given, written) in cases {
            assert_eq!(number(given).to_string(), written);
            assert_eq!(number(written), number(given));
        }
        assert_eq!(Number::from(u64::MAX).to_string(), u64::MAX.to_string());
        assert_eq!(Number::from(i64::MIN).to_string(), i64::MIN.to_string());
    }

    #[test]
    fn only_what_json_calls_a_number_is_one() {
        let texts = [
            "", "-", "+1", " 1", "1 ", "01", "-01", "1.", ".5", "1e", "1e+", "e5", "0x10", "1,5",
            "1_000", "NaN", "Infinity", "1.2.3", "1e2e3", "1e2.5", "--1", "true", "١", "1-",
        ];
        for text in texts {
            assert_eq!(text.parse::<Number>(), Err(NotANumber), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_bounded() {
        let cases = [
            ("1e20", Ok(())),
            ("-1e20", Ok(())),
            ("100000000000000000000.000000000000000001", Err(OutOfRange)),
            ("-1e21", Err(OutOfRange)),
            ("1e99999999999999999999", Err(OutOfRange)),
            ("0.000000000000000001", Ok(())),
            ("0.0000000000000000001", Err(TooManyDecimals)),
            ("1e-99999999999999999999", Err(TooManyDecimals)),
            ("1.1e-18", Err(TooManyDecimals)),
        ];
        for (text, result) in cases {
            assert_eq!(text.parse::<Number>().map(|_| ()), result, "{text}");
        }
    }

    #[test]
    fn long_texts_neither_panic_nor_lose_a_digit() {
        let long = |zeros: usize, rest: &str| std::format!("1{}{rest}", "0".repeat(zeros));
        assert_eq!(long(8_000, "").parse::<Number>(), Err(OutOfRange));
        assert_eq!(number(&long(8_000, "e-8000")), Number::from(1_u64));
        assert_eq!(long(8_000, "1").parse::<Number>(), Err(OutOfRange));
        assert_eq!("9".repeat(8_000).parse::<Number>(), Err(OutOfRange));
        assert_eq!(long(8_000, "1e-8000").parse::<Number>(), Err(TooManyDecimals));
        let tiny = std::format!("0.{}1", "0".repeat(8_000));
        assert_eq!(tiny.parse::<Number>(), Err(TooManyDecimals));
        assert_eq!(std::format!("{tiny}e8001").parse::<Number>(), Ok(Number::from(1_u64)));
    }

    #[test]
    fn a_whole_number_of_64_bits_knows_itself() {
        let cases = [
            ("5.0", Some(5)),
            ("-5", Some(-5)),
            ("5.5", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
        ];
        for (text, whole) in cases {
            assert_eq!(number(text).whole(), whole, "{text}");
        }
    }
}
