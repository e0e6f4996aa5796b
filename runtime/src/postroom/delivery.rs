//! Receiving, and settling what was received.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use postroom_core::{Body, FailReason, Message, QueueId, Settle, Span, Timestamp};
use serde::de::DeserializeOwned;
use tokio::task::coop::cooperative;

use super::Office;
use crate::{
    backend::{BackendError, Incoming, Receipt},
    limits::PREFETCH_MAX,
};

/// One message, to be settled. Dropped unsettled, it is released: delivered again at once, and the
/// delivery does not count where the backend can say so.
#[must_use = "dropped unsettled, it is released"]
pub struct Delivery<T> {
    payload: T,
    held: Held,
}

/// A delivery that was not settled, or of which it is not known.
///
/// [`delivery`](Self::delivery) may be settled again, if the error is a passing one.
#[derive(thiserror::Error)]
#[error("{error}")]
pub struct Unsettled<T> {
    /// Why.
    #[source]
    pub error: BackendError,
    /// What was not settled.
    pub delivery: Box<Delivery<T>>,
}

/// A message whose payload is not what was expected. Dropped unsettled, it is tried again and dies
/// of its deliveries: a consumer that knows the new format may come.
#[derive(Debug, thiserror::Error)]
#[error(
    "the payload cannot be read: {error}; settle the delivery, or let it die of its deliveries"
)]
pub struct Undecodable {
    /// Why.
    #[source]
    pub error: serde_json::Error,
    /// The message with its bytes.
    pub delivery: Delivery<Body>,
}

/// Why a receive gave no payload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Settle the delivery that is in it.
    #[error(transparent)]
    Undecodable(Box<Undecodable>),
    /// The backend's reason. The stream goes on.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

/// The messages of one queue, as they come: a stream that ends when the post room shuts down.
///
/// Each is the receiver's alone until its lease ends. By default one message is received at a time;
/// [`prefetch`](Self::prefetch) says otherwise.
pub struct Deliveries<T> {
    office: Arc<Office>,
    queue: QueueId,
    prefetch: u32,
    buffer: VecDeque<Held>,
    receiving: Option<Receiving>,
    payload: PhantomData<fn() -> T>,
}

type Receiving = Pin<Box<dyn Future<Output = Result<Vec<Incoming>, BackendError>> + Send>>;

/// The right to settle one delivery, used or not. Goes back unused when it is dropped.
pub(crate) struct Held {
    office: Arc<Office>,
    pub(crate) incoming: Incoming,
    is_settled: bool,
    unused: Settle,
}

impl<T> Delivery<T> {
    fn new(payload: T, held: Held) -> Self {
        held.office.take_in_hand();
        Self { payload, held }
    }

    /// What was sent.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// The message: its id, attributes, subject, group, cause.
    pub fn message(&self) -> &Message {
        &self.held.incoming.message
    }

    /// Which delivery of the message it is, from 1.
    pub fn delivery(&self) -> u32 {
        self.held.incoming.delivery
    }

    /// Its lease ends here; none where receiving settles.
    pub fn lease_until(&self) -> Option<Timestamp> {
        self.held.incoming.lease_until
    }

    /// It is done: the message is gone.
    ///
    /// # Errors
    /// [`Unsettled`], with the delivery.
    pub async fn ack(self) -> Result<(), Unsettled<T>> {
        self.settle(Settle::Ack).await
    }

    /// It failed and is tried again after `delay`; by the queue's backoff if none is given. Dead
    /// after the last of `max_deliveries`.
    ///
    /// # Errors
    /// [`Unsettled`], with the delivery.
    pub async fn retry(self, delay: Option<Span>) -> Result<(), Unsettled<T>> {
        self.settle(Settle::Retry { delay, reason: FailReason::Transient }).await
    }

    /// It is not wanted now: delivered again at once, and this delivery does not count.
    ///
    /// # Errors
    /// [`Unsettled`], with the delivery.
    pub async fn release(self) -> Result<(), Unsettled<T>> {
        self.settle(Settle::Release).await
    }

    /// It will never succeed: to the dead letters at once.
    ///
    /// # Errors
    /// [`Unsettled`], with the delivery.
    pub async fn reject(self) -> Result<(), Unsettled<T>> {
        self.settle(Settle::Reject { reason: FailReason::Permanent }).await
    }

    /// It takes longer: the lease ends `by` from now.
    ///
    /// # Errors
    /// The backend's reason; the lease is as it was.
    pub async fn extend(&mut self, by: Span) -> Result<Timestamp, BackendError> {
        let backend = &self.held.office.backend;
        let until = cooperative(backend.extend(&self.held.incoming.receipt, by)).await?;
        self.held.incoming.lease_until = Some(until);
        Ok(until)
    }

    async fn settle(mut self, how: Settle) -> Result<(), Unsettled<T>> {
        match self.held.settle(how).await {
            Ok(()) => Ok(()),
            Err(error) => Err(Unsettled { error, delivery: Box::new(self) }),
        }
    }
}

impl<T> Drop for Delivery<T> {
    fn drop(&mut self) {
        self.held.give_back();
        self.held.office.out_of_hand();
    }
}

impl Held {
    pub(crate) fn new(office: Arc<Office>, incoming: Incoming) -> Self {
        // Where receiving settles there is nothing left to settle.
        let is_settled = incoming.lease_until.is_none();
        Self { office, incoming, is_settled, unused: Settle::Release }
    }

    pub(crate) async fn settle(&mut self, how: Settle) -> Result<(), BackendError> {
        if self.incoming.lease_until.is_some() {
            cooperative(self.office.backend.settle(&self.incoming.receipt, how)).await?;
            self.is_settled = true;
        }
        Ok(())
    }

    /// It is not to go back when this is dropped.
    pub(crate) fn mark_settled(&mut self) {
        self.is_settled = true;
    }

    fn give_back(&mut self) {
        if std::mem::replace(&mut self.is_settled, true) {
            return;
        }
        let how = self.unused;
        if self.office.backend.settle(&self.incoming.receipt, how).at_once().is_ok() {
            return;
        }
        // It takes a while. Outside of tokio nobody could wait for it: the lease ends by itself.
        if let Ok(tokio) = tokio::runtime::Handle::try_current() {
            let office = Arc::clone(&self.office);
            let receipt: Receipt = self.incoming.receipt.clone();
            tokio.spawn(async move { office.backend.settle(&receipt, how).await });
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl<T> Deliveries<T> {
    pub(super) fn new(office: Arc<Office>, queue: QueueId) -> Self {
        let buffer = VecDeque::new();
        Self { office, queue, prefetch: 1, buffer, receiving: None, payload: PhantomData }
    }

    /// Receives up to so many at once, from 1 to [`PREFETCH_MAX`]; other numbers are brought into
    /// that range. Their leases run while they wait here, and what still waits when the stream is
    /// dropped goes back unused.
    #[must_use]
    pub fn prefetch(mut self, messages: u32) -> Self {
        self.prefetch = messages.clamp(1, PREFETCH_MAX);
        self
    }

    fn poll_held(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Held, BackendError>>> {
        loop {
            if self.office.is_ending() {
                self.buffer.clear();
                self.receiving = None;
                return Poll::Ready(None);
            }
            if let Some(held) = self.buffer.pop_front() {
                return Poll::Ready(Some(Ok(held)));
            }
            let received = match &mut self.receiving {
                Some(receiving) => ready!(receiving.as_mut().poll(context)),
                None => match self.office.backend.receive(self.queue, self.prefetch).at_once() {
                    Ok(received) => received,
                    Err(_) => {
                        let (office, queue) = (Arc::clone(&self.office), self.queue);
                        let max = self.prefetch;
                        self.receiving =
                            Some(Box::pin(async move { office.backend.receive(queue, max).await }));
                        continue;
                    }
                },
            };
            self.receiving = None;
            match received {
                Ok(received) => {
                    let office = &self.office;
                    let held = |incoming| Held::new(Arc::clone(office), incoming);
                    self.buffer.extend(received.into_iter().map(held));
                }
                Err(BackendError::Closed) => return Poll::Ready(None),
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<T: DeserializeOwned> Deliveries<T> {
    /// The next message; none once the post room shuts down. Nothing is lost if the future is
    /// dropped before it is done.
    pub async fn next(&mut self) -> Option<Result<Delivery<T>, ReceiveError>> {
        cooperative(poll_fn(|context| Pin::new(&mut *self).poll_next(context))).await
    }
}

impl<T: DeserializeOwned> Stream for Deliveries<T> {
    type Item = Result<Delivery<T>, ReceiveError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let held = ready!(self.poll_held(context));
        Poll::Ready(held.map(|held| decode(held?)))
    }
}

fn decode<T: DeserializeOwned>(mut held: Held) -> Result<Delivery<T>, ReceiveError> {
    match serde_json::from_slice(held.incoming.message.body.as_bytes()) {
        Ok(payload) => Ok(Delivery::new(payload, held)),
        Err(error) => {
            held.unused = Settle::Retry { delay: None, reason: FailReason::Permanent };
            let delivery = Delivery::new(held.incoming.message.body.clone(), held);
            Err(ReceiveError::Undecodable(Box::new(Undecodable { error, delivery })))
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Delivery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Incoming { message, delivery, .. } = &self.held.incoming;
        f.debug_struct("Delivery")
            .field("id", &message.id)
            .field("delivery", delivery)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

// An error is shown by people who do not know the payload.
impl<T> fmt::Debug for Unsettled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.delivery.message().id;
        f.debug_struct("Unsettled").field("id", &id).field("error", &self.error).finish()
    }
}

impl<T> fmt::Debug for Deliveries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.office.queue_name(self.queue);
        f.debug_struct("Deliveries").field("queue", &queue).finish_non_exhaustive()
    }
}
