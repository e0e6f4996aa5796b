//! A queue in numbers.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::{
    facts::{Breaker, QueueFacts},
    words,
};

/// What [`QueuePanel`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct QueuePanelProps {
    /// The queue's name.
    pub label: String,
    /// The queue.
    pub facts: QueueFacts,
    /// Its dead letters, if it has any place for them.
    pub dead: Option<QueueFacts>,
    /// The breaker between its worker and the provider, if there is one.
    pub breaker: Option<Breaker>,
    /// The virtual time.
    pub now: Timestamp,
}

/// A queue: depth, ready, in flight, waiting, oldest age, dead letters, breaker.
#[component]
pub fn QueuePanel(props: &QueuePanelProps) -> Html {
    let QueuePanelProps { label, facts, dead, breaker, now } = props;
    html! {
        <>
            <h2 id="inspector-title">{ format!("Queue {label}") }</h2>
            <dl class="facts">
                { fact("Depth", "messages in the queue", facts.depth.to_string()) }
                { fact("Ready", "for a worker", facts.ready.to_string()) }
                { fact("In flight", "with a worker", facts.in_flight.to_string()) }
                { fact("Waiting", "for their next try", facts.waiting.to_string()) }
                { fact("Oldest", "in the queue for", age(facts.oldest_since, *now)) }
                { fact("Done", "acknowledged so far", facts.acked.to_string()) }
                { fact("Retries", "so far", facts.retries.to_string()) }
                if let Some(dead) = dead {
                    { fact("Dead letters", "to be redriven", dead.depth.to_string()) }
                }
                if let Some(breaker) = breaker {
                    { fact("Breaker", "before the provider", breaker_in_words(*breaker, *now)) }
                }
            </dl>
        </>
    }
}

fn fact(name: &'static str, hint: &'static str, value: String) -> Html {
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

fn breaker_in_words(breaker: Breaker, now: Timestamp) -> String {
    match breaker {
        Breaker::Closed => "closed".into(),
        Breaker::HalfOpen => "half-open".into(),
        Breaker::Open(until) => format!("open for {}", words::span(until.since(now))),
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
        assert_eq!(breaker_in_words(Breaker::Open(until), now), "open for 2 s");
    }
}
