//! A queue in numbers.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::words;
use crate::picture::{Breaker, Counters};

/// A queue at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueFacts {
    /// Copies in it.
    pub depth: u64,
    /// The same by state, and those in its dead letters.
    pub counters: Counters,
    /// When the oldest copy came in.
    pub oldest_since: Option<Timestamp>,
    /// Whether it has a place for dead letters.
    pub keeps_dead: bool,
    /// When the oldest dead letter died.
    pub oldest_dead_since: Option<Timestamp>,
    /// The breaker between its worker and the provider, if there is one.
    pub breaker: Option<Breaker>,
}

/// A queue: depth, ready, in flight, waiting, oldest age, dead letters, breaker.
pub fn queue_panel(label: &str, facts: QueueFacts, now: Timestamp) -> Html {
    let counters = facts.counters;
    html! {
        <>
            <h2 id="inspector-title">{ format!("{label} queue") }</h2>
            <dl class="facts">
                { fact("Depth", "messages in the queue", facts.depth.to_string()) }
                { fact("Ready", "for a worker", counters.ready.to_string()) }
                { fact("In flight", "with a worker", counters.in_flight.to_string()) }
                { fact("Waiting", "for their time", counters.waiting.to_string()) }
                { fact("Oldest", "in the queue for", age(facts.oldest_since, now)) }
                { fact("Delivered", "since the start", counters.delivered.to_string()) }
                if facts.keeps_dead {
                    { fact("Dead letters", "given up, kept", counters.dead.to_string()) }
                    { fact("Oldest dead", "dead for", age(facts.oldest_dead_since, now)) }
                }
                if let Some(breaker) = facts.breaker {
                    { fact("Breaker", "before the provider", breaker_in_words(breaker, now)) }
                }
            </dl>
        </>
    }
}

/// A name with a hint, and its value.
pub(super) fn fact(name: &'static str, hint: &'static str, value: String) -> Html {
    html! {
        <div class="fact">
            <dt>{ name }<span class="hint">{ hint }</span></dt>
            <dd>{ value }</dd>
        </div>
    }
}

fn age(since: Option<Timestamp>, now: Timestamp) -> String {
    since.map_or_else(|| "–".into(), |since| words::span(now.since(since)))
}

pub(super) fn breaker_in_words(breaker: Breaker, now: Timestamp) -> String {
    match breaker {
        Breaker::Closed => "closed".into(),
        Breaker::HalfOpen => "half-open".into(),
        Breaker::ForcedOpen => "forced open".into(),
        Breaker::Disabled => "disabled".into(),
        Breaker::Open { until } => format!("open for {}", words::span(until.since(now))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_breakers_in_words() {
        let now = Timestamp::from_millis(12_500);
        assert_eq!(age(Some(Timestamp::from_millis(2_000)), now), "10.5 s");
        assert_eq!(age(None, now), "–");
        let until = Timestamp::from_millis(14_500);
        assert_eq!(breaker_in_words(Breaker::Open { until }, now), "open for 2 s");
    }
}
