//! What is counted for `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::StatusCode;
use postroom_core::{Batch, DeadReason, Event, FailReason, QueueId};
use postroom_notification::{Channel, Wiring};

/// Counters of events by channel, and of answers by status. All start at 0 with the process.
#[derive(Debug)]
pub(crate) struct Counters {
    wiring: Wiring,
    events: [[AtomicU64; Counted::ALL.len()]; Channel::ALL.len()],
    responses: Vec<AtomicU64>,
}

/// An event that is counted per channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    Enqueued,
    Rejected,
    CallSucceeded,
    CallFailed(FailReason),
    RetryScheduled,
    DeadLettered(DeadReason),
    Redriven,
    BreakerOpened,
}

impl Counted {
    pub(crate) const ALL: [Self; 19] = [
        Self::Enqueued,
        Self::Rejected,
        Self::CallSucceeded,
        Self::CallFailed(FailReason::Transient),
        Self::CallFailed(FailReason::Throttled),
        Self::CallFailed(FailReason::Timeout),
        Self::CallFailed(FailReason::Permanent),
        Self::CallFailed(FailReason::Ambiguous),
        Self::RetryScheduled,
        Self::DeadLettered(DeadReason::Exhausted),
        Self::DeadLettered(DeadReason::Rejected),
        Self::DeadLettered(DeadReason::Deadline),
        Self::DeadLettered(DeadReason::Expired),
        Self::DeadLettered(DeadReason::Overflow),
        Self::DeadLettered(DeadReason::Shed),
        Self::DeadLettered(DeadReason::Unknown),
        Self::DeadLettered(DeadReason::GroupParked),
        Self::Redriven,
        Self::BreakerOpened,
    ];

    fn of(event: &Event) -> Option<Self> {
        match *event {
            Event::Enqueued { .. } => Some(Self::Enqueued),
            Event::Refused { .. } => Some(Self::Rejected),
            Event::CallSucceeded { .. } => Some(Self::CallSucceeded),
            Event::CallFailed { reason, .. } => Some(Self::CallFailed(reason)),
            Event::RetryScheduled { .. } => Some(Self::RetryScheduled),
            Event::DeadLettered { reason, .. } => Some(Self::DeadLettered(reason)),
            Event::Redriven { .. } => Some(Self::Redriven),
            Event::BreakerOpened { .. } => Some(Self::BreakerOpened),
            _ => None,
        }
    }
}

impl Counters {
    pub(crate) fn new(wiring: Wiring) -> Self {
        let zeros = || (0..600).map(|_| AtomicU64::new(0));
        Self { wiring, events: Default::default(), responses: zeros().collect() }
    }

    pub(crate) fn count_events(&self, batch: &Batch) {
        for recorded in &batch.events {
            let queue = match recorded.event {
                Event::Redriven { to, .. } => Some(to),
                event => event.queue(),
            };
            let counter = Counted::of(&recorded.event)
                .zip(queue.and_then(|queue| self.channel_of(queue)))
                .and_then(|(counted, channel)| self.counter(channel, counted));
            if let Some(counter) = counter {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn count_response(&self, status: StatusCode) {
        if let Some(counter) = self.responses.get(usize::from(status.as_u16())) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn events(&self, channel: Channel, counted: Counted) -> u64 {
        self.counter(channel, counted).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// The statuses answered so far, and how often.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (usize, u64)> {
        let all = self.responses.iter().map(|counter| counter.load(Ordering::Relaxed)).enumerate();
        all.filter(|(_, count)| *count > 0)
    }

    /// None for dead letters: what goes on among them is not counted.
    fn channel_of(&self, queue: QueueId) -> Option<Channel> {
        self.wiring.channels.iter().find(|ids| ids.queue == queue).map(|ids| ids.channel)
    }

    fn counter(&self, channel: Channel, counted: Counted) -> Option<&AtomicU64> {
        let of_channel = Channel::ALL.iter().position(|one| *one == channel)?;
        let of_counted = Counted::ALL.iter().position(|one| *one == counted)?;
        Some(&self.events[of_channel][of_counted])
    }
}
