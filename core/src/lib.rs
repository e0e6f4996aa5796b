//! A message engine as a pure state machine: queues with leases, publish and subscribe, dead
//! letters, retries, idempotency, and the consumer that works a queue.
//!
//! Nothing here reads a clock, draws a random number, starts a thread or opens a socket: time and
//! entropy come with each command ([`At`]), so the same commands give the same state, bit for bit,
//! natively and in a browser.
//!
//! - [`Engine`]: queues, topics, dead letters, dedup, claims. Told by [`Machine::apply`].
//! - [`Consumer`]: concurrency, call deadlines, rate limit, circuit breaker.
//! - [`Backoff`], [`Limiter`], [`Breaker`], [`Bulkhead`]: waits, rate limit, breaker, bulkhead, each of use by
//!   itself.
//! - [`Station`]: an engine with the consumers that work its queues, as one machine.
//! - [`Event`]: what happened, for whoever watches.
//! - [`observe`]: paths of messages, latencies and rates, from the events.
//! - [`patterns`]: inbox and outbox, so that an effect and its messages happen once and together.
//! - [`limits`]: every bound, by name.
//! - [`manual`]: what is promised, and how to use it.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod consumer;
mod digest;
mod due;
mod engine;
mod entropy;
mod event;
mod format;
mod id;
pub mod limits;
mod machine;
pub mod manual;
mod message;
pub mod observe;
pub mod patterns;
mod planted;
mod queue;
mod resilience;
mod routing;
mod slab;
mod station;
mod stream;
#[cfg(test)]
mod tests;
mod time;

pub use consumer::{Action, Ambiguous, Consumer, ConsumerCommand, ConsumerConfig, OutOfRange};
pub use digest::{Digest, digest_of};
pub use engine::{
    BatchError, Claim, ClaimError, ClaimToken, Command, ConfigureError, Engine, Error, ExtendError,
    Fingerprint, LedgerConfig, NoSuchLedger, NoSuchQueue, OnFull, PublishError, ReceiveError,
    Redrive, RedriveError, Redriven, Reply, RestoreError, Settle, SettleError, Snapshot, Subscribe,
    Subscription, SubscriptionError, TopicConfig, Violation,
};
pub use entropy::{Entropy, mix};
pub use event::Event;
pub use format::{Record, RecordError, SEMANTICS_VERSION};
pub use id::{
    Address, CallId, ConsumerId, LeaseId, LedgerId, MessageId, ParseMessageIdError, QueueId,
    TopicId,
};
pub use machine::{
    At, Blueprint, Call, CallRef, ConsumerChange, Effect, Hosted, Machine, Outcome, Sink,
};
pub use message::{
    Attributes, Body, Cause, CopyState, CopyView, DeadReason, Delivery, FailReason, Hop, HopReason,
    Message, NewMessage, Placement, PlacementOutcome, Placements, Priority, PriorityOutOfRange,
    Published, Receipt,
};
#[cfg(feature = "planted")]
pub use planted::Bug;
pub use queue::{
    Alarm, DedupScope, Overflow, Poison, Profile, QueueConfig, QueueStats, Select, Settlement, Shed,
};
pub use resilience::{
    Admission, Backoff, Breaker, BreakerChange, BreakerConfig, BreakerOverride, BreakerState,
    BreakerWindow, Bulkhead, BulkheadConfig, Growth, Jitter, Limiter, OpenReason, Permit, Rate,
    Steps, StepsOutOfRange, Ticket,
};
pub use routing::{
    AnythingBut, Condition, Filter, FilterError, Number, NumberError, NumberRange, SubjectError,
    SubjectPattern, check_subject,
};
#[cfg(feature = "planted")]
pub use station::Coupling;
pub use station::{
    AttachError, Station, StationCommand, StationError, StationReply, StationSnapshot,
};
pub use stream::{Batch, Recorded, Recorder};
pub use time::{Span, Timestamp, millis};

/// The README's program is compiled and run with the documentation's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
