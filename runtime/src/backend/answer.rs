//! An answer that may be there already.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::BackendError;

/// A backend's answer: there at once, or a future.
///
/// A backend in memory mostly knows at once, and then nothing is allocated.
#[must_use = "an answer is waited for"]
pub struct Answer<'a, T>(State<'a, T>);

enum State<'a, T> {
    Now(Option<Result<T, BackendError>>),
    Later(Pin<Box<dyn Future<Output = Result<T, BackendError>> + Send + 'a>>),
}

impl<'a, T> Answer<'a, T> {
    /// It is this.
    pub fn now(result: Result<T, BackendError>) -> Self {
        Self(State::Now(Some(result)))
    }

    /// It will be what the future says.
    pub fn later(future: impl Future<Output = Result<T, BackendError>> + Send + 'a) -> Self {
        Self(State::Later(Box::pin(future)))
    }

    /// What it is, if that is known already; otherwise the answer as it was.
    ///
    /// # Errors
    /// The answer, to be waited for.
    pub fn at_once(self) -> Result<Result<T, BackendError>, Self> {
        match self.0 {
            State::Now(Some(result)) => Ok(result),
            state => Err(Self(state)),
        }
    }
}

// Nothing in it is pinned where it stands.
impl<T> Unpin for Answer<'_, T> {}

impl<T> Future for Answer<'_, T> {
    type Output = Result<T, BackendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Now(result) => result.take().map_or(Poll::Pending, Poll::Ready),
            State::Later(future) => future.as_mut().poll(context),
        }
    }
}

impl<T> fmt::Debug for Answer<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_there = matches!(self.0, State::Now(_));
        f.debug_struct("Answer").field("is_there", &is_there).finish_non_exhaustive()
    }
}
