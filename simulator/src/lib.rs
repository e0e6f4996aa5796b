//! A world around pure message systems: a virtual clock, seeded actors, faults, traces, rewind.
//!
//! Nothing here reads a clock or draws a number that is not in the scenario: one [`Scenario`]
//! always gives one history, natively and in a browser.
//!
//! - [`Scenario`]: what is simulated, as a serde document; [`Topology`] is a system for it.
//! - [`World`]: the simulation itself. A clone is a snapshot.
//! - [`Run`]: a world with a past to go back to, and with other futures.
//! - [`goals`]: what is asked of a run; [`Trial`] is a run with its goals, [`sweep`] many of them.
//! - [`Trace`]: what happened, as text; [`Report`]: what it came to.
//! - [`limits`]: every bound, by name.

mod autoscale;
mod fault;
pub mod goals;
mod intervention;
mod latency;
pub mod limits;
mod memory;
mod numbers;
mod producer;
mod provider;
pub mod report;
mod route;
mod run;
mod scenario;
#[cfg(feature = "schema")]
mod schema;
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
pub use fault::{Fault, Trouble};
pub use goals::{Goal, Goals, Judgement, Verdict};
pub use intervention::{CommandOf, ErrorOf, Intervention, InterventionError, ReplyOf};
pub use latency::Latency;
pub use producer::ProducerState;
pub use provider::ProviderState;
pub use report::Report;
pub use route::{Bytes, Key, Route};
pub use run::{BranchId, BranchView, NoSuchBranch, Run, RunCommand, RunUpdate};
pub use scenario::{
    AnswerLost, Arrivals, Mode, Producer, Provider, Scenario, ScenarioError, Versioned,
};
#[cfg(feature = "schema")]
pub use schema::scenario_schema;
pub use stream::{Stream, exponential};
pub use sweep::{Failure, GoalOverSeeds, SeedResult, Sweep, sweep, try_seed};
pub use taken::Taken;
pub use topology::{ConsumerSpec, QueueSpec, SubscriptionSpec, TopicSpec, Topology};
pub use trace::Trace;
pub use trial::Trial;
pub use world::World;
