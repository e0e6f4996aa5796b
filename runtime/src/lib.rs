//! Postroom inside a program: queues and topics with leases, retries, dead letters and dedup.
//!
//! - [`Postroom`]: the engine embedded. [`Postroom::builder`] takes queues and topics, and
//!   [`PostroomBuilder::start`] says what keeps the messages.
//! - [`Publisher`], [`Deliveries`], [`Worker`]: typed messages in, out one by one, and worked on by a
//!   handler under the engine's own consumer.
//! - [`Backend`]: what keeps messages and hands them out: [`Memory`], [`Durable`] (a journal in a folder),
//!   or `JetStream` (feature `jetstream`). [`Capability`] names what one can do and another cannot.
//! - [`Runtime`]: any of Postroom's state machines ([`postroom_core::Hosted`]) as one tokio task, with
//!   [`Provider`]s for its calls and a [`Subscription`] to its events.
//!
//! Spans and events go to [`tracing`]: each delivery to a worker is a span `deliver` with the
//! message's id and its correlation id.
//!
//! # Example: a typed worker
//! ```
//! use postroom_runtime::{Job, Memory, Postroom, Queue};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let postroom = Postroom::builder()
//!     .queue("orders-dead")
//!     .queue(Queue::new("orders").dead_letters("orders-dead"))
//!     .start(Memory)
//!     .await?;
//! postroom.worker("orders")?.start(|job: Job<String>| async move {
//!     println!("{} on its delivery {}", job.payload, job.delivery);
//!     Ok(())
//! })?;
//! postroom.publisher("orders")?.publish(&"order 17".to_owned()).await?;
//! postroom.shutdown(std::time::Duration::from_secs(5)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # Example: a state machine as a task, and a provider that prints
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

mod backend;
mod builder;
mod calls;
mod clock;
mod entropy;
mod event_log;
mod handle;
mod host;
pub mod limits;
mod postroom;
mod provider;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
mod worker;

#[cfg(feature = "jetstream")]
pub use backend::JetStream;
pub use backend::{
    Answer, Backend, BackendError, Capabilities, Capability, Durable, Incoming, Memory, Open,
    OpenError, Plan, Queue, Receipt, Selection,
};
pub use builder::{Builder, Runtime, StartError};
pub use clock::Clock;
pub use event_log::{ParsePositionError, Position, Subscription, Update};
pub use handle::{ApplyError, Handle, Stop, Stopped, TryApplyError};
pub use postroom::{
    Deliveries, Delivery, NoSuchName, OperateError, Postroom, PostroomBuilder, PostroomError,
    Publisher, ReceiveError, SendError, Undecodable, Unsettled,
};
pub use provider::Provider;
pub use worker::{Caught, Failure, HandlerFn, Job, Worker, WorkerError, Working};
