//! Reports: what a run, or many, came to.

mod collect;
mod text;

use postroom_core::{
    Span,
    observe::{Flow, Histogram},
};
use serde::{Deserialize, Serialize};

pub use self::collect::Reporter;
use crate::goals::Reason;

/// What runs of one scenario came to, all of them together.
///
/// Its [`Display`](std::fmt::Display) is tables of plain text.
///
/// # Example: an hour of a shop
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, Trial};
///
/// let text = include_str!("../../examples/outage.json");
/// let scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut trial = Trial::reporting(scenario)?;
/// trial.run_until(Timestamp::from_millis(3_600_000));
/// let report = trial.report().expect("it was asked for one");
/// let sms = report.queues.iter().find(|queue| queue.name == "sms").expect("it is there");
/// assert!(sms.dead.iter().map(|dead| dead.copies).sum::<u64>() > 0, "it hung for a while");
/// assert!(report.to_string().contains("Deadline"));
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// So many runs are in it.
    pub runs: u64,
    /// Virtual time of all runs together.
    pub time_us: Span,
    /// In the order of their creation.
    pub queues: Vec<QueueReport>,
    /// In the order of the scenario.
    pub providers: Vec<ProviderReport>,
    /// In the order of the scenario.
    pub producers: Vec<ProducerReport>,
    /// In the order of the scenario.
    pub callers: Vec<CallerReport>,
    /// Messages that did not reach the system, since too many were alive. If there are any, the
    /// rest says little.
    pub turned_away: u64,
}

/// What became of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueReport {
    /// Its name.
    pub name: String,
    /// What came in, was delivered, delivered again, acknowledged, and died.
    pub flow: Flow,
    /// Acknowledged copies per minute of virtual time, rounded.
    pub acked_per_minute: u64,
    /// The most copies that were in it at once, in any run.
    pub peak: u64,
    /// Copies that were in it at the end, in all runs.
    pub left: u64,
    /// The longest time from a run's peak until the queue was empty, of the runs in which it was.
    pub drained_within_us: Option<Span>,
    /// Runs in which it was not empty any more after its peak.
    pub undrained_runs: u64,
    /// From a copy's arrival to its first delivery.
    pub waiting: Times,
    /// From a copy's arrival to its acknowledgement, all tries included.
    pub latency: Times,
    /// Dead copies by reason; of those without dead letters too.
    pub dead: Vec<Dead>,
    /// Calls for its copies.
    pub calls: u64,
    /// Calls that failed, were given up, or ended with their worker.
    pub calls_failed: u64,
    /// Calls per acknowledged copy, in thousandths: 1,000 is one each. None if none was
    /// acknowledged.
    pub calls_per_acked_per_mille: Option<u64>,
    /// The share of the calls that failed, in thousandths.
    pub calls_wasted_per_mille: u64,
}

/// How long something took, in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// Half of them took no longer. None while there is nothing, as below.
    pub p50_us: Option<Span>,
    /// Nine of ten took no longer.
    pub p90_us: Option<Span>,
    /// 99 of a hundred took no longer.
    pub p99_us: Option<Span>,
    /// 999 of a thousand took no longer.
    pub p999_us: Option<Span>,
    /// The longest.
    pub max_us: Option<Span>,
    /// All of them.
    pub histogram: Histogram,
}

/// Dead copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dead {
    /// Why.
    pub reason: Reason,
    /// So many.
    pub copies: u64,
}

/// What a provider took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderReport {
    /// Its name.
    pub name: String,
    /// Calls that it got.
    pub calls: u64,
    /// Copies that it took, duplicates included.
    pub taken: u64,
    /// Copies that it had taken before.
    pub duplicates: u64,
}

/// What a producer sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProducerReport {
    /// Its name.
    pub name: String,
    /// Messages that it sent, refused ones included.
    pub sent: u64,
    /// Messages that the system refused.
    pub refused: u64,
}

/// What became of a caller's requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerReport {
    /// Its name.
    pub name: String,
    /// Requests that it made, refused ones included.
    pub requests: u64,
    /// Requests that every service answered in time.
    pub answered: u64,
    /// Requests that failed since a call failed.
    pub failed: u64,
    /// Requests that took too long.
    pub timed_out: u64,
    /// Requests that were turned away, since too many were under way.
    pub refused: u64,
    /// How long those took that were answered.
    pub latency: Times,
}

impl Report {
    /// Adds the report of another run, or of several, of the same scenario. The order does not
    /// matter.
    pub fn add(&mut self, other: &Self) {
        if self.runs == 0 {
            self.clone_from(other);
            return;
        }
        self.runs += other.runs;
        self.time_us = Span::from_micros(self.time_us.as_micros() + other.time_us.as_micros());
        self.turned_away += other.turned_away;
        let minutes = self.time_us;
        for (sum, queue) in self.queues.iter_mut().zip(&other.queues) {
            sum.add(queue);
            sum.conclude(minutes);
        }
        for (sum, provider) in self.providers.iter_mut().zip(&other.providers) {
            sum.calls += provider.calls;
            sum.taken += provider.taken;
            sum.duplicates += provider.duplicates;
        }
        for (sum, caller) in self.callers.iter_mut().zip(&other.callers) {
            sum.requests += caller.requests;
            sum.answered += caller.answered;
            sum.failed += caller.failed;
            sum.timed_out += caller.timed_out;
            sum.refused += caller.refused;
            sum.latency.histogram.merge(&caller.latency.histogram);
            sum.latency.conclude();
        }
        for (sum, producer) in self.producers.iter_mut().zip(&other.producers) {
            sum.sent += producer.sent;
            sum.refused += producer.refused;
        }
    }
}

impl QueueReport {
    fn add(&mut self, other: &Self) {
        add_flow(&mut self.flow, &other.flow);
        self.peak = self.peak.max(other.peak);
        self.left += other.left;
        self.drained_within_us = self.drained_within_us.max(other.drained_within_us);
        self.undrained_runs += other.undrained_runs;
        self.waiting.histogram.merge(&other.waiting.histogram);
        self.latency.histogram.merge(&other.latency.histogram);
        self.calls += other.calls;
        self.calls_failed += other.calls_failed;
        for dead in &other.dead {
            self.count_dead(dead.reason, dead.copies);
        }
    }

    fn count_dead(&mut self, reason: Reason, copies: u64) {
        match self.dead.binary_search_by_key(&reason, |dead| dead.reason) {
            Ok(i) => self.dead[i].copies += copies,
            Err(i) => self.dead.insert(i, Dead { reason, copies }),
        }
    }

    /// Works out what follows from the rest.
    fn conclude(&mut self, time: Span) {
        let (acked, calls) = (u128::from(self.flow.acked), u128::from(self.calls));
        let rounded = |a: u128, b: u128| (a + b / 2).checked_div(b).map(|n| n as u64);
        let micros = u128::from(time.as_micros());
        self.acked_per_minute = rounded(acked * 60_000_000, micros).unwrap_or(0);
        self.calls_per_acked_per_mille = rounded(calls * 1_000, acked);
        self.calls_wasted_per_mille =
            rounded(u128::from(self.calls_failed) * 1_000, calls).unwrap_or(0);
        self.waiting.conclude();
        self.latency.conclude();
    }
}

impl Times {
    fn conclude(&mut self) {
        let of = |per_mille| self.histogram.percentile(per_mille);
        let (p50_us, p90_us, p99_us, p999_us) = (of(500), of(900), of(990), of(999));
        let max_us = self.histogram.max();
        let histogram = std::mem::take(&mut self.histogram);
        *self = Self { p50_us, p90_us, p99_us, p999_us, max_us, histogram };
    }
}

fn add_flow(sum: &mut Flow, other: &Flow) {
    let Flow {
        published,
        deduplicated,
        enqueued,
        refused,
        delivered,
        redelivered,
        acked,
        failed,
        dead_lettered,
        discarded,
    } = other;
    sum.published += published;
    sum.deduplicated += deduplicated;
    sum.enqueued += enqueued;
    sum.refused += refused;
    sum.delivered += delivered;
    sum.redelivered += redelivered;
    sum.acked += acked;
    sum.failed += failed;
    sum.dead_lettered += dead_lettered;
    sum.discarded += discarded;
}
