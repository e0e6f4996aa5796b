//! One message in one queue.

use alloc::{boxed::Box, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    id::{LeaseId, QueueId},
    limits::HISTORY_MAX,
    message::{CopyState, CopyView, DeadReason, Hop, HopReason, Message},
    time::{Span, Timestamp},
};

/// One message in one queue. Its body is shared with its copies elsewhere.
///
/// Two cache lines: where many wait, each line more is a wait for memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(align(64))]
pub(crate) struct Copy {
    pub(crate) message: Message,
    /// Its place in the queue's order of arrival; never reused.
    pub(crate) seq: u64,
    pub(crate) enqueued_at: Timestamp,
    pub(crate) state: CopyState,
    /// Dead from then on, unless a consumer holds it: then when it comes back.
    pub(crate) ends: Ends,
    /// Deliveries that count towards `max_deliveries`.
    pub(crate) deliveries: u32,
    pub(crate) history: History,
}

impl Copy {
    pub(crate) fn is_held_under(&self, lease: LeaseId) -> bool {
        matches!(self.state, CopyState::InFlight { lease: held, .. } if held == lease)
    }

    /// Whether it waits for a consumer or for its time.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.state, CopyState::Ready | CopyState::Delayed { .. })
    }

    pub(crate) fn view(&self) -> CopyView {
        CopyView {
            message: self.message.clone(),
            enqueued_at: self.enqueued_at,
            deliveries: self.deliveries,
            state: self.state,
            history: self.history.hops().to_vec(),
        }
    }

    /// What kills the copy if it waits at `now`.
    pub(crate) fn over(&self, now: Timestamp) -> Option<DeadReason> {
        self.ends.at().filter(|at| *at <= now).map(|_| self.ends.reason())
    }
}

/// When a copy is dead by the time alone, and of what: in one word, since every copy has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EndsWritten", into = "EndsWritten")]
pub(crate) struct Ends {
    /// Twice the microseconds, and one more for an expiry.
    twice: u64,
}

/// The same as it is written down, and hashed.
#[derive(Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndsWritten {
    Never,
    /// By `deliver_within`.
    Deadline(Timestamp),
    /// By a `ttl`.
    Expiry(Timestamp),
}

impl Ends {
    const NEVER: Self = Self { twice: u64::MAX };

    /// The first of the two; the deadline where they are equal.
    pub(crate) fn first(deadline: Option<Timestamp>, expiry: Option<Timestamp>) -> Self {
        let deadline = deadline.map_or(Self::NEVER, |at| Self::new(at, 0));
        let expiry = expiry.map_or(Self::NEVER, |at| Self::new(at, 1));
        if expiry.twice < deadline.twice { expiry } else { deadline }
    }

    #[inline]
    pub(crate) fn at(self) -> Option<Timestamp> {
        (self != Self::NEVER).then_some(Timestamp::from_micros(self.twice >> 1))
    }

    /// Whether it is by a `ttl`.
    pub(crate) fn is_expiry(self) -> bool {
        self != Self::NEVER && self.twice & 1 == 1
    }

    fn reason(self) -> DeadReason {
        if self.is_expiry() { DeadReason::Expired } else { DeadReason::Deadline }
    }

    /// Later than this is as good as never: it is 292,000 years after the epoch.
    fn new(at: Timestamp, expiry: u64) -> Self {
        Self { twice: (at.as_micros().min((u64::MAX >> 1) - 1) << 1) | expiry }
    }
}

impl core::hash::Hash for Ends {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        EndsWritten::from(*self).hash(state);
    }
}

impl From<EndsWritten> for Ends {
    fn from(written: EndsWritten) -> Self {
        match written {
            EndsWritten::Never => Self::NEVER,
            EndsWritten::Deadline(at) => Self::new(at, 0),
            EndsWritten::Expiry(at) => Self::new(at, 1),
        }
    }
}

impl From<Ends> for EndsWritten {
    fn from(ends: Ends) -> Self {
        match ends.at() {
            None => Self::Never,
            Some(at) if ends.is_expiry() => Self::Expiry(at),
            Some(at) => Self::Deadline(at),
        }
    }
}

/// A copy on its way into a queue.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) message: Message,
    /// Not ready before then.
    pub(crate) due: Timestamp,
    /// The message's own time to live, while it is no dead letter.
    pub(crate) ttl: Option<Span>,
    pub(crate) history: History,
}

/// Where a copy has been. Most copies have been nowhere: that takes a word only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct History(Option<Box<Hops>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
struct Hops(Vec<Hop>);

impl History {
    /// Oldest first.
    pub(crate) fn hops(&self) -> &[Hop] {
        self.0.as_ref().map_or(&[], |hops| &hops.0)
    }

    /// Adds a move; the oldest is forgotten when there are too many.
    pub(crate) fn push(&mut self, hop: Hop) {
        let hops = &mut self.0.get_or_insert_with(|| Box::new(Hops(Vec::new()))).0;
        if hops.len() == HISTORY_MAX as usize {
            hops.remove(0);
        }
        hops.push(hop);
    }

    /// The queue in which the copy died last, if it is a dead letter or was one.
    pub(crate) fn died_in(&self) -> Option<QueueId> {
        let died = |hop: &&Hop| matches!(hop.why, HopReason::DeadLettered(_));
        self.hops().iter().rev().find(died).map(|hop| hop.from)
    }

    /// Why the copy is a dead letter here: its last move.
    pub(crate) fn death(&self) -> Option<(QueueId, DeadReason)> {
        match self.hops().last()?.why {
            HopReason::DeadLettered(reason) => Some((self.hops().last()?.from, reason)),
            HopReason::Redriven => None,
        }
    }

    /// Whether the copy came back from the dead letters, and did not die since.
    pub(crate) fn is_back(&self) -> bool {
        self.hops().last().is_some_and(|hop| hop.why == HopReason::Redriven)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_copy_takes_two_cache_lines() {
        assert!(size_of::<Option<Copy>>() <= 128, "{}", size_of::<Option<Copy>>());
    }

    #[test]
    fn the_first_end_counts_and_the_deadline_of_two_at_once() {
        let at = |micros| Some(Timestamp::from_micros(micros));
        assert_eq!(Ends::first(None, None).at(), None);
        let ends = Ends::first(at(2), at(1));
        assert_eq!((ends.at(), ends.reason()), (at(1), DeadReason::Expired));
        let ends = Ends::first(at(1), at(1));
        assert_eq!((ends.at(), ends.reason()), (at(1), DeadReason::Deadline));
        let latest = Ends::first(None, at(u64::MAX));
        assert!(latest.is_expiry() && latest.at() > at(u64::MAX / 4), "{latest:?}");
        let text = serde_json::to_string(&ends).unwrap();
        assert_eq!(text, r#"{"deadline":1}"#);
        assert_eq!(serde_json::from_str::<Ends>(&text).unwrap(), ends);
    }
}
