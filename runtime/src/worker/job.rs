//! What a worker's handler gets, and how it may fail.

use std::{
    any::Any,
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use postroom_core::{Message, Outcome, Span, Timestamp};
use tower_service::Service;

use crate::limits::PANIC_BYTES_MAX;

/// One delivery in the hands of a worker. The worker settles it by what the handler answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Job<T> {
    /// What was sent.
    pub payload: T,
    /// The message: its id, attributes, subject, group, cause.
    pub message: Message,
    /// Which delivery of the message it is, from 1.
    pub delivery: u32,
    /// The handler is dropped then, wherever it waits.
    pub deadline: Timestamp,
}

impl<T> Job<T> {
    pub(super) fn new(payload: T, message: Message, delivery: u32, deadline: Timestamp) -> Self {
        Self { payload, message, delivery, deadline }
    }
}

/// Why a handler failed, and what is to become of the message. Any error becomes
/// [`Failure::Transient`] with `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// It may succeed later: tried again, by the queue's backoff.
    Transient(String),
    /// The other side asks for a pause: tried again after it.
    Throttled {
        /// What it said.
        why: String,
        /// Not before this long from now.
        retry_after: Option<Span>,
    },
    /// It can never succeed: to the dead letters at once.
    Permanent(String),
    /// It is not known whether it succeeded: as
    /// [`ConsumerConfig::ambiguous`](postroom_core::ConsumerConfig::ambiguous) says.
    Ambiguous(String),
    /// The handler panicked with these words, cut off after [`PANIC_BYTES_MAX`] bytes. Nobody knows
    /// how far it got, so it counts as ambiguous.
    Panicked(String),
}

impl Failure {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Transient(_) => Outcome::Transient,
            Self::Throttled { retry_after, .. } => Outcome::Throttled { retry_after: *retry_after },
            Self::Permanent(_) => Outcome::Permanent,
            Self::Ambiguous(_) | Self::Panicked(_) => Outcome::Ambiguous,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transient(why) | Self::Permanent(why) | Self::Ambiguous(why) => f.write_str(why),
            Self::Throttled { why, .. } => f.write_str(why),
            Self::Panicked(words) => write!(f, "the handler panicked: {words}"),
        }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Transient(error.to_string())
    }
}

/// A function as a service: what [`Worker::start`](super::Worker::start) makes of a handler, and
/// what a layer goes around.
#[derive(Clone, Debug)]
pub struct HandlerFn<H>(pub(super) H);

impl<T, H, F> Service<Job<T>> for HandlerFn<H>
where
    H: Fn(Job<T>) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    type Response = ();
    type Error = Failure;
    type Future = Caught<F>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, job: Job<T>) -> Caught<F> {
        // Its first part runs before there is a future.
        let started = catch_unwind(AssertUnwindSafe(|| (self.0)(job)));
        Caught(Some(started.map(Box::pin).map_err(|panic| panicked(&*panic))))
    }
}

/// A handler's future, whose panic is a [`Failure`].
#[derive(Debug)]
pub struct Caught<F>(Option<Result<Pin<Box<F>>, Failure>>);

impl<F: Future<Output = Result<(), Failure>>> Future for Caught<F> {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Some(Ok(future)) => {
                // It is not looked at again after a panic, so no broken state can be seen.
                catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
                    .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
            }
            Some(Err(failure)) => Poll::Ready(Err(failure.clone())),
            None => Poll::Pending,
        }
    }
}

/// Runs what may panic outside of a handler: a layer, or a payload's own reader.
pub(super) async fn caught(
    future: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let mut future = pin!(future);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("without words");
    let end = (0..=PANIC_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    Failure::Panicked(text[..end.unwrap_or(0)].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_panic_are_kept_up_to_the_limit() {
        let long = "é".repeat(PANIC_BYTES_MAX);
        let Failure::Panicked(kept) = panicked(&long) else { unreachable!() };
        assert_eq!(kept.len(), PANIC_BYTES_MAX);
        let just = "a".repeat(PANIC_BYTES_MAX);
        assert_eq!(panicked(&just), Failure::Panicked(just));
        assert_eq!(panicked(&17_u8), Failure::Panicked("without words".to_owned()));
    }
}
