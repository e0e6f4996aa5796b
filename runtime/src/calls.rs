//! Calls under way, one task each.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
};

use postroom_core::{CallRef, Outcome, Timestamp};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::{clock::Clock, provider::CallFuture};

/// A call that has ended. It is judged by when that was, not by when the host came to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) call: CallRef,
    pub(crate) outcome: Outcome,
    pub(crate) at: Timestamp,
}

/// The calls under way. Their number is bounded by the machine, which starts them.
#[derive(Debug)]
pub(crate) struct Calls {
    clock: Clock,
    tasks: JoinSet<Ended>,
    /// Who still waits for an answer: an abandoned call is in `tasks` for a moment, but not here.
    awaited: BTreeMap<CallRef, AbortHandle>,
}

impl Calls {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, tasks: JoinSet::new(), awaited: BTreeMap::new() }
    }

    pub(crate) fn start(&mut self, call: CallRef, future: CallFuture) {
        let clock = self.clock;
        let task = self.tasks.spawn(async move {
            let outcome = outcome_of(future).await;
            Ended { call, outcome, at: clock.now() }
        });
        self.awaited.insert(call, task);
    }

    pub(crate) fn abandon(&mut self, call: CallRef) {
        if let Some(task) = self.awaited.remove(&call) {
            task.abort();
        }
    }

    /// Whether nobody waits for an answer.
    pub(crate) fn is_empty(&self) -> bool {
        self.awaited.is_empty()
    }

    /// The next call that ends; waits for ever while there is none. Nothing is lost if the
    /// future is dropped before it is done.
    pub(crate) async fn next(&mut self) -> Ended {
        loop {
            let Some(ended) = self.tasks.join_next().await else {
                return std::future::pending().await;
            };
            if let Some(answer) = self.take(ended) {
                return answer;
            }
        }
    }

    /// A call that has ended.
    pub(crate) fn try_next(&mut self) -> Option<Ended> {
        loop {
            let ended = self.tasks.try_join_next()?;
            if let Some(answer) = self.take(ended) {
                return Some(answer);
            }
        }
    }

    fn take(&mut self, ended: Result<Ended, JoinError>) -> Option<Ended> {
        // An error is the end of an abandoned call.
        let ended = ended.ok()?;
        self.awaited.remove(&ended.call).map(|_| ended)
    }
}

/// Runs a call; if it panics, nobody knows how far it got.
async fn outcome_of(mut future: CallFuture) -> Outcome {
    poll_fn(|context| {
        // The future is not looked at again after a panic, so no broken state can be seen.
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or(Poll::Ready(Outcome::Ambiguous))
    })
    .await
}

#[cfg(test)]
mod tests {
    use postroom_core::{CallId, ConsumerId};

    use super::*;

    fn call(number: u64) -> CallRef {
        CallRef { consumer: ConsumerId::new(0), call: CallId::new(number) }
    }

    #[tokio::test]
    async fn an_abandoned_call_does_not_answer_even_if_it_ended_just_then() {
        let mut calls = Calls::new(Clock::starting_at(Timestamp::ZERO));
        calls.start(call(1), Box::pin(async { Outcome::Delivered }));
        tokio::task::yield_now().await;
        calls.abandon(call(1));
        calls.start(call(2), Box::pin(async { Outcome::Permanent }));
        let ended = calls.next().await;
        assert_eq!((ended.call, ended.outcome), (call(2), Outcome::Permanent));
        assert!(calls.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ended_when_it_ended_and_not_when_somebody_looks() {
        let mut calls = Calls::new(Clock::starting_at(Timestamp::ZERO));
        calls.start(call(1), Box::pin(async { Outcome::Delivered }));
        tokio::task::yield_now().await;
        tokio::time::advance(std::time::Duration::from_secs(3)).await;
        assert_eq!(calls.next().await.at, Timestamp::ZERO);
    }

    #[tokio::test]
    async fn a_panic_is_ambiguous() {
        let mut calls = Calls::new(Clock::starting_at(Timestamp::ZERO));
        calls.start(call(1), Box::pin(async { panic!("planted") }));
        assert_eq!(calls.next().await.outcome, Outcome::Ambiguous);
    }
}
