//! Events of a small system, for the tests of everything that reads events.

use postroom_core::{
    Address, CallId, ConsumerId, DeadReason, Event, FailReason, LeaseId, MessageId, OpenReason,
    QueueId, Recorded, Timestamp, TopicId,
};

use crate::picture::{Icon, Lane, Layout, TopicNode, Worker};

pub(crate) const TOPIC: TopicId = TopicId::new(0);
pub(crate) const SMS: QueueId = QueueId::new(1);
pub(crate) const SMS_DEAD: QueueId = QueueId::new(0);
pub(crate) const PUSH: QueueId = QueueId::new(3);
pub(crate) const WORKER: ConsumerId = ConsumerId::new(0);

pub(crate) fn layout() -> Layout {
    Layout {
        sources: Vec::new(),
        topics: vec![TopicNode {
            topic: TOPIC,
            name: "notifications".into(),
            label: "notifications".into(),
        }],
        lanes: vec![Lane {
            queue: SMS,
            name: "sms".into(),
            label: "SMS".into(),
            icon: Icon::Sms,
            topics: vec![TOPIC],
            dead_letters: Some(SMS_DEAD),
            workers: vec![Worker {
                consumer: WORKER,
                provider: "sms".into(),
                label: "SMS gateway".into(),
                icon: Icon::Sms,
                concurrency: 4,
                concurrency_max: 4,
                publishes: Vec::new(),
                breaker: true,
            }],
        }],
        ..Layout::default()
    }
}

pub(crate) fn message(number: u64) -> MessageId {
    MessageId { address: Address::Topic(TOPIC), number }
}

pub(crate) fn recorded(millis: u64, event: Event) -> Recorded {
    Recorded { at: Timestamp::from_millis(millis), command: 1, index: 0, event }
}

pub(crate) fn published(millis: u64, number: u64) -> Recorded {
    let message = message(number);
    let to = Address::Topic(TOPIC);
    recorded(millis, Event::Published { to, message, causation: None, correlation: message })
}

pub(crate) fn queued(millis: u64, number: u64) -> Recorded {
    recorded(millis, Event::Enqueued { queue: SMS, message: message(number), due: None })
}

pub(crate) fn delivered(millis: u64, number: u64, delivery: u32) -> Recorded {
    let (message, lease) = (message(number), LeaseId::new(1));
    recorded(millis, Event::Delivered { queue: SMS, message, lease, delivery })
}

pub(crate) fn call_started(millis: u64, number: u64) -> Recorded {
    recorded(
        millis,
        Event::CallStarted {
            consumer: WORKER,
            queue: SMS,
            message: message(number),
            call: CallId::new(1),
            deadline: Timestamp::from_millis(millis + 2_000),
        },
    )
}

pub(crate) fn call_failed(millis: u64, number: u64, reason: FailReason) -> Recorded {
    recorded(
        millis,
        Event::CallFailed {
            consumer: WORKER,
            queue: SMS,
            message: message(number),
            call: CallId::new(1),
            reason,
        },
    )
}

pub(crate) fn retry(millis: u64, number: u64, deliveries: u32, due_millis: u64) -> Recorded {
    recorded(
        millis,
        Event::RetryScheduled {
            queue: SMS,
            message: message(number),
            deliveries,
            due: Timestamp::from_millis(due_millis),
            reason: FailReason::Timeout,
        },
    )
}

pub(crate) fn acked(millis: u64, number: u64) -> Recorded {
    let (message, lease) = (message(number), LeaseId::new(1));
    recorded(millis, Event::Acked { queue: SMS, message, lease })
}

pub(crate) fn dead_lettered(millis: u64, number: u64) -> Recorded {
    recorded(
        millis,
        Event::DeadLettered {
            queue: SMS,
            to: SMS_DEAD,
            message: message(number),
            reason: DeadReason::Deadline,
        },
    )
}

/// What follows a [`dead_lettered`].
pub(crate) fn buried(millis: u64, number: u64) -> Recorded {
    recorded(millis, Event::Enqueued { queue: SMS_DEAD, message: message(number), due: None })
}

pub(crate) fn redriven(millis: u64, number: u64) -> Recorded {
    recorded(millis, Event::Redriven { queue: SMS_DEAD, to: SMS, message: message(number) })
}

pub(crate) fn breaker_opened(millis: u64) -> Recorded {
    recorded(
        millis,
        Event::BreakerOpened {
            consumer: WORKER,
            queue: SMS,
            until: Timestamp::from_millis(millis + 10_000),
            reason: OpenReason::FailureRate,
        },
    )
}

pub(crate) fn breaker_closed(millis: u64) -> Recorded {
    recorded(millis, Event::BreakerClosed { consumer: WORKER, queue: SMS })
}
