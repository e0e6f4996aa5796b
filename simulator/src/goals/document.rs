//! Goals as a document: what is asked of a run.

use serde::{Deserialize, Serialize};

/// Something that a run is to achieve, or to avoid.
///
/// # Example: nobody is charged twice, and the spike is over within a minute
/// ```
/// use postroom_simulator::{Scenario, Topology, Trial, Verdict};
/// use postroom_core::Timestamp;
///
/// let text = r#"{
///     "version": 1, "name": "a spike", "seed": 7,
///     "system": {
///         "queues": [{ "name": "charges" }],
///         "consumers": [{ "name": "bank", "queue": "charges", "config": { "concurrency": 20 } }],
///         "routes": { "shop": { "to": "charges" } }
///     },
///     "producers": [{ "name": "shop", "limit": 500,
///                     "arrivals": { "burst": { "count": 500, "every_ms": 30000 } } }],
///     "providers": [{ "name": "bank", "latency_ms": { "uniform": { "min": 100, "max": 300 } } }],
///     "goals": [
///         { "name": "nobody is charged twice",
///           "that": { "exactly": { "of": { "measure": "duplicates" }, "value": 0 } } },
///         { "name": "the spike is over within a minute",
///           "that": { "within": { "from_ms": 30000, "ms": 60000, "that":
///             { "at_most": { "of": { "measure": "depth", "queue": "charges" }, "value": 0 } } } } }
///     ]
/// }"#;
/// let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut trial = Trial::new(scenario)?;
/// trial.run_until(Timestamp::from_millis(120_000));
/// let judged = trial.judge();
/// assert_eq!(judged.iter().map(|goal| goal.verdict).collect::<Vec<_>>(), [Verdict::Met; 2]);
/// assert!(judged[1].at_us < Timestamp::from_millis(40_000));
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// For people, unlike every other goal's; from 1 to 80 bytes.
    pub name: String,
    /// What is to be true when the run ends, or was decided before.
    pub that: Condition,
}

/// What is true of a world, or is not, at every moment.
///
/// A world is looked at after each of its steps; between two steps nothing but ages changes.
/// Conditions stand inside each other up to 8 deep, and a scenario has at most 1,000 of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A metric is so great, or greater.
    AtLeast(Comparison),
    /// A metric is so great, or less.
    AtMost(Comparison),
    /// A metric is this.
    Exactly(Comparison),
    /// All of these are true; true if there are none.
    All(Vec<Condition>),
    /// One of these is true; false if there are none.
    Any(Vec<Condition>),
    /// This is false.
    Not(Box<Condition>),
    /// This was not true at any moment so far. Decided the first time that it is.
    Never(Box<Condition>),
    /// This was true at every moment of a time. Decided the first time that it is not.
    Throughout(Throughout),
    /// This becomes true within a time. Decided the first time that it is.
    Within(Within),
    /// This stays true for a time without a break. Decided when it has.
    HeldFor(HeldFor),
}

/// A metric and what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// What is measured.
    pub of: Metric,
    /// What it is compared with: a count, or milliseconds where the measure ends in `_ms`.
    pub value: u64,
    /// Then `value` is a share of this in thousandths: 10 is 1 %. Both metrics count something. Of
    /// nothing, the share is 0. Default the metric itself is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_mille_of: Option<Metric>,
}

/// What is measured, and where.
///
/// A measure takes only the fields that its description names; none of those must be given unless
/// it says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// What.
    pub measure: Measure,
    /// Only in the queue of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Only messages published to the topic of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Only at the provider of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Only by the producer of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
    /// Only by the caller of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Only for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The span within which so many of a thousand are: 500 is the median, 990 the 99th
    /// percentile; from 1 to 1,000. Default 990.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_mille: Option<u32>,
}

/// What can be measured. Counts are from the start of the run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Messages accepted. Takes `queue` (published straight to it) or `topic`.
    Published,
    /// Messages not stored, since their dedup key was known. Takes `queue` or `topic`.
    Deduplicated,
    /// Copies that found room neither in their queue nor in its dead letters. Takes `queue`, `topic`.
    Refused,
    /// Copies that came into a queue. Takes `queue`, `topic`.
    Enqueued,
    /// Deliveries. Takes `queue`, `topic`.
    Delivered,
    /// Deliveries after a copy's first one. Takes `queue`, `topic`.
    Redelivered,
    /// Copies acknowledged. Takes `queue`, `topic`.
    Acked,
    /// Deliveries that failed and are tried again. Takes `queue`, `topic`, `reason`.
    Retried,
    /// Leases that ran out. Takes `queue`, `topic`.
    LeaseExpired,
    /// Copies that moved to dead letters. Takes `queue` (the one they left), `topic`, `reason`.
    DeadLettered,
    /// Dead copies that are gone, since there are no dead letters. Takes `queue`, `topic`, `reason`.
    Discarded,
    /// Copies moved back from dead letters. Takes `queue` (the dead letters), `topic`.
    Redriven,
    /// Calls begun. Takes `queue`, `topic`.
    CallStarted,
    /// Calls that succeeded. Takes `queue`, `topic`.
    CallSucceeded,
    /// Calls that failed or were given up. Takes `queue`, `topic`, `reason`.
    CallFailed,
    /// Calls whose message the other side had taken before, and recognised. Takes `queue`, `topic`.
    Recognised,
    /// Calls that ended with their worker when it crashed. Takes `queue`, `topic`.
    CallLost,
    /// Settlements that did not reach their queue. Takes `queue`, `topic`.
    SettlementLost,
    /// Times that a worker crashed. Takes `queue` (its own).
    Crashed,
    /// Times that a breaker opened. Takes `queue` (its consumer's).
    BreakerOpened,
    /// Alarms raised. Takes `queue`.
    AlarmRaised,
    /// Copies that are gone and that no provider took: acknowledged before the work was done, or
    /// discarded. One that a slow provider still takes afterwards is lost no longer. Takes `queue`.
    Lost,
    /// Copies that providers took. Takes `provider`.
    Taken,
    /// Copies taken that had been taken before, under the same id or with the identity that their
    /// sender gave them. Takes `provider`.
    Duplicates,
    /// Calls that providers got. Takes `provider`.
    Calls,
    /// Messages that producers sent, refused ones included. Takes `producer`.
    Sent,
    /// Messages of producers that the system refused. Takes `producer`.
    SendRefused,
    /// Workers now: calls that a consumer may have under way at once, crashed or not. Needs
    /// `provider`, the consumer's name.
    Workers,
    /// Requests of callers that wait, refused ones included. Takes `caller`.
    Requests,
    /// Requests that every service answered in time. Takes `caller`.
    Answered,
    /// Requests that failed, took too long or were refused. Takes `caller`.
    Unanswered,
    /// Copies in a queue now. Needs `queue`.
    Depth,
    /// Copies that consumers hold now. Needs `queue`.
    InFlight,
    /// Milliseconds since the oldest copy came into a queue; 0 while it is empty. Needs `queue`.
    OldestAgeMs,
    /// Milliseconds from a copy's arrival in a queue to its first delivery. Needs `queue`, takes
    /// `per_mille`. 0 while there is none.
    WaitingMs,
    /// Milliseconds from a copy's arrival in a queue to its acknowledgement, all tries included.
    /// Needs `queue`, takes `per_mille`. 0 while there is none.
    LatencyMs,
    /// Milliseconds that answered requests took. Needs `caller`, takes `per_mille`. 0 while there is
    /// none.
    RequestMs,
}

/// Why a copy died, or a delivery or call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Dead: it was delivered as often as its queue allows.
    Exhausted,
    /// Dead: a consumer rejected it.
    Rejected,
    /// Dead: it was not settled in time.
    Deadline,
    /// Dead: it outlived its time to live.
    Expired,
    /// Dead: its queue was full.
    Overflow,
    /// Dead: its queue was too full for its priority.
    Shed,
    /// Dead: nobody knows how a call ended, and a resend is not safe.
    Unknown,
    /// Dead: an earlier message of its group is.
    GroupParked,
    /// Dead: somebody purged the queue.
    Purged,
    /// Failed: the other side may succeed later.
    Transient,
    /// Failed: the other side asked for a slower pace.
    Throttled,
    /// Failed: no answer came in time.
    Timeout,
    /// Failed: the other side refused for good.
    Permanent,
    /// Failed: nobody knows whether the other side took it.
    Ambiguous,
}

/// A condition that is to hold all the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Throughout {
    /// From then on, in milliseconds after the start; at most a day. Default the start.
    #[serde(default)]
    pub from_ms: u64,
    /// Until then, in milliseconds after the start; from `from_ms` to a day. Default the end of the
    /// run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<u64>,
    /// What.
    pub that: Box<Condition>,
}

/// A condition that is to become true in time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Within {
    /// Not before then, in milliseconds after the start; at most a day. Default the start.
    #[serde(default)]
    pub from_ms: u64,
    /// And at most so many milliseconds later; at most a day.
    pub ms: u64,
    /// What.
    pub that: Box<Condition>,
}

/// A condition that is to last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldFor {
    /// So many milliseconds; at most a day.
    pub ms: u64,
    /// What.
    pub that: Box<Condition>,
}
