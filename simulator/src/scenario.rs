//! A scenario: what is simulated, as a versioned serde document.

use std::{fmt::Display, sync::Arc};

use postroom_core::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    autoscale::Scaler,
    caller::Caller,
    drawing::Drawing,
    fault::Fault,
    goals::Goal,
    latency::Latency,
    limits::{
        AT_ONCE_MAX, BURST_MAX, CALLERS_MAX, CHAIN_MAX, ERROR_CHARS_MAX, FAULTS_MAX, GOALS_MAX,
        NAME_BYTES_MAX, NODES_MAX, PER_MINUTE_MAX, PRODUCERS_MAX, PROVIDERS_MAX, RECORDED_MAX,
        SCALERS_MAX, SCENARIO_BYTES_MAX, SCENARIO_VERSION, SERVICES_MAX, SPAN_MS_MAX,
    },
    mode::Mode,
    service::Service,
};

/// A system, those who send into it, those it calls, and what goes wrong when.
///
/// The same document serves lessons, share links, tests and the command line. Unknown fields are
/// refused. Read text with [`Scenario::read`]; after reading it in any other way, call
/// [`Scenario::validate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario<S> {
    /// [`SCENARIO_VERSION`].
    pub version: u32,
    /// For people; at most 80 bytes.
    pub name: String,
    /// All chance comes from it.
    pub seed: u64,
    /// The system.
    pub system: S,
    /// Who sends into it; at most 200.
    #[serde(default)]
    pub producers: Vec<Producer>,
    /// Whom it calls: one for each of the system's consumers; at most 200.
    #[serde(default)]
    pub providers: Vec<Provider>,
    /// Who calls services directly and waits; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callers: Vec<Caller>,
    /// The services that are called directly; at most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// Who changes the number of workers as it is needed; at most one for each consumer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scalers: Vec<Scaler>,
    /// What goes wrong when, in any order; at most 1,000.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What it is to achieve or to avoid; at most 100. A run takes the same course without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<Goal>,
    /// Where its parts stand in a picture, if they were moved by hand. A run takes the same course
    /// without it, and whatever it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<Drawing>,
}

/// Sends messages into the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Unlike every other producer's; the system knows by it what to send where.
    pub name: String,
    /// When.
    pub arrivals: Arrivals,
    /// It stops after so many. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Producers of equal streams and arrivals send at the same moments. Default its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Milliseconds after which it sends again what was refused, or what it got no answer to; from
    /// 1 to a day. Default never: such a message is given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

/// When messages come. The first comes one interval after the start, recorded ones at their time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrivals {
    /// At even distances.
    Constant {
        /// From 0 (none come) to 6,000,000.
        per_minute: u32,
    },
    /// By chance, independently of each other: the distances vary, the mean holds.
    Poisson {
        /// From 0 (none come) to 6,000,000.
        per_minute: u32,
    },
    /// Many at once, then none for a while.
    Burst {
        /// Messages in a burst; from 1 to 100,000, and no more than 100,000 a second on average.
        count: u32,
        /// Milliseconds from burst to burst; from 1 to a day.
        every_ms: u64,
    },
    /// At the moments of a recording, once.
    Recorded {
        /// Milliseconds after the start, or after the moment at which the producer was told so.
        /// In order, of one moment as often as messages come; at most 100,000, up to a day.
        at_ms: Arc<[u64]>,
    },
}

/// The other side of one consumer's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The name of the consumer whose calls it answers.
    pub name: String,
    /// How it behaves at the start. Default healthy.
    #[serde(default)]
    pub mode: Mode,
    /// How long a call takes.
    pub latency_ms: Latency,
    /// It is idempotent: it recognises a message that it took within so many milliseconds, by the
    /// identity that the sender gave it or else by its id, and does nothing the second time. From 1
    /// to a day. Default it recognises none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembers_ms: Option<u64>,
}

/// Reads no more of a document than its version, whatever else is in it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Versioned {
    version: u64,
}

/// Why a scenario cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// Leave something out.
    #[error("the scenario is {bytes} bytes long, more than {max}: leave something out",
        max = SCENARIO_BYTES_MAX)]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Load a newer page or release.
    #[error(
        "the scenario is of version {found}, newer than version {SCENARIO_VERSION}, which is \
        read here: load a newer release"
    )]
    FromTheFuture {
        /// Its version.
        found: u64,
    },
    /// No release wrote such a document.
    #[error("`version` is {found}: it must be {SCENARIO_VERSION}")]
    Version {
        /// Its version.
        found: u64,
    },
    /// Mend the text where the reader stopped.
    #[error("the scenario cannot be read: {why}")]
    Unreadable {
        /// What the reader says.
        why: String,
    },
    /// Keep fewer.
    #[error("`{field}` has {found} entries, more than {max}")]
    TooMany {
        /// The list.
        field: &'static str,
        /// Its length.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// Put the setting into its range.
    #[error("`{field}` is out of range: give {range}")]
    OutOfRange {
        /// The setting.
        field: String,
        /// Its range, in words.
        range: &'static str,
    },
    /// Choose another name.
    #[error("`{field}`: `{name}` is taken already")]
    NameTaken {
        /// The setting.
        field: String,
        /// The name.
        name: String,
    },
    /// Name a provider that is listed.
    #[error("`{field}` names `{name}`, which is not among `providers`")]
    NoSuchProvider {
        /// The setting.
        field: String,
        /// The name.
        name: String,
    },
    /// Name a producer that is listed.
    #[error("`{field}` names `{name}`, which is not among `producers`")]
    NoSuchProducer {
        /// The setting.
        field: String,
        /// The name.
        name: String,
    },
    /// Name a service that is listed.
    #[error("`{field}` names `{name}`, which is not among `services`")]
    NoSuchService {
        /// The setting.
        field: String,
        /// The name.
        name: String,
    },
    /// Name one of the system's consumers.
    #[error("`{field}` names `{name}`, which is not a consumer of the system")]
    NoSuchConsumer {
        /// The setting.
        field: String,
        /// The name.
        name: String,
    },
    /// List a provider for each consumer.
    #[error("nobody answers the calls of consumer `{consumer}`: add a provider of this name")]
    NoProvider {
        /// The consumer.
        consumer: String,
    },
    /// Give the field what its measure takes.
    #[error("`{field}` {why}")]
    Unfit {
        /// The setting.
        field: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Name something that is there.
    #[error("`{field}` names `{name}`: there is no such {what}")]
    NoSuch {
        /// The setting.
        field: String,
        /// The name.
        name: String,
        /// What was looked for.
        what: &'static str,
    },
    /// Leave some out.
    #[error(
        "the scenario has {found} nodes (queues, topics, consumers and those around them), more than \
        {NODES_MAX}: leave some out"
    )]
    TooManyNodes {
        /// How many.
        found: usize,
    },
    /// Mend the system.
    #[error("`system`: {why}")]
    System {
        /// What the system says.
        why: String,
    },
}

impl<S> Scenario<S> {
    /// A scenario in which nothing is sent and nothing goes wrong.
    pub fn new(name: &str, seed: u64, system: S) -> Self {
        Self {
            version: SCENARIO_VERSION,
            name: name.to_owned(),
            seed,
            system,
            producers: Vec::new(),
            providers: Vec::new(),
            callers: Vec::new(),
            services: Vec::new(),
            scalers: Vec::new(),
            faults: Vec::new(),
            goals: Vec::new(),
            drawing: None,
        }
    }

    /// Reads and validates a document: first its size, then its version, then all of it.
    ///
    /// The reader is named twice, since it is asked for two types; any serde format will do.
    ///
    /// # Errors
    /// As [`ScenarioError`] says; the text names the field.
    ///
    /// # Example: a link from the future
    /// ```
    /// use postroom_simulator::{Scenario, ScenarioError, Topology};
    ///
    /// let text = r#"{ "version": 2, "what_is": "not known yet" }"#;
    /// let read = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str);
    /// assert_eq!(read, Err(ScenarioError::FromTheFuture { found: 2 }));
    /// ```
    pub fn read<'t, E: Display>(
        text: &'t str,
        version: impl FnOnce(&'t str) -> Result<Versioned, E>,
        document: impl FnOnce(&'t str) -> Result<Self, E>,
    ) -> Result<Self, ScenarioError> {
        if text.len() > SCENARIO_BYTES_MAX {
            return Err(ScenarioError::TooLarge { bytes: text.len() });
        }
        let unreadable = |error: E| ScenarioError::Unreadable { why: clip(error.to_string()) };
        check_version(version(text).map_err(unreadable)?.version)?;
        let scenario = document(text).map_err(unreadable)?;
        scenario.validate()?;
        Ok(scenario)
    }

    /// Checks every setting that can be checked without building the system.
    ///
    /// # Errors
    /// As [`ScenarioError`] says; the text names the field.
    pub fn validate(&self) -> Result<(), ScenarioError> {
        check_version(self.version.into())?;
        check_count("producers", self.producers.len(), PRODUCERS_MAX)?;
        check_count("providers", self.providers.len(), PROVIDERS_MAX)?;
        check_count("callers", self.callers.len(), CALLERS_MAX)?;
        check_count("services", self.services.len(), SERVICES_MAX)?;
        check_count("scalers", self.scalers.len(), SCALERS_MAX)?;
        check_count("faults", self.faults.len(), FAULTS_MAX)?;
        if self.name.len() > NAME_BYTES_MAX {
            return Err(out_of_range("name", "at most 80 bytes"));
        }
        let mut names = Vec::new();
        for (i, producer) in self.producers.iter().enumerate() {
            let field = format!("producers[{i}]");
            check_name(&mut names, &field, &producer.name)?;
            producer.arrivals.validate(&field)?;
            check_span(producer.retry_ms, &field, "retry_ms")?;
        }
        self.validate_callers(&mut names)?;
        let mut names = Vec::new();
        for (i, provider) in self.providers.iter().enumerate() {
            let field = format!("providers[{i}]");
            check_name(&mut names, &field, &provider.name)?;
            provider.mode.validate(&field)?;
            provider.latency_ms.validate(&field)?;
            check_span(provider.remembers_ms, &field, "remembers_ms")?;
        }
        self.validate_services(&mut names.clone())?;
        let mut scaled = Vec::new();
        for (i, scaler) in self.scalers.iter().enumerate() {
            let field = format!("scalers[{i}]");
            scaler.validate(&field)?;
            let (field, name) = (format!("{field}.worker"), scaler.worker.clone());
            if !names.contains(&name.as_str()) {
                return Err(ScenarioError::NoSuchProvider { field, name: clip(name) });
            }
            if scaled.contains(&name) {
                return Err(ScenarioError::NameTaken { field, name });
            }
            scaled.push(name);
        }
        for (i, fault) in self.faults.iter().enumerate() {
            fault.validate(self, &format!("faults[{i}]"))?;
        }
        self.validate_goals()
    }
}

impl<S> Scenario<S> {
    /// The last moment that a goal names: a run that ends before it cannot answer.
    #[must_use]
    pub fn looks_until(&self) -> Timestamp {
        let latest = self.goals.iter().map(|goal| goal.that.latest_ms()).max();
        Timestamp::from_millis(latest.unwrap_or(0))
    }

    /// `names` are those of the producers.
    fn validate_callers<'s>(&'s self, names: &mut Vec<&'s str>) -> Result<(), ScenarioError> {
        for (i, caller) in self.callers.iter().enumerate() {
            let field = format!("callers[{i}]");
            check_name(names, &field, &caller.name)?;
            caller.arrivals.validate(&field)?;
            check_span(Some(caller.timeout_ms), &field, "timeout_ms")?;
            check_at_once(caller.concurrency, &field)?;
            if !(1..=CHAIN_MAX).contains(&caller.calls.len()) {
                return Err(out_of_range(&format!("{field}.calls"), "1 to 16 services"));
            }
            for (nth, name) in caller.calls.iter().enumerate() {
                if !self.services.iter().any(|service| service.name == *name) {
                    let (field, name) = (format!("{field}.calls[{nth}]"), clip(name.clone()));
                    return Err(ScenarioError::NoSuchService { field, name });
                }
            }
        }
        Ok(())
    }

    /// `names` are those of the providers.
    fn validate_services<'s>(&'s self, names: &mut Vec<&'s str>) -> Result<(), ScenarioError> {
        for (i, service) in self.services.iter().enumerate() {
            let field = format!("services[{i}]");
            check_name(names, &field, &service.name)?;
            service.mode.validate(&field)?;
            service.latency_ms.validate(&field)?;
            check_at_once(service.concurrency, &field)?;
        }
        Ok(())
    }

    fn validate_goals(&self) -> Result<(), ScenarioError> {
        check_count("goals", self.goals.len(), GOALS_MAX)?;
        let (mut names, mut conditions) = (Vec::new(), 0);
        for (i, goal) in self.goals.iter().enumerate() {
            let field = format!("goals[{i}]");
            check_name(&mut names, &field, &goal.name)?;
            goal.validate(&field, &mut conditions)?;
        }
        Ok(())
    }
}

impl Producer {
    /// A producer that sends so, without end.
    #[must_use]
    pub fn new(name: &str, arrivals: Arrivals) -> Self {
        let name = name.to_owned();
        Self { name, arrivals, limit: None, stream: None, retry_ms: None }
    }

    /// The name of the stream that its arrivals are drawn from.
    pub(crate) fn stream_name(&self) -> &str {
        self.stream.as_deref().unwrap_or(&self.name)
    }
}

impl Provider {
    /// A healthy provider that takes so long.
    #[must_use]
    pub fn new(name: &str, latency_ms: Latency) -> Self {
        Self { name: name.to_owned(), mode: Mode::Healthy, latency_ms, remembers_ms: None }
    }
}

impl Arrivals {
    pub(crate) fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        match *self {
            Self::Constant { per_minute } | Self::Poisson { per_minute } => {
                if per_minute > PER_MINUTE_MAX {
                    let field = format!("{field}.arrivals.per_minute");
                    return Err(out_of_range(&field, "0 to 6,000,000"));
                }
            }
            Self::Burst { count, every_ms } => {
                if !(1..=BURST_MAX).contains(&count) {
                    let field = format!("{field}.arrivals.count");
                    return Err(out_of_range(&field, "1 to 100,000"));
                }
                let too_fast = u64::from(count) * 60_000 > u64::from(PER_MINUTE_MAX) * every_ms;
                if !(1..=SPAN_MS_MAX).contains(&every_ms) || too_fast {
                    let field = format!("{field}.arrivals.every_ms");
                    return Err(out_of_range(
                        &field,
                        "1 ms to a day, and at most 100,000 messages a second",
                    ));
                }
            }
            Self::Recorded { ref at_ms } => {
                let last = at_ms.last().copied().unwrap_or_default();
                if at_ms.len() > RECORDED_MAX || !at_ms.is_sorted() || last > SPAN_MS_MAX {
                    let field = format!("{field}.arrivals.at_ms");
                    let range = "at most 100,000 moments in order, the last at most a day";
                    return Err(out_of_range(&field, range));
                }
            }
        }
        Ok(())
    }
}

fn check_version(found: u64) -> Result<(), ScenarioError> {
    match found.cmp(&SCENARIO_VERSION.into()) {
        std::cmp::Ordering::Less => Err(ScenarioError::Version { found }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(ScenarioError::FromTheFuture { found }),
    }
}

fn check_count(field: &'static str, found: usize, max: usize) -> Result<(), ScenarioError> {
    if found > max { Err(ScenarioError::TooMany { field, found, max }) } else { Ok(()) }
}

fn check_at_once(concurrency: u32, field: &str) -> Result<(), ScenarioError> {
    if (1..=AT_ONCE_MAX).contains(&concurrency) {
        return Ok(());
    }
    Err(out_of_range(&format!("{field}.concurrency"), "1 to 10,000"))
}

fn check_span(span: Option<u64>, field: &str, setting: &str) -> Result<(), ScenarioError> {
    match span {
        Some(millis) if !(1..=SPAN_MS_MAX).contains(&millis) => {
            Err(out_of_range(&format!("{field}.{setting}"), "1 ms to a day"))
        }
        _ => Ok(()),
    }
}

fn check_name<'s>(
    names: &mut Vec<&'s str>,
    field: &str,
    name: &'s str,
) -> Result<(), ScenarioError> {
    let field = format!("{field}.name");
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(out_of_range(&field, "1 to 80 bytes"));
    }
    if names.contains(&name) {
        return Err(ScenarioError::NameTaken { field, name: name.to_owned() });
    }
    names.push(name);
    Ok(())
}

/// Words that may quote the document: whatever stands in that, they stay short.
pub(crate) fn clip(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(ERROR_CHARS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}

pub(crate) fn out_of_range(field: &str, range: &'static str) -> ScenarioError {
    ScenarioError::OutOfRange { field: field.to_owned(), range }
}
