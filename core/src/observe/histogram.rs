//! How spans of time are spread, in integers and bounded memory.

use alloc::{vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{limits::HISTOGRAM_BUCKETS_MAX, time::Span};

/// Spans below `2^PRECISION` have a bucket each; every further power of two is cut into so many.
const PRECISION: u32 = 6;

/// Counts spans of time in buckets that widen with them, as HdrHistogram's do.
///
/// Up to 127 µs every microsecond has its own bucket; from there on a bucket is at most 1/64 as
/// wide as the values in it. So a percentile is never too low, and too high by less than 1.6 %.
/// Count, least, greatest and mean are exact. Any span can be recorded. The memory grows with the
/// greatest one: 14 KB for an hour, and never beyond
/// [`HISTOGRAM_BUCKETS_MAX`] buckets, which are 30 KB.
///
/// # Example: percentiles of a thousand answers
/// ```
/// use postroom_core::{Span, observe::Histogram};
///
/// let mut answers = Histogram::default();
/// for millis in 1..=1_000 {
///     answers.record(Span::from_millis(millis));
/// }
/// let p99 = answers.percentile(990).map_or(0, |span| span.as_micros());
/// assert!((990_000..990_000 + 990_000 / 64).contains(&p99));
/// assert_eq!(answers.mean(), Some(Span::from_micros(500_500)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Histogram {
    /// By bucket, up to the last one that is not empty.
    counts: Vec<u64>,
    count: u64,
    /// Of all spans, in microseconds. Saturates after more than half a million years.
    sum: u64,
    /// Zero while there is nothing, as `max` is.
    min: Span,
    max: Span,
}

/// A bucket of a [`Histogram`] that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HistogramBucket {
    /// The least span that it counts.
    #[serde(rename = "from_us")]
    pub from: Span,
    /// The greatest span that it counts.
    #[serde(rename = "to_us")]
    pub to: Span,
    /// So many fell into it.
    pub count: u64,
}

impl Histogram {
    /// Counts one span.
    pub fn record(&mut self, span: Span) {
        let index = index_of(span);
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] = self.counts[index].saturating_add(1);
        self.min = if self.count == 0 { span } else { self.min.min(span) };
        self.max = self.max.max(span);
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(span.as_micros());
    }

    /// Adds what another one counted, as if it had been recorded here.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (here, there) in self.counts.iter_mut().zip(&other.counts) {
            *here = here.saturating_add(*there);
        }
        self.min = if self.count == 0 { other.min } else { self.min.min(other.min) };
        self.max = self.max.max(other.max);
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// How many spans it counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The least span; none while there is nothing.
    #[must_use]
    pub fn min(&self) -> Option<Span> {
        (self.count > 0).then_some(self.min)
    }

    /// The greatest span; none while there is nothing.
    #[must_use]
    pub fn max(&self) -> Option<Span> {
        (self.count > 0).then_some(self.max)
    }

    /// The mean, rounded down to a microsecond; none while there is nothing.
    #[must_use]
    pub fn mean(&self) -> Option<Span> {
        self.sum.checked_div(self.count).map(Span::from_micros)
    }

    /// The span within which so many of a thousand are: 500 asks for the median, 999 for the
    /// 99.9th percentile, 1,000 and more for the greatest, 0 for the least. By nearest rank,
    /// rounded up to the end of its bucket. None while there is nothing.
    #[must_use]
    pub fn percentile(&self, per_mille: u32) -> Option<Span> {
        let per_mille = u128::from(per_mille.min(1_000));
        // The product of a count and 1,000 may need more than 64 bits.
        let rank = (u128::from(self.count) * per_mille).div_ceil(1_000) as u64;
        let rank = if rank == 0 { return self.min() } else { rank };
        let mut seen = 0;
        let index = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(last_of(index).min(self.max))
    }

    /// The buckets that are not empty, least spans first: at most
    /// [`HISTOGRAM_BUCKETS_MAX`].
    pub fn buckets(&self) -> impl Iterator<Item = HistogramBucket> {
        let counted = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counted.map(|(index, count)| HistogramBucket {
            from: first_of(index),
            to: last_of(index),
            count: *count,
        })
    }
}

/// The bucket of a span.
fn index_of(span: Span) -> usize {
    let micros = span.as_micros();
    let shift = (u64::BITS - micros.leading_zeros()).saturating_sub(PRECISION + 1);
    ((u64::from(shift) << PRECISION) + (micros >> shift)) as usize
}

/// The least span of a bucket.
fn first_of(index: usize) -> Span {
    let index = index as u64;
    let shift = (index >> PRECISION).saturating_sub(1);
    Span::from_micros((index - (shift << PRECISION)) << shift)
}

/// The greatest span of a bucket.
fn last_of(index: usize) -> Span {
    let shift = (index as u64 >> PRECISION).saturating_sub(1);
    Span::from_micros(first_of(index).as_micros() + ((1 << shift) - 1))
}

/// A histogram as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    min_us: Span,
    max_us: Span,
    sum_us: u64,
    /// HistogramBucket and count, by bucket.
    counts: Vec<(u32, u64)>,
}

impl From<Histogram> for Document {
    fn from(histogram: Histogram) -> Self {
        let Histogram { counts, count: _, sum: sum_us, min: min_us, max: max_us } = histogram;
        let counted = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
        let counts = counted.map(|(index, count)| (index as u32, count)).collect();
        Self { min_us, max_us, sum_us, counts }
    }
}

/// The document is damaged: count anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the histogram is damaged: count anew")]
struct Damaged;

impl TryFrom<Document> for Histogram {
    type Error = Damaged;

    fn try_from(document: Document) -> Result<Self, Damaged> {
        let Document { min_us: min, max_us: max, sum_us: sum, counts: counted } = document;
        let (Some((first, _)), Some((last, _))) = (counted.first(), counted.last()) else {
            let empty = Self::default();
            return if (min, max, sum) == (empty.min, empty.max, 0) {
                Ok(empty)
            } else {
                Err(Damaged)
            };
        };
        let sound = counted.is_sorted_by(|one, next| one.0 < next.0)
            && *last < HISTOGRAM_BUCKETS_MAX
            && index_of(min) == *first as usize
            && index_of(max) == *last as usize
            && min <= max;
        if !sound {
            return Err(Damaged);
        }
        let mut histogram = Self { counts: vec![0; *last as usize + 1], count: 0, sum, min, max };
        for (index, count) in counted {
            histogram.counts[index as usize] = count;
            histogram.count = histogram.count.checked_add(count).ok_or(Damaged)?;
        }
        if histogram.counts.last() == Some(&0) { Err(Damaged) } else { Ok(histogram) }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::entropy::mix;

    fn of(micros: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        micros.into_iter().for_each(|micros| histogram.record(Span::from_micros(micros)));
        histogram
    }

    /// The percentile by definition, from all the values.
    fn nearest_rank(sorted: &[u64], per_mille: u64) -> u64 {
        let rank = (sorted.len() as u64 * per_mille).div_ceil(1_000).max(1);
        sorted[rank as usize - 1]
    }

    #[test]
    fn buckets_follow_one_another_without_gap_or_overlap() {
        assert_eq!(first_of(0), Span::ZERO);
        for index in 0..HISTOGRAM_BUCKETS_MAX as usize {
            let (first, last) = (first_of(index).as_micros(), last_of(index).as_micros());
            assert_eq!((index_of(first_of(index)), index_of(last_of(index))), (index, index));
            assert!(last - first <= first / 64, "bucket {index} is too wide");
            if let Some(next) = last.checked_add(1) {
                assert_eq!(first_of(index + 1).as_micros(), next);
            } else {
                assert_eq!(index + 1, HISTOGRAM_BUCKETS_MAX as usize, "the last is the last");
            }
        }
    }

    #[test]
    fn the_greatest_span_takes_the_last_bucket_and_no_more_memory() {
        let histogram = of([u64::MAX, u64::MAX]);
        assert_eq!(histogram.counts.len(), HISTOGRAM_BUCKETS_MAX as usize);
        assert_eq!(histogram.percentile(500), Some(Span::from_micros(u64::MAX)));
        assert_eq!(histogram.mean().map(Span::as_micros), Some(u64::MAX / 2), "the sum saturates");
    }

    #[test]
    fn percentiles_are_never_too_low_and_too_high_by_less_than_a_64th() {
        for seed in 0..50 {
            let mut state = seed;
            let mut values: Vec<u64> = (0..1 + seed * 20)
                .map(|_| {
                    state = mix(state);
                    state >> (state % 64)
                })
                .collect();
            let histogram = of(values.iter().copied());
            values.sort_unstable();
            for per_mille in [0, 1, 10, 250, 500, 750, 900, 990, 999, 1_000] {
                let exact = nearest_rank(&values, per_mille);
                let told = histogram.percentile(per_mille as u32).unwrap().as_micros();
                assert!(told >= exact, "seed {seed}, {per_mille}: {told} < {exact}");
                assert!(told - exact <= exact / 64, "seed {seed}, {per_mille}: {told} > {exact}");
            }
            assert_eq!(histogram.min().map(Span::as_micros), values.first().copied());
            assert_eq!(histogram.max().map(Span::as_micros), values.last().copied());
            assert_eq!(histogram.percentile(7_000), histogram.max());
            assert_eq!(histogram.buckets().map(|b| b.count).sum::<u64>(), histogram.count());
        }
    }

    #[test]
    fn nothing_has_no_figures() {
        let nothing = Histogram::default();
        assert_eq!((nothing.count(), nothing.min(), nothing.max()), (0, None, None));
        assert_eq!((nothing.mean(), nothing.percentile(500)), (None, None));
        assert_eq!(nothing.buckets().count(), 0);
    }

    #[test]
    fn merging_is_recording_in_one() {
        let parts = [of([]), of([5, 9_000]), of([]), of([1, 70, 1 << 40])];
        let mut merged = Histogram::default();
        parts.iter().for_each(|part| merged.merge(part));
        assert_eq!(merged, of([5, 9_000, 1, 70, 1 << 40]));
    }

    #[test]
    fn a_document_comes_back_and_a_damaged_one_does_not() {
        for histogram in [of([]), of([0]), of([3, 3, 1 << 50])] {
            let text = serde_json::to_string(&histogram).unwrap();
            assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), histogram);
        }
        let damaged = [
            r#"{"min_us":3,"max_us":3,"sum_us":3,"counts":[]}"#,
            r#"{"min_us":3,"max_us":3,"sum_us":3,"counts":[[3,0]]}"#,
            r#"{"min_us":4,"max_us":4,"sum_us":3,"counts":[[3,1]]}"#,
            r#"{"min_us":3,"max_us":9,"sum_us":12,"counts":[[9,1],[3,1]]}"#,
            r#"{"min_us":3,"max_us":9,"sum_us":12,"counts":[[3,1],[3,1],[9,1]]}"#,
            r#"{"min_us":3,"max_us":18446744073709551615,"sum_us":12,"counts":[[3,1],[3776,1]]}"#,
            r#"{"min_us":3,"max_us":9,"sum_us":1,"counts":[[3,18446744073709551615],[9,1]]}"#,
        ];
        for text in damaged {
            assert!(serde_json::from_str::<Histogram>(text).is_err(), "{text}");
        }
    }
}
