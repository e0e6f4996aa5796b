//! Hosts Postroom's pure state machines on tokio.
//!
//! One task owns the machine ([`postroom_core::Hosted`]): it sleeps until the machine's next
//! deadline, applies commands from a bounded channel, and carries out the calls that the machine
//! asks for, each in a task of its own. [`Handle`]s send commands, look at the state and
//! subscribe to the events. What the machine means is its own business: nothing here knows more
//! than the trait.
//!
//! - [`Runtime::builder`]: machine, providers, settings; [`Builder::start`] gives a [`Handle`].
//! - [`Provider`]: the other side of the machine's calls.
//! - [`Subscription`]: events in batches, resumable, with a gap where the reader was too slow.
//! - [`Clock`]: microseconds, from tokio's clock, so that tests can pause it.
//!
//! # Example: a queue, a worker, and a provider that prints
//! ```
//! use std::time::Duration;
//!
//! use postroom_core::{
//!     Address, Call, Command, ConsumerConfig, Machine, NewMessage, Outcome, QueueConfig, Reply,
//!     Station, StationCommand, StationReply, Timestamp,
//! };
//! use postroom_runtime::{Provider, Runtime, Update};
//!
//! struct Printer;
//!
//! impl Provider for Printer {
//!     async fn call(&self, call: &Call) -> Outcome {
//!         println!("{}", String::from_utf8_lossy(call.message.body.as_bytes()));
//!         Outcome::Delivered
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::builder(Station::new()).provider("printer", Printer).start()?;
//! let mut events = runtime.events();
//!
//! let create = Command::CreateQueue { name: "orders".into(), config: QueueConfig::default() };
//! let StationReply::Engine(Reply::Queue(queue)) =
//!     runtime.apply(StationCommand::Engine(create)).await?
//! else {
//!     unreachable!("a created queue is answered with its id");
//! };
//! let config = ConsumerConfig::default();
//! runtime.apply(StationCommand::Attach { name: "printer".into(), queue, config }).await?;
//! let message = NewMessage::new("order 17");
//! let publish = Command::Publish { to: Address::Queue(queue), message };
//! runtime.apply(StationCommand::Engine(publish)).await?;
//!
//! while let Some(Update::Batch(batch)) = events.next().await {
//!     if batch.events.iter().any(|e| matches!(e.event, postroom_core::Event::Acked { .. })) {
//!         break;
//!     }
//! }
//! let depth = runtime.read(move |s| s.engine().queue_stats(queue).map(|q| q.depth())).await?;
//! assert_eq!(depth, Some(0));
//! runtime.shutdown(Duration::from_secs(1)).await;
//! # Ok(())
//! # }
//! ```

mod builder;
mod calls;
mod clock;
mod entropy;
mod event_log;
mod handle;
mod host;
mod provider;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;

pub use builder::{Builder, Runtime, StartError};
pub use clock::Clock;
pub use event_log::{ParsePositionError, Position, Subscription, Update};
pub use handle::{ApplyError, Handle, Stop, Stopped, TryApplyError};
pub use provider::Provider;
