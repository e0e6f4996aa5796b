//! Settings as Rust literals: what differs from the defaults, and no more.

use postroom_core::{
    Backoff, BreakerConfig, BreakerWindow, ConsumerConfig, Growth, QueueConfig, Rate, Span,
    TopicConfig,
};

use super::source::{Fields, literal};

/// A queue's settings, with the name of the variable that holds its dead-letter queue.
pub(super) fn queue(config: &QueueConfig, dead_letters: Option<&str>) -> String {
    let QueueConfig {
        lease,
        max_deliveries,
        backoff,
        capacity,
        capacity_bytes,
        overflow,
        shed,
        in_flight_max,
        settlement,
        delay,
        deliver_within,
        ttl,
        poison,
        aging,
        dedup_window,
        dedup_scope,
        dead_letters: _,
        alarm_depth,
        alarm_age,
        profile,
    } = *config;
    let default = QueueConfig::default();
    let mut fields = Fields::default();
    fields.unless(default.lease, "lease", lease, span);
    fields.unless(default.max_deliveries, "max_deliveries", max_deliveries, number);
    fields.unless(default.backoff, "backoff", backoff, of_backoff);
    fields.unless(default.capacity, "capacity", capacity, number);
    fields.unless(default.capacity_bytes, "capacity_bytes", capacity_bytes, number);
    fields.unless(default.overflow, "overflow", overflow, |it| format!("Overflow::{it:?}"));
    fields.unless(default.shed, "shed", shed, |shed| {
        option(shed, |shed| format!("Shed {{ from_percent: {} }}", shed.from_percent))
    });
    fields.unless(default.in_flight_max, "in_flight_max", in_flight_max, number);
    fields.unless(default.settlement, "settlement", settlement, |it| format!("Settlement::{it:?}"));
    fields.unless(default.delay, "delay", delay, span);
    fields.unless(default.deliver_within, "deliver_within", deliver_within, maybe_span);
    fields.unless(default.ttl, "ttl", ttl, maybe_span);
    fields.unless(default.poison, "poison", poison, |it| format!("Poison::{it:?}"));
    fields.unless(default.aging, "aging", aging, maybe_span);
    fields.unless(default.dedup_window, "dedup_window", dedup_window, span);
    fields.unless(default.dedup_scope, "dedup_scope", dedup_scope, |it| {
        format!("DedupScope::{it:?}")
    });
    fields.unless(None, "dead_letters", dead_letters, |it| option(it, str::to_owned));
    fields.unless(default.alarm_depth, "alarm_depth", alarm_depth, |it| option(it, number));
    fields.unless(default.alarm_age, "alarm_age", alarm_age, maybe_span);
    fields.unless(default.profile, "profile", profile, |it| format!("Profile::{it:?}"));
    literal("QueueConfig", fields)
}

/// A topic's settings.
pub(super) fn topic(config: &TopicConfig) -> String {
    let TopicConfig { dedup_window, dedup_scope } = *config;
    let default = TopicConfig::default();
    let mut fields = Fields::default();
    fields.unless(default.dedup_window, "dedup_window", dedup_window, span);
    fields.unless(default.dedup_scope, "dedup_scope", dedup_scope, |it| {
        format!("DedupScope::{it:?}")
    });
    literal("TopicConfig", fields)
}

/// A consumer's settings.
pub(super) fn consumer(config: &ConsumerConfig) -> String {
    let ConsumerConfig { concurrency, call_timeout, rate, breaker, ambiguous } = *config;
    let default = ConsumerConfig::default();
    let mut fields = Fields::default();
    fields.unless(default.concurrency, "concurrency", concurrency, number);
    fields.unless(default.call_timeout, "call_timeout", call_timeout, span);
    fields.unless(default.rate, "rate", rate, |it| option(it, of_rate));
    fields.unless(default.breaker, "breaker", breaker, |it| option(it, of_breaker));
    fields.unless(default.ambiguous, "ambiguous", ambiguous, |it| format!("Ambiguous::{it:?}"));
    literal("ConsumerConfig", fields)
}

fn of_backoff(backoff: Backoff) -> String {
    let Backoff { base, growth, cap, jitter } = backoff;
    let default = Backoff::default();
    let mut fields = Fields::default();
    fields.unless(default.base, "base", base, span);
    fields.unless(default.growth, "growth", growth, |growth| match growth {
        Growth::Fixed => "Growth::Fixed".to_owned(),
        Growth::Linear => "Growth::Linear".to_owned(),
        Growth::Exponential { percent } => format!("Growth::Exponential {{ percent: {percent} }}"),
        Growth::Steps(steps) => {
            let waits: Vec<String> = steps.as_slice().iter().copied().map(span).collect();
            format!("Growth::Steps(Steps::new(&[{}])?)", waits.join(", "))
        }
    });
    fields.unless(default.cap, "cap", cap, span);
    fields.unless(default.jitter, "jitter", jitter, |it| format!("Jitter::{it:?}"));
    literal("Backoff", fields)
}

fn of_rate(rate: Rate) -> String {
    let Rate { per_second, burst } = rate;
    format!("Rate {{ per_second: {}, burst: {} }}", number(per_second), number(burst))
}

fn of_breaker(breaker: BreakerConfig) -> String {
    let BreakerConfig {
        window,
        minimum_calls,
        failure_percent,
        slow_call,
        slow_percent,
        open,
        probes,
        half_open,
    } = breaker;
    let default = BreakerConfig::default();
    let mut fields = Fields::default();
    fields.unless(default.window, "window", window, |window| match window {
        BreakerWindow::Calls(calls) => format!("BreakerWindow::Calls({})", number(calls)),
        BreakerWindow::Time { time } => format!("BreakerWindow::Time {{ time: {} }}", span(time)),
    });
    fields.unless(default.minimum_calls, "minimum_calls", minimum_calls, number);
    fields.unless(default.failure_percent, "failure_percent", failure_percent, number);
    fields.unless(default.slow_call, "slow_call", slow_call, maybe_span);
    fields.unless(default.slow_percent, "slow_percent", slow_percent, number);
    fields.unless(default.open, "open", open, span);
    fields.unless(default.probes, "probes", probes, number);
    fields.unless(default.half_open, "half_open", half_open, maybe_span);
    literal("BreakerConfig", fields)
}

/// A span in its largest whole unit.
pub(super) fn span(span: Span) -> String {
    match span.as_millis() {
        0 => "Span::ZERO".to_owned(),
        millis if millis.is_multiple_of(1_000) => {
            format!("Span::from_secs({})", number(millis / 1_000))
        }
        millis => format!("Span::from_millis({})", number(millis)),
    }
}

/// A number, its digits in groups of three.
pub(super) fn number(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

fn maybe_span(it: Option<Span>) -> String {
    option(it, span)
}

fn option<T>(it: Option<T>, some: impl FnOnce(T) -> String) -> String {
    it.map_or_else(|| "None".to_owned(), |it| format!("Some({})", some(it)))
}
