//! Load shedding: a queue that fills up lets only the important in.

use serde::{Deserialize, Serialize};

/// From which fill on a queue sheds load.
///
/// Below it every priority is let in. From there to the brim the lowest priority that is let in
/// rises evenly from 1 to 9, so that the last ninth of the way is priority 9's alone.
///
/// # Example: a queue of 100 that sheds from half full
/// ```
/// use postroom_core::Shed;
///
/// let shed = Shed { from_percent: 50 };
/// let lowest = [49, 50, 74, 99].map(|depth| shed.lowest_admitted(depth, 100));
/// assert_eq!(lowest, [None, Some(1), Some(5), Some(9)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Shed {
    /// The fill from which on the lowest priority is refused, in percent of the capacity. From 1
    /// to 99; what is out of range counts as the nearest in range.
    pub from_percent: u32,
}

/// The priorities above the lowest: each gets an equal share of the way to the brim.
const STEPS: u8 = 9;

impl Shed {
    /// The lowest priority that a queue of this capacity lets in when it holds `depth` copies; none
    /// while it sheds nothing. A full one would let in priority 9 if something left for it.
    #[must_use]
    pub fn lowest_admitted(&self, depth: u64, capacity: u64) -> Option<u8> {
        let (depth, capacity) = (u128::from(depth), u128::from(capacity));
        let start = (capacity * u128::from(self.from_percent.clamp(1, 99))).div_ceil(100);
        let beyond = depth.checked_sub(start)?;
        if depth >= capacity {
            return Some(STEPS);
        }
        Some(1 + (beyond * u128::from(STEPS) / (capacity - start)) as u8)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn the_lowest_priority_let_in_rises_evenly_to_the_brim() {
        let shed = Shed { from_percent: 10 };
        for (depth, lowest) in [
            (0, None),
            (9, None),
            (10, Some(1)),
            (19, Some(1)),
            (20, Some(2)),
            (89, Some(8)),
            (90, Some(9)),
            (99, Some(9)),
            (100, Some(9)),
            (u64::MAX, Some(9)),
        ] {
            assert_eq!(shed.lowest_admitted(depth, 100), lowest, "at {depth} of 100");
        }
    }

    #[test]
    fn it_starts_at_the_first_depth_that_reaches_the_percentage() {
        for (from_percent, capacity, start) in
            [(1, 100, 1), (1, 101, 2), (99, 100, 99), (99, 1_000, 990), (50, 3, 2), (34, 3, 2)]
        {
            let shed = Shed { from_percent };
            assert!((start - 1) * 100 < capacity * u64::from(from_percent));
            assert_eq!(shed.lowest_admitted(start - 1, capacity), None, "{shed:?} {capacity}");
            assert_eq!(shed.lowest_admitted(start, capacity), Some(1), "{shed:?} {capacity}");
        }
    }

    #[test]
    fn the_highest_priority_is_never_shed() {
        for from_percent in 1..=99 {
            let shed = Shed { from_percent };
            for capacity in [1, 2, 3, 9, 10, 100, 101, 9_999_999, 10_000_000, u64::MAX] {
                assert!(shed.lowest_admitted(capacity - 1, capacity) <= Some(9), "{capacity}");
                assert_eq!(shed.lowest_admitted(capacity, capacity), Some(9), "{capacity}");
            }
        }
    }

    #[test]
    fn a_fuller_queue_never_lets_in_less_important_ones() {
        for from_percent in [1, 33, 50, 80, 99] {
            let shed = Shed { from_percent };
            for capacity in [1, 7, 10, 100, 1_234] {
                let lowest = |depth| shed.lowest_admitted(depth, capacity);
                let rising = (0..capacity).map(lowest).is_sorted();
                assert!(rising, "{from_percent} % of {capacity}");
            }
        }
    }

    #[test]
    fn a_queue_of_one_sheds_nothing() {
        let lowest = |from_percent| Shed { from_percent }.lowest_admitted(0, 1);
        assert_eq!((lowest(1), lowest(99)), (None, None));
    }

    #[test]
    fn a_percentage_out_of_range_counts_as_the_nearest() {
        for depth in 0..200 {
            let lowest = |from_percent| Shed { from_percent }.lowest_admitted(depth, 200);
            assert_eq!(lowest(0), lowest(1));
            assert_eq!(lowest(u32::MAX), lowest(99));
        }
    }

    #[test]
    fn a_document_names_the_percentage() {
        let shed: Shed = serde_json::from_str(r#"{"from_percent":80}"#).unwrap();
        assert_eq!(shed, Shed { from_percent: 80 });
        for text in ["{}", r#"{"from":80}"#, r#"{"from_percent":-1}"#] {
            assert!(serde_json::from_str::<Shed>(text).is_err(), "{text}");
        }
    }
}
