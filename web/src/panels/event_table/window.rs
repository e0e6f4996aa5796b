//! Which rows of a long table are on the page.

/// Rows on the page before the first one in sight, and after the last: what is focused stays there
/// while the reader goes on a little.
const MARGIN: usize = 8;
/// Rows in sight at most.
const IN_SIGHT: usize = 16;

/// The rows that are on the page, and the room that the others take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The first row on the page, from 0.
    pub(super) first: usize,
    /// How many are.
    pub(super) count: usize,
    /// Rows after them.
    pub(super) after: usize,
}

/// The window on `total` rows of which the reader has scrolled past `passed`.
pub(super) fn window(total: usize, passed: usize) -> Window {
    let first = passed.saturating_sub(MARGIN).min(total.saturating_sub(IN_SIGHT));
    let count = (passed.saturating_sub(first) + IN_SIGHT + MARGIN).min(total - first);
    Window { first, count, after: total - first - count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_in_sight_and_some_around_them_are_there() {
        let told = |total, passed| {
            let Window { first, count, after } = window(total, passed);
            (first, count, after)
        };
        assert_eq!(told(0, 0), (0, 0, 0));
        assert_eq!(told(5, 0), (0, 5, 0));
        assert_eq!(told(10_000, 0), (0, 24, 9_976));
        assert_eq!(told(10_000, 500), (492, 32, 9_476));
        assert_eq!(told(10_000, 9_990), (9_982, 18, 0));
    }

    #[test]
    fn whatever_is_scrolled_past_nothing_is_left_out_and_little_is_there() {
        for total in [0, 1, 15, 16, 17, 40, 9_999] {
            for passed in (0..total + 20).step_by(7) {
                let Window { first, count, after } = window(total, passed);
                assert_eq!(first + count + after, total);
                assert!(count <= IN_SIGHT + 2 * MARGIN + 20, "{count} of {total} at {passed}");
                let seen = passed.min(total.saturating_sub(IN_SIGHT));
                assert!(first <= seen && seen + IN_SIGHT.min(total) <= first + count);
            }
        }
    }
}
