//! The task that hosts a consumer: it receives, calls and settles as the consumer says.

use std::{
    collections::BTreeMap, future::Future, marker::PhantomData, pin::Pin, sync::Arc, time::Duration,
};

use postroom_core::{
    Action, At, CallId, Consumer, ConsumerCommand, Delivery, Machine, Message, Outcome, Receipt,
    Settle, Timestamp,
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
};
use tower_service::Service;
use tracing::Instrument;

use super::{
    Number,
    job::{Failure, Job, caught},
};
use crate::{
    backend::{BackendError, Incoming},
    entropy::EntropyStream,
    postroom::{CAUSE, Held, Office},
};

pub(super) struct Host<T, S> {
    office: Arc<Office>,
    consumer: Consumer,
    service: S,
    name: String,
    entropy: EntropyStream,
    /// Deliveries that the consumer has not settled, by the numbers that it knows them by.
    held: BTreeMap<Number, Held>,
    next: u64,
    calls: JoinSet<Ended>,
    aborts: BTreeMap<CallId, AbortHandle>,
    /// Settlements on their way, where they take a while.
    settling: JoinSet<()>,
    receiving: Option<Receiving>,
    payload: PhantomData<fn(T)>,
}

type Receiving = Pin<Box<dyn Future<Output = Result<Vec<Incoming>, BackendError>> + Send>>;

/// A call that has ended. It is judged by when that was.
struct Ended {
    call: CallId,
    outcome: Outcome,
    at: Timestamp,
}

enum Step {
    Tick,
    Ended(Ended),
    Received(Result<Vec<Incoming>, BackendError>),
    Settled,
    /// With the time that calls under way have.
    Stop(Option<Duration>),
}

/// Waits between two tries at a backend that fails: doubled up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

impl<T, S> Host<T, S>
where
    T: DeserializeOwned + Send + 'static,
    S: Service<Job<T>, Response = (), Error = Failure> + Clone + Send + 'static,
    S::Future: Send,
{
    pub(super) fn new(
        office: Arc<Office>,
        consumer: Consumer,
        service: S,
        name: String,
        payload: PhantomData<fn(T)>,
    ) -> Self {
        Self {
            // A consumer draws nothing: what is spread is spread by the queue.
            entropy: EntropyStream::new(u64::from(consumer.queue().number())),
            office,
            consumer,
            service,
            name,
            held: BTreeMap::new(),
            next: 0,
            calls: JoinSet::new(),
            aborts: BTreeMap::new(),
            settling: JoinSet::new(),
            receiving: None,
            payload,
        }
    }

    /// Works until it is told to stop, or the backend is closed.
    pub(super) async fn run(
        mut self,
        mut closing: watch::Receiver<Option<Duration>>,
        mut stopping: watch::Receiver<bool>,
    ) {
        let now = self.office.clock.now();
        self.tell(now, ConsumerCommand::Woken);
        let grace = loop {
            match self.step(&mut closing, &mut stopping).await {
                Step::Stop(grace) => break grace,
                Step::Received(Err(BackendError::Closed)) => break Some(Duration::ZERO),
                step => self.take(step),
            }
        };
        self.wind_down(grace, &mut closing).await;
    }

    async fn step(
        &mut self,
        closing: &mut watch::Receiver<Option<Duration>>,
        stopping: &mut watch::Receiver<bool>,
    ) -> Step {
        // Whoever does not get rid of settlements takes nothing new: so their number is bounded.
        let most = self.consumer.config().concurrency as usize;
        let may_receive = self.settling.len() < most;
        let Self { calls, settling, receiving, consumer, office, .. } = self;
        tokio::select! {
            Some(ended) = calls.join_next() => match ended {
                Ok(ended) => Step::Ended(ended),
                // It was abandoned.
                Err(_) => Step::Settled,
            },
            () = office.clock.sleep_until_some(consumer.next_deadline()) => Step::Tick,
            received = next(receiving), if may_receive => Step::Received(received),
            Some(_) = settling.join_next() => Step::Settled,
            grace = asked(closing) => Step::Stop(Some(grace)),
            true = told(stopping) => Step::Stop(None),
        }
    }

    fn take(&mut self, step: Step) {
        let now = self.office.clock.now();
        match step {
            Step::Tick => self.tell(now, ConsumerCommand::Tick),
            Step::Ended(Ended { call, outcome, at }) => {
                if self.aborts.remove(&call).is_some() {
                    self.tell(at, ConsumerCommand::CallFinished { call, outcome });
                }
            }
            Step::Received(received) => {
                self.receiving = None;
                let received = received.unwrap_or_default();
                let deliveries = received.into_iter().map(|incoming| self.hold(incoming)).collect();
                self.tell(now, ConsumerCommand::Received(deliveries));
                // A receive waits until there is something: so it can be asked for again at once.
                self.tell(now, ConsumerCommand::Woken);
            }
            Step::Settled | Step::Stop(_) => {}
        }
    }

    /// Lets calls end, for as long as `grace`, and settlements get through.
    async fn wind_down(
        &mut self,
        grace: Option<Duration>,
        closing: &mut watch::Receiver<Option<Duration>>,
    ) {
        self.receiving = None;
        self.tell(self.office.clock.now(), ConsumerCommand::Pause);
        let over = async {
            let grace = match grace {
                Some(grace) => grace,
                None => asked(closing).await,
            };
            tokio::time::sleep(grace).await;
        };
        tokio::pin!(over);
        while !self.aborts.is_empty() || !self.settling.is_empty() {
            let Self { calls, settling, consumer, office, .. } = &mut *self;
            let step = tokio::select! {
                Some(Ok(ended)) = calls.join_next() => Step::Ended(ended),
                () = office.clock.sleep_until_some(consumer.next_deadline()) => Step::Tick,
                Some(_) = settling.join_next() => Step::Settled,
                () = &mut over => break,
            };
            self.take(step);
        }
        let now = self.office.clock.now();
        for (call, abort) in std::mem::take(&mut self.aborts) {
            abort.abort();
            let outcome = Outcome::Ambiguous;
            self.tell(now, ConsumerCommand::CallFinished { call, outcome });
        }
        let settled = async { while self.settling.join_next().await.is_some() {} };
        _ = tokio::time::timeout(PAUSE_MAX, settled).await;
    }

    fn tell(&mut self, now: Timestamp, command: ConsumerCommand) {
        let at = At { now, entropy: self.entropy.next() };
        let Ok(actions) = self.consumer.apply(at, command, &mut ());
        for action in actions {
            match action {
                Action::Receive { max } => self.receive(max),
                Action::Start { call, message, delivery, deadline } => {
                    self.start(call, message, delivery, deadline);
                }
                Action::Abandon { call } => {
                    if let Some(abort) = self.aborts.remove(&call) {
                        tracing::warn!(worker = self.name, "a call took too long and is given up");
                        abort.abort();
                    }
                }
                Action::Settle { receipt, how } => self.settle(receipt, how),
            }
        }
    }

    fn hold(&mut self, incoming: Incoming) -> Delivery {
        let receipt = Receipt::of_host(self.consumer.queue(), self.next);
        self.next += 1;
        let Incoming { message, delivery, lease_until, .. } = &incoming;
        let (message, delivery, lease_until) = (message.clone(), *delivery, *lease_until);
        if lease_until.is_some() {
            let held = Held::new(Arc::clone(&self.office), incoming);
            self.held.insert(receipt.lease(), held);
        }
        Delivery { receipt, message, delivery, lease_until, deadline: None }
    }

    fn receive(&mut self, max: u32) {
        let (office, queue) = (Arc::clone(&self.office), self.consumer.queue());
        self.receiving = Some(Box::pin(async move {
            let mut pause = PAUSE_MIN;
            loop {
                match office.backend.receive(queue, max).await {
                    Ok(received) => return Ok(received),
                    Err(BackendError::Closed) => return Err(BackendError::Closed),
                    Err(error) => {
                        let queue = office.queue_name(queue);
                        tracing::warn!(queue, %error, "cannot receive, will try again");
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                }
            }
        }));
    }

    fn start(&mut self, call: CallId, message: Message, delivery: u32, deadline: Timestamp) {
        let span = tracing::info_span!(
            "deliver",
            worker = self.name,
            message.id = %message.id,
            message.correlation = %message.correlation(),
            delivery
        );
        let (service, clock, cause) = (self.service.clone(), self.office.clock, message.as_cause());
        let handled = caught(handle(service, message, delivery, deadline));
        let call_made = async move {
            let outcome = match CAUSE.scope(cause, handled).await {
                Ok(()) => Outcome::Delivered,
                Err(failure) => {
                    tracing::warn!(%failure, "the delivery failed");
                    failure.outcome()
                }
            };
            Ended { call, outcome, at: clock.now() }
        };
        self.aborts.insert(call, self.calls.spawn(call_made.instrument(span)));
    }

    fn settle(&mut self, receipt: Receipt, how: Settle) {
        let Some(mut held) = self.held.remove(&receipt.lease()) else { return };
        let clock = self.office.clock;
        let backend = Arc::clone(&self.office.backend);
        let settled = backend.settle(&held.incoming.receipt, how).at_once();
        if let Ok(settled) = settled {
            held.mark_settled();
            report(settled);
            return;
        }
        let until = held.incoming.lease_until;
        self.settling.spawn(async move {
            let mut pause = PAUSE_MIN;
            loop {
                match held.settle(how).await {
                    // To settle once more what is settled is no mistake.
                    Err(error) if error.is_passing() && until > Some(clock.now()) => {
                        tracing::warn!(%error, "cannot settle, will try again");
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                    settled => {
                        held.mark_settled();
                        return report(settled);
                    }
                }
            }
        });
    }
}

/// Reads the payload and calls the service.
async fn handle<T, S>(
    mut service: S,
    message: Message,
    delivery: u32,
    deadline: Timestamp,
) -> Result<(), Failure>
where
    T: DeserializeOwned,
    S: Service<Job<T>, Response = (), Error = Failure>,
{
    // It dies of its deliveries: a consumer that knows the new format may come.
    let payload = serde_json::from_slice(message.body.as_bytes())
        .map_err(|error| Failure::Transient(format!("the payload cannot be read: {error}")))?;
    std::future::poll_fn(|context| service.poll_ready(context)).await?;
    service.call(Job::new(payload, message, delivery, deadline)).await
}

fn report(settled: Result<(), BackendError>) {
    if let Err(error) = settled {
        tracing::warn!(%error, "a delivery was not settled");
    }
}

async fn next(receiving: &mut Option<Receiving>) -> Result<Vec<Incoming>, BackendError> {
    match receiving {
        Some(receiving) => receiving.await,
        None => std::future::pending().await,
    }
}

/// The grace of a shutdown, when one is asked for.
async fn asked(closing: &mut watch::Receiver<Option<Duration>>) -> Duration {
    let grace = closing.wait_for(Option::is_some).await.ok().and_then(|grace| *grace);
    match grace {
        Some(grace) => grace,
        None => std::future::pending().await,
    }
}

/// Whether it was told to stop: else it goes on, though nobody can tell it any more.
async fn told(stopping: &mut watch::Receiver<bool>) -> bool {
    let is_told = stopping.wait_for(|stop| *stop).await.is_ok();
    if is_told { true } else { std::future::pending().await }
}
