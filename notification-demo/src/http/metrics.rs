//! `GET /metrics`, in Prometheus' text format.
//!
//! Written by hand: counters of a dozen kinds for three channels need no registry and no exporter.

use std::fmt::Write as _;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use postroom_core::{BreakerState, Timestamp};
use postroom_notification::{Channel, ChannelView};

use crate::{
    counters::{Counted, Counters},
    http::{AppState, channels::breaker_name, problem::Problem},
};

/// `GET /metrics`
pub(crate) async fn show(State(state): State<AppState>) -> Result<Response, Problem> {
    let views = state.runtime.read(|machine| Channel::ALL.map(|channel| machine.channel(channel)));
    let views = views.await.map_err(|_| Problem::stopped())?;
    let mut text = Text::default();
    text.counters(&state.counters);
    text.gauges(&views, state.clock.now());
    let subscribers = state.settings.subscribers_max - state.subscribers.available_permits();
    text.family("postroom_event_subscribers", "gauge", "Clients that read /v1/events.");
    text.sample("postroom_event_subscribers", &[], &subscribers.to_string());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text.0).into_response())
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn counters(&mut self, counters: &Counters) {
        let mut last = "";
        for counted in Counted::ALL {
            let (name, help, label) = counter_name(counted);
            if name != last {
                self.family(name, "counter", help);
                last = name;
            }
            for channel in Channel::ALL {
                let count = counters.events(channel, counted).to_string();
                let channel = ("channel", channel.name());
                match label {
                    Some(label) => self.sample(name, &[channel, label], &count),
                    None => self.sample(name, &[channel], &count),
                }
            }
        }
        let name = "postroom_http_responses_total";
        self.family(name, "counter", "Answers to HTTP requests.");
        for (status, count) in counters.responses() {
            self.sample(name, &[("status", &status.to_string())], &count.to_string());
        }
    }

    fn gauges(&mut self, views: &[ChannelView], now: Timestamp) {
        let name = "postroom_queue_messages";
        self.family(name, "gauge", "Deliveries in a channel's queue.");
        for view in views {
            let stats = &view.stats;
            let states = [
                ("ready", stats.ready),
                ("delayed", stats.delayed),
                ("in_flight", stats.in_flight),
                ("blocked", stats.blocked),
            ];
            for (state, count) in states {
                let labels = [("channel", view.ids.channel.name()), ("state", state)];
                self.sample(name, &labels, &count.to_string());
            }
        }
        let name = "postroom_dead_letters";
        self.family(name, "gauge", "Deliveries in a channel's dead letters.");
        for view in views {
            let labels = [("channel", view.ids.channel.name())];
            self.sample(name, &labels, &view.dead.depth().to_string());
        }
        let name = "postroom_queue_oldest_age_seconds";
        self.family(name, "gauge", "Age of the oldest delivery in a channel's queue.");
        for view in views {
            let age = view.stats.oldest_enqueued_at.map_or(0, |at| now.since(at).as_micros());
            let seconds = format!("{}.{:06}", age / 1_000_000, age % 1_000_000);
            self.sample(name, &[("channel", view.ids.channel.name())], &seconds);
        }
        self.breakers(views);
    }

    fn breakers(&mut self, views: &[ChannelView]) {
        let name = "postroom_breaker_state";
        self.family(name, "gauge", "1 for the state that a channel's circuit breaker is in.");
        let states = [
            BreakerState::Closed,
            BreakerState::Open { until: Timestamp::ZERO },
            BreakerState::HalfOpen,
            BreakerState::ForcedOpen,
            BreakerState::Disabled,
        ];
        for view in views {
            let Some(breaker) = view.breaker else { continue };
            for state in states.map(breaker_name) {
                let labels = [("channel", view.ids.channel.name()), ("state", state)];
                let is_in = u8::from(state == breaker_name(breaker));
                self.sample(name, &labels, &is_in.to_string());
            }
        }
    }

    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// The values of labels are this program's own words: nothing in them needs an escape.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        let labels: Vec<_> =
            labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn counter_name(
    counted: Counted,
) -> (&'static str, &'static str, Option<(&'static str, &'static str)>) {
    use postroom_core::{DeadReason as Dead, FailReason as Fail};
    let outcome = |outcome| {
        ("postroom_calls_total", "Calls to providers that ended.", Some(("outcome", outcome)))
    };
    let dead = |reason| {
        let help = "Deliveries that went to dead letters.";
        ("postroom_dead_lettered_total", help, Some(("reason", reason)))
    };
    match counted {
        Counted::Enqueued => {
            ("postroom_enqueued_total", "Deliveries queued, redriven ones too.", None)
        }
        Counted::Rejected => {
            ("postroom_rejected_total", "Deliveries for which there was no room at all.", None)
        }
        Counted::CallSucceeded => outcome("delivered"),
        Counted::CallFailed(Fail::Transient) => outcome("transient"),
        Counted::CallFailed(Fail::Throttled) => outcome("throttled"),
        Counted::CallFailed(Fail::Timeout) => outcome("timeout"),
        Counted::CallFailed(Fail::Permanent) => outcome("permanent"),
        Counted::CallFailed(Fail::Ambiguous) => outcome("ambiguous"),
        Counted::RetryScheduled => {
            ("postroom_retries_total", "Deliveries put off to be tried again.", None)
        }
        Counted::DeadLettered(Dead::Exhausted) => dead("exhausted"),
        Counted::DeadLettered(Dead::Rejected) => dead("rejected"),
        Counted::DeadLettered(Dead::Deadline) => dead("deadline"),
        Counted::DeadLettered(Dead::Expired) => dead("expired"),
        Counted::DeadLettered(Dead::Overflow) => dead("overflow"),
        Counted::DeadLettered(Dead::Shed) => dead("shed"),
        Counted::DeadLettered(Dead::Unknown) => dead("unknown"),
        Counted::DeadLettered(Dead::GroupParked) => dead("group_parked"),
        Counted::DeadLettered(Dead::Purged) => dead("purged"),
        Counted::Redriven => {
            ("postroom_redriven_total", "Deliveries moved back from dead letters.", None)
        }
        Counted::BreakerOpened => {
            ("postroom_breaker_opened_total", "Times a circuit breaker opened.", None)
        }
    }
}
