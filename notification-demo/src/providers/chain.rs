//! The providers of one channel, tried in their order.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use postroom_core::{Call, Outcome};
use postroom_runtime::Provider;
use tokio::time::{Instant, timeout};

use super::{Carrier, Handover, Letter};

/// A provider that failed is asked after the others for so long.
const REST: Duration = Duration::from_secs(10);

/// Gives a letter to the first provider that takes it.
///
/// The next one is asked only if the letter certainly did not leave, and may leave another way: not
/// after a refusal for good, and not when the first may have taken it.
#[derive(Debug)]
pub(crate) struct Chain(Vec<Link>);

#[derive(Debug)]
struct Link {
    carrier: Arc<dyn Carrier>,
    rests_until: Mutex<Option<Instant>>,
}

impl Chain {
    pub(super) fn new(carriers: Vec<Arc<dyn Carrier>>) -> Self {
        let link = |carrier| Link { carrier, rests_until: Mutex::new(None) };
        Self(carriers.into_iter().map(link).collect())
    }

    /// The longest that a call takes: every provider as long as it may.
    pub(super) fn timeout(&self) -> Duration {
        self.0.iter().map(|link| link.carrier.timeout()).sum()
    }

    /// Whether all of them allow it.
    pub(super) fn may_resend(&self) -> bool {
        self.0.iter().all(|link| link.carrier.may_resend())
    }

    pub(super) async fn deliver(&self, letter: &Letter) -> Outcome {
        let now = Instant::now();
        let (rested, tired): (Vec<&Link>, Vec<&Link>) =
            self.0.iter().partition(|link| !link.is_resting(now));
        let mut all: Option<Outcome> = None;
        for link in rested.into_iter().chain(tired) {
            let outcome = link.deliver(letter).await;
            let pause = match outcome {
                Outcome::Transient => REST,
                Outcome::Throttled { retry_after } => {
                    retry_after.map_or(REST, |span| Duration::from_micros(span.as_micros()))
                }
                _ => return outcome,
            };
            link.rest(pause);
            all = Some(all.map_or(outcome, |earlier| sooner(earlier, outcome)));
        }
        all.unwrap_or(Outcome::Transient)
    }
}

impl Provider for Chain {
    async fn call(&self, call: &Call) -> Outcome {
        match Letter::of(&call.message) {
            Ok(letter) => self.deliver(&letter).await,
            Err(_) => Outcome::Permanent,
        }
    }
}

impl Link {
    async fn deliver(&self, letter: &Letter) -> Outcome {
        let handover = Handover::default();
        match timeout(self.carrier.timeout(), self.carrier.deliver(letter, &handover)).await {
            Ok(outcome) => outcome,
            Err(_) if handover.has_begun() => Outcome::Ambiguous,
            Err(_) => Outcome::Transient,
        }
    }

    fn is_resting(&self, now: Instant) -> bool {
        let until = self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }

    fn rest(&self, pause: Duration) {
        let until = Instant::now().checked_add(pause);
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

/// Of two failures the one after which a retry may come sooner.
fn sooner(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Throttled { retry_after: one }, Outcome::Throttled { retry_after: other }) => {
            Outcome::Throttled { retry_after: one.min(other) }
        }
        _ => Outcome::Transient,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, future::BoxFuture};
    use postroom_core::Span;

    use super::*;
    use crate::providers::letter::tests::letter;

    #[tokio::test(start_paused = true)]
    async fn the_second_takes_what_the_first_could_not_and_stays_first_for_a_while() {
        let (first, second) = (fake(Some(Outcome::Transient)), fake(Some(Outcome::Delivered)));
        let chain = Chain::new(vec![first.clone(), second.clone()]);
        for (asked, wait) in
            [((1, 1), REST - Duration::from_millis(1)), ((1, 2), REST), ((2, 3), REST)]
        {
            assert_eq!(chain.deliver(&letter(17)).await, Outcome::Delivered);
            assert_eq!((first.asked(), second.asked()), asked);
            tokio::time::advance(wait).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_else_is_asked_once_the_letter_may_have_left_or_was_refused_for_good() {
        for outcome in [Outcome::Ambiguous, Outcome::Permanent, Outcome::Repeated] {
            let (first, second) = (fake(Some(outcome)), fake(Some(Outcome::Delivered)));
            let chain = Chain::new(vec![first, second.clone()]);
            assert_eq!(chain.deliver(&letter(17)).await, outcome);
            assert_eq!(second.asked(), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answers_is_given_up_and_what_that_means_depends_on_the_handover() {
        let silent = fake(None);
        let chain = Chain::new(vec![silent, fake(Some(Outcome::Delivered))]);
        let began = Instant::now();
        assert_eq!(chain.deliver(&letter(17)).await, Outcome::Delivered);
        assert_eq!(began.elapsed(), TIMEOUT);
        let swallows = Arc::new(Fake { hands_over: true, ..Fake::new(None) });
        let chain = Chain::new(vec![swallows, fake(Some(Outcome::Delivered))]);
        assert_eq!(chain.deliver(&letter(17)).await, Outcome::Ambiguous);
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_the_pause_is_the_shortest() {
        let throttled = |secs| Outcome::Throttled { retry_after: Some(Span::from_secs(secs)) };
        let none = Outcome::Throttled { retry_after: None };
        for (one, other, all) in [
            (throttled(9), throttled(3), throttled(3)),
            (throttled(9), none, none),
            (throttled(9), Outcome::Transient, Outcome::Transient),
        ] {
            let chain = Chain::new(vec![fake(Some(one)), fake(Some(other))]);
            assert_eq!(chain.deliver(&letter(17)).await, all);
        }
    }

    #[test]
    fn a_resend_is_made_only_if_it_does_no_harm_anywhere() {
        let forgetful = Arc::new(Fake { may_resend: false, ..Fake::new(None) });
        assert!(Chain::new(vec![fake(None), fake(None)]).may_resend());
        assert!(!Chain::new(vec![fake(None), forgetful]).may_resend());
    }

    const TIMEOUT: Duration = Duration::from_secs(7);

    #[derive(Debug)]
    struct Fake {
        answers: Option<Outcome>,
        hands_over: bool,
        may_resend: bool,
        asked: Mutex<u32>,
    }

    impl Fake {
        fn new(answers: Option<Outcome>) -> Self {
            Self { answers, hands_over: false, may_resend: true, asked: Mutex::new(0) }
        }

        fn asked(&self) -> u32 {
            *self.asked.lock().unwrap()
        }
    }

    fn fake(answers: Option<Outcome>) -> Arc<Fake> {
        Arc::new(Fake::new(answers))
    }

    impl Carrier for Fake {
        fn deliver<'a>(&'a self, _: &'a Letter, handover: &'a Handover) -> BoxFuture<'a, Outcome> {
            async {
                *self.asked.lock().unwrap() += 1;
                if self.hands_over {
                    handover.begin();
                }
                match self.answers {
                    Some(outcome) => outcome,
                    None => std::future::pending().await,
                }
            }
            .boxed()
        }

        fn timeout(&self) -> Duration {
            TIMEOUT
        }

        fn may_resend(&self) -> bool {
            self.may_resend
        }
    }
}
