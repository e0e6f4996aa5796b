//! Callers that wait: the same work without a queue, to compare.

use std::sync::Arc;

use postroom_core::{Span, Timestamp, observe::Histogram};
use serde::{Deserialize, Serialize};

use crate::{
    producer::ProducerState,
    scenario::{Arrivals, Producer},
    service::default_concurrency,
    stream::Stream,
};

/// Makes requests, each of which calls a chain of services directly, one after the other, and waits.
///
/// A request fails as soon as one of its calls fails, and when its time is up; what services before
/// that have done is done. Nothing of it is an event: no queue knows of it. A world counts it.
///
/// # Example: a checkout that waits for the bank and for the mail
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, World};
///
/// let text = r#"{
///     "version": 1, "name": "checkout", "seed": 7, "system": {},
///     "services": [
///         { "name": "bank", "latency_ms": { "fixed": 200 } },
///         { "name": "mail", "latency_ms": { "fixed": 300 } }
///     ],
///     "callers": [{
///         "name": "checkout", "arrivals": { "constant": { "per_minute": 60 } },
///         "calls": ["bank", "mail"], "timeout_ms": 2000
///     }],
///     "faults": [
///         { "at_ms": 10500, "what": { "mode": { "provider": "mail", "mode": "failing" } } }
///     ]
/// }"#;
/// let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut world = World::new(scenario, &mut ())?;
/// world.run_until(Timestamp::from_millis(20_900), &mut ());
/// let checkout = world.caller("checkout").expect("it is there");
/// assert_eq!((checkout.succeeded(), checkout.failed()), (10, 10));
/// assert_eq!(world.service("bank").map(|bank| bank.taken()), Some(20), "charged all the same");
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// Unlike every other caller's and every producer's.
    pub name: String,
    /// When its requests come.
    pub arrivals: Arrivals,
    /// It stops after so many. Default never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The services that each request calls, in this order; from 1 to 16.
    pub calls: Vec<String>,
    /// Milliseconds after which a request is given up; from 1 to a day. Default 30 s.
    #[serde(default = "default_timeout")]
    pub timeout_ms: u64,
    /// Requests under way at once; what comes on top is refused. From 1 to 10,000. Default 100.
    #[serde(default = "default_concurrency")]
    pub concurrency: u32,
}

const fn default_timeout() -> u64 {
    30_000
}

/// A caller in a world, to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallerState {
    arrivals: ProducerState,
    /// By the places of the services; not `usize`, a list of which is hashed as the bytes that it has
    /// in memory.
    calls: Arc<[u32]>,
    timeout: Span,
    concurrency: usize,
    /// Under way, in the order of their beginning.
    requests: Vec<Request>,
    succeeded: u64,
    failed: u64,
    timed_out: u64,
    refused: u64,
    latency: Histogram,
    losses: Stream,
}

/// A request under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Request {
    number: u64,
    since: Timestamp,
    /// Services that have answered it.
    answered: usize,
}

impl CallerState {
    pub(crate) fn new(caller: &Caller, calls: Arc<[u32]>, seed: u64) -> Self {
        let arrivals = caller.arrivals.clone();
        let producer = Producer { limit: caller.limit, ..Producer::new(&caller.name, arrivals) };
        Self {
            arrivals: ProducerState::new(&producer, seed),
            calls,
            timeout: Span::from_millis(caller.timeout_ms),
            concurrency: caller.concurrency as usize,
            requests: Vec::new(),
            succeeded: 0,
            failed: 0,
            timed_out: 0,
            refused: 0,
            latency: Histogram::default(),
            losses: Stream::new(seed, &caller.name, "lost"),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arrivals.name()
    }

    /// Requests so far, refused ones included.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.arrivals.sent()
    }

    /// Requests under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.requests.len()
    }

    /// Requests that every service answered in time.
    #[must_use]
    pub fn succeeded(&self) -> u64 {
        self.succeeded
    }

    /// Requests that failed since a call failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Requests whose time was up.
    #[must_use]
    pub fn timed_out(&self) -> u64 {
        self.timed_out
    }

    /// Requests that were turned away, since too many were under way.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How long those took that succeeded.
    #[must_use]
    pub fn latency(&self) -> &Histogram {
        &self.latency
    }

    /// When it has something to do next.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        let given_up = self.requests.first().map(|request| request.since + self.timeout);
        given_up.into_iter().chain(self.arrivals.next_at()).min()
    }

    /// Its arrivals, to be changed.
    pub(crate) fn arrivals_mut(&mut self) -> &mut ProducerState {
        &mut self.arrivals
    }

    pub(crate) fn shift(&mut self, by: Span) {
        self.arrivals.shift(by);
        self.requests.iter_mut().for_each(|request| request.since = request.since + by);
    }

    /// It is its turn: what is given up goes first. A request that begins is returned, with the
    /// service that it calls.
    pub(crate) fn step(&mut self, now: Timestamp) -> Option<(u64, usize)> {
        if self.requests.first().is_some_and(|first| first.since + self.timeout <= now) {
            self.requests.remove(0);
            self.timed_out += 1;
            return None;
        }
        let (number, _) = self.arrivals.arrive(now);
        if self.requests.len() >= self.concurrency {
            self.refused += 1;
            return None;
        }
        self.requests.push(Request { number, since: now, answered: 0 });
        // What reaches nobody is given up in its time.
        (!self.arrivals.is_cut_off()).then(|| (number, self.calls[0] as usize))
    }

    /// A call for a request ended: the service that it calls next is returned.
    pub(crate) fn answer(&mut self, number: u64, succeeded: bool, now: Timestamp) -> Option<usize> {
        // Given up before.
        let index = self.requests.binary_search_by_key(&number, |request| request.number).ok()?;
        if !succeeded {
            self.failed += 1;
            self.requests.remove(index);
            return None;
        }
        let request = &mut self.requests[index];
        request.answered += 1;
        if let Some(next) = self.calls.get(request.answered) {
            return Some(*next as usize);
        }
        let lost = self.losses.draw(number).draw_up_to(99, &[]);
        if lost >= u64::from(self.arrivals.answers_lost()) {
            self.succeeded += 1;
            self.latency.record(now.since(request.since));
            self.requests.remove(index);
        }
        None
    }
}
