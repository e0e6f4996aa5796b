//! The engine in virtual time: the first backend.

use std::{collections::BTreeMap, fmt::Debug};

use postroom_core::{
    Address, At, Claim, ClaimToken, Command, CopyState, Delivery, Engine, Event, FailReason,
    HopReason, LedgerId, Machine, NewMessage, PlacementOutcome, QueueConfig, QueueId, Receipt,
    Redrive, Reply, Settle, Span, Subscribe, Timestamp, TopicId,
};
use serde_json::{Value, json};

use super::{
    backend::{Answer, Backend, Got, How, Refused},
    case::{Case, Options, Step, Time},
    language::Verb,
    need::Need,
};

/// What one lease is here.
const LEASE: Span = Span::from_secs(30);

/// The engine, and a clock that moves when a case waits.
pub struct EngineInVirtualTime {
    engine: Engine,
    now: Timestamp,
    events: Vec<(Timestamp, Event)>,
    profile: &'static str,
    queues: BTreeMap<String, QueueId>,
    topics: BTreeMap<String, TopicId>,
    ledgers: BTreeMap<String, LedgerId>,
    /// The claims that started, by ledger and key.
    tokens: Vec<(String, String, ClaimToken)>,
}

impl EngineInVirtualTime {
    /// An engine for this case: in the profile that it needs.
    #[must_use]
    pub fn for_case(case: &Case) -> Self {
        let sqs = case.needs.iter().any(|need| Need::SQS.contains(need));
        Self {
            engine: Engine::new(),
            // Not zero, so that a clock can go back.
            now: Timestamp::from_millis(1_000_000_000),
            events: Vec::new(),
            profile: if sqs { "sqs" } else { "strict" },
            queues: BTreeMap::new(),
            topics: BTreeMap::new(),
            ledgers: BTreeMap::new(),
            tokens: Vec::new(),
        }
    }

    fn apply(&mut self, command: Command) -> Answer<Reply> {
        self.engine.apply(At::time(self.now), command, &mut self.events).map_err(|error| {
            use postroom_core::Error as E;
            match error {
                E::Configure(error) => refused(&error),
                E::Publish(error) => refused(&error),
                E::Receive(error) => refused(&error),
                E::Settle(error) => refused(&error),
                E::Redrive(error) => refused(&error),
                E::Claim(error) => refused(&error),
                other => refused(&other),
            }
        })
    }

    fn find(&self, name: &str) -> Answer<QueueId> {
        self.queues.get(name).copied().ok_or_else(|| Refused(format!("no queue `{name}`")))
    }

    fn name_of(&self, queue: QueueId) -> String {
        self.engine.queue_name(queue).unwrap_or("?").into()
    }

    fn address(&self, name: &str) -> Answer<Address> {
        match self.topics.get(name) {
            Some(topic) => Ok(Address::Topic(*topic)),
            None => Ok(Address::Queue(self.find(name)?)),
        }
    }

    fn take(&mut self, queue: QueueId, max: u32, lease: Option<Span>) -> Answer<Vec<Got<Receipt>>> {
        let Reply::Received(deliveries) = self.apply(Command::Receive { queue, max })? else {
            return Err(Refused("another reply".into()));
        };
        let _ = lease;
        Ok(deliveries.into_iter().map(got).collect())
    }

    /// Ticks at every deadline on the way, as a host does.
    fn pass(&mut self, span: Span, until: impl Fn(&[(Timestamp, Event)]) -> bool) {
        let end = self.now + span;
        let seen = self.events.len();
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.engine.tick(At::time(self.now), &mut self.events);
            if until(&self.events[seen..]) {
                return;
            }
        }
        self.now = end;
        self.engine.tick(At::time(end), &mut self.events);
    }
}

impl Backend for EngineInVirtualTime {
    type Receipt = Receipt;

    fn name(&self) -> &'static str {
        "the engine in virtual time"
    }

    fn offers(&self, need: Need) -> bool {
        need != Need::ExhaustedStays
    }

    fn queue(&mut self, name: &str, options: &Options) -> Answer {
        let config = config(self, options)?;
        let reply = self.apply(Command::CreateQueue { name: name.into(), config })?;
        if let Reply::Queue(queue) = reply {
            self.queues.insert(name.into(), queue);
        }
        Ok(Vec::new())
    }

    fn send(&mut self, to: &str, body: &str, options: &Options) -> Answer {
        let to = self.address(to)?;
        let message = message(body, options);
        let Reply::Published(published) = self.apply(Command::Publish { to, message })? else {
            return Err(Refused("another reply".into()));
        };
        if published.duplicate {
            return Ok(vec!["duplicate".into()]);
        }
        if matches!(to, Address::Queue(_)) {
            return Ok(vec!["queued".into()]);
        }
        let placement = |(queue, outcome)| match outcome {
            PlacementOutcome::Queued => self.name_of(queue),
            PlacementOutcome::Diverted => format!("{}:diverted", self.name_of(queue)),
            PlacementOutcome::Rejected => format!("{}:rejected", self.name_of(queue)),
        };
        Ok(published.placements.iter().map(|p| placement((p.queue, p.outcome))).collect())
    }

    fn receive(&mut self, queue: &str, options: &Options) -> Answer<Vec<Got<Receipt>>> {
        let queue = self.find(queue)?;
        let lease = options.time("lease").map(|time| time.of_lease(LEASE));
        self.take(queue, options.number("max").unwrap_or(10), lease)
    }

    fn poll(&mut self, queue: &str, patience: Time) -> Answer<Vec<Got<Receipt>>> {
        let queue = self.find(queue)?;
        let got = self.take(queue, 1, None)?;
        if !got.is_empty() {
            return Ok(got);
        }
        self.pass(patience.of_lease(LEASE), |_| false);
        self.take(queue, 1, None)
    }

    fn settle(&mut self, receipt: &Receipt, how: How) -> Answer<()> {
        let how = match how {
            How::Ack => Settle::Ack,
            How::Retry(delay) => Settle::Retry {
                delay: delay.map(|time| time.of_lease(LEASE)),
                reason: FailReason::Transient,
            },
            How::Release => Settle::Release,
            How::Reject => Settle::Reject { reason: FailReason::Permanent },
            How::Extend(_) => return Err(Refused("soon".into())),
        };
        self.apply(Command::Settle { receipt: *receipt, how }).map(|_| ())
    }

    fn wait(&mut self, time: Time) {
        self.pass(time.of_lease(LEASE), |_| false);
    }

    fn vanish(&mut self, _: &str) {
        self.wait(Time::Leases(1_000));
    }

    fn ack_batch(&mut self, _: &[Receipt]) -> Answer {
        Err(Refused("soon".into()))
    }

    fn perform(&mut self, step: &Step) -> Answer {
        let word = |index: usize| step.words[index].as_str();
        let options = &step.options;
        match step.verb {
            Verb::Depth => {
                let queue = self.find(word(0))?;
                let stats = self.engine.queue_stats(queue);
                Ok(vec![stats.map_or(0, |stats| stats.depth()).to_string()])
            }
            Verb::Peek => {
                let queue = self.find(word(0))?;
                let copies = self.engine.peek(queue, 0, 1_000);
                Ok(copies
                    .iter()
                    .map(|copy| {
                        let state = match copy.state {
                            CopyState::Ready => "ready",
                            CopyState::Delayed { .. } => "delayed",
                            CopyState::InFlight { .. } => "in_flight",
                            CopyState::Blocked { .. } => "blocked",
                        };
                        format!("{}:{state}", text(copy.message.body.as_bytes()))
                    })
                    .collect())
            }
            _ => Err(Refused(format!("{:?} of {options:?} is not done yet", step.verb))),
        }
    }
}

/// The settings of a queue, by way of their document.
fn config(backend: &EngineInVirtualTime, options: &Options) -> Answer<QueueConfig> {
    let mut document = json!({
        "lease_ms": LEASE.as_millis(),
        "backoff": { "base_ms": 0, "jitter": "none" },
    });
    for key in options.keys() {
        let Some(value) = options.text(key) else { continue };
        let millis = || json!(options.time(key).map_or(0, |time| time.of_lease(LEASE).as_millis()));
        let number = || json!(options.number::<u64>(key));
        let (name, value): (&str, Value) = match key {
            "lease" => ("lease_ms", millis()),
            "delay" => ("delay_ms", millis()),
            "ttl" => ("ttl_ms", millis()),
            "deadline" => ("deliver_within_ms", millis()),
            "aging" => ("aging_ms", millis()),
            "dedup_window" => ("dedup_window_ms", millis()),
            "alarm_age" => ("alarm_age_ms", millis()),
            "max_deliveries" | "capacity" | "alarm_depth" => (key, number()),
            "bytes" => ("capacity_bytes", number()),
            "in_flight" => ("in_flight_max", number()),
            "shed" => (key, json!({ "from_percent": options.number::<u64>(key) })),
            "dead" => ("dead_letters", json!(backend.find(value)?)),
            "backoff" => {
                document["backoff"]["base_ms"] = millis();
                continue;
            }
            "backoff_cap" => {
                document["backoff"]["cap_ms"] = millis();
                continue;
            }
            _ => (key, json!(value)),
        };
        document[name] = value;
    }
    serde_json::from_value(document).map_err(|error| Refused(error.to_string()))
}

fn message(body: &str, options: &Options) -> NewMessage {
    let attributes = options.attributes().map(|(key, value)| (key.into(), value.into())).collect();
    NewMessage {
        attributes,
        delay: options.time("delay").map_or(Span::ZERO, |time| time.of_lease(LEASE)),
        dedup_key: options.text("dedup").map(Into::into),
        ..NewMessage::new(padded(body, options))
    }
}

/// The body, filled up to the bytes that the case asks for.
fn padded(body: &str, options: &Options) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    bytes.resize(options.number("size").unwrap_or(bytes.len()).max(bytes.len()), b' ');
    bytes
}

fn got(delivery: Delivery) -> Got<Receipt> {
    let message = &delivery.message;
    let carries = message.attributes.iter().map(|(key, value)| (key.clone(), value.clone()));
    Got {
        body: text(message.body.as_bytes()),
        delivery: Some(delivery.delivery),
        id: Some(message.id.to_string()),
        carries: carries.collect(),
        receipt: delivery.receipt,
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim_end().into()
}

/// An error as cases call it: its variant, in small letters.
fn refused(error: &impl Debug) -> Refused {
    let debug = format!("{error:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut name = String::new();
    for (index, letter) in variant.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    Refused(name)
}
