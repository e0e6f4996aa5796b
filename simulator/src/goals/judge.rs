//! Conditions as a tree of truths that change with time.

use postroom_core::{Blueprint, MessageId, QueueId, Span, Timestamp};

use super::{
    document::{Comparison, Condition},
    meters::Meters,
};
use crate::scenario::{Scenario, ScenarioError};

/// A condition that is being watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    kind: Kind,
    is_true: bool,
    /// Since when.
    since: Timestamp,
    /// When it became plain that it stays so whatever happens.
    decided_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Compare { how: How, value: u64, meter: usize, per_mille_of: Option<usize>, found: Found },
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Never(Box<Node>),
    Throughout { from: Timestamp, until: Option<Timestamp>, that: Box<Node> },
    Within { from: Timestamp, by: Timestamp, that: Box<Node> },
    HeldFor { span: Span, that: Box<Node> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    AtLeast,
    AtMost,
    Exactly,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The number of the meter.
    pub(super) meter: usize,
    /// What it says.
    pub(super) value: u64,
    /// The whole of which it is a share.
    pub(super) whole: Option<u64>,
    /// The message that made it too much, and where.
    pub(super) culprit: Option<(Option<QueueId>, MessageId)>,
}

impl Node {
    /// Finds what the condition names.
    pub(super) fn new<S: Blueprint>(
        condition: &Condition,
        field: &str,
        meters: &mut Meters,
        scenario: &Scenario<S>,
        machine: &S::Machine,
    ) -> Result<Self, ScenarioError> {
        let field = format!("{field}.{}", condition.name());
        let mut inside = |condition: &Condition, field: &str| {
            Self::new(condition, field, meters, scenario, machine)
        };
        let that = format!("{field}.that");
        let kind = match condition {
            Condition::AtLeast(comparison)
            | Condition::AtMost(comparison)
            | Condition::Exactly(comparison) => {
                let how = match condition {
                    Condition::AtLeast(_) => How::AtLeast,
                    Condition::AtMost(_) => How::AtMost,
                    _ => How::Exactly,
                };
                let Comparison { of, value, per_mille_of } = comparison;
                let meter = meters.add(of, &format!("{field}.of"), scenario, machine)?;
                let whole = format!("{field}.per_mille_of");
                let whole = per_mille_of.as_ref().map(|m| meters.add(m, &whole, scenario, machine));
                let (per_mille_of, found) = (whole.transpose()?, Found::default());
                Kind::Compare { how, value: *value, meter, per_mille_of, found }
            }
            Condition::All(several) | Condition::Any(several) => {
                let mut nodes = Vec::with_capacity(several.len());
                for (i, one) in several.iter().enumerate() {
                    nodes.push(inside(one, &format!("{field}[{i}]"))?);
                }
                let all = matches!(condition, Condition::All(_));
                if all { Kind::All(nodes) } else { Kind::Any(nodes) }
            }
            Condition::Not(one) => Kind::Not(Box::new(inside(one, &field)?)),
            Condition::Never(one) => Kind::Never(Box::new(inside(one, &field)?)),
            Condition::Throughout(throughout) => Kind::Throughout {
                from: Timestamp::from_millis(throughout.from_ms),
                until: throughout.until_ms.map(Timestamp::from_millis),
                that: Box::new(inside(&throughout.that, &that)?),
            },
            Condition::Within(within) => Kind::Within {
                from: Timestamp::from_millis(within.from_ms),
                by: Timestamp::from_millis(within.from_ms) + Span::from_millis(within.ms),
                that: Box::new(inside(&within.that, &that)?),
            },
            Condition::HeldFor(held) => Kind::HeldFor {
                span: Span::from_millis(held.ms),
                that: Box::new(inside(&held.that, &that)?),
            },
        };
        Ok(Self { kind, is_true: false, since: Timestamp::ZERO, decided_at: None })
    }

    pub(super) fn is_true(&self) -> bool {
        self.is_true
    }

    pub(super) fn since(&self) -> Timestamp {
        self.since
    }

    pub(super) fn decided_at(&self) -> Option<Timestamp> {
        self.decided_at
    }

    /// Looks again at a time that is not before the last one.
    pub(super) fn update(&mut self, now: Timestamp, meters: &Meters) {
        if self.is_decided() {
            return;
        }
        let Change { is_true, is_decided, at } = self.kind.update(now, meters);
        if is_true != self.is_true {
            (self.is_true, self.since) = (is_true, at);
        }
        self.decided_at = is_decided.then_some(at);
    }

    /// When it may change next by the mere passing of time, after `now`.
    pub(super) fn wakes_at(&self, now: Timestamp, meters: &Meters) -> Option<Timestamp> {
        if self.is_decided() {
            return None;
        }
        let just_after = |at: Timestamp| at + Span::from_micros(1);
        let (own, that) = match &self.kind {
            Kind::Compare { value, meter, .. } => {
                let since = meters.meter(*meter).since()?;
                let ages = [*value, value.saturating_add(1)];
                let times = ages.map(|age| since + Span::from_millis(age));
                return times.into_iter().find(|at| *at > now);
            }
            Kind::All(nodes) | Kind::Any(nodes) => {
                return nodes.iter().filter_map(|node| node.wakes_at(now, meters)).min();
            }
            Kind::Not(that) | Kind::Never(that) => return that.wakes_at(now, meters),
            Kind::Throughout { from, until, that } => ([Some(*from), until.map(just_after)], that),
            Kind::Within { from, by, that } => ([Some(*from), Some(just_after(*by))], that),
            Kind::HeldFor { span, that } => {
                ([that.is_true.then(|| that.since + *span), None], that)
            }
        };
        let own = own.into_iter().flatten().filter(|at| *at > now);
        own.chain(that.wakes_at(now, meters)).min()
    }

    fn is_decided(&self) -> bool {
        self.decided_at.is_some()
    }

    /// What made it as it is.
    pub(super) fn found(&self) -> Option<Found> {
        let like = |nodes: &[Self]| {
            let same = nodes.iter().find(|node| node.is_true == self.is_true);
            same.or(nodes.first()).and_then(Self::found)
        };
        match &self.kind {
            Kind::Compare { found, .. } => Some(*found),
            Kind::All(nodes) | Kind::Any(nodes) => like(nodes),
            Kind::Not(that)
            | Kind::Never(that)
            | Kind::Throughout { that, .. }
            | Kind::Within { that, .. }
            | Kind::HeldFor { that, .. } => that.found(),
        }
    }
}

/// What an update comes to.
struct Change {
    is_true: bool,
    is_decided: bool,
    /// When that came about.
    at: Timestamp,
}

impl Kind {
    fn update(&mut self, now: Timestamp, meters: &Meters) -> Change {
        let change = |is_true, is_decided| Change { is_true, is_decided, at: now };
        match self {
            Self::Compare { .. } => {
                let (is_true, is_decided) = self.compare(now, meters);
                change(is_true, is_decided)
            }
            Self::All(nodes) => {
                nodes.iter_mut().for_each(|node| node.update(now, meters));
                let no = nodes.iter().any(|node| node.is_decided() && !node.is_true);
                let decided = nodes.iter().all(Node::is_decided);
                change(nodes.iter().all(|node| node.is_true), no || decided)
            }
            Self::Any(nodes) => {
                nodes.iter_mut().for_each(|node| node.update(now, meters));
                let yes = nodes.iter().any(|node| node.is_decided() && node.is_true);
                let decided = nodes.iter().all(Node::is_decided);
                change(nodes.iter().any(|node| node.is_true), yes || decided)
            }
            Self::Not(that) => {
                that.update(now, meters);
                change(!that.is_true, that.is_decided())
            }
            Self::Never(that) => {
                that.update(now, meters);
                change(!that.is_true, that.is_true || that.is_decided())
            }
            Self::Throughout { from, until, that } => {
                if let Some(until) = until.filter(|until| now > *until) {
                    return Change { is_true: true, is_decided: true, at: until };
                }
                that.update(now, meters);
                let has_begun = now >= *from;
                let is_decided = has_begun && (!that.is_true || that.is_decided());
                change(!has_begun || that.is_true, is_decided)
            }
            Self::Within { from, by, that } => {
                if now > *by {
                    return Change { is_true: false, is_decided: true, at: *by };
                }
                that.update(now, meters);
                let is_true = now >= *from && that.is_true;
                change(is_true, is_true)
            }
            Self::HeldFor { span, that } => {
                let (was_true, since) = (that.is_true, that.since);
                that.update(now, meters);
                let since = if was_true { since } else { that.since };
                let held = (was_true || that.is_true) && now.since(since) >= *span;
                let never = that.is_decided() && !that.is_true;
                let at = if held { since + *span } else { now };
                Change { is_true: held, is_decided: held || never, at }
            }
        }
    }

    /// Whether a comparison holds, and whether it always will, or never.
    fn compare(&mut self, now: Timestamp, meters: &Meters) -> (bool, bool) {
        let Self::Compare { how, value, meter, per_mille_of, found } = self else {
            return (false, false);
        };
        let measured = meters.value(*meter, now);
        let whole = per_mille_of.map(|whole| meters.value(whole, now));
        let (left, right) = match whole {
            Some(whole) => (u128::from(measured) * 1_000, u128::from(*value) * u128::from(whole)),
            None => (measured.into(), (*value).into()),
        };
        let is_much = if *how == How::AtLeast { left >= right } else { left > right };
        let was_much = found.culprit.is_some();
        let culprit = if was_much { found.culprit } else { meters.meter(*meter).last() };
        *found =
            Found { meter: *meter, value: measured, whole, culprit: culprit.filter(|_| is_much) };
        let is_true = match how {
            How::AtLeast => is_much,
            How::AtMost => !is_much,
            How::Exactly => left == right,
        };
        let only_grows = whole.is_none() && meters.meter(*meter).metric().measure.only_grows();
        (is_true, only_grows && is_much)
    }
}
