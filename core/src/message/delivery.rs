//! What a queue hands out and shows of a copy, and where copies went.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{DeadReason, Hop, Message};
use crate::{
    id::{LeaseId, MessageId, QueueId},
    time::Timestamp,
};

/// One message handed out under one lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The key to settling it.
    pub receipt: Receipt,
    /// The message.
    pub message: Message,
    /// Which delivery of this copy it is, from 1; starts again after a redrive.
    pub delivery: u32,
    /// The lease ends here: from this moment on the receipt is stale. None where the queue
    /// settles on delivery.
    pub lease_until: Option<Timestamp>,
    /// From then on the copy is dead unless this delivery is acknowledged, if the queue or the
    /// message sets such a time.
    pub deadline: Option<Timestamp>,
}

/// The right to settle one delivery: opaque, and void once its lease ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Receipt {
    pub(crate) queue: QueueId,
    pub(crate) slot: u32,
    /// The copy's place in the order of arrival.
    pub(crate) seq: u64,
    pub(crate) lease: LeaseId,
}

impl Receipt {
    /// The receipt number `number` of a host that delivers from elsewhere than an engine: a
    /// [`Consumer`](crate::Consumer) hands it back when it settles, and the host knows by its
    /// [`lease`](Self::lease) what was meant. Every engine refuses it.
    #[must_use]
    pub const fn of_host(queue: QueueId, number: u64) -> Self {
        Self { queue, slot: u32::MAX, seq: u64::MAX, lease: LeaseId::new(number) }
    }

    /// The queue that gave it.
    #[must_use]
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// The lease it stands for.
    #[must_use]
    pub fn lease(&self) -> LeaseId {
        self.lease
    }
}

/// A copy as [`Engine::peek`](crate::Engine::peek) shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyView {
    /// The message.
    pub message: Message,
    /// When it came into this queue.
    pub enqueued_at: Timestamp,
    /// Deliveries in this queue so far.
    pub deliveries: u32,
    /// What it waits for.
    pub state: CopyState,
    /// Where it has been, oldest first: at most [`HISTORY_MAX`](crate::limits::HISTORY_MAX).
    pub history: Vec<Hop>,
}

/// What a copy in a queue waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopyState {
    /// A consumer, and, in an ordered group, its turn.
    Ready,
    /// Its time.
    Delayed {
        /// Ready from then on.
        until: Timestamp,
    },
    /// The consumer that holds it.
    InFlight {
        /// Its lease.
        lease: LeaseId,
        /// Handed out then.
        since: Timestamp,
        /// Ends then.
        until: Timestamp,
    },
    /// Room in the dead-letter queue, and its turn among the dead of its queue.
    Blocked {
        /// Why it is to go there.
        reason: DeadReason,
    },
}

/// The answer to a publish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The id; of the first message where this one is a duplicate.
    pub message: MessageId,
    /// Whether the dedup window held the key already, so that nothing was stored.
    pub duplicate: bool,
    /// A placement for each queue the message is for; empty for a duplicate and for a topic
    /// without a matching subscription.
    pub placements: Placements,
}

/// Where one copy of a published message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Placement {
    /// The queue it was meant for.
    pub queue: QueueId,
    /// What became of it.
    pub outcome: PlacementOutcome,
}

/// What became of one copy of a published message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacementOutcome {
    /// It came into the queue. If its ordered group is parked, it has gone on to the dead letters, or
    /// waits in the queue for room there.
    Queued,
    /// The queue was full, or shed it: it is in the queue's dead letters.
    Diverted,
    /// The queue and its dead letters were full: it is nowhere.
    Rejected,
}

/// The placements of one message: a slice of them.
///
/// The one placement of a message for one queue takes no allocation of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Placement>", into = "Vec<Placement>")]
pub struct Placements(Few);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Few {
    One([Placement; 1]),
    Any(Vec<Placement>),
}

impl Placements {
    pub(crate) const NONE: Self = Self(Few::Any(Vec::new()));

    pub(crate) const fn one(placement: Placement) -> Self {
        Self(Few::One([placement]))
    }
}

impl core::ops::Deref for Placements {
    type Target = [Placement];

    fn deref(&self) -> &[Placement] {
        match &self.0 {
            Few::One(one) => one,
            Few::Any(any) => any,
        }
    }
}

impl From<Vec<Placement>> for Placements {
    fn from(placements: Vec<Placement>) -> Self {
        Self(match placements[..] {
            [one] => Few::One([one]),
            _ => Few::Any(placements),
        })
    }
}

impl From<Placements> for Vec<Placement> {
    fn from(placements: Placements) -> Self {
        placements.to_vec()
    }
}
