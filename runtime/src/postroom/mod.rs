//! The embedded message engine: queues and topics of a program, on whatever keeps them.

mod builder;
mod delivery;
mod publisher;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use postroom_core::{Address, CopyView, QueueId, QueueStats, Redrive, Redriven};
use tokio::sync::{Notify, watch};

pub use self::{
    builder::{PostroomBuilder, PostroomError},
    delivery::{Deliveries, Delivery, ReceiveError, Undecodable, Unsettled},
    publisher::{Publisher, SendError},
};
pub(crate) use self::{delivery::Held, publisher::CAUSE};
use crate::{
    backend::{Backend, BackendError, Capabilities, Capability, Plan},
    clock::Clock,
    worker::Worker,
};

/// Queues and topics, embedded in this process: a handle, cheap to clone.
///
/// What keeps the messages is chosen by one call, [`PostroomBuilder::start`]; nothing else in a
/// program depends on it.
///
/// # Example: a typed message, there and back
/// ```
/// use postroom_runtime::{Memory, Postroom};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Debug, PartialEq)]
/// struct Order { number: u32 }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let postroom = Postroom::builder().queue("orders").start(Memory).await?;
/// postroom.publisher("orders")?.publish(&Order { number: 17 }).await?;
///
/// let mut orders = postroom.deliveries::<Order>("orders")?;
/// let delivery = orders.next().await.expect("the post room is open")?;
/// assert_eq!(*delivery.payload(), Order { number: 17 });
/// delivery.ack().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postroom(pub(crate) Arc<Office>);

/// What all handles share.
pub(crate) struct Office {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) backend_name: &'static str,
    pub(crate) plan: Plan,
    pub(crate) clock: Clock,
    /// Set once: nothing is received any more.
    pub(crate) is_ending: AtomicBool,
    /// The grace of a shutdown. Each worker watches until it has ended.
    pub(crate) closing: watch::Sender<Option<Duration>>,
    /// Deliveries in the hands of the program.
    in_hand: AtomicU64,
    none_in_hand: Notify,
}

/// Nothing of this name was given to the builder: mend the name, or add it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}` here: mend the name, or give it to the builder")]
pub struct NoSuchName {
    /// What was looked for.
    pub what: &'static str,
    /// The name.
    pub name: String,
}

/// Why an operation on a queue failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperateError {
    /// Mend the name.
    #[error(transparent)]
    Name(#[from] NoSuchName),
    /// Ask for it when the program is built, so that a backend without it is refused then.
    #[error("`{0}` was not asked for: add it with `needs` where the program is built")]
    NotAskedFor(Capability),
    /// The backend's reason.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl Postroom {
    /// Begins to build one.
    pub fn builder() -> PostroomBuilder {
        PostroomBuilder::default()
    }

    /// Publishes to the queue or topic of this name.
    ///
    /// # Errors
    /// [`NoSuchName`] if there is none.
    pub fn publisher<T>(&self, name: &str) -> Result<Publisher<T>, NoSuchName> {
        let address = self.0.plan.address(name);
        let address = address.ok_or_else(|| no_such("queue or topic", name))?;
        Ok(Publisher::new(Arc::clone(&self.0), address))
    }

    /// Receives from the queue of this name, one message after the other.
    ///
    /// # Errors
    /// [`NoSuchName`] if there is none.
    pub fn deliveries<T>(&self, name: &str) -> Result<Deliveries<T>, NoSuchName> {
        Ok(Deliveries::new(Arc::clone(&self.0), self.queue_id(name)?))
    }

    /// A worker for the queue of this name, to be set up and started.
    ///
    /// # Errors
    /// [`NoSuchName`] if there is none.
    pub fn worker<T>(&self, name: &str) -> Result<Worker<T>, NoSuchName> {
        Ok(Worker::new(Arc::clone(&self.0), self.queue_id(name)?, name.to_owned()))
    }

    /// The id of the queue of this name, for [`Redrive`].
    ///
    /// # Errors
    /// [`NoSuchName`] if there is none.
    pub fn queue_id(&self, name: &str) -> Result<QueueId, NoSuchName> {
        self.0.plan.queue(name).ok_or_else(|| no_such("queue", name))
    }

    /// What the program needs of its backend, whether it said so or it follows.
    #[must_use]
    pub fn needs(&self) -> Capabilities {
        self.0.plan.needs
    }

    /// Looks at dead letters, oldest first: at most `max` after the first `skip`. They stay.
    ///
    /// # Errors
    /// As [`OperateError`] says.
    pub async fn dead_letters(
        &self,
        queue: &str,
        skip: u32,
        max: u32,
    ) -> Result<Vec<CopyView>, OperateError> {
        Ok(self.0.backend.dead_letters(self.queue_id(queue)?, skip, max).await?)
    }

    /// Moves all dead letters of a queue back to where they died, at most 10,000.
    ///
    /// # Errors
    /// As [`OperateError`] says.
    pub async fn redrive(&self, queue: &str) -> Result<Redriven, OperateError> {
        self.redrive_as(Redrive::all(self.queue_id(queue)?)).await
    }

    /// Moves dead letters as it is said. A rate needs [`Capability::RedriveRate`], a selection or
    /// another destination [`Capability::RedriveSelect`].
    ///
    /// # Errors
    /// As [`OperateError`] says.
    pub async fn redrive_as(&self, redrive: Redrive) -> Result<Redriven, OperateError> {
        if redrive.per_second.is_some() {
            self.check_asked_for(Capability::RedriveRate)?;
        }
        if redrive.to.is_some() || redrive.select != postroom_core::Select::default() {
            self.check_asked_for(Capability::RedriveSelect)?;
        }
        Ok(self.0.backend.redrive(redrive).await?)
    }

    /// Counts what is in a queue.
    ///
    /// # Errors
    /// As [`OperateError`] says.
    pub async fn observe(&self, queue: &str) -> Result<QueueStats, OperateError> {
        Ok(self.0.backend.observe(self.queue_id(queue)?).await?)
    }

    /// Stops. Nothing is received any more; what has been received and not begun goes back and does
    /// not count. Calls of workers and deliveries in the program's hands have `grace` to end; calls
    /// that have not are given up as [`Outcome::Ambiguous`](postroom_core::Outcome::Ambiguous).
    /// Returns when all that is done and the backend is closed.
    pub async fn shutdown(&self, grace: Duration) {
        let office = &self.0;
        office.is_ending.store(true, Ordering::Release);
        office.closing.send_replace(Some(grace));
        let deliveries = tokio::time::timeout(grace, office.wait_for_hands());
        _ = tokio::join!(office.closing.closed(), deliveries);
        if let Err(error) = office.backend.close().await {
            tracing::warn!(%error, "the backend did not close well");
        }
    }

    fn check_asked_for(&self, capability: Capability) -> Result<(), OperateError> {
        let asked = self.0.plan.needs.has(capability);
        if asked { Ok(()) } else { Err(OperateError::NotAskedFor(capability)) }
    }
}

impl Office {
    fn new(
        backend: Arc<dyn Backend>,
        backend_name: &'static str,
        plan: Plan,
        clock: Clock,
    ) -> Self {
        Self {
            backend,
            backend_name,
            plan,
            clock,
            is_ending: AtomicBool::new(false),
            closing: watch::Sender::new(None),
            in_hand: AtomicU64::new(0),
            none_in_hand: Notify::new(),
        }
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    pub(crate) fn queue_name(&self, queue: QueueId) -> &str {
        self.plan.name_of(Address::Queue(queue))
    }

    fn take_in_hand(&self) {
        self.in_hand.fetch_add(1, Ordering::Relaxed);
    }

    fn out_of_hand(&self) {
        if self.in_hand.fetch_sub(1, Ordering::Release) == 1 && self.is_ending() {
            self.none_in_hand.notify_one();
        }
    }

    async fn wait_for_hands(&self) {
        while self.in_hand.load(Ordering::Acquire) > 0 {
            self.none_in_hand.notified().await;
        }
    }
}

impl fmt::Debug for Postroom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postroom").field("backend", &self.0.backend_name).finish_non_exhaustive()
    }
}

fn no_such(what: &'static str, name: &str) -> NoSuchName {
    NoSuchName { what, name: name.to_owned() }
}
