//! Facts: what happened, in the past tense, with ids and reasons, never with payloads or addresses.

use serde::{Deserialize, Serialize};

use crate::{
    id::{Address, CallId, ConsumerId, LeaseId, LedgerId, MessageId, QueueId, TopicId},
    message::{DeadReason, FailReason},
    queue::Alarm,
    resilience::OpenReason,
    time::Timestamp,
};

/// Something that happened in an engine or in one of its consumers.
///
/// Picture, metrics, goals, tests and the live view of a service all read this one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A queue was created.
    QueueCreated {
        /// The new queue.
        queue: QueueId,
        /// Where its dead letters go, if anywhere.
        dead_letters: Option<QueueId>,
    },
    /// A topic was created.
    TopicCreated {
        /// The new topic.
        topic: TopicId,
    },
    /// A ledger of idempotency claims was created.
    LedgerCreated {
        /// The new ledger.
        ledger: LedgerId,
    },
    /// A queue was subscribed to a topic.
    Subscribed {
        /// The topic.
        topic: TopicId,
        /// The queue that gets a copy of what matches.
        queue: QueueId,
    },
    /// A subscription was paused: its queue gets no copies.
    SubscriptionPaused {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// A subscription was resumed: its queue gets copies again.
    SubscriptionResumed {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// A subscription was ended; what the queue has got stays in it.
    Unsubscribed {
        /// The topic.
        topic: TopicId,
        /// The queue.
        queue: QueueId,
    },
    /// A message was accepted. Its copies follow as `Enqueued`, `DeadLettered` or `Refused`.
    Published {
        /// Where.
        to: Address,
        /// The new message.
        message: MessageId,
        /// The message that it answers.
        causation: Option<MessageId>,
        /// The first message of the chain.
        correlation: MessageId,
    },
    /// A message was not stored, since its dedup key was published within the window.
    Deduplicated {
        /// Where.
        to: Address,
        /// The message that holds the key.
        original: MessageId,
    },
    /// A copy found neither room in the queue nor in its dead letters.
    Refused {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
    },
    /// A copy is in a queue.
    Enqueued {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// Not delivered before then; none if ready at once.
        due: Option<Timestamp>,
    },
    /// The delay of a copy is over: it is ready. One of an ordered group is handed out in its turn.
    Matured {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
    },
    /// A copy was handed to a consumer.
    Delivered {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// Its lease.
        lease: LeaseId,
        /// Which delivery, from 1.
        delivery: u32,
    },
    /// A copy was settled well and is gone.
    Acked {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The lease under which it was delivered.
        lease: LeaseId,
    },
    /// A delivery failed; the copy waits for its next one.
    RetryScheduled {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// Deliveries so far.
        deliveries: u32,
        /// Not delivered again before then.
        due: Timestamp,
        /// Why the delivery failed.
        reason: FailReason,
    },
    /// A copy was handed back unused; the delivery does not count.
    Released {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
    },
    /// A lease ran out; the copy is ready again at once, without a backoff, unless a `DeadLettered`
    /// follows.
    LeaseExpired {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The lease that ended.
        lease: LeaseId,
    },
    /// A copy moved to the dead-letter queue.
    DeadLettered {
        /// The queue it left or was meant for.
        queue: QueueId,
        /// The dead-letter queue.
        to: QueueId,
        /// The message.
        message: MessageId,
        /// Why.
        reason: DeadReason,
    },
    /// A copy is dead and waits in its queue, since the dead-letter queue is full.
    Blocked {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// Why it is dead.
        reason: DeadReason,
    },
    /// A dead copy is gone, since its queue has no dead-letter queue.
    Discarded {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// Why it is dead.
        reason: DeadReason,
    },
    /// A copy moved from a dead-letter queue to `to`, where an `Enqueued` follows.
    Redriven {
        /// The dead-letter queue.
        queue: QueueId,
        /// The queue it goes to.
        to: QueueId,
        /// The message.
        message: MessageId,
    },
    /// Something can be received from a queue, and before nothing could: those who wait for it may
    /// ask again.
    Woken {
        /// The queue.
        queue: QueueId,
    },
    /// The end of a lease was moved.
    LeaseExtended {
        /// The queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The lease.
        lease: LeaseId,
        /// It ends then.
        until: Timestamp,
    },
    /// A queue hands out nothing until it is resumed.
    Paused {
        /// The queue.
        queue: QueueId,
    },
    /// A queue hands out again.
    Resumed {
        /// The queue.
        queue: QueueId,
    },
    /// A message of an ordered group is dead: all that wait in the group, and that come later,
    /// follow it to the dead letters.
    GroupParked {
        /// The queue.
        queue: QueueId,
        /// The first dead message of the group.
        message: MessageId,
    },
    /// The last message of a parked group has left the dead letters: the group is delivered again.
    GroupReleased {
        /// The queue.
        queue: QueueId,
    },
    /// A redrive at a rate began.
    RedriveStarted {
        /// The dead-letter queue.
        queue: QueueId,
    },
    /// A redrive at a rate is over.
    RedriveEnded {
        /// The dead-letter queue.
        queue: QueueId,
        /// So many moved.
        moved: u32,
        /// So many stayed for want of room, or of a place to go.
        stayed: u32,
        /// Whether it was cancelled.
        cancelled: bool,
    },
    /// A queue is deeper, or its oldest copy older, than its settings allow.
    AlarmRaised {
        /// The queue.
        queue: QueueId,
        /// What about.
        alarm: Alarm,
    },
    /// It no longer is.
    AlarmCleared {
        /// The queue.
        queue: QueueId,
        /// What about.
        alarm: Alarm,
    },
    /// An idempotency key was claimed.
    Claimed {
        /// The ledger.
        ledger: LedgerId,
    },
    /// A claim was completed; its result is kept.
    ClaimCompleted {
        /// The ledger.
        ledger: LedgerId,
    },
    /// A claim, or a kept result, ran out or was given up: its key is free.
    ClaimFreed {
        /// The ledger.
        ledger: LedgerId,
    },
    /// A consumer began a call.
    CallStarted {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
        /// Given up then.
        deadline: Timestamp,
    },
    /// A call succeeded.
    CallSucceeded {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
    },
    /// A call failed, or was given up at its deadline (reason `timeout`).
    CallFailed {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
        /// Why.
        reason: FailReason,
    },
    /// An answer came for a call that was given up; it changes nothing.
    CallAnsweredLate {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The call.
        call: CallId,
    },
    /// The rate limit holds a consumer back.
    Throttled {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// Until then.
        until: Timestamp,
    },
    /// Too many calls failed or were slow: no call starts.
    BreakerOpened {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// Probes start then.
        until: Timestamp,
        /// Why.
        reason: OpenReason,
    },
    /// A few probes may start.
    BreakerHalfOpened {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// The probes succeeded: calls start as usual.
    BreakerClosed {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// An operator opened the breaker: no call starts until it is reset.
    BreakerForcedOpen {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// An operator disabled the breaker: calls start, however they end, until it is reset.
    BreakerDisabled {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// An operator reset the breaker: it is closed and starts with a clean slate.
    BreakerReset {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer was told to receive no more; its calls under way go on.
    ConsumerPaused {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer receives again.
    ConsumerResumed {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// The other side knew the message: it had taken it before, and did nothing this time. A
    /// `CallSucceeded` follows.
    Recognised {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
    },
    /// A call ended, and its settlement did not reach the queue: the lease will run out, and the
    /// message be delivered again.
    SettlementLost {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
    },
    /// The process of a consumer is gone. Its calls are lost, its breaker and its rate limit with
    /// them; leases that it held run out.
    ConsumerCrashed {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// Nobody waits for a call any more, since its consumer crashed.
    CallLost {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// The message.
        message: MessageId,
        /// The call.
        call: CallId,
    },
    /// A crashed consumer runs again, with nothing in its memory.
    ConsumerRestarted {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer no longer reaches its queue: it receives nothing, and what it settles is lost. Its
    /// calls go on.
    ConsumerCutOff {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer reaches its queue again.
    ConsumerReconnected {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
    },
    /// A consumer may make more or fewer calls at once from now on; those under way go on.
    ConsumerScaled {
        /// The consumer.
        consumer: ConsumerId,
        /// Its queue.
        queue: QueueId,
        /// Calls under way at once, at most.
        concurrency: u32,
    },
}

impl Event {
    /// The queue in which it happened, or whose consumer it befell; none for topics, ledgers and
    /// what was published to a topic.
    #[must_use]
    pub fn queue(&self) -> Option<QueueId> {
        match *self {
            Self::QueueCreated { queue, .. }
            | Self::Subscribed { queue, .. }
            | Self::SubscriptionPaused { queue, .. }
            | Self::SubscriptionResumed { queue, .. }
            | Self::Unsubscribed { queue, .. }
            | Self::Refused { queue, .. }
            | Self::Enqueued { queue, .. }
            | Self::Matured { queue, .. }
            | Self::Delivered { queue, .. }
            | Self::Acked { queue, .. }
            | Self::RetryScheduled { queue, .. }
            | Self::Released { queue, .. }
            | Self::LeaseExpired { queue, .. }
            | Self::DeadLettered { queue, .. }
            | Self::Blocked { queue, .. }
            | Self::Discarded { queue, .. }
            | Self::Redriven { queue, .. }
            | Self::Woken { queue }
            | Self::LeaseExtended { queue, .. }
            | Self::Paused { queue }
            | Self::Resumed { queue }
            | Self::GroupParked { queue, .. }
            | Self::GroupReleased { queue }
            | Self::RedriveStarted { queue }
            | Self::RedriveEnded { queue, .. }
            | Self::AlarmRaised { queue, .. }
            | Self::AlarmCleared { queue, .. }
            | Self::CallStarted { queue, .. }
            | Self::CallSucceeded { queue, .. }
            | Self::CallFailed { queue, .. }
            | Self::CallAnsweredLate { queue, .. }
            | Self::Throttled { queue, .. }
            | Self::BreakerOpened { queue, .. }
            | Self::BreakerHalfOpened { queue, .. }
            | Self::BreakerClosed { queue, .. }
            | Self::BreakerForcedOpen { queue, .. }
            | Self::BreakerDisabled { queue, .. }
            | Self::BreakerReset { queue, .. }
            | Self::ConsumerPaused { queue, .. }
            | Self::ConsumerResumed { queue, .. }
            | Self::Recognised { queue, .. }
            | Self::SettlementLost { queue, .. }
            | Self::ConsumerCrashed { queue, .. }
            | Self::CallLost { queue, .. }
            | Self::ConsumerRestarted { queue, .. }
            | Self::ConsumerCutOff { queue, .. }
            | Self::ConsumerReconnected { queue, .. }
            | Self::ConsumerScaled { queue, .. } => Some(queue),
            Self::Published { to, .. } | Self::Deduplicated { to, .. } => match to {
                Address::Queue(queue) => Some(queue),
                Address::Topic(_) => None,
            },
            Self::TopicCreated { .. }
            | Self::LedgerCreated { .. }
            | Self::Claimed { .. }
            | Self::ClaimCompleted { .. }
            | Self::ClaimFreed { .. } => None,
        }
    }

    /// The message it is about, if it is about one.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match *self {
            Self::Published { message, .. }
            | Self::Refused { message, .. }
            | Self::Enqueued { message, .. }
            | Self::Matured { message, .. }
            | Self::Delivered { message, .. }
            | Self::Acked { message, .. }
            | Self::RetryScheduled { message, .. }
            | Self::Released { message, .. }
            | Self::LeaseExpired { message, .. }
            | Self::DeadLettered { message, .. }
            | Self::Blocked { message, .. }
            | Self::Discarded { message, .. }
            | Self::Redriven { message, .. }
            | Self::LeaseExtended { message, .. }
            | Self::GroupParked { message, .. }
            | Self::CallStarted { message, .. }
            | Self::CallSucceeded { message, .. }
            | Self::CallFailed { message, .. }
            | Self::CallLost { message, .. }
            | Self::Recognised { message, .. }
            | Self::SettlementLost { message, .. } => Some(message),
            Self::Deduplicated { original, .. } => Some(original),
            Self::QueueCreated { .. }
            | Self::TopicCreated { .. }
            | Self::LedgerCreated { .. }
            | Self::Subscribed { .. }
            | Self::SubscriptionPaused { .. }
            | Self::SubscriptionResumed { .. }
            | Self::Unsubscribed { .. }
            | Self::Claimed { .. }
            | Self::ClaimCompleted { .. }
            | Self::ClaimFreed { .. }
            | Self::Woken { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::GroupReleased { .. }
            | Self::RedriveStarted { .. }
            | Self::RedriveEnded { .. }
            | Self::AlarmRaised { .. }
            | Self::AlarmCleared { .. }
            | Self::CallAnsweredLate { .. }
            | Self::Throttled { .. }
            | Self::BreakerOpened { .. }
            | Self::BreakerHalfOpened { .. }
            | Self::BreakerClosed { .. }
            | Self::BreakerForcedOpen { .. }
            | Self::BreakerDisabled { .. }
            | Self::BreakerReset { .. }
            | Self::ConsumerPaused { .. }
            | Self::ConsumerResumed { .. }
            | Self::ConsumerCrashed { .. }
            | Self::ConsumerRestarted { .. }
            | Self::ConsumerCutOff { .. }
            | Self::ConsumerReconnected { .. }
            | Self::ConsumerScaled { .. } => None,
        }
    }
}
