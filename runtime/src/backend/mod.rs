//! What a backend is: whatever keeps messages and hands them out.

mod answer;
mod capability;
mod durable;
mod error;
#[cfg(feature = "jetstream")]
mod jetstream;
mod memory;
mod plan;
mod set_up;

use std::{any::Any, fmt, sync::Arc};

use postroom_core::{
    Address, CopyView, Delivery, Error, Message, NewMessage, Published, QueueId, QueueStats,
    Redrive, Redriven, Settle, Span, Timestamp,
};

#[cfg(feature = "jetstream")]
pub use self::jetstream::JetStream;
pub use self::{
    answer::Answer,
    capability::{Capabilities, Capability},
    durable::Durable,
    error::{BackendError, OpenError},
    memory::Memory,
    plan::{Plan, Queue, Selection},
};
use crate::clock::Clock;

/// How to get at a backend: what [`PostroomBuilder::start`](crate::PostroomBuilder::start) takes.
pub trait Open: Send {
    /// Its name in errors and tables.
    fn name(&self) -> &'static str;

    /// What it can do. Asked before anything else: what the program needs and this lacks is an error
    /// then.
    fn capabilities(&self) -> Capabilities;

    /// Opens it, with all that is in the plan in place. What is there already stays.
    fn open(
        self,
        plan: Plan,
        clock: Clock,
    ) -> impl Future<Output = Result<Arc<dyn Backend>, OpenError>> + Send;
}

/// Keeps messages and hands them out.
///
/// It is told names by their numbers in the [`Plan`]. What a message or a queue asks of it beyond
/// its [`Open::capabilities`] never reaches it.
///
/// Three rules hold of each operation:
///
/// - **An answer is a promise.** What is answered well has happened, as safely as the backend keeps
///   things at all.
/// - **Not knowing is an answer.** [`BackendError::Unknown`] says that it may have happened. To do it
///   again must be safe: a message with a dedup key is not stored twice, and a settlement that took
///   place already is confirmed.
/// - **A dropped answer is as good as an unknown one**, but for [`receive`](Self::receive): what it
///   would have handed out goes to whoever asks next.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Keeps a message, for a queue or for those that are subscribed to a topic.
    fn publish(&self, to: Address, message: NewMessage) -> Answer<'_, Published>;

    /// Waits until something can be handed out, and hands out from 1 to `max` messages.
    fn receive(&self, queue: QueueId, max: u32) -> Answer<'_, Vec<Incoming>>;

    /// Ends a delivery.
    fn settle(&self, receipt: &Receipt, how: Settle) -> Answer<'_, ()>;

    /// Lets a lease end `by` from now, and says when that is.
    fn extend(&self, receipt: &Receipt, by: Span) -> Answer<'_, Timestamp>;

    /// Looks at up to `max` messages of a queue of dead letters, oldest first, after the first
    /// `skip`; takes none.
    fn dead_letters(&self, queue: QueueId, skip: u32, max: u32) -> Answer<'_, Vec<CopyView>>;

    /// Moves dead letters back to work.
    fn redrive(&self, redrive: Redrive) -> Answer<'_, Redriven>;

    /// Counts what is in a queue.
    fn observe(&self, queue: QueueId) -> Answer<'_, QueueStats>;

    /// Ends it: whoever waits is told [`BackendError::Closed`], and so is whoever comes later. What
    /// was not settled is delivered again, where it outlives this.
    fn close(&self) -> Answer<'_, ()>;
}

/// A message as a backend hands it out.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The key to settling it.
    pub receipt: Receipt,
    /// The message.
    pub message: Message,
    /// Which delivery it is, from 1.
    pub delivery: u32,
    /// The lease ends here. None where receiving settles.
    pub lease_until: Option<Timestamp>,
}

/// The right to settle one delivery: opaque, made by the backend that reads it.
#[derive(Clone)]
pub struct Receipt(Inner);

#[derive(Clone)]
enum Inner {
    Engine(postroom_core::Receipt),
    Other(Arc<dyn Any + Send + Sync>),
}

impl Receipt {
    /// A receipt that holds whatever its backend needs.
    #[must_use]
    pub fn new(value: impl Any + Send + Sync) -> Self {
        Self(Inner::Other(Arc::new(value)))
    }

    /// What it holds, if that is such a value.
    #[must_use]
    pub fn get<T: Any>(&self) -> Option<&T> {
        match &self.0 {
            Inner::Engine(receipt) => (receipt as &dyn Any).downcast_ref(),
            Inner::Other(value) => value.downcast_ref(),
        }
    }
}

/// The engine's own takes no allocation.
impl From<postroom_core::Receipt> for Receipt {
    fn from(receipt: postroom_core::Receipt) -> Self {
        Self(Inner::Engine(receipt))
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}

/// An engine's delivery.
fn incoming(delivery: Delivery) -> Incoming {
    let Delivery { receipt, message, delivery, lease_until, .. } = delivery;
    Incoming { receipt: receipt.into(), message, delivery, lease_until }
}

fn in_our_terms(error: Error) -> BackendError {
    match error {
        Error::Publish(error) => error.into(),
        Error::Receive(error) => error.into(),
        Error::Settle(error) => error.into(),
        Error::Extend(error) => error.into(),
        Error::Redrive(error) => error.into(),
        other => BackendError::Unavailable { why: other.to_string() },
    }
}
