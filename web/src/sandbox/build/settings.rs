//! The settings that people change most, each a number.

use std::ops::RangeInclusive;

use postroom_core::{
    Span,
    limits::{CAPACITY_DEFAULT, CAPACITY_MAX, CONCURRENCY_MAX, DELIVERIES_MAX, LEASE_MAX},
};
use postroom_simulator::{
    AnswerLost, Arrivals, Latency, Mode, Provider, Scenario, Topology,
    limits::{BURST_MAX, PER_MINUTE_MAX, PER_WORKER_MAX, SPAN_MS_MAX},
};

use super::{
    part::{Kind, Part, is_of},
    scaling,
};

/// A setting of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Messages of a producer a minute.
    PerMinute,
    /// Messages in a burst of a producer.
    BurstCount,
    /// From a producer's burst to its next.
    BurstEvery,
    /// How long a delivery is its receiver's alone.
    Lease,
    /// Deliveries in all before a copy is dead.
    MaxDeliveries,
    /// The wait after the first failure.
    FirstWait,
    /// The longest wait.
    LongestWait,
    /// Copies in a queue at once.
    Capacity,
    /// Calls of a worker at once.
    AtOnce,
    /// A worker's call is given up after this long.
    CallTimeout,
    /// The least that a call takes.
    LeastTime,
    /// The most that a call takes.
    MostTime,
    /// What every call takes, takes on average, or half of the calls take.
    TypicalTime,
    /// So many calls in a hundred fail.
    FailPercent,
    /// How long a provider recognises what it took; 0 for not at all.
    Remembers,
    /// After how long a producer sends again what was refused; 0 for never.
    SendsAgain,
    /// How many calls at once a worker grows to with its backlog; 0 for not at all.
    ScaleTo,
    /// Messages for each of them.
    PerWorker,
    /// How old the oldest message should be at most.
    TargetAge,
    /// From the order of a worker to its first call.
    StartTime,
}

/// A setting, for a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which.
    pub setting: Setting,
    /// What it is called.
    pub label: &'static str,
    /// What is counted.
    pub unit: &'static str,
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
    /// What it is unless it is said; none for what must be said.
    pub default: Option<u64>,
    /// What it is now.
    pub value: u64,
}

/// All settings, with what is fixed of them.
const ALL: [Field; 20] = [
    field(Setting::PerMinute, "Sends", "a minute", 0..=PER_MINUTE_MAX as u64, None),
    field(Setting::BurstCount, "Sends at once", "messages", 1..=BURST_MAX as u64, None),
    field(Setting::BurstEvery, "Every", "ms", 1..=SPAN_MS_MAX, None),
    field(Setting::Lease, "Lease", "ms", 1..=LEASE_MAX.as_millis(), Some(30_000)),
    field(Setting::MaxDeliveries, "Tries in all", "deliveries", 1..=DELIVERIES_MAX as u64, Some(5)),
    field(Setting::FirstWait, "First wait", "ms", 0..=SPAN_MS_MAX, Some(1_000)),
    field(Setting::LongestWait, "Longest wait", "ms", 0..=SPAN_MS_MAX, Some(600_000)),
    field(Setting::Capacity, "Room for", "messages", 1..=CAPACITY_MAX, Some(CAPACITY_DEFAULT)),
    field(Setting::AtOnce, "Works on", "at once", 1..=CONCURRENCY_MAX as u64, Some(4)),
    field(Setting::CallTimeout, "Gives up after", "ms", 1..=SPAN_MS_MAX, Some(10_000)),
    field(Setting::LeastTime, "A call takes at least", "ms", 0..=SPAN_MS_MAX, None),
    field(Setting::MostTime, "A call takes at most", "ms", 0..=SPAN_MS_MAX, None),
    field(Setting::TypicalTime, "A call takes about", "ms", 1..=SPAN_MS_MAX, None),
    field(Setting::FailPercent, "Calls that fail", "%", 0..=100, Some(0)),
    field(Setting::Remembers, "Recognises repeats for", "ms", 0..=SPAN_MS_MAX, Some(0)),
    field(Setting::SendsAgain, "Sends again after", "ms", 0..=SPAN_MS_MAX, Some(0)),
    field(Setting::ScaleTo, "Grows to", "at once", 0..=CONCURRENCY_MAX as u64, Some(0)),
    field(Setting::PerWorker, "One for every", "messages", 1..=PER_WORKER_MAX, None),
    field(Setting::TargetAge, "Oldest at most", "ms", 1..=SPAN_MS_MAX, None),
    field(Setting::StartTime, "A new one starts in", "ms", 0..=SPAN_MS_MAX, Some(0)),
];

const fn field(
    setting: Setting,
    label: &'static str,
    unit: &'static str,
    range: RangeInclusive<u64>,
    default: Option<u64>,
) -> Field {
    let (min, max) = (*range.start(), *range.end());
    Field { setting, label, unit, min, max, default, value: 0 }
}

/// The settings of a part, as they are.
#[must_use]
pub fn fields(scenario: &Scenario<Topology>, part: &Part) -> Vec<Field> {
    let mut scenario = scenario.clone();
    let fields = ALL.into_iter().filter_map(|field| {
        let value = visit(&mut scenario, part, field.setting, None)?;
        Some(Field { value, ..field })
    });
    fields.collect()
}

/// A setting's name and bounds.
pub(super) fn bounds(setting: Setting) -> (&'static str, u64, u64) {
    let found = ALL.into_iter().find(|field| field.setting == setting);
    found.map_or(("", 0, 0), |Field { label, min, max, .. }| (label, min, max))
}

/// Changes a setting; whether the part has it.
pub(super) fn set(
    scenario: &mut Scenario<Topology>,
    part: &Part,
    setting: Setting,
    to: u64,
) -> bool {
    visit(scenario, part, setting, Some(to)).is_some()
}

/// What a setting is, after it is changed if `to` says so; none if the part has no such setting.
fn visit(
    scenario: &mut Scenario<Topology>,
    part: &Part,
    setting: Setting,
    to: Option<u64>,
) -> Option<u64> {
    match part.kind {
        Kind::Producer => {
            let producers = scenario.producers.iter_mut();
            let mut found = None;
            for producer in producers.filter(|each| is_of(each, &part.name)) {
                found = match setting {
                    Setting::SendsAgain => or_never(&mut producer.retry_ms, to),
                    _ => of_arrivals(&mut producer.arrivals, setting, to),
                };
            }
            found
        }
        Kind::Topic => None,
        Kind::Queue => {
            let mut queues = scenario.system.queues.iter_mut();
            let config = &mut queues.find(|each| each.name == part.name)?.config;
            match setting {
                Setting::Lease => span(&mut config.lease, to),
                Setting::MaxDeliveries => small(&mut config.max_deliveries, to),
                Setting::FirstWait => span(&mut config.backoff.base, to),
                Setting::LongestWait => span(&mut config.backoff.cap, to),
                Setting::Capacity => {
                    config.capacity = to.unwrap_or(config.capacity);
                    Some(config.capacity)
                }
                _ => None,
            }
        }
        Kind::Worker => {
            let mut consumers = scenario.system.consumers.iter_mut();
            let config = &mut consumers.find(|each| each.name == part.name)?.config;
            match setting {
                Setting::AtOnce => return small(&mut config.concurrency, to),
                Setting::CallTimeout => return span(&mut config.call_timeout, to),
                _ => {}
            }
            let mut providers = scenario.providers.iter_mut();
            let provider = providers.find(|each| each.name == part.name)?;
            let own = of_provider(provider, setting, to);
            own.or_else(|| scaling::visit(scenario, &part.name, setting, to))
        }
    }
}

fn of_arrivals(arrivals: &mut Arrivals, setting: Setting, to: Option<u64>) -> Option<u64> {
    match (setting, arrivals) {
        (
            Setting::PerMinute,
            Arrivals::Constant { per_minute } | Arrivals::Poisson { per_minute },
        ) => small(per_minute, to),
        (Setting::BurstCount, Arrivals::Burst { count, .. }) => small(count, to),
        (Setting::BurstEvery, Arrivals::Burst { every_ms, .. }) => {
            *every_ms = to.unwrap_or(*every_ms);
            Some(*every_ms)
        }
        _ => None,
    }
}

fn of_provider(provider: &mut Provider, setting: Setting, to: Option<u64>) -> Option<u64> {
    let millis = match (setting, &mut provider.latency_ms) {
        (Setting::LeastTime, Latency::Uniform { min, .. }) => min,
        (Setting::MostTime, Latency::Uniform { max, .. }) => max,
        (Setting::TypicalTime, Latency::Fixed(mean) | Latency::Exponential { mean }) => mean,
        (Setting::TypicalTime, Latency::LogNormal { median, .. }) => median,
        (Setting::FailPercent, _) => return of_mode(&mut provider.mode, to),
        (Setting::Remembers, _) => return or_never(&mut provider.remembers_ms, to),
        _ => return None,
    };
    *millis = to.unwrap_or(*millis);
    Some(*millis)
}

/// Only of a provider that works, more or less: one that fails or hangs has no share of calls.
fn of_mode(mode: &mut Mode, to: Option<u64>) -> Option<u64> {
    let answer_lost = match *mode {
        Mode::Healthy => AnswerLost::default(),
        Mode::Flaky { answer_lost, .. } => answer_lost,
        _ => return None,
    };
    match to {
        Some(0) => *mode = Mode::Healthy,
        Some(to) => {
            let fail_percent = u32::try_from(to).ok()?;
            *mode = Mode::Flaky { fail_percent, answer_lost };
        }
        None => {}
    }
    match *mode {
        Mode::Flaky { fail_percent, .. } => Some(fail_percent.into()),
        _ => Some(0),
    }
}

/// A span that is not there is 0.
fn or_never(millis: &mut Option<u64>, to: Option<u64>) -> Option<u64> {
    if let Some(to) = to {
        *millis = Some(to).filter(|to| *to > 0);
    }
    Some(millis.unwrap_or(0))
}

fn span(span: &mut Span, to: Option<u64>) -> Option<u64> {
    if let Some(to) = to {
        *span = Span::from_millis(to);
    }
    Some(span.as_millis())
}

fn small(number: &mut u32, to: Option<u64>) -> Option<u64> {
    if let Some(to) = to {
        *number = u32::try_from(to).ok()?;
    }
    Some((*number).into())
}
