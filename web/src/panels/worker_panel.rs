//! A worker in numbers.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::{
    queue_panel::{breaker_in_words, fact},
    words,
};
use crate::picture::{Breaker, Presence, WorkerView};

/// A worker: what it does, how busy it is, what its calls came to, what holds it back.
pub fn worker_panel(view: WorkerView, has_breaker: bool, now: Timestamp) -> Html {
    let at_work = format!("{} of {}", view.calls, view.concurrency);
    html! {
        <dl class="facts">
            { fact("State", "of the worker", state(&view, now).into()) }
            { fact("At work", "calls at once", at_work) }
            { fact("Succeeded", "attempts so far", view.succeeded.to_string()) }
            { fact("Failed", "attempts so far", view.failed.to_string()) }
            if has_breaker {
                { fact("Breaker", "before the provider", breaker_in_words(view.breaker, now)) }
            }
            if let Some(until) = view.throttled_until {
                { fact("Rate limit", "for its calls", limit_in_words(until, now)) }
            }
        </dl>
    }
}

/// What it does, by what keeps it from doing more.
fn state(view: &WorkerView, now: Timestamp) -> &'static str {
    let is_open = matches!(view.breaker, Breaker::Open { .. } | Breaker::ForcedOpen);
    match view.presence {
        Presence::Crashed => "crashed",
        Presence::CutOff => "cut off",
        Presence::Here if view.is_paused && view.calls > 0 => "pausing",
        Presence::Here if view.is_paused => "paused",
        Presence::Here if view.calls > 0 && view.calls >= view.concurrency.into() => "fully busy",
        Presence::Here if view.calls > 0 => "working",
        Presence::Here if is_open => "breaker open",
        Presence::Here if view.throttled_until.is_some_and(|until| until > now) => "held back",
        Presence::Here => "idle",
    }
}

/// Once it has held the worker back, it is known to be there.
fn limit_in_words(until: Timestamp, now: Timestamp) -> String {
    if until > now {
        format!("next in {}", words::span(until.since(now)))
    } else {
        "not reached".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paused_worker_is_pausing_until_its_calls_are_over() {
        let now = Timestamp::from_millis(2_000);
        let mut view = WorkerView { calls: 2, concurrency: 4, ..WorkerView::default() };
        assert_eq!(state(&view, now), "working");
        view.is_paused = true;
        assert_eq!(state(&view, now), "pausing");
        view.calls = 0;
        assert_eq!(state(&view, now), "paused");
        view.is_paused = false;
        assert_eq!(state(&view, now), "idle");
        view.presence = Presence::Crashed;
        assert_eq!(state(&view, now), "crashed");
    }

    #[test]
    fn what_holds_a_worker_back_is_said() {
        let (now, until) = (Timestamp::from_millis(2_000), Timestamp::from_millis(2_400));
        let mut view = WorkerView { throttled_until: Some(until), ..WorkerView::default() };
        assert_eq!(
            (state(&view, now), &*limit_in_words(until, now)),
            ("held back", "next in 400 ms")
        );
        assert_eq!((state(&view, until), &*limit_in_words(until, until)), ("idle", "not reached"));
        view.breaker = Breaker::Open { until };
        assert_eq!(state(&view, now), "breaker open");
        (view.calls, view.concurrency) = (3, 3);
        assert_eq!(state(&view, now), "fully busy");
    }
}
