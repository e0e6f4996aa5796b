//! A range of numbers, and the list of operators in which it is written.

use core::ops::{Bound, RangeBounds};

use super::Number;

/// The numbers between two bounds, either of which may be absent; never empty.
///
/// # Example: at least 10 and below 99.5
/// ```
/// use core::ops::Bound;
/// use postroom_core::{Number, NumberRange};
///
/// let top: Number = "99.5".parse()?;
/// let range = NumberRange::new(Bound::Included(10.into()), Bound::Excluded(top)).expect("10 < 99.5");
/// assert!(range.contains(10.into()) && !range.contains(top));
/// # Ok::<(), postroom_core::NumberError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NumberRange {
    from: Bound<Number>,
    to: Bound<Number>,
}

impl NumberRange {
    /// The range between two bounds, or none if nothing is between them.
    #[must_use]
    pub fn new(from: Bound<Number>, to: Bound<Number>) -> Option<Self> {
        let from = match (from, to) {
            // All numbers: written with a bound, since a range has at least one.
            (Bound::Unbounded, Bound::Unbounded) => Bound::Included(Number::MIN),
            _ => from,
        };
        let empty = match (from, to) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(from), Bound::Included(to)) => from > to,
            (
                Bound::Included(from) | Bound::Excluded(from),
                Bound::Included(to) | Bound::Excluded(to),
            ) => from >= to,
        };
        (!empty).then_some(Self { from, to })
    }

    /// One number alone.
    #[must_use]
    pub const fn exactly(number: Number) -> Self {
        Self { from: Bound::Included(number), to: Bound::Included(number) }
    }

    /// Whether a number is in the range.
    #[must_use]
    pub fn contains(&self, number: Number) -> bool {
        (self.from, self.to).contains(&number)
    }

    /// The number of a range of one.
    pub(super) fn single(&self) -> Option<Number> {
        match (self.from, self.to) {
            (Bound::Included(from), Bound::Included(to)) if from == to => Some(from),
            _ => None,
        }
    }

    /// The range as operators with their numbers: one or two of them.
    pub(super) fn operators(&self) -> impl Iterator<Item = (&'static str, Number)> {
        let single = self.single().map(|number| ("=", number));
        let bound = |bound, included, excluded| match bound {
            Bound::Included(number) if single.is_none() => Some((included, number)),
            Bound::Excluded(number) => Some((excluded, number)),
            Bound::Included(_) | Bound::Unbounded => None,
        };
        let (from, to) = (bound(self.from, ">=", ">"), bound(self.to, "<=", "<"));
        single.into_iter().chain(from).chain(to)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use std::vec::Vec;

    use super::*;
    use Bound::{Excluded, Included, Unbounded};

    fn at(whole: i64) -> Number {
        whole.into()
    }

    #[test]
    fn bounds_belong_to_the_range_or_not() {
        let cases = [
            (Included(at(0)), Included(at(5)), [false, true, true, true, false]),
            (Excluded(at(0)), Excluded(at(5)), [false, false, true, false, false]),
            (Included(at(0)), Excluded(at(5)), [false, true, true, false, false]),
            (Unbounded, Included(at(0)), [true, true, false, false, false]),
            (Excluded(at(4)), Unbounded, [false, false, false, true, true]),
            (Unbounded, Unbounded, [true; 5]),
        ];
        for (from, to, within) in cases {
            let range = NumberRange::new(from, to).unwrap();
            assert_eq!([-1, 0, 1, 5, 6].map(|n| range.contains(at(n))), within, "{range:?}");
        }
    }

    #[test]
    fn a_range_without_a_number_does_not_exist() {
        let empty = [
            (Included(at(5)), Included(at(4))),
            (Excluded(at(5)), Included(at(5))),
            (Included(at(5)), Excluded(at(5))),
            (Excluded(at(5)), Excluded(at(5))),
        ];
        for (from, to) in empty {
            assert_eq!(NumberRange::new(from, to), None);
        }
        let five = NumberRange::new(Included(at(5)), Included(at(5)));
        assert_eq!(five, Some(NumberRange::exactly(at(5))));
    }

    #[test]
    fn a_range_is_written_with_the_fewest_operators() {
        let cases = [
            (Included(at(5)), Included(at(5)), Vec::from([("=", at(5))])),
            (Excluded(at(0)), Included(at(5)), Vec::from([(">", at(0)), ("<=", at(5))])),
            (Included(at(0)), Excluded(at(5)), Vec::from([(">=", at(0)), ("<", at(5))])),
            (Unbounded, Excluded(at(5)), Vec::from([("<", at(5))])),
            (Excluded(at(5)), Unbounded, Vec::from([(">", at(5))])),
            (Unbounded, Unbounded, Vec::from([(">=", Number::MIN)])),
        ];
        for (from, to, operators) in cases {
            let range = NumberRange::new(from, to).unwrap();
            assert_eq!(range.operators().collect::<Vec<_>>(), operators);
        }
    }
}
