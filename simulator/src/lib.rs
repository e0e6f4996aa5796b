//! A world around pure message systems: a virtual clock, seeded actors, faults, traces, rewind.
//!
//! Nothing here reads a clock or draws a number that is not in the scenario: one [`Scenario`]
//! always gives one history, natively and in a browser.
//!
//! What it says of waiting agrees with queueing theory: M/M/1, M/M/4, M/D/1 and M/G/1 through the
//! engine's real queue and consumer, at three loads each, within an interval of 99 %. The test
//! `queueing` in `tests` states the method and prints the table.
//!
//! - [`Scenario`]: what is simulated, as a serde document; [`Topology`] is a system for it.
//! - [`World`]: the simulation itself. A clone is a snapshot.
//! - [`Run`]: a world with a past to go back to, and with other futures.
//! - [`goals`]: what is asked of a run; [`Trial`] is a run with its goals, [`sweep()`] many of them.
//! - [`Trace`]: what happened, as text; [`Report`]: what it came to.
//! - [`limits`]: every bound, by name.

mod autoscale;
mod caller;
mod culprit;
mod drawing;
mod fault;
pub mod goals;
mod intervention;
mod latency;
pub mod limits;
mod memory;
mod mode;
mod numbers;
mod producer;
mod provider;
pub mod report;
mod route;
mod run;
mod scenario;
#[cfg(feature = "schema")]
mod schema;
mod service;
mod stream;
mod sweep;
mod taken;
#[cfg(test)]
mod tests;
mod topology;
mod trace;
mod trial;
mod world;

pub use autoscale::{ScaleBy, Scaler};
pub use caller::{Caller, CallerState};
pub use culprit::{Culprit, culprit};
pub use drawing::{Drawing, DrawnPart, Place};
pub use fault::{Fault, Trouble};
pub use goals::{Goal, Goals, Judgement, Verdict};
pub use intervention::{CommandOf, ErrorOf, Intervention, InterventionError, ReplyOf};
pub use latency::Latency;
pub use mode::{AnswerLost, Mode};
pub use producer::ProducerState;
pub use provider::ProviderState;
pub use report::Report;
pub use route::{Bytes, Key, Route};
pub use run::{BranchId, BranchView, NoSuchBranch, Run, RunCommand, RunUpdate, missed_least};
pub use scenario::{Arrivals, Producer, Provider, Scenario, ScenarioError, Versioned};
#[cfg(feature = "schema")]
pub use schema::scenario_schema;
pub use service::{Service, ServiceState};
pub use stream::{Stream, exponential};
pub use sweep::{Failure, GoalOverSeeds, SeedResult, Sweep, sweep, try_seed};
pub use taken::Taken;
pub use topology::{ConsumerSpec, QueueSpec, SubscriptionSpec, TopicSpec, Topology};
pub use trace::Trace;
pub use trial::Trial;
pub use world::World;
