//! Metrics in words.

use std::fmt::{self, Display, Formatter};

use super::document::{Measure, Metric};

/// What is measured, as a person would say it; the number follows.
impl Display for Metric {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { measure, queue, topic, provider, producer, caller, reason, per_mille } = self;
        if matches!(measure, Measure::WaitingMs | Measure::LatencyMs | Measure::RequestMs) {
            let per_mille = per_mille.unwrap_or(990);
            write!(f, "p{}", per_mille / 10)?;
            if !per_mille.is_multiple_of(10) {
                write!(f, ".{}", per_mille % 10)?;
            }
            f.write_str(" of ")?;
        }
        f.write_str(measure.words())?;
        if let Some(reason) = reason {
            write!(f, " ({reason:?})")?;
        }
        let by = [("by", provider), ("by", producer), ("by", caller)];
        for (word, name) in [("in", queue), ("from", topic)].into_iter().chain(by) {
            if let Some(name) = name {
                write!(f, " {word} {name}")?;
            }
        }
        Ok(())
    }
}

impl Measure {
    fn words(self) -> &'static str {
        match self {
            Self::Published => "messages published",
            Self::Deduplicated => "messages deduplicated",
            Self::Refused => "copies refused",
            Self::Enqueued => "copies enqueued",
            Self::Delivered => "deliveries",
            Self::Redelivered => "redeliveries",
            Self::Acked => "copies acknowledged",
            Self::Retried => "deliveries tried again",
            Self::LeaseExpired => "leases expired",
            Self::DeadLettered => "copies dead-lettered",
            Self::Discarded => "dead copies discarded",
            Self::Redriven => "copies redriven",
            Self::CallStarted => "calls started",
            Self::CallSucceeded => "calls succeeded",
            Self::CallFailed => "calls failed",
            Self::Recognised => "repetitions recognised",
            Self::CallLost => "calls lost",
            Self::SettlementLost => "settlements lost",
            Self::Crashed => "crashes",
            Self::BreakerOpened => "breakers opened",
            Self::AlarmRaised => "alarms raised",
            Self::Lost => "copies lost",
            Self::Taken => "copies taken",
            Self::Duplicates => "duplicates taken",
            Self::Calls => "calls",
            Self::Sent => "messages sent",
            Self::SendRefused => "messages refused",
            Self::Workers => "workers",
            Self::Requests => "requests",
            Self::Answered => "requests answered",
            Self::Unanswered => "requests unanswered",
            Self::Depth => "depth",
            Self::InFlight => "copies in flight",
            Self::OldestAgeMs => "ms since the oldest came",
            Self::WaitingMs => "ms waited",
            Self::LatencyMs => "ms until acknowledged",
            Self::RequestMs => "ms until answered",
        }
    }
}
