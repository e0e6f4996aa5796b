//! Services that are called directly: how each call ends, and who waits in line.

use std::{collections::VecDeque, sync::Arc};

use postroom_core::{Outcome, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    latency::Latency, limits::LINE_MAX, mode::Mode, provider::LATENCY, scenario::Provider,
    stream::Stream,
};

/// Answers those who call it directly and wait: no queue is between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Unlike every other service's and every provider's.
    pub name: String,
    /// How it behaves at the start. Default healthy. One that hangs keeps nobody in line.
    #[serde(default)]
    pub mode: Mode,
    /// How long a call takes once it has begun.
    pub latency_ms: Latency,
    /// Calls that it works on at once; others wait in line, first come, first served, and a call
    /// whose caller has given up is worked on all the same. From 1 to 10,000. Default 100.
    #[serde(default = "default_concurrency")]
    pub concurrency: u32,
}

pub(crate) const fn default_concurrency() -> u32 {
    100
}

/// A service in a world, to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceState {
    name: Arc<str>,
    mode: Mode,
    latency: Latency,
    concurrency: u32,
    calls: u64,
    taken: u64,
    /// Under way, by when they end and in the order of their beginning.
    due: VecDeque<((Timestamp, u64), Ended)>,
    line: VecDeque<Job>,
    fates: Stream,
}

/// Whose request a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Job {
    /// By the place of the caller.
    pub(crate) caller: usize,
    pub(crate) request: u64,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ended {
    pub(crate) job: Job,
    pub(crate) succeeded: bool,
    takes: bool,
}

impl Service {
    /// A healthy service that takes so long.
    #[must_use]
    pub fn new(name: &str, latency_ms: Latency) -> Self {
        let Provider { name, mode, latency_ms, .. } = Provider::new(name, latency_ms);
        Self { name, mode, latency_ms, concurrency: default_concurrency() }
    }
}

impl ServiceState {
    pub(crate) fn new(service: &Service, seed: u64) -> Self {
        Self {
            name: service.name.as_str().into(),
            mode: service.mode,
            latency: service.latency_ms,
            concurrency: service.concurrency,
            calls: 0,
            taken: 0,
            due: VecDeque::new(),
            line: VecDeque::new(),
            fates: Stream::new(seed, &service.name, "call"),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it behaves.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Calls that it has begun to work on.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// What it has done, whether or not anybody learned of it.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Calls that wait for it to begin.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.due.front().map(|((at, _), _)| *at)
    }

    /// A call comes; false if there is no room even in line.
    pub(crate) fn call(&mut self, job: Job, now: Timestamp) -> bool {
        if self.due.len() < self.concurrency as usize {
            self.begin(job, now);
        } else if self.line.len() < LINE_MAX {
            self.line.push_back(job);
        } else {
            return false;
        }
        true
    }

    /// The first call under way ends, and whoever waits in line comes in.
    pub(crate) fn finish(&mut self, now: Timestamp) -> Option<Ended> {
        let (_, ended) = self.due.pop_front()?;
        self.taken += u64::from(ended.takes);
        while self.due.len() < self.concurrency as usize
            && let Some(next) = self.line.pop_front()
        {
            self.begin(next, now);
        }
        Some(ended)
    }

    pub(crate) fn shift(&mut self, by: Span) {
        self.due.iter_mut().for_each(|((at, _), _)| *at = *at + by);
    }

    fn begin(&mut self, job: Job, now: Timestamp) {
        let number = self.calls;
        self.calls += 1;
        let entropy = self.fates.draw(number);
        let Some((takes, outcome)) = self.mode.fate(entropy, || entropy) else { return };
        let place = (now + self.latency.draw(entropy, LATENCY) + self.mode.extra(), number);
        let ended = Ended { job, succeeded: outcome == Outcome::Delivered, takes };
        let index = self.due.partition_point(|(other, _)| *other < place);
        self.due.insert(index, (place, ended));
    }
}
