//! Choices that a queue's settings offer.

use serde::{Deserialize, Serialize};

/// When a copy counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// When its receiver says so: at least once.
    #[default]
    Explicit,
    /// As it is handed out: at most once.
    OnDelivery,
}

/// What happens to a copy for which its queue has no room.
///
/// The oldest are those that came in first and wait, ready or delayed. What a consumer holds is
/// never dropped, nor what is dead and waits for room elsewhere; if there is nothing else, the new copy
/// is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// It is refused, and the publisher told.
    #[default]
    Reject,
    /// The oldest copies are discarded until it fits.
    DropOldest,
    /// The oldest copies become dead letters until it fits. Needs `dead_letters`; when these are
    /// full, it is refused.
    DeadLetterOldest,
}

/// What becomes of an ordered group when one of its messages is dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Poison {
    /// Its waiting messages, and those that come later, follow it to the dead letters in their
    /// order, until none of the group is left there. Nothing is ever done out of order. While the
    /// dead letters are full, they wait in the queue, blocked. Without `dead_letters` it is as with
    /// [`Poison::SkipToDeadLetters`].
    #[default]
    ParkGroup,
    /// The dead message alone goes; the next of the group is delivered.
    SkipToDeadLetters,
    /// It is not dead, however often it was delivered: it is tried again, by the backoff, until it
    /// is acknowledged, rejected or past its time. The group waits. The backoff is for failures that
    /// are reported: after a lease that ends it is ready at once.
    Block,
}

/// Where a dedup key counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DedupScope {
    /// In the whole queue or topic.
    #[default]
    Address,
    /// Among the messages of one ordered group; those without a group are one more.
    Group,
}

/// Whose way a queue follows where real brokers disagree.
///
/// | | `Strict` | `Sqs` |
/// |---|---|---|
/// | settling after the lease ended or was superseded | always stale | an acknowledgement removes the copy while it is there; other settlements act while somebody holds it; stale for ordered groups |
/// | acknowledging a copy that is gone | stale, unless it was acknowledged | done already |
/// | a delivery that is released | does not count | counts |
/// | a copy that expires while a consumer holds it | may still be acknowledged | is gone, unless `deliver_within` ended before: of two ends the first alone counts |
/// | several messages of a group in one receive | one | as many as follow each other |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The outcome never depends on a race.
    #[default]
    Strict,
    /// As Amazon SQS: standard queues for messages without a group, FIFO queues for groups.
    Sqs,
}
