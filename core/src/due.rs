//! What comes up when.

use alloc::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Appointments of numbered things, at most one each: the next one first, of one time the lowest
/// number first.
///
/// One type for queues, consumers and calls, so that the page carries its code once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Due(BTreeSet<(Timestamp, u64)>);

impl Due {
    /// The appointment of `number` was at `before`, and is at `after` now.
    #[inline]
    pub(crate) fn change(
        &mut self,
        number: u64,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
    ) {
        if before != after {
            if let Some(at) = before {
                self.0.remove(&(at, number));
            }
            if let Some(at) = after {
                self.0.insert((at, number));
            }
        }
    }

    /// The next appointment, and whose it is.
    #[inline]
    pub(crate) fn first(&self) -> Option<(Timestamp, u64)> {
        self.0.first().copied()
    }

    /// Those whose appointments have come, in their order.
    #[inline]
    pub(crate) fn by(&self, now: Timestamp) -> impl Iterator<Item = u64> + '_ {
        self.0.range(..=(now, u64::MAX)).map(|(_, number)| *number)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, at: Timestamp, number: u64) -> bool {
        self.0.contains(&(at, number))
    }
}
