//! Blocks of work in turns, and what is made of their times.

use cpu_time::ThreadTime;

/// How much is measured.
pub(super) struct Effort {
    /// Turns of each contender, besides one that is not counted: many short ones, so that what
    /// else the machine does falls on few of them.
    pub(super) turns: u32,
    /// Cycles in one turn.
    pub(super) cycles: u32,
    /// What waits, what is in flight.
    pub(super) small: (u32, u32),
    pub(super) large: (u32, u32),
    /// What waits in the course of its growth.
    pub(super) waiting: &'static [u32],
    /// What waits where memory is measured; among them the worst case of doubling, 2^n + 1.
    pub(super) stored: &'static [u32],
    /// Messages of 100 KB where memory is measured.
    pub(super) bulky: u32,
}

impl Effort {
    pub(super) const FULL: Self = Self {
        turns: 401,
        cycles: 10_000,
        small: (1_000, 100),
        large: (100_000, 10_000),
        waiting: &[1_000, 10_000, 100_000, 1_000_000],
        stored: &[1_000, 100_000, 524_289, 1_000_000],
        bulky: 1_000,
    };

    /// Enough to see that it runs.
    pub(super) const QUICK: Self = Self {
        turns: 3,
        cycles: 200,
        small: (20, 5),
        large: (200, 20),
        waiting: &[250, 500],
        stored: &[1_000, 2_049],
        bulky: 10,
    };
}

/// One contender's turn: does a block, and says how many nanoseconds one unit of it took.
pub(super) type Turn<'a> = &'a mut dyn FnMut() -> anyhow::Result<f64>;

/// Lets each contender have its turns, and answers their times; one round before does not count. Each second round goes backwards,
/// so that nobody is always the one who finds the caches full of the other's things.
pub(super) fn in_turns<const N: usize>(
    turns: u32,
    contenders: [Turn<'_>; N],
) -> anyhow::Result<[Vec<f64>; N]> {
    let mut times = [const { Vec::new() }; N];
    for round in 0..=turns {
        for place in 0..N {
            let place = if round % 2 == 0 { place } else { N - 1 - place };
            let time = contenders[place]()?;
            if round > 0 {
                times[place].push(time);
            }
        }
    }
    Ok(times)
}

/// Nanoseconds of this thread for each of `count` units that `work` does: others that use the
/// processor meanwhile do not count.
pub(super) fn nanos_each(count: u32, work: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    work();
    start.elapsed().as_nanos() as f64 / f64::from(count)
}

pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => (sorted[even / 2 - 1] + sorted[even / 2]) / 2.0,
    }
}

/// The median of what one is to the other, turn by turn.
pub(super) fn ratio(ours: &[f64], floor: &[f64]) -> f64 {
    let ratios: Vec<f64> = ours.iter().zip(floor).map(|(ours, floor)| ours / floor).collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), 3.0);
        assert_eq!(ratio(&[2.0, 30.0, 8.0], &[1.0, 10.0, 2.0]), 3.0);
    }

    #[test]
    fn contenders_take_turns_and_the_first_does_not_count() {
        let (mut a, mut b) = (0.0, 0.0);
        let mut turn_a = || {
            a += 1.0;
            Ok(a)
        };
        let mut turn_b = || {
            b -= 1.0;
            Ok(b)
        };
        let times = in_turns(2, [&mut turn_a, &mut turn_b]).unwrap();
        assert_eq!(times, [vec![2.0, 3.0], vec![-2.0, -3.0]]);
    }
}
