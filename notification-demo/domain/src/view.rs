//! What can be asked: notifications, channels, dead letters.

use postroom_core::{
    BreakerState, ConsumerId, DeadReason, LedgerId, QueueId, QueueStats, Timestamp, TopicId,
};
use serde::{Deserialize, Serialize};

use crate::{channel::Channel, id::NotificationId, notification::Severity};

/// A notification and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationView {
    /// Its id.
    pub id: NotificationId,
    /// The sum of its deliveries' states.
    pub status: NotificationStatus,
    /// What happened: `order_shipped`.
    pub event: String,
    /// How much it matters.
    pub severity: Severity,
    /// When it was accepted.
    #[serde(rename = "accepted_at_us")]
    pub accepted_at: Timestamp,
    /// One per channel it goes to, in the order of [`Channel::ALL`].
    pub deliveries: Vec<DeliveryView>,
}

/// How a notification stands, derived from its deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationStatus {
    /// Nothing has happened yet.
    Accepted,
    /// A delivery is still open.
    Processing,
    /// Every delivery was sent.
    Completed,
    /// Every delivery has ended; some were sent, some were not.
    PartiallyFailed,
    /// Every delivery has ended and none was sent.
    Failed,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Sending,
    /// A call failed; it waits for its next one.
    RetryScheduled,
    /// The provider took it.
    Sent,
    /// It is among the dead letters until somebody redrives it.
    DeadLettered,
    /// The queue and its dead letters were full: it is nowhere.
    Rejected,
}

impl DeliveryState {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub fn has_ended(self) -> bool {
        match self {
            Self::Queued | Self::Sending | Self::RetryScheduled => false,
            Self::Sent | Self::DeadLettered | Self::Rejected => true,
        }
    }
}

/// One recipient on one channel: the unit that is queued, retried and dead-lettered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// The channel.
    pub channel: Channel,
    /// How it stands.
    pub state: DeliveryState,
    /// The calls made for it, oldest first: the last 16.
    pub attempts: Vec<Attempt>,
    /// Not tried before then; none unless it waits for its time.
    #[serde(rename = "next_attempt_at_us")]
    pub next_attempt_at: Option<Timestamp>,
    /// Why it is dead, if it is.
    pub dead: Option<DeadReason>,
}

/// One call to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1; goes on after a redrive.
    pub number: u32,
    /// When it began.
    #[serde(rename = "started_at_us")]
    pub started_at: Timestamp,
    /// When it ended; none while it is under way.
    #[serde(rename = "ended_at_us")]
    pub ended_at: Option<Timestamp>,
    /// How it ended; none while it is under way.
    pub outcome: Option<AttemptOutcome>,
}

/// How a call to a provider ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The provider took it.
    Accepted,
    /// It failed and may succeed later.
    Transient,
    /// The provider asked for a slower pace.
    Throttled,
    /// There was no answer in time.
    Timeout,
    /// The provider refused for good.
    Permanent,
    /// It is not known whether the provider took it.
    Unknown,
}

/// A channel at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    /// Which, and the ids of its parts.
    #[serde(flatten)]
    pub ids: ChannelIds,
    /// The queue's counters.
    pub stats: QueueStats,
    /// The dead-letter queue's counters.
    pub dead: QueueStats,
    /// Whether calls may start; none if the channel has no breaker.
    pub breaker: Option<BreakerState>,
    /// Calls under way.
    pub calls_under_way: u32,
}

/// The ids of one channel's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChannelIds {
    /// The channel.
    pub channel: Channel,
    /// Its queue, named as the channel.
    pub queue: QueueId,
    /// Its dead letters, `push.dead` and so on.
    pub dead_letters: QueueId,
    /// Its workers, named as the channel.
    pub consumer: ConsumerId,
}

/// The ids of all the parts, for pictures and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wiring {
    /// Where notifications are published: `notifications`.
    pub topic: TopicId,
    /// Where idempotency keys are kept: `idempotency`.
    pub ledger: LedgerId,
    /// In the order of [`Channel::ALL`].
    pub channels: [ChannelIds; 3],
}

impl Wiring {
    /// The parts of one channel.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> ChannelIds {
        self.channels[channel.index()]
    }

    /// The channel whose queue this is.
    #[must_use]
    pub fn channel_of(&self, queue: QueueId) -> Option<Channel> {
        self.channels.iter().find(|ids| ids.queue == queue).map(|ids| ids.channel)
    }
}

/// A dead letter, without content or address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetterView {
    /// The notification.
    pub notification: NotificationId,
    /// Why it is dead.
    pub reason: DeadReason,
    /// Since when.
    #[serde(rename = "at_us")]
    pub at: Timestamp,
    /// Calls made since it was accepted or last redriven.
    pub deliveries: u32,
    /// When the notification was accepted.
    #[serde(rename = "accepted_at_us")]
    pub accepted_at: Timestamp,
}
