//! What goes wrong, and when.

use std::{fmt, sync::Arc};

use postroom_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    limits::{BURST_MAX, SPAN_MS_MAX},
    mode::Mode,
    scenario::{Arrivals, Scenario, ScenarioError, clip, out_of_range},
};

/// Something that goes wrong at a time: for good, or until another time.
///
/// # Example: SMS hangs from the tenth second to the fortieth, and a burst comes in between
/// ```
/// use postroom_simulator::Fault;
///
/// let faults: Vec<Fault> = serde_json::from_str(r#"[
///     {
///         "at_ms": 10000, "until_ms": 40000,
///         "what": { "mode": { "provider": "sms", "mode": "hanging" } }
///     },
///     { "at_ms": 20000, "what": { "burst": { "producer": "events", "count": 500 } } }
/// ]"#)?;
/// let sentences: Vec<_> = faults.iter().map(Fault::to_string).collect();
/// assert_eq!(sentences[0], "provider sms hangs from 10.000 s to 40.000 s");
/// assert_eq!(sentences[1], "producer events sends 500 at once at 20.000 s");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Milliseconds after the start.
    pub at_ms: u64,
    /// When it is over, in milliseconds after the start: later than `at_ms`. Whom it befell is then
    /// as the scenario describes it, whatever else has befallen it meanwhile. Default never; what
    /// happens in a moment has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
    /// What.
    pub what: Trouble,
}

/// What can go wrong. A worker is a consumer of the system, known by the name of its provider. What
/// befalls a producer can befall a caller, too: its requests are its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Trouble {
    /// A provider behaves otherwise, or a service that is called directly.
    Mode {
        /// Which.
        provider: String,
        /// How.
        mode: Mode,
    },
    /// A worker's process dies, with its calls under way: they are not settled, and their leases run
    /// out. It starts again at the end. What its provider has got, the provider takes all the same.
    Crash {
        /// Which.
        worker: String,
    },
    /// A worker's work is done, and what it tells its queue is lost on the way.
    AcksLost {
        /// Which.
        worker: String,
        /// So many of a hundred are lost; from 1 to 100.
        percent: u32,
    },
    /// The network between a worker and its queue is down: it receives nothing, and what it tells
    /// its queue is lost. Its calls go on.
    WorkerCutOff {
        /// Which.
        worker: String,
    },
    /// The network between a producer and its queue or topic is down: nothing that it sends arrives.
    ProducerCutOff {
        /// Which.
        producer: String,
    },
    /// What a producer sends arrives, and the answer is lost: a producer that tries again sends it
    /// twice.
    AnswersLost {
        /// Which.
        producer: String,
        /// So many of a hundred are lost; from 1 to 100.
        percent: u32,
    },
    /// A producer sends so many messages at once, on top of those to come and whatever its limit.
    /// It is over in a moment.
    Burst {
        /// Which.
        producer: String,
        /// From 1 to 100,000.
        count: u32,
    },
    /// A producer sends at other times, the first one interval from then.
    Rate {
        /// Which.
        producer: String,
        /// When.
        arrivals: Arrivals,
    },
    /// The system's clock jumps ahead, as that of a machine that was asleep: whatever was to happen
    /// within this time happens at once, so that leases and calls under way run out. Those around
    /// it have lived through no such time. It is over in a moment.
    ClockJump {
        /// Milliseconds; from 1 to a day.
        by_ms: u64,
    },
}

/// The beginning or the end of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) at: Timestamp,
    pub(crate) begins: bool,
    /// Its place in the scenario.
    pub(crate) fault: usize,
}

impl Fault {
    /// A provider behaves so from this time on.
    ///
    /// # Example: it fails after five seconds
    /// ```
    /// use postroom_simulator::{Fault, Mode};
    ///
    /// let fault = Fault::mode(5_000, "sms", Mode::Failing);
    /// assert_eq!(fault.to_string(), "provider sms fails from 5.000 s on");
    /// ```
    #[must_use]
    pub fn mode(at_ms: u64, provider: &str, mode: Mode) -> Self {
        Self::new(at_ms, Trouble::Mode { provider: provider.to_owned(), mode })
    }

    /// This happens from this time on.
    #[must_use]
    pub fn new(at_ms: u64, what: Trouble) -> Self {
        Self { at_ms, until_ms: None, what }
    }

    /// The same, over at this time.
    #[must_use]
    pub fn until(self, until_ms: u64) -> Self {
        Self { until_ms: Some(until_ms), ..self }
    }

    pub(crate) fn validate<S>(
        &self,
        scenario: &Scenario<S>,
        field: &str,
    ) -> Result<(), ScenarioError> {
        if let Some(until_ms) = self.until_ms {
            let field = format!("{field}.until_ms");
            if self.what.is_over_at_once() {
                return Err(out_of_range(&field, "none: it is over in a moment"));
            }
            if until_ms <= self.at_ms {
                return Err(out_of_range(&field, "a time after `at_ms`"));
            }
        }
        let field = format!("{field}.what");
        self.what.validate(&field)?;
        match self.what.subject() {
            Subject::Provider(name) if !self.what.finds_answering(name, scenario) => {
                let field = format!("{field}.{}", self.what.subject_field());
                Err(ScenarioError::NoSuchProvider { field, name: clip(name.to_owned()) })
            }
            Subject::Producer(name)
                if !scenario.producers.iter().any(|p| p.name == name)
                    && !scenario.callers.iter().any(|c| c.name == name) =>
            {
                let field = format!("{field}.{}", self.what.subject_field());
                Err(ScenarioError::NoSuchProducer { field, name: clip(name.to_owned()) })
            }
            Subject::Provider(_) | Subject::Producer(_) | Subject::System => Ok(()),
        }
    }
}

/// Whom a trouble befalls.
pub(crate) enum Subject<'t> {
    Provider(&'t str),
    Producer(&'t str),
    System,
}

impl Trouble {
    pub(crate) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Mode { provider: name, .. }
            | Self::Crash { worker: name }
            | Self::AcksLost { worker: name, .. }
            | Self::WorkerCutOff { worker: name } => Subject::Provider(name),
            Self::ProducerCutOff { producer: name }
            | Self::AnswersLost { producer: name, .. }
            | Self::Burst { producer: name, .. }
            | Self::Rate { producer: name, .. } => Subject::Producer(name),
            Self::ClockJump { .. } => Subject::System,
        }
    }

    /// Checks every setting; names are not looked up.
    pub(crate) fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        let (is_good, setting, range) = match self {
            Self::Mode { mode, .. } => return mode.validate(&format!("{field}.mode")),
            Self::Rate { arrivals, .. } => return arrivals.validate(&format!("{field}.rate")),
            Self::AcksLost { percent, .. } => {
                ((1..=100).contains(percent), "acks_lost.percent", "1 to 100")
            }
            Self::AnswersLost { percent, .. } => {
                ((1..=100).contains(percent), "answers_lost.percent", "1 to 100")
            }
            Self::Burst { count, .. } => {
                ((1..=BURST_MAX).contains(count), "burst.count", "1 to 100,000")
            }
            Self::ClockJump { by_ms } => {
                ((1..=SPAN_MS_MAX).contains(by_ms), "clock_jump.by_ms", "1 ms to a day")
            }
            Self::Crash { .. } | Self::WorkerCutOff { .. } | Self::ProducerCutOff { .. } => {
                return Ok(());
            }
        };
        if is_good { Ok(()) } else { Err(out_of_range(&format!("{field}.{setting}"), range)) }
    }

    /// Whether there is a provider of this name; for another mode a service will do.
    fn finds_answering<S>(&self, name: &str, scenario: &Scenario<S>) -> bool {
        let has_service = || scenario.services.iter().any(|service| service.name == name);
        scenario.providers.iter().any(|provider| provider.name == name)
            || (matches!(self, Self::Mode { .. }) && has_service())
    }

    fn is_over_at_once(&self) -> bool {
        matches!(self, Self::Burst { .. } | Self::ClockJump { .. })
    }

    fn subject_field(&self) -> &'static str {
        match self {
            Self::Mode { .. } => "mode.provider",
            Self::Crash { .. } => "crash.worker",
            Self::AcksLost { .. } => "acks_lost.worker",
            Self::WorkerCutOff { .. } => "worker_cut_off.worker",
            Self::ProducerCutOff { .. } => "producer_cut_off.producer",
            Self::AnswersLost { .. } => "answers_lost.producer",
            Self::Burst { .. } => "burst.producer",
            Self::Rate { .. } => "rate.producer",
            Self::ClockJump { .. } => "clock_jump",
        }
    }
}

/// The beginnings and the ends of all faults in the order of their time. At one time what is over
/// comes before what begins, both in the order of the document.
pub(crate) fn timeline(faults: &[Fault]) -> Arc<[Turn]> {
    let mut turns = Vec::new();
    for (index, fault) in faults.iter().enumerate() {
        let turn =
            |millis, begins| Turn { at: Timestamp::from_millis(millis), begins, fault: index };
        turns.push(turn(fault.at_ms, true));
        turns.extend(fault.until_ms.map(|millis| turn(millis, false)));
    }
    turns.sort_by_key(|turn| (turn.at, turn.begins));
    turns.into()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        match self.until_ms {
            Some(until) => write!(f, " from {} to {}", Seconds(self.at_ms), Seconds(until)),
            None if self.what.is_over_at_once() => write!(f, " at {}", Seconds(self.at_ms)),
            None => write!(f, " from {} on", Seconds(self.at_ms)),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode { provider, mode } => {
                write!(f, "provider {provider} ")?;
                match mode {
                    Mode::Healthy => write!(f, "is healthy"),
                    Mode::Failing => write!(f, "fails"),
                    Mode::Hanging => write!(f, "hangs"),
                    Mode::Slow { extra_ms } => write!(f, "takes {} longer", Seconds(*extra_ms)),
                    Mode::Poisoned { percent } => {
                        write!(f, "fails at {percent} messages in a hundred, always")
                    }
                    Mode::Flaky { fail_percent, .. } => {
                        write!(f, "fails {fail_percent} calls in a hundred")
                    }
                }
            }
            Self::Crash { worker } => write!(f, "worker {worker} is down"),
            Self::AcksLost { worker, percent } => {
                write!(f, "worker {worker} loses {percent} answers in a hundred")
            }
            Self::WorkerCutOff { worker } => write!(f, "worker {worker} is cut off"),
            Self::ProducerCutOff { producer } => write!(f, "producer {producer} is cut off"),
            Self::AnswersLost { producer, percent } => {
                write!(f, "producer {producer} gets no answer to {percent} in a hundred")
            }
            Self::Burst { producer, count } => {
                write!(f, "producer {producer} sends {count} at once")
            }
            Self::Rate { producer, .. } => write!(f, "producer {producer} sends at another rate"),
            Self::ClockJump { by_ms } => write!(f, "the clock jumps by {}", Seconds(*by_ms)),
        }
    }
}

/// Milliseconds as seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1_000, self.0 % 1_000)
    }
}
