//! Logarithms, powers and the normal distribution in whole numbers.
//!
//! Native and wasm floats differ in the last bits of such functions, these have none to differ in.

/// ln 2 in units of 2^-32.
const LN_2: u64 = 2_977_044_472;

/// The roots 2^(1/2), 2^(1/4), 2^(1/8) and so on, in units of 2^-63.
const ROOTS: [u64; 32] = {
    let mut roots = [0; 32];
    let mut square = 1_u128 << 64;
    let mut place = 0;
    while place < roots.len() {
        let root = (square << 63).isqrt();
        roots[place] = root as u64;
        square = root;
        place += 1;
    }
    roots
};

/// -ln(draw / 2^64) in units of 2^-32. A draw of 0 counts as 1.
#[inline]
pub(crate) fn minus_ln(draw: u64) -> u64 {
    let minus_log2 = (64 << 32) - log2(draw);
    ((u128::from(minus_log2) * u128::from(LN_2)) >> 32) as u64
}

/// The logarithm to base 2 in units of 2^-32. That of 0 counts as that of 1.
pub(crate) fn log2(number: u64) -> u64 {
    let number = number.max(1);
    let exponent = 63 - number.leading_zeros();
    // The mantissa lies in [1, 2), in units of 2^-63. Squaring it doubles its logarithm, whose
    // bits come out one by one.
    let mut mantissa = number << number.leading_zeros();
    let mut log2 = u64::from(exponent);
    for _ in 0..32 {
        let square = (u128::from(mantissa) * u128::from(mantissa)) >> 63;
        let bit = (square >> 64) as u64;
        mantissa = (square >> bit) as u64;
        log2 = (log2 << 1) | bit;
    }
    log2
}

/// `number` times 2 to the power of `exponent`, which is in units of 2^-32; saturates.
pub(crate) fn times_power_of_2(number: u64, exponent: i64) -> u64 {
    let mut mantissa = 1_u64 << 63;
    let mut fraction = exponent as u32;
    while fraction != 0 {
        let place = fraction.leading_zeros();
        fraction ^= 1 << (31 - place);
        mantissa = ((u128::from(mantissa) * u128::from(ROOTS[place as usize])) >> 63) as u64;
    }
    let product = u128::from(number) * u128::from(mantissa);
    match 63 - (exponent >> 32) {
        right @ 0.. => (product >> right.min(127)).try_into().unwrap_or(u64::MAX),
        _ => u64::MAX,
    }
}

/// A number of the standard normal distribution in units of 2^-28, from as many uniform `draws` as
/// it takes (Marsaglia's polar method): the sign, and how far from 0. Never farther than 9.4.
pub(crate) fn normal(mut draws: impl FnMut(u64) -> u64) -> (bool, u64) {
    let mut attempt = 0;
    loop {
        let draw = draws(attempt);
        attempt += 1;
        // A point of the square around the circle, its coordinates in units of 2^-32: odd numbers,
        // so that none is 0 and no sign is favoured.
        let coordinate = |half: u32| 2 * i64::from(half) + 1 - (1 << 32);
        let [x, y] = [coordinate((draw >> 32) as u32), coordinate(draw as u32)];
        let [xx, yy] = [x, y].map(|coordinate| coordinate.unsigned_abs().pow(2));
        // Outside the circle the sum has no room.
        let Some(square) = xx.checked_add(yy) else { continue };
        let share = (u128::from(xx) << 32) / u128::from(square);
        let result_squared = (share * u128::from(2 * minus_ln(square))) >> 32;
        // The root, by its logarithm.
        let exponent = (log2(result_squared as u64) as i64 - (32 << 32)) / 2;
        return (x < 0, times_power_of_2(1 << 28, exponent));
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::Stream;

    const ONE: u64 = 1 << 32;

    #[test]
    fn logarithms_and_powers_undo_each_other() {
        assert_eq!([1, 2, 1 << 40].map(log2), [0, ONE, 40 * ONE]);
        for number in [3, 10, 999, 1_000_003, 86_400_000_000, 1 << 43] {
            let again = times_power_of_2(1 << 20, log2(number) as i64) >> 20;
            assert!(again.abs_diff(number) <= 1 + number / 1_000_000_000, "{again}, not {number}");
        }
        assert_eq!(log2(0), 0, "that of 0 is capped");
    }

    #[test]
    fn powers_are_exact_at_known_places() {
        let half = 1_i64 << 31;
        assert_eq!(times_power_of_2(1_000_000, 0), 1_000_000);
        assert_eq!(times_power_of_2(1_000_000, half), 1_414_213, "the root of 2");
        assert_eq!(times_power_of_2(1_000_000, -half), 707_106);
        assert_eq!(times_power_of_2(1_000_000, -20 << 32), 0);
        assert_eq!(times_power_of_2(1, 63 << 32), 1 << 63);
        assert_eq!(times_power_of_2(1, 64 << 32), u64::MAX);
        assert_eq!(times_power_of_2(1_000_000, i64::MIN), 0);
        assert_eq!(times_power_of_2(1_000_000, i64::MAX), u64::MAX);
    }

    #[test]
    fn the_normal_has_its_shape() {
        // 200,000 draws: a standard deviation of a share is 0.11 % at most.
        let stream = Stream::new(5, "test", "normal");
        let draws = 200_000;
        let count = |is_it: &dyn Fn((bool, u64)) -> bool| {
            let all = (0..draws).map(|place| normal(|key| stream.draw(place).draw(&[key])));
            all.filter(|number| is_it(*number)).count() as u64
        };
        for (from_hundredths, in_ten_thousand) in [(0, 10_000), (67, 5_029), (100, 3_173)] {
            let from = (from_hundredths << 28) / 100;
            let found = count(&|(_, distance)| distance >= from);
            let expected = in_ten_thousand * draws / 10_000;
            assert!(found.abs_diff(expected) < 900, "{found} from {from_hundredths}");
        }
        let tail = count(&|(_, distance)| distance >= 3 << 28);
        assert!(tail.abs_diff(540) < 95, "{tail} beyond three deviations, not 0.27 %");
        let below = count(&|(is_negative, _)| is_negative);
        assert!(below.abs_diff(draws / 2) < 900, "{below}");
    }

    #[test]
    fn the_normal_goes_as_far_as_it_says() {
        let inmost = normal(|_| (1 << 63) | (1 << 31));
        assert!(inmost.1 < 10 << 28 && inmost.1 > 6 << 28, "{inmost:?}");
        let farthest = normal(|attempt| if attempt < 5 { 0 } else { 1 << 63 | 1 << 31 });
        assert_eq!(farthest, inmost, "the corners of the square are passed over");
    }

    /// The same numbers natively and in a browser, today and in years.
    #[test]
    fn the_normal_stays_as_it_is() {
        let stream = Stream::new(7, "sms", "call");
        let numbers = [2, 3, 4, 5].map(|place| normal(|key| stream.draw(place).draw(&[key])));
        let expected =
            [(false, 318_600_422), (false, 214_993_095), (true, 1_655_123), (false, 302_307_679)];
        assert_eq!(numbers, expected);
    }
}
