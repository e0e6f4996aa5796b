//! Events as text that people read and tests compare.

use std::fmt::{self, Write};

use postroom_core::{Address, Event, Hosted, QueueId, Sink, Timestamp};

use crate::limits::TRACE_EVENTS_MAX;

/// A record of events, all of them or those of some queues, as readable text.
///
/// Every field of an event stands in its line, so equal texts mean equal events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// None for everything.
    queues: Option<Vec<QueueId>>,
    /// By the number of the queue.
    names: Vec<String>,
    events: Vec<(Timestamp, Event)>,
    left_out: u64,
}

impl Trace {
    /// A trace of everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A trace of what happens in these queues and befalls their consumers. Publishing to a topic
    /// is in no queue.
    #[must_use]
    pub fn of_queues(queues: &[QueueId]) -> Self {
        Self { queues: Some(queues.to_vec()), ..Self::default() }
    }

    /// What this trace holds of these queues.
    #[must_use]
    pub fn only(&self, queues: &[QueueId]) -> Self {
        let mut only = Self { names: self.names.clone(), ..Self::of_queues(queues) };
        self.events.iter().for_each(|(at, event)| only.record(*at, *event));
        only
    }

    /// The same trace, with the machine's names for queues instead of `q0`, `q1` and so on.
    #[must_use]
    pub fn named(mut self, machine: &impl Hosted) -> Self {
        let ids = (0..).map(QueueId::new);
        let names = ids.map_while(|id| machine.queue_name(id).map(str::to_owned));
        self.names = names.collect();
        self
    }

    /// The events, oldest first: the first
    /// [`TRACE_EVENTS_MAX`](crate::limits::TRACE_EVENTS_MAX).
    #[must_use]
    pub fn events(&self) -> &[(Timestamp, Event)] {
        &self.events
    }

    /// A line for each event.
    ///
    /// # Example: what one queue lived through
    /// ```
    /// use postroom_core::{Event, MessageId, QueueId, Sink, Timestamp};
    /// use postroom_simulator::Trace;
    ///
    /// let (queue, message) = (QueueId::new(3), "t0.17".parse()?);
    /// let mut trace = Trace::of_queues(&[queue]);
    /// trace.record(Timestamp::from_millis(12_345), Event::Matured { queue, message });
    /// assert_eq!(trace.to_text(), "12.345000s  q3  t0.17  ready\n");
    /// # Ok::<(), postroom_core::ParseMessageIdError>(())
    /// ```
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_string()
    }

    fn line(&self, out: &mut impl Write, at: Timestamp, event: &Event) -> fmt::Result {
        write_time(out, at)?;
        if let Some(queue) = event.queue() {
            write!(out, "  {}", self.queue(queue))?;
        }
        if let Some(message) = event.message() {
            write!(out, "  {message}")?;
        }
        out.write_str("  ")?;
        self.fact(out, event)?;
        out.write_char('\n')
    }

    fn fact(&self, out: &mut impl Write, event: &Event) -> fmt::Result {
        match *event {
            Event::QueueCreated { dead_letters: None, .. } => write!(out, "created"),
            Event::QueueCreated { dead_letters: Some(to), .. } => {
                write!(out, "created, dead letters to {}", self.queue(to))
            }
            Event::TopicCreated { topic } => write!(out, "topic t{} created", topic.number()),
            Event::LedgerCreated { ledger } => write!(out, "ledger {} created", ledger.number()),
            Event::Subscribed { topic, .. } => {
                write!(out, "subscribed to topic t{}", topic.number())
            }
            Event::SubscriptionPaused { topic, .. } => {
                write!(out, "gets no copies of topic t{}", topic.number())
            }
            Event::SubscriptionResumed { topic, .. } => {
                write!(out, "gets copies of topic t{} again", topic.number())
            }
            Event::Unsubscribed { topic, .. } => {
                write!(out, "unsubscribed from topic t{}", topic.number())
            }
            Event::Published { to, causation, correlation, .. } => {
                write!(out, "published to {}", self.address(to))?;
                if let Some(cause) = causation {
                    write!(out, ", in answer to {cause}, chain of {correlation}")?;
                }
                Ok(())
            }
            Event::Deduplicated { to, .. } => {
                write!(out, "published again to {}, not stored", self.address(to))
            }
            Event::Refused { .. } => write!(out, "refused, no room"),
            Event::Enqueued { due: None, .. } => write!(out, "enqueued"),
            Event::Enqueued { due: Some(due), .. } => write!(out, "enqueued, due {}", At(due)),
            Event::Matured { .. } => write!(out, "ready"),
            Event::Delivered { lease, delivery, .. } => {
                write!(out, "delivered, attempt {delivery}, lease {}", lease.number())
            }
            Event::Acked { lease, .. } => write!(out, "acknowledged, lease {}", lease.number()),
            Event::RetryScheduled { deliveries, due, reason, .. } => {
                write!(out, "attempt {deliveries} failed, {reason:?}, again {}", At(due))
            }
            Event::Released { .. } => write!(out, "released"),
            Event::LeaseExpired { lease, .. } => write!(out, "lease {} expired", lease.number()),
            Event::DeadLettered { to, reason, .. } => {
                write!(out, "dead, {reason:?}, to {}", self.queue(to))
            }
            Event::Blocked { reason, .. } => {
                write!(out, "dead, {reason:?}, no room in the dead letters")
            }
            Event::Discarded { reason, .. } => write!(out, "dead, {reason:?}, discarded"),
            Event::Redriven { to, .. } => write!(out, "redriven to {}", self.queue(to)),
            Event::Claimed { ledger } => write!(out, "ledger {}: claimed", ledger.number()),
            Event::ClaimCompleted { ledger } => {
                write!(out, "ledger {}: claim completed", ledger.number())
            }
            Event::ClaimFreed { ledger } => write!(out, "ledger {}: claim free", ledger.number()),
            _ => consumer_fact(out, event),
        }
    }

    fn queue(&self, queue: QueueId) -> Name<'_> {
        let name = self.names.get(queue.number() as usize);
        name.map_or(Name::Number('q', queue.number()), |name| Name::Text(name))
    }

    fn address(&self, address: Address) -> Name<'_> {
        match address {
            Address::Queue(queue) => self.queue(queue),
            Address::Topic(topic) => Name::Number('t', topic.number()),
        }
    }
}

impl Sink for Trace {
    fn record(&mut self, at: Timestamp, event: Event) {
        let about = |queues: &Vec<QueueId>| event.queue().is_some_and(|q| queues.contains(&q));
        if !self.queues.as_ref().is_none_or(about) {
            return;
        }
        if self.events.len() < TRACE_EVENTS_MAX {
            self.events.push((at, event));
        } else {
            self.left_out += 1;
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, event) in &self.events {
            self.line(f, *at, event)?;
        }
        if self.left_out > 0 {
            writeln!(f, "and {} more", self.left_out)?;
        }
        Ok(())
    }
}

/// What befell a consumer.
fn consumer_fact(out: &mut impl Write, event: &Event) -> fmt::Result {
    match *event {
        Event::CallStarted { consumer, call, deadline, .. } => write!(
            out,
            "call {}.{} started, given up {}",
            consumer.number(),
            call.number(),
            At(deadline)
        ),
        Event::CallSucceeded { consumer, call, .. } => {
            write!(out, "call {}.{} succeeded", consumer.number(), call.number())
        }
        Event::CallFailed { consumer, call, reason, .. } => {
            write!(out, "call {}.{} failed, {reason:?}", consumer.number(), call.number())
        }
        Event::CallAnsweredLate { consumer, call, .. } => {
            write!(out, "call {}.{} answered late", consumer.number(), call.number())
        }
        Event::Throttled { consumer, until, .. } => {
            write!(out, "consumer {} held back until {}", consumer.number(), At(until))
        }
        Event::BreakerOpened { consumer, until, reason, .. } => {
            write!(out, "breaker {} opened until {}, {reason:?}", consumer.number(), At(until))
        }
        Event::BreakerHalfOpened { consumer, .. } => {
            write!(out, "breaker {} half-opened", consumer.number())
        }
        Event::BreakerClosed { consumer, .. } => {
            write!(out, "breaker {} closed", consumer.number())
        }
        Event::BreakerForcedOpen { consumer, .. } => {
            write!(out, "breaker {} forced open", consumer.number())
        }
        Event::BreakerDisabled { consumer, .. } => {
            write!(out, "breaker {} disabled", consumer.number())
        }
        Event::BreakerReset { consumer, .. } => {
            write!(out, "breaker {} reset", consumer.number())
        }
        Event::ConsumerPaused { consumer, .. } => {
            write!(out, "consumer {} paused", consumer.number())
        }
        Event::ConsumerResumed { consumer, .. } => {
            write!(out, "consumer {} resumed", consumer.number())
        }
        _ => mishap_fact(out, event),
    }
}

/// What befell a consumer's process and its way to the queue.
fn mishap_fact(out: &mut impl Write, event: &Event) -> fmt::Result {
    match *event {
        Event::Recognised { consumer, call, .. } => {
            write!(out, "call {}.{} met a message known already", consumer.number(), call.number())
        }
        Event::SettlementLost { consumer, call, .. } => {
            write!(out, "call {}.{} is settled in vain", consumer.number(), call.number())
        }
        Event::CallLost { consumer, call, .. } => {
            write!(out, "call {}.{} lost", consumer.number(), call.number())
        }
        Event::ConsumerCrashed { consumer, .. } => {
            write!(out, "consumer {} crashed", consumer.number())
        }
        Event::ConsumerRestarted { consumer, .. } => {
            write!(out, "consumer {} restarted", consumer.number())
        }
        Event::ConsumerCutOff { consumer, .. } => {
            write!(out, "consumer {} cut off", consumer.number())
        }
        Event::ConsumerReconnected { consumer, .. } => {
            write!(out, "consumer {} reconnected", consumer.number())
        }
        Event::ConsumerScaled { consumer, concurrency, .. } => {
            write!(out, "consumer {} makes {concurrency} calls at once", consumer.number())
        }
        // A kind of event that this release has no words for.
        other => write!(out, "{other:?}"),
    }
}

enum Name<'n> {
    Text(&'n str),
    Number(char, u32),
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(kind, number) => write!(f, "{kind}{number}"),
        }
    }
}

/// A time within a sentence.
struct At(Timestamp);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_time(f, self.0)
    }
}

fn write_time(out: &mut impl Write, at: Timestamp) -> fmt::Result {
    let micros = at.as_micros();
    write!(out, "{}.{:06}s", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use postroom_core::{
        CallId, ConsumerId, DeadReason, FailReason, LeaseId, MessageId, OpenReason, TopicId,
    };
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_line_says_all_that_an_event_does() {
        let (queue, to, due) =
            (QueueId::new(1), QueueId::new(0), Timestamp::from_micros(2_000_001));
        let message = MessageId { address: Address::Topic(TopicId::new(0)), number: 17 };
        let (consumer, call, lease) = (ConsumerId::new(2), CallId::new(5), LeaseId::new(9));
        let reason = FailReason::Timeout;
        let mut trace = Trace::new();
        for event in [
            Event::Published {
                to: message.address,
                message,
                causation: None,
                correlation: message,
            },
            Event::Enqueued { queue, message, due: Some(due) },
            Event::Delivered { queue, message, lease, delivery: 2 },
            Event::CallStarted { consumer, queue, message, call, deadline: due },
            Event::CallFailed { consumer, queue, message, call, reason },
            Event::RetryScheduled { queue, message, deliveries: 2, due, reason },
            Event::BreakerOpened { consumer, queue, until: due, reason: OpenReason::FailureRate },
            Event::BreakerForcedOpen { consumer, queue },
            Event::BreakerDisabled { consumer, queue },
            Event::BreakerReset { consumer, queue },
            Event::ConsumerPaused { consumer, queue },
            Event::ConsumerResumed { consumer, queue },
            Event::Recognised { consumer, queue, message, call },
            Event::SettlementLost { consumer, queue, message, call },
            Event::CallLost { consumer, queue, message, call },
            Event::ConsumerCrashed { consumer, queue },
            Event::ConsumerRestarted { consumer, queue },
            Event::ConsumerCutOff { consumer, queue },
            Event::ConsumerReconnected { consumer, queue },
            Event::ConsumerScaled { consumer, queue, concurrency: 7 },
            Event::DeadLettered { queue, to, message, reason: DeadReason::Exhausted },
        ] {
            trace.record(Timestamp::from_millis(1_500), event);
        }
        let expected = "\
            1.500000s  t0.17  published to t0\n\
            1.500000s  q1  t0.17  enqueued, due 2.000001s\n\
            1.500000s  q1  t0.17  delivered, attempt 2, lease 9\n\
            1.500000s  q1  t0.17  call 2.5 started, given up 2.000001s\n\
            1.500000s  q1  t0.17  call 2.5 failed, Timeout\n\
            1.500000s  q1  t0.17  attempt 2 failed, Timeout, again 2.000001s\n\
            1.500000s  q1  breaker 2 opened until 2.000001s, FailureRate\n\
            1.500000s  q1  breaker 2 forced open\n\
            1.500000s  q1  breaker 2 disabled\n\
            1.500000s  q1  breaker 2 reset\n\
            1.500000s  q1  consumer 2 paused\n\
            1.500000s  q1  consumer 2 resumed\n\
            1.500000s  q1  t0.17  call 2.5 met a message known already\n\
            1.500000s  q1  t0.17  call 2.5 is settled in vain\n\
            1.500000s  q1  t0.17  call 2.5 lost\n\
            1.500000s  q1  consumer 2 crashed\n\
            1.500000s  q1  consumer 2 restarted\n\
            1.500000s  q1  consumer 2 cut off\n\
            1.500000s  q1  consumer 2 reconnected\n\
            1.500000s  q1  consumer 2 makes 7 calls at once\n\
            1.500000s  q1  t0.17  dead, Exhausted, to q0\n";
        assert_eq!(trace.to_text(), expected);
        assert_eq!(trace.only(&[queue]).to_text().lines().count(), 20);
        assert_eq!(trace.only(&[to]).to_text(), "");
    }

    #[test]
    fn a_million_events_are_kept_and_the_rest_is_counted() {
        let mut trace = Trace::new();
        for _ in 0..TRACE_EVENTS_MAX + 2 {
            trace.record(Timestamp::ZERO, Event::TopicCreated { topic: TopicId::new(0) });
        }
        assert_eq!(trace.events().len(), TRACE_EVENTS_MAX);
        trace.events.truncate(1);
        assert_eq!(trace.to_text(), "0.000000s  topic t0 created\nand 2 more\n");
    }
}
