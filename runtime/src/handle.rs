//! What the world holds of a runtime.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    time::Duration,
};

use postroom_core::{Hosted, Machine};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot, watch,
};

use crate::event_log::{EventLog, Position, Subscription};

/// A way to a running machine. Clones lead to the same one, which stops when the last is dropped.
pub struct Handle<M: Hosted> {
    pub(crate) inputs: mpsc::Sender<Input<M>>,
    pub(crate) events: Arc<EventLog>,
    /// The grace that a shutdown allows, once one is asked for.
    pub(crate) shutdown: Arc<watch::Sender<Option<Duration>>>,
    pub(crate) stop: watch::Receiver<Option<Stop>>,
}

/// What a handle sends.
pub(crate) enum Input<M: Hosted> {
    Apply { command: M::Command, answer: Answer<M> },
    Read(Box<dyn FnOnce(&M) -> Release + Send>),
}

pub(crate) type Answer<M> = oneshot::Sender<Result<<M as Machine>::Reply, <M as Machine>::Error>>;

/// Lets go of an answer, once everything before it is safe.
pub(crate) type Release = Box<dyn FnOnce() + Send>;

/// Why a runtime stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It was shut down, or its last handle was dropped.
    Shutdown,
    /// The machine panicked. Its state cannot be trusted, so nothing more is answered.
    Panicked,
}

/// The runtime has stopped: start another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the runtime has stopped: start another one")]
pub struct Stopped;

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError<E> {
    /// The machine refused it, for its own reason.
    #[error(transparent)]
    Refused(E),
    /// The runtime stopped before it answered. Whether the command was carried out is not known.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Why a command was not carried out without waiting for room.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TryApplyError<E> {
    /// The machine refused it, for its own reason.
    #[error(transparent)]
    Refused(E),
    /// As many commands wait already as may wait. Try again later; nothing was done.
    #[error("too many commands wait already: try again later")]
    Busy,
    /// The runtime stopped before it answered. Whether the command was carried out is not known.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl<M> Handle<M>
where
    M: Hosted + 'static,
    M::Command: Send,
    M::Reply: Send,
    M::Error: Send,
{
    /// Has the machine carry out a command and waits for its answer; first for room, while too
    /// many commands wait. A command that is once sent is carried out even if the future is
    /// dropped.
    ///
    /// # Errors
    /// As [`ApplyError`] says.
    pub async fn apply(&self, command: M::Command) -> Result<M::Reply, ApplyError<M::Error>> {
        let (answer, answered) = oneshot::channel();
        self.inputs.send(Input::Apply { command, answer }).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)?.map_err(ApplyError::Refused)
    }

    /// As [`Handle::apply`], but does not wait for room.
    ///
    /// # Errors
    /// As [`TryApplyError`] says.
    pub async fn try_apply(
        &self,
        command: M::Command,
    ) -> Result<M::Reply, TryApplyError<M::Error>> {
        let (answer, answered) = oneshot::channel();
        self.inputs.try_send(Input::Apply { command, answer }).map_err(|error| match error {
            TrySendError::Full(_) => TryApplyError::Busy,
            TrySendError::Closed(_) => TryApplyError::Stopped(Stopped),
        })?;
        answered.await.map_err(|_| Stopped)?.map_err(TryApplyError::Refused)
    }

    /// Looks at the machine between two commands. Everything else waits meanwhile: be short.
    ///
    /// # Errors
    /// [`Stopped`] if the runtime stopped before `look` ran.
    ///
    /// # Panics
    /// When `look` does; the machine is none the worse.
    pub async fn read<R: Send + 'static>(
        &self,
        look: impl FnOnce(&M) -> R + Send + 'static,
    ) -> Result<R, Stopped> {
        let (answer, answered) = oneshot::channel::<Result<R, Box<dyn Any + Send>>>();
        let look = move |machine: &M| -> Release {
            // `look` cannot change the machine, so its panic is its caller's alone.
            let seen = catch_unwind(AssertUnwindSafe(|| look(machine)));
            // Whoever asked may be gone: then nobody misses the answer.
            Box::new(move || drop(answer.send(seen)))
        };
        self.inputs.send(Input::Read(Box::new(look))).await.map_err(|_| Stopped)?;
        answered.await.map_err(|_| Stopped)?.or_else(|panic| resume_unwind(panic))
    }

    /// Reads the events that happen from now on.
    #[must_use]
    pub fn events(&self) -> Subscription {
        self.events.subscribe()
    }

    /// Reads the events that happened after `position`: without a gap if they are among the
    /// recent ones that are kept.
    #[must_use]
    pub fn events_after(&self, position: Position) -> Subscription {
        self.events.subscribe_after(position)
    }

    /// Stops: commands that wait are answered, no call is begun any more, and calls under way
    /// have `grace` to end, so that what they did is known. Returns when all that is done.
    pub async fn shutdown(&self, grace: Duration) -> Stop {
        self.shutdown.send_replace(Some(grace));
        self.stopped().await
    }

    /// Returns when the runtime has stopped.
    pub async fn stopped(&self) -> Stop {
        let mut stop = self.stop.clone();
        // An error means that the task is gone with tokio's own runtime.
        stop.wait_for(Option::is_some).await.ok().and_then(|stop| *stop).unwrap_or(Stop::Shutdown)
    }
}

impl<M: Hosted> Clone for Handle<M> {
    fn clone(&self) -> Self {
        Self {
            inputs: self.inputs.clone(),
            events: Arc::clone(&self.events),
            shutdown: Arc::clone(&self.shutdown),
            stop: self.stop.clone(),
        }
    }
}

impl<M: Hosted> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("stop", &*self.stop.borrow()).finish_non_exhaustive()
    }
}
