//! Workers: a handler at a queue, with as many calls at once, as fast and as long as is said.

mod host;
mod job;

use std::{fmt, future::Future, marker::PhantomData, sync::Arc};

use postroom_core::{
    Consumer, ConsumerConfig, ConsumerId, LeaseId, OutOfRange, QueueId, Settlement,
};
use serde::de::DeserializeOwned;
use tokio::{sync::watch, task::JoinHandle};
use tower_layer::{Identity, Layer, Stack};
use tower_service::Service;

use self::host::Host;
pub use self::job::{Caught, Failure, HandlerFn, Job};
use crate::postroom::Office;

/// A worker to be set up and started: a handler of its own, run by the engine's own consumer.
///
/// The consumer decides what to receive, when to call, and how to settle: concurrency, call timeout,
/// rate limit, circuit breaker. A handler that answers `Ok` acknowledges its message.
///
/// # Example: two at a time, at most ten a second
/// ```
/// use postroom_core::{ConsumerConfig, Rate};
/// use postroom_runtime::{Failure, Job, Memory, Postroom};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let postroom = Postroom::builder().queue("orders").start(Memory).await?;
/// let config = ConsumerConfig {
///     concurrency: 2,
///     rate: Some(Rate { per_second: 10, burst: 10 }),
///     ..ConsumerConfig::default()
/// };
/// let (done, mut all_done) = tokio::sync::mpsc::channel(1);
/// postroom.worker("orders")?.config(config).start(move |job: Job<u32>| {
///     let done = done.clone();
///     async move {
///         if job.payload == 0 {
///             return Err(Failure::Permanent("there is no order 0".into()));
///         }
///         done.send(job.payload).await?;
///         Ok(())
///     }
/// })?;
/// postroom.publisher("orders")?.publish(&17).await?;
/// assert_eq!(all_done.recv().await, Some(17));
/// # Ok(())
/// # }
/// ```
#[must_use = "it does nothing until it is started"]
pub struct Worker<T, L = Identity> {
    office: Arc<Office>,
    queue: QueueId,
    name: String,
    config: ConsumerConfig,
    layer: L,
    payload: PhantomData<fn(T)>,
}

/// Why a worker was not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// Put the setting into its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// Choose a shorter call timeout, or a queue with a longer lease: else a call could outlive its
    /// lease, and the message be delivered a second time meanwhile.
    #[error(
        "`call_timeout` is {call_timeout_ms} ms, and the queue's lease {lease_ms} ms: \
        the lease must be longer"
    )]
    LeaseTooShort {
        /// The queue's lease, in milliseconds.
        lease_ms: u64,
        /// The call timeout, in milliseconds.
        call_timeout_ms: u64,
    },
}

impl<T> Worker<T> {
    pub(crate) fn new(office: Arc<Office>, queue: QueueId, name: String) -> Self {
        let (config, layer) = (ConsumerConfig::default(), Identity::new());
        Self { office, queue, name, config, layer, payload: PhantomData }
    }
}

impl<T, L> Worker<T, L> {
    /// Its settings. Default 4 calls at once of at most 10 s, neither rate limit nor breaker.
    pub fn config(self, config: ConsumerConfig) -> Self {
        Self { config, ..self }
    }

    /// Its name in spans. Default the queue's.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Goes around what is there already: tower's layers, and any other, whose service takes a
    /// [`Job`] and fails with a [`Failure`].
    pub fn layer<M>(self, layer: M) -> Worker<T, Stack<L, M>> {
        let Self { office, queue, name, config, payload, .. } = self;
        Worker { office, queue, name, config, layer: Stack::new(self.layer, layer), payload }
    }

    /// Starts it with this handler. A panic of the handler is [`Failure::Panicked`].
    ///
    /// # Errors
    /// As [`WorkerError`] says.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start<H, F, S>(self, handler: H) -> Result<Working, WorkerError>
    where
        T: DeserializeOwned + Send + 'static,
        H: Fn(Job<T>) -> F,
        F: Future<Output = Result<(), Failure>>,
        L: Layer<HandlerFn<H>, Service = S>,
        S: Service<Job<T>, Response = (), Error = Failure> + Clone + Send + 'static,
        S::Future: Send,
    {
        self.start_service(HandlerFn(handler))
    }

    /// Starts it with this service.
    ///
    /// # Errors
    /// As [`WorkerError`] says.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start_service<I, S>(self, service: I) -> Result<Working, WorkerError>
    where
        T: DeserializeOwned + Send + 'static,
        L: Layer<I, Service = S>,
        S: Service<Job<T>, Response = (), Error = Failure> + Clone + Send + 'static,
        S::Future: Send,
    {
        let Self { office, queue, name, config, layer, .. } = self;
        let now = office.clock.now();
        let consumer = Consumer::new(ConsumerId::new(0), queue, config, now)?;
        let explicit = office.plan.queue_config(queue);
        let explicit = explicit.filter(|queue| queue.settlement == Settlement::Explicit);
        if let Some(queue) = explicit.filter(|queue| queue.lease <= config.call_timeout) {
            return Err(WorkerError::LeaseTooShort {
                lease_ms: queue.lease.as_millis(),
                call_timeout_ms: config.call_timeout.as_millis(),
            });
        }
        let (stop, stopping) = watch::channel(false);
        let closing = office.closing.subscribe();
        let host = Host::new(office, consumer, layer.layer(service), name, PhantomData);
        let task = tokio::spawn(host.run(closing, stopping));
        Ok(Working { stop, task })
    }
}

/// A worker at work. It goes on when this is dropped, until the post room shuts down.
#[derive(Debug)]
pub struct Working {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Working {
    /// Receives no more, lets the calls under way end, and returns then.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // An error means that tokio's own runtime is gone, and the worker with it.
        _ = self.task.await;
    }
}

impl<T, L> fmt::Debug for Worker<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The number under which a consumer knows a delivery.
type Number = LeaseId;
