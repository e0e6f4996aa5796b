//! Events in words: a pure function of the event, so that text never says more than happened.

use postroom_core::{
    Address, Alarm, DeadReason, Event, FailReason, OpenReason, Recorded, Span, Timestamp,
};

use super::names::Names;

/// How an event feels to whoever watches. Shown by a sign and a word, never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The ordinary run of things.
    Plain,
    /// Something went well that could have gone badly.
    Good,
    /// Something failed and will be tried again.
    Warning,
    /// Something is given up, or stopped.
    Bad,
}

impl Tone {
    /// Its sign, for readers who see no colours.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Plain => "·",
            Self::Good => "✓",
            Self::Warning => "!",
            Self::Bad => "✕",
        }
    }

    /// Its class in the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "tone-plain",
            Self::Good => "tone-good",
            Self::Warning => "tone-warning",
            Self::Bad => "tone-bad",
        }
    }
}

/// How an event feels.
#[must_use]
pub fn tone(event: &Event) -> Tone {
    match event {
        Event::Acked { .. }
        | Event::CallSucceeded { .. }
        | Event::Redriven { .. }
        | Event::BreakerClosed { .. } => Tone::Good,
        Event::CallFailed { .. }
        | Event::RetryScheduled { .. }
        | Event::LeaseExpired { .. }
        | Event::Throttled { .. }
        | Event::CallAnsweredLate { .. }
        | Event::Paused { .. }
        | Event::GroupParked { .. }
        | Event::AlarmRaised { .. }
        | Event::BreakerHalfOpened { .. } => Tone::Warning,
        Event::DeadLettered { .. }
        | Event::Blocked { .. }
        | Event::Discarded { .. }
        | Event::Refused { .. }
        | Event::BreakerOpened { .. }
        | Event::BreakerForcedOpen { .. } => Tone::Bad,
        _ => Tone::Plain,
    }
}

/// What happened, in words: one sentence without its time, its channel and its message.
#[must_use]
pub fn what(recorded: &Recorded, names: &Names) -> String {
    let at = recorded.at;
    match recorded.event {
        Event::Published { to, causation, .. } => {
            let place = names.address(to);
            match causation {
                Some(cause) => format!("published to {place}, in answer to {}", id(cause.number)),
                None => format!("published to {place}"),
            }
        }
        Event::Deduplicated { to, .. } => {
            format!("sent to {} again and not stored: its dedup key is known", names.address(to))
        }
        Event::Refused { .. } => "refused: the queue and its dead letters are full".into(),
        Event::Enqueued { due, .. } => match due {
            Some(due) => format!("queued, not before {}", clock(due)),
            None => "queued".into(),
        },
        Event::Matured { .. } => "its wait is over: ready again".into(),
        Event::Delivered { delivery: 1, .. } => "handed to a worker".into(),
        Event::Delivered { delivery, .. } => format!("handed to a worker, attempt {delivery}"),
        Event::Acked { .. } => "done: acknowledged".into(),
        Event::RetryScheduled { deliveries, due, reason, .. } => {
            format!("attempt {deliveries} {}: retry in {}", failed(reason), span(due.since(at)))
        }
        Event::Released { .. } => "handed back unused".into(),
        Event::LeaseExpired { .. } => "its lease ran out: the worker lost it".into(),
        Event::DeadLettered { to, reason, .. } => {
            format!("dead-lettered to {}: {}", names.queue(to), dead(reason))
        }
        Event::Blocked { reason, .. } => {
            format!("dead ({}), but the dead letters are full: it waits here", dead(reason))
        }
        Event::Discarded { reason, .. } => format!("discarded: {}", dead(reason)),
        Event::Redriven { to, .. } => {
            format!("redriven: back to {}, with a new deadline", names.queue(to))
        }
        _ => what_around(&recorded.event, at, names),
    }
}

/// The rest: calls, breakers, and how the system came to be.
fn what_around(event: &Event, at: Timestamp, names: &Names) -> String {
    match *event {
        Event::CallStarted { consumer, deadline, .. } => format!(
            "call to {}, given up after {}",
            names.provider(consumer),
            span(deadline.since(at))
        ),
        Event::CallSucceeded { consumer, .. } => format!("{} took it", names.provider(consumer)),
        Event::CallFailed { consumer, reason, .. } => {
            format!("{}: the call {}", names.provider(consumer), failed(reason))
        }
        Event::CallAnsweredLate { consumer, .. } => {
            format!("{} answered too late: the call was given up", names.provider(consumer))
        }
        Event::Throttled { until, .. } => {
            format!("the rate limit holds the worker back for {}", span(until.since(at)))
        }
        Event::BreakerOpened { until, reason, .. } => {
            format!("breaker opened, {}: no calls for {}", opened(reason), span(until.since(at)))
        }
        Event::BreakerHalfOpened { .. } => "breaker half-open: a few calls may try".into(),
        Event::BreakerClosed { .. } => "breaker closed: calls run as usual".into(),
        Event::BreakerForcedOpen { .. } => "breaker forced open: no calls until it is reset".into(),
        Event::BreakerDisabled { .. } => "breaker disabled: calls run whatever happens".into(),
        Event::BreakerReset { .. } => "breaker reset: closed, as if new".into(),
        Event::QueueCreated { .. } => "queue created".into(),
        Event::TopicCreated { topic } => format!("topic {} created", names.topic(topic)),
        Event::Subscribed { topic, .. } => format!("subscribed to {}", names.topic(topic)),
        Event::SubscriptionPaused { topic, .. } => {
            format!("gets no copies from {} for now", names.topic(topic))
        }
        Event::SubscriptionResumed { topic, .. } => {
            format!("gets copies from {} again", names.topic(topic))
        }
        Event::Unsubscribed { topic, .. } => format!("unsubscribed from {}", names.topic(topic)),
        Event::LedgerCreated { .. } => "ledger of claims created".into(),
        Event::Woken { .. } => "something to do".into(),
        Event::LeaseExtended { until, .. } => {
            format!("its worker asked for more time: the lease ends at {}", clock(until))
        }
        Event::Paused { .. } => "paused: nothing is handed out".into(),
        Event::Resumed { .. } => "resumed".into(),
        Event::GroupParked { .. } => {
            "its group is parked: all that follow it go to the dead letters, too".into()
        }
        Event::GroupReleased { .. } => "a parked group is delivered again".into(),
        Event::RedriveStarted { .. } => "a redrive began".into(),
        Event::RedriveEnded { moved, cancelled, .. } => {
            let how = if cancelled { "was cancelled" } else { "is over" };
            format!("the redrive {how}: {moved} moved")
        }
        Event::AlarmRaised { alarm: Alarm::Depth, .. } => "alarm: too many wait".into(),
        Event::AlarmRaised { alarm: Alarm::Age, .. } => "alarm: the oldest waits too long".into(),
        Event::AlarmCleared { alarm: Alarm::Depth, .. } => "no longer too many wait".into(),
        Event::AlarmCleared { alarm: Alarm::Age, .. } => "none waits too long any more".into(),
        Event::Claimed { .. } => "key claimed".into(),
        Event::ClaimCompleted { .. } => "claim completed".into(),
        Event::ClaimFreed { .. } => "key free again".into(),
        _ => what_befell(event, names),
    }
}

/// What befell a worker.
fn what_befell(event: &Event, names: &Names) -> String {
    match *event {
        Event::ConsumerPaused { .. } => "worker paused: it takes no more".into(),
        Event::ConsumerResumed { .. } => "worker resumed".into(),
        Event::Recognised { consumer, .. } => {
            format!("{} knew it already and did nothing", names.provider(consumer))
        }
        Event::SettlementLost { .. } => "the worker's answer never reached the queue".into(),
        Event::ConsumerCrashed { .. } => "worker crashed: its calls are lost".into(),
        Event::CallLost { .. } => "the worker crashed in the middle of it".into(),
        Event::ConsumerRestarted { .. } => "worker started again".into(),
        Event::ConsumerCutOff { .. } => "worker cut off from its queue".into(),
        Event::ConsumerReconnected { .. } => "worker reaches its queue again".into(),
        Event::ConsumerScaled { concurrency, .. } => format!("room for {concurrency} calls now"),
        _ => "something this page has no words for yet".into(),
    }
}

/// Why a breaker opened.
fn opened(reason: OpenReason) -> &'static str {
    match reason {
        OpenReason::FailureRate => "too many calls failed",
        OpenReason::SlowCallRate => "too many calls were slow",
        OpenReason::HalfOpenTooLong => "its test took too long",
    }
}

/// Why a delivery failed, as the end of "the call ...".
#[must_use]
pub fn failed(reason: FailReason) -> &'static str {
    match reason {
        FailReason::Transient => "failed",
        FailReason::Throttled => "was asked to slow down",
        FailReason::Timeout => "timed out",
        FailReason::Permanent => "was refused for good",
        FailReason::Ambiguous => "lost its answer",
    }
}

/// Why a message is dead.
#[must_use]
pub fn dead(reason: DeadReason) -> &'static str {
    match reason {
        DeadReason::Exhausted => "the last attempt failed",
        DeadReason::Rejected => "refused for good",
        DeadReason::Deadline => "its deadline passed",
        DeadReason::Expired => "its time to live is over",
        DeadReason::Overflow => "its queue was full",
        DeadReason::Shed => "its queue was nearly full and others are more urgent",
        DeadReason::GroupParked => "an earlier message of its group is dead",
        DeadReason::Purged => "the queue was purged",
        DeadReason::Unknown => "nobody knows whether it arrived",
    }
}

/// A message's number as people say it.
#[must_use]
pub fn id(number: u64) -> String {
    format!("#{number}")
}

/// A length of time: `350 ms`, `1.2 s`, `2 min 5 s`.
#[must_use]
pub fn span(span: Span) -> String {
    let millis = span.as_millis();
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => {
            let tenths = millis / 100;
            match tenths % 10 {
                0 => format!("{} s", tenths / 10),
                tenth => format!("{}.{tenth} s", tenths / 10),
            }
        }
        _ => {
            let seconds = millis / 1_000;
            match seconds % 60 {
                0 => format!("{} min", seconds / 60),
                rest => format!("{} min {rest} s", seconds / 60),
            }
        }
    }
}

/// A moment of the run: `0:42.3`.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    let tenths = at.as_micros() / 100_000;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

/// A text that begins like a sentence or a label.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The part whose story an event belongs to: for dead letters the queue that they died in.
#[must_use]
pub fn home(event: &Event, names: &Names) -> String {
    match *event {
        Event::Redriven { to, .. } => names.queue(to),
        _ => place(event, names),
    }
}

/// Where something was published, for a table's column.
#[must_use]
pub fn place(event: &Event, names: &Names) -> String {
    match *event {
        Event::Published { to: to @ Address::Topic(_), .. }
        | Event::Deduplicated { to: to @ Address::Topic(_), .. } => names.address(to),
        Event::TopicCreated { topic } => names.topic(topic),
        _ => event.queue().map(|queue| names.queue(queue)).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{
        call_failed, call_started, dead_lettered, delivered, layout, published, queued, redriven,
        retry,
    };

    #[test]
    fn a_failing_delivery_reads_like_a_story() {
        let story = [
            published(0, 17),
            queued(0, 17),
            delivered(0, 17, 1),
            call_started(0, 17),
            call_failed(2_000, 17, FailReason::Timeout),
            retry(2_000, 17, 1, 3_250),
            delivered(3_250, 17, 2),
            dead_lettered(45_000, 17),
            redriven(60_000, 17),
        ];
        let names = Names::of(&layout());
        let told: Vec<_> = story.iter().map(|recorded| what(recorded, &names)).collect();
        assert_eq!(
            told,
            [
                "published to notifications",
                "queued",
                "handed to a worker",
                "call to SMS gateway, given up after 2 s",
                "SMS gateway: the call timed out",
                "attempt 1 timed out: retry in 1.2 s",
                "handed to a worker, attempt 2",
                "dead-lettered to SMS dead letters: its deadline passed",
                "redriven: back to SMS, with a new deadline",
            ]
        );
    }

    #[test]
    fn spans_round_down_to_what_people_say() {
        let told =
            [0, 999, 1_000, 1_250, 59_999, 60_000, 125_000].map(|ms| span(Span::from_millis(ms)));
        assert_eq!(told, ["0 ms", "999 ms", "1 s", "1.2 s", "59.9 s", "1 min", "2 min 5 s"]);
    }

    #[test]
    fn moments_read_like_a_clock() {
        let told = [0, 42_390, 600_000].map(|ms| clock(Timestamp::from_millis(ms)));
        assert_eq!(told, ["0:00.0", "0:42.3", "10:00.0"]);
    }
}
