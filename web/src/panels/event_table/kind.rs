//! Kinds of events, as a reader looks for them.

use postroom_core::Event;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something was published.
    Published,
    /// A copy came to a worker.
    HandedOut,
    /// A copy was done.
    Done,
    /// A delivery failed, or nobody knows how it ended.
    Failed,
    /// A copy was given up.
    Dead,
    /// Dead letters went back to work.
    Redriven,
    /// Something came twice and was recognised.
    Duplicate,
    /// Workers, their breakers and limits, and queues that stand still.
    Workers,
    /// Alarms.
    Alarms,
}

impl Kind {
    /// All of them, in the order of a message's life.
    pub const ALL: [Self; 9] = [
        Self::Published,
        Self::HandedOut,
        Self::Done,
        Self::Failed,
        Self::Dead,
        Self::Redriven,
        Self::Duplicate,
        Self::Workers,
        Self::Alarms,
    ];

    /// Its name in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::HandedOut => "handed out",
            Self::Done => "done",
            Self::Failed => "failed or lost",
            Self::Dead => "dead",
            Self::Redriven => "redriven",
            Self::Duplicate => "duplicates",
            Self::Workers => "workers",
            Self::Alarms => "alarms",
        }
    }

    /// The kind of an event; none for what only moves things on.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Published { .. } => Self::Published,
            Event::Delivered { .. } | Event::CallStarted { .. } | Event::Released { .. } => {
                Self::HandedOut
            }
            Event::Acked { .. } | Event::CallSucceeded { .. } => Self::Done,
            Event::CallFailed { .. }
            | Event::RetryScheduled { .. }
            | Event::LeaseExpired { .. }
            | Event::CallLost { .. }
            | Event::CallAnsweredLate { .. }
            | Event::SettlementLost { .. } => Self::Failed,
            Event::DeadLettered { .. }
            | Event::Blocked { .. }
            | Event::Discarded { .. }
            | Event::Refused { .. }
            | Event::GroupParked { .. } => Self::Dead,
            Event::Redriven { .. }
            | Event::RedriveStarted { .. }
            | Event::RedriveEnded { .. }
            | Event::GroupReleased { .. } => Self::Redriven,
            Event::Deduplicated { .. } | Event::Recognised { .. } => Self::Duplicate,
            Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::Throttled { .. }
            | Event::BreakerOpened { .. }
            | Event::BreakerHalfOpened { .. }
            | Event::BreakerClosed { .. }
            | Event::BreakerForcedOpen { .. }
            | Event::BreakerDisabled { .. }
            | Event::BreakerReset { .. }
            | Event::ConsumerPaused { .. }
            | Event::ConsumerResumed { .. }
            | Event::ConsumerCrashed { .. }
            | Event::ConsumerRestarted { .. }
            | Event::ConsumerCutOff { .. }
            | Event::ConsumerReconnected { .. }
            | Event::ConsumerScaled { .. } => Self::Workers,
            Event::AlarmRaised { .. } | Event::AlarmCleared { .. } => Self::Alarms,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{acked, breaker_opened, dead_lettered, published, queued, retry};

    #[test]
    fn a_kind_is_found_by_what_happened() {
        let story = [
            published(0, 1),
            queued(0, 1),
            retry(2, 1, 1, 9),
            breaker_opened(3),
            dead_lettered(4, 1),
            acked(5, 1),
        ];
        let kinds = story.map(|each| Kind::of(&each.event).map(Kind::name));
        assert_eq!(
            kinds,
            [
                Some("published"),
                None,
                Some("failed or lost"),
                Some("workers"),
                Some("dead"),
                Some("done")
            ]
        );
    }
}
