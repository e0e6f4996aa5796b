//! Why a delivery failed, why a copy is dead, and where it has been.

use serde::{Deserialize, Serialize};

use crate::{id::QueueId, time::Timestamp};

/// One move of a copy from queue to queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hop {
    /// The queue it left; for a copy that never got in, the queue it was meant for.
    pub from: QueueId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: HopReason,
    /// Deliveries it had had there.
    pub deliveries: u32,
}

/// Why a copy moved to another queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HopReason {
    /// To the dead-letter queue.
    DeadLettered(DeadReason),
    /// Back from it.
    Redriven,
}

/// Why a copy will not be delivered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadReason {
    /// It was delivered `max_deliveries` times.
    Exhausted,
    /// A consumer rejected it.
    Rejected,
    /// It was not settled within `deliver_within`.
    Deadline,
    /// It outlived its own `ttl`, or that of its queue.
    Expired,
    /// Its queue was full: the subscription diverts, or the queue makes room by its oldest.
    Overflow,
    /// Its queue was too full for a message of its priority.
    Shed,
    /// The outcome of a call is unknown and a resend is not safe.
    Unknown,
    /// An earlier message of its ordered group is among the dead letters.
    GroupParked,
    /// Somebody purged the queue; never a reason for dead letters.
    Purged,
}

impl DeadReason {
    /// Whether a copy that is dead for this reason leaves a gap in its ordered group that the
    /// others must not pass. What never got in, or gave way to a newer one, leaves none.
    pub(crate) fn parks(self) -> bool {
        !matches!(self, Self::Overflow | Self::Shed)
    }
}

/// Why a delivery ended without an acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailReason {
    /// The other side failed and may succeed later.
    Transient,
    /// The other side asked for a slower pace.
    Throttled,
    /// The other side did not answer by the call's deadline.
    Timeout,
    /// The other side refused for good.
    Permanent,
    /// It is not known whether the other side took it.
    Ambiguous,
}
