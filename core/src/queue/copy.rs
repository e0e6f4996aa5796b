//! One message in one queue.

use alloc::{boxed::Box, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    id::QueueId,
    limits::HISTORY_MAX,
    message::{CopyState, CopyView, DeadReason, Hop, HopReason, Message},
    time::{Span, Timestamp},
};

/// One message in one queue. Its body is shared with its copies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// When a copy is dead by the time alone, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ends {
    Never,
    /// By `deliver_within`.
    Deadline(Timestamp),
    /// By a `ttl`.
    Expiry(Timestamp),
}

impl Ends {
    /// The first of the two; the deadline where they are equal.
    pub(crate) fn first(deadline: Option<Timestamp>, expiry: Option<Timestamp>) -> Self {
        match (deadline, expiry) {
            (Some(deadline), Some(expiry)) if expiry < deadline => Self::Expiry(expiry),
            (Some(deadline), _) => Self::Deadline(deadline),
            (None, Some(expiry)) => Self::Expiry(expiry),
            (None, None) => Self::Never,
        }
    }

    pub(crate) fn at(self) -> Option<Timestamp> {
        match self {
            Self::Never => None,
            Self::Deadline(at) | Self::Expiry(at) => Some(at),
        }
    }

    fn reason(self) -> DeadReason {
        match self {
            Self::Expiry(_) => DeadReason::Expired,
            Self::Never | Self::Deadline(_) => DeadReason::Deadline,
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
