//! What goals measure, kept up to date from the events and from what a world counts.

use postroom_core::{
    Address, Blueprint, DeadReason, Event, FailReason, Hosted, MessageId, QueueId, Sink, Span,
    Timestamp, TopicId, observe::Latency,
};

use super::{
    copies::{Copies, CopyId},
    document::{Measure, Metric, Reason},
};
use crate::{
    limits::TAKEN_MAX,
    scenario::{Scenario, ScenarioError, clip},
    world::World,
};

/// All metrics of a scenario's goals, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meters {
    meters: Vec<Meter>,
    /// Only where somebody asks.
    latency: Option<Latency>,
    copies: Option<Copies>,
    /// What each provider had taken at the last look: in all, and again.
    taken: Vec<(u64, u64)>,
    /// Whether anything changed since the last time that somebody asked.
    changed: bool,
}

/// One metric, with ids for names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meter {
    metric: Metric,
    queue: Option<QueueId>,
    topic: Option<TopicId>,
    /// The providers or producers that count.
    actors: Vec<usize>,
    value: u64,
    /// Of a growing age.
    since: Option<Timestamp>,
    /// What raised it last; none for an age, which nothing raises.
    last: Option<(Option<QueueId>, MessageId)>,
    /// Whether something happened since the last look that changes a percentile.
    is_stale: bool,
}

impl Meters {
    /// The number of a metric.
    pub(super) fn add<S: Blueprint>(
        &mut self,
        metric: &Metric,
        field: &str,
        scenario: &Scenario<S>,
        machine: &S::Machine,
    ) -> Result<usize, ScenarioError> {
        if let Some(index) = self.meters.iter().position(|meter| meter.metric == *metric) {
            return Ok(index);
        }
        self.meters.push(Meter::new(metric, field, scenario, machine)?);
        match metric.measure {
            Measure::WaitingMs | Measure::LatencyMs => {
                self.latency.get_or_insert_default();
            }
            Measure::Lost => {
                self.copies.get_or_insert_default();
            }
            _ => {}
        }
        self.taken.resize(scenario.providers.len(), (0, 0));
        Ok(self.meters.len() - 1)
    }

    /// What a metric is at a time that is not before the last look.
    pub(super) fn value(&self, meter: usize, now: Timestamp) -> u64 {
        let Meter { value, since, .. } = &self.meters[meter];
        since.map_or(*value, |since| now.since(since).as_millis())
    }

    pub(super) fn meter(&self, meter: usize) -> &Meter {
        &self.meters[meter]
    }

    /// Whether anything changed since it was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn note(&mut self, at: Timestamp, event: Event) {
        for meter in &mut self.meters {
            let counts = meter.counts(&event);
            if counts {
                meter.value += 1;
                self.changed = true;
            }
            if counts || meter.is_raised_by(&event) {
                meter.last = event.message().map(|message| (event.queue(), message));
                meter.is_stale = true;
            }
        }
        if let Some(latency) = &mut self.latency {
            latency.record(at, event);
        }
        if let Some(copies) = &mut self.copies {
            copies.note(&event);
        }
    }

    /// Takes over what the world counts by itself.
    pub(super) fn look<S: Blueprint>(&mut self, world: &World<S>) {
        self.look_at_copies(world);
        self.look_at_providers(world);
        let latency = self.latency.as_ref();
        for meter in &mut self.meters {
            let (value, since) = (meter.value, meter.since);
            meter.look(world, latency);
            self.changed |= (value, since) != (meter.value, meter.since);
        }
    }

    fn look_at_copies<S: Blueprint>(&mut self, world: &World<S>) {
        let Some(copies) = &mut self.copies else { return };
        let meters = &mut self.meters;
        let lost = |copy: CopyId| {
            self.changed = true;
            for meter in meters.iter_mut().filter(|meter| meter.is_lost_in(copy.0)) {
                meter.value += 1;
                meter.last = Some((Some(copy.0), copy.1));
            }
        };
        copies.look(|copy| was_taken(world, copy), lost);
    }

    fn look_at_providers<S: Blueprint>(&mut self, world: &World<S>) {
        for (i, (known, provider)) in self.taken.iter_mut().zip(world.providers()).enumerate() {
            let taken = provider.taken();
            let (total, again) = std::mem::replace(known, (taken.total(), taken.duplicates()));
            let Some(copy) = taken.last().filter(|_| taken.total() > total) else { continue };
            let is_back = self.copies.as_mut().is_some_and(|copies| copies.took(copy));
            let at_it = |meter: &&mut Meter| meter.actors.contains(&i);
            for meter in self.meters.iter_mut().filter(at_it) {
                match meter.metric.measure {
                    Measure::Lost if is_back && meter.is_lost_in(copy.0) => {
                        meter.value = meter.value.saturating_sub(1);
                        self.changed = true;
                    }
                    Measure::Taken => meter.last = Some((Some(copy.0), copy.1)),
                    Measure::Duplicates if taken.duplicates() > again => {
                        meter.last = Some((Some(copy.0), copy.1));
                    }
                    _ => {}
                }
            }
        }
    }
}

impl Meter {
    fn new<S: Blueprint>(
        metric: &Metric,
        field: &str,
        scenario: &Scenario<S>,
        machine: &S::Machine,
    ) -> Result<Self, ScenarioError> {
        let queues = (0..).map(QueueId::new).map_while(|id| machine.queue_name(id));
        let topics = (0..).map(TopicId::new).map_while(|id| machine.topic_name(id));
        let providers = scenario.providers.iter().map(|provider| provider.name.as_str());
        let producers = scenario.producers.iter().map(|producer| producer.name.as_str());
        let queue = find(queues, &metric.queue, field, "queue")?;
        let topic = find(topics, &metric.topic, field, "topic")?;
        let provider = find(providers, &metric.provider, field, "provider")?;
        let producer = find(producers, &metric.producer, field, "producer")?;
        let actors = match (provider.or(producer), metric.measure) {
            (Some(one), _) => vec![one],
            (None, Measure::Sent | Measure::SendRefused) => (0..scenario.producers.len()).collect(),
            (None, _) => (0..scenario.providers.len()).collect(),
        };
        Ok(Self {
            metric: metric.clone(),
            queue: queue.map(|number| QueueId::new(number as u32)),
            topic: topic.map(|number| TopicId::new(number as u32)),
            actors,
            value: 0,
            since: None,
            last: None,
            is_stale: false,
        })
    }

    pub(super) fn metric(&self) -> &Metric {
        &self.metric
    }

    pub(super) fn last(&self) -> Option<(Option<QueueId>, MessageId)> {
        self.last
    }

    /// Whether it is an age that grows by itself.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Whether an event is one that it counts.
    fn counts(&self, event: &Event) -> bool {
        let is_it = match (self.metric.measure, event) {
            (Measure::Published, Event::Published { .. })
            | (Measure::Deduplicated, Event::Deduplicated { .. })
            | (Measure::Refused, Event::Refused { .. })
            | (Measure::Enqueued, Event::Enqueued { .. })
            | (Measure::Delivered, Event::Delivered { .. })
            | (Measure::Acked, Event::Acked { .. })
            | (Measure::LeaseExpired, Event::LeaseExpired { .. })
            | (Measure::Redriven, Event::Redriven { .. })
            | (Measure::CallStarted, Event::CallStarted { .. })
            | (Measure::CallSucceeded, Event::CallSucceeded { .. })
            | (Measure::BreakerOpened, Event::BreakerOpened { .. })
            | (Measure::AlarmRaised, Event::AlarmRaised { .. }) => true,
            (Measure::Redelivered, Event::Delivered { delivery, .. }) => *delivery > 1,
            (Measure::Retried, Event::RetryScheduled { reason, .. })
            | (Measure::CallFailed, Event::CallFailed { reason, .. }) => self.is_for(reason),
            (Measure::DeadLettered, Event::DeadLettered { reason, .. })
            | (Measure::Discarded, Event::Discarded { reason, .. }) => self.is_for(reason),
            _ => false,
        };
        is_it && self.is_in(event)
    }

    /// Whether an event may raise what is only looked at: then its message is to blame.
    fn is_raised_by(&self, event: &Event) -> bool {
        let is_it = match self.metric.measure {
            Measure::Depth => matches!(event, Event::Enqueued { .. }),
            Measure::InFlight | Measure::WaitingMs => matches!(event, Event::Delivered { .. }),
            Measure::LatencyMs => matches!(event, Event::Acked { .. }),
            _ => false,
        };
        is_it && self.is_in(event)
    }

    fn is_lost_in(&self, queue: QueueId) -> bool {
        self.metric.measure == Measure::Lost && self.queue.is_none_or(|only| only == queue)
    }

    fn is_in(&self, event: &Event) -> bool {
        let from =
            |topic| event.message().map(|message| message.address) == Some(Address::Topic(topic));
        self.queue.is_none_or(|queue| event.queue() == Some(queue)) && self.topic.is_none_or(from)
    }

    fn is_for<R: Copy + Into<Reason>>(&self, reason: &R) -> bool {
        self.metric.reason.is_none_or(|only| only == (*reason).into())
    }

    fn look<S: Blueprint>(&mut self, world: &World<S>, latency: Option<&Latency>) {
        let stats = || self.queue.and_then(|queue| world.machine().queue_stats(queue));
        let providers = || self.actors.iter().filter_map(|i| world.providers().get(*i));
        let producers = || self.actors.iter().filter_map(|i| world.producers().get(*i));
        let figures = || latency?.of(self.queue?);
        let per_mille = self.metric.per_mille.unwrap_or(990);
        match self.metric.measure {
            Measure::Depth => self.value = stats().map_or(0, |stats| stats.depth()),
            Measure::InFlight => self.value = stats().map_or(0, |stats| stats.in_flight),
            Measure::OldestAgeMs => {
                self.since = stats().and_then(|stats| stats.oldest_enqueued_at);
            }
            Measure::Taken => self.value = providers().map(|p| p.taken().total()).sum(),
            Measure::Calls => self.value = providers().map(|p| p.calls()).sum(),
            Measure::Sent => self.value = producers().map(|p| p.sent()).sum(),
            Measure::SendRefused => self.value = producers().map(|p| p.refused()).sum(),
            Measure::Duplicates => {
                self.value = providers().map(|p| p.taken().duplicates()).sum();
            }
            Measure::WaitingMs if self.is_stale => {
                self.value = millis(figures().and_then(|f| f.waiting.percentile(per_mille)));
            }
            Measure::LatencyMs if self.is_stale => {
                self.value = millis(figures().and_then(|f| f.sojourn.percentile(per_mille)));
            }
            _ => {}
        }
        self.is_stale = false;
    }
}

/// Beyond [`TAKEN_MAX`] different copies a provider cannot say; then nothing counts as lost.
fn was_taken<S: Blueprint>(world: &World<S>, (queue, message): CopyId) -> bool {
    world.providers().iter().any(|provider| {
        let taken = provider.taken();
        taken.count(queue, message) > 0 || taken.distinct() == TAKEN_MAX
    })
}

/// Rounded up: what took a moment longer than allowed took longer.
fn millis(span: Option<Span>) -> u64 {
    span.map_or(0, |span| span.as_micros().div_ceil(1_000))
}

impl From<DeadReason> for Reason {
    fn from(reason: DeadReason) -> Self {
        match reason {
            DeadReason::Exhausted => Self::Exhausted,
            DeadReason::Rejected => Self::Rejected,
            DeadReason::Deadline => Self::Deadline,
            DeadReason::Expired => Self::Expired,
            DeadReason::Overflow => Self::Overflow,
            DeadReason::Shed => Self::Shed,
            DeadReason::Unknown => Self::Unknown,
            DeadReason::GroupParked => Self::GroupParked,
            DeadReason::Purged => Self::Purged,
        }
    }
}

impl From<FailReason> for Reason {
    fn from(reason: FailReason) -> Self {
        match reason {
            FailReason::Transient => Self::Transient,
            FailReason::Throttled => Self::Throttled,
            FailReason::Timeout => Self::Timeout,
            FailReason::Permanent => Self::Permanent,
            FailReason::Ambiguous => Self::Ambiguous,
        }
    }
}

fn find<'n>(
    mut names: impl Iterator<Item = &'n str>,
    name: &Option<String>,
    field: &str,
    what: &'static str,
) -> Result<Option<usize>, ScenarioError> {
    let Some(name) = name else { return Ok(None) };
    let missing = || ScenarioError::NoSuch {
        field: format!("{field}.{what}"),
        name: clip(name.clone()),
        what,
    };
    names.position(|other| other == name).map(Some).ok_or_else(missing)
}
