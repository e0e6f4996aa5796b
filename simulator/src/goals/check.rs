//! What can be checked of goals without the system.

use super::document::{Comparison, Condition, Goal, Measure, Metric, Reason, Throughout};
use crate::{
    limits::{CONDITION_DEPTH_MAX, CONDITIONS_MAX, SPAN_MS_MAX},
    scenario::{ScenarioError, out_of_range},
};

impl Goal {
    /// Checks all but the names; `field` is the goal's place, and `conditions` counts on.
    pub(crate) fn validate(
        &self,
        field: &str,
        conditions: &mut usize,
    ) -> Result<(), ScenarioError> {
        self.that.validate(&format!("{field}.that"), 1, conditions)
    }
}

impl Condition {
    /// Its name in the document.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::AtLeast(_) => "at_least",
            Self::AtMost(_) => "at_most",
            Self::Exactly(_) => "exactly",
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::Never(_) => "never",
            Self::Throughout(_) => "throughout",
            Self::Within(_) => "within",
            Self::HeldFor(_) => "held_for",
        }
    }

    /// The last moment that it names, in milliseconds after the start.
    pub(crate) fn latest_ms(&self) -> u64 {
        let (own, inside) = match self {
            Self::AtLeast(_) | Self::AtMost(_) | Self::Exactly(_) => return 0,
            Self::All(several) | Self::Any(several) => {
                return several.iter().map(Self::latest_ms).max().unwrap_or(0);
            }
            Self::Not(that) | Self::Never(that) => (0, that),
            Self::Throughout(throughout) => {
                (throughout.until_ms.unwrap_or(throughout.from_ms), &throughout.that)
            }
            Self::Within(within) => (within.from_ms.saturating_add(within.ms), &within.that),
            Self::HeldFor(held) => (held.ms, &held.that),
        };
        own.max(inside.latest_ms())
    }

    fn validate(
        &self,
        field: &str,
        depth: usize,
        conditions: &mut usize,
    ) -> Result<(), ScenarioError> {
        *conditions += 1;
        if *conditions > CONDITIONS_MAX {
            return Err(out_of_range("goals", "at most 1,000 conditions in all"));
        }
        if depth > CONDITION_DEPTH_MAX {
            return Err(out_of_range(field, "at most 8 conditions inside each other"));
        }
        let field = format!("{field}.{}", self.name());
        let span = |name, ms| check_span(&format!("{field}.{name}"), ms);
        let inside = match self {
            Self::AtLeast(comparison) | Self::AtMost(comparison) | Self::Exactly(comparison) => {
                return comparison.validate(&field);
            }
            Self::All(several) | Self::Any(several) => {
                for (i, one) in several.iter().enumerate() {
                    one.validate(&format!("{field}[{i}]"), depth + 1, conditions)?;
                }
                return Ok(());
            }
            Self::Not(that) | Self::Never(that) => {
                return that.validate(&field, depth + 1, conditions);
            }
            Self::Throughout(Throughout { from_ms, until_ms, that }) => {
                span("from_ms", *from_ms)?;
                if until_ms.is_some_and(|until| until < *from_ms || until > SPAN_MS_MAX) {
                    let field = format!("{field}.until_ms");
                    return Err(out_of_range(&field, "`from_ms` to a day"));
                }
                that
            }
            Self::Within(within) => {
                span("from_ms", within.from_ms)?;
                span("ms", within.ms)?;
                &within.that
            }
            Self::HeldFor(held) => {
                span("ms", held.ms)?;
                &held.that
            }
        };
        inside.validate(&format!("{field}.that"), depth + 1, conditions)
    }
}

impl Comparison {
    fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        self.of.validate(&format!("{field}.of"))?;
        let Some(whole) = &self.per_mille_of else { return Ok(()) };
        let of = format!("{field}.per_mille_of");
        whole.validate(&of)?;
        for (metric, field) in [(&self.of, format!("{field}.of")), (whole, of)] {
            if metric.measure.is_time() {
                let why = "is a time: a share is taken of counts";
                return Err(ScenarioError::Unfit { field: format!("{field}.measure"), why });
            }
        }
        Ok(())
    }
}

impl Metric {
    fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        let takes = self.measure.takes();
        let Takes { queue, topic, provider, producer, caller, reason, per_mille, .. } = takes;
        let unfit = |name, why| Err(ScenarioError::Unfit { field: format!("{field}.{name}"), why });
        let given = [
            ("queue", self.queue.is_some(), queue),
            ("topic", self.topic.is_some(), topic),
            ("provider", self.provider.is_some(), provider),
            ("producer", self.producer.is_some(), producer),
            ("caller", self.caller.is_some(), caller),
            ("reason", self.reason.is_some(), reason.is_some()),
            ("per_mille", self.per_mille.is_some(), per_mille),
        ];
        for (name, given, takes) in given {
            if given && !takes {
                return unfit(name, "must be left out: this measure does not take it");
            }
        }
        if takes.needs_queue && self.queue.is_none() {
            return unfit("queue", "is missing: this measure needs the name of a queue");
        }
        if takes.needs_provider && self.provider.is_none() {
            return unfit("provider", "is missing: this measure needs the name of a provider");
        }
        if takes.needs_caller && self.caller.is_none() {
            return unfit("caller", "is missing: this measure needs the name of a caller");
        }
        match (self.reason, reason) {
            (Some(given), Some(Why::Dead)) if !given.is_death() => {
                return unfit("reason", "is one of failed calls: give one of dead copies");
            }
            (Some(given), Some(Why::Failed)) if given.is_death() => {
                return unfit("reason", "is one of dead copies: give one of failed calls");
            }
            _ => {}
        }
        if self.per_mille.is_some_and(|per_mille| !(1..=1_000).contains(&per_mille)) {
            return Err(out_of_range(&format!("{field}.per_mille"), "1 to 1,000"));
        }
        Ok(())
    }
}

/// What a measure takes.
#[derive(Clone, Copy, Default)]
struct Takes {
    queue: bool,
    needs_queue: bool,
    topic: bool,
    provider: bool,
    needs_provider: bool,
    producer: bool,
    caller: bool,
    needs_caller: bool,
    reason: Option<Why>,
    per_mille: bool,
}

#[derive(Clone, Copy)]
enum Why {
    Dead,
    Failed,
}

impl Measure {
    fn takes(self) -> Takes {
        let queue = Takes { queue: true, ..Takes::default() };
        let both = Takes { topic: true, ..queue };
        let now = Takes { needs_queue: true, ..queue };
        match self {
            Self::Published
            | Self::Deduplicated
            | Self::Refused
            | Self::Enqueued
            | Self::Delivered
            | Self::Redelivered
            | Self::Acked
            | Self::LeaseExpired
            | Self::Redriven
            | Self::CallStarted
            | Self::CallSucceeded
            | Self::Recognised
            | Self::CallLost
            | Self::SettlementLost => both,
            Self::Retried | Self::CallFailed => Takes { reason: Some(Why::Failed), ..both },
            Self::DeadLettered | Self::Discarded => Takes { reason: Some(Why::Dead), ..both },
            Self::Crashed | Self::BreakerOpened | Self::AlarmRaised | Self::Lost => queue,
            Self::Taken | Self::Duplicates | Self::Calls => {
                Takes { provider: true, ..Takes::default() }
            }
            Self::Workers => Takes { provider: true, needs_provider: true, ..Takes::default() },
            Self::Sent | Self::SendRefused => Takes { producer: true, ..Takes::default() },
            Self::Depth | Self::InFlight | Self::OldestAgeMs => now,
            Self::Requests | Self::Answered | Self::Unanswered => {
                Takes { caller: true, ..Takes::default() }
            }
            Self::WaitingMs | Self::LatencyMs => Takes { per_mille: true, ..now },
            Self::RequestMs => {
                Takes { caller: true, needs_caller: true, per_mille: true, ..Takes::default() }
            }
        }
    }

    /// Whether it is in milliseconds.
    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::OldestAgeMs | Self::WaitingMs | Self::LatencyMs | Self::RequestMs)
    }

    /// Whether it never falls, so that what is reached stays reached.
    pub(super) fn only_grows(self) -> bool {
        !self.is_time()
            && !matches!(self, Self::Lost | Self::Workers | Self::Depth | Self::InFlight)
    }
}

impl Reason {
    fn is_death(self) -> bool {
        use Reason::{
            Deadline, Exhausted, Expired, GroupParked, Overflow, Purged, Rejected, Shed, Unknown,
        };
        matches!(
            self,
            Exhausted
                | Rejected
                | Deadline
                | Expired
                | Overflow
                | Shed
                | Unknown
                | GroupParked
                | Purged
        )
    }
}

fn check_span(field: &str, ms: u64) -> Result<(), ScenarioError> {
    if ms > SPAN_MS_MAX { Err(out_of_range(field, "at most a day")) } else { Ok(()) }
}
