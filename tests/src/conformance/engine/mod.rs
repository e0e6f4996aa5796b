//! The engine in virtual time: the first backend.

mod document;
mod operate;

use std::{collections::BTreeMap, fmt::Debug};

use postroom_core::{
    Address, At, ClaimToken, Command, Delivery, Engine, Error, Event, FailReason, LedgerId,
    Machine, PlacementOutcome, Published, QueueId, Receipt, Reply, Settle, Span, Timestamp,
    TopicId,
};
use serde_json::json;

use super::{
    backend::{Answer, Backend, Got, How, Refused},
    case::{Case, Options, Step, Time},
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
    /// Its name in reports.
    pub const NAME: &'static str = "the engine in virtual time";

    /// An engine for this case: in the profile that it needs.
    ///
    /// # Panics
    /// When the case needs both profiles.
    #[must_use]
    pub fn for_case(case: &Case) -> Self {
        let sqs = case.needs.iter().any(|need| Need::SQS.contains(need));
        let strict = case.needs.iter().any(|need| Need::STRICT.contains(need));
        assert!(!(sqs && strict), "`{}` needs two profiles at once", case.name);
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
        let reply = self.engine.apply(At::time(self.now), command, &mut self.events);
        reply.map_err(|error| refused(&error))
    }

    fn find(&self, name: &str) -> Answer<QueueId> {
        self.queues.get(name).copied().ok_or_else(|| Refused(format!("no queue `{name}`")))
    }

    fn find_topic(&self, name: &str) -> Answer<TopicId> {
        self.topics.get(name).copied().ok_or_else(|| Refused(format!("no topic `{name}`")))
    }

    fn address(&self, name: &str) -> Answer<Address> {
        let topic = self.topics.get(name).map(|topic| Address::Topic(*topic));
        topic.map_or_else(|| Ok(Address::Queue(self.find(name)?)), Ok)
    }

    fn take(&mut self, queue: QueueId, max: u32, lease: Option<Span>) -> Answer<Vec<Got<Receipt>>> {
        match self.apply(Command::Receive { queue, max, lease })? {
            Reply::Received(deliveries) => Ok(deliveries.into_iter().map(got).collect()),
            other => Err(strange(&other)),
        }
    }

    /// What became of one message, as [`Backend::send`] answers it.
    fn placed(&self, published: &Published) -> Vec<String> {
        if published.duplicate {
            return vec!["duplicate".into()];
        }
        if matches!(published.message.address, Address::Queue(_)) {
            return vec!["queued".into()];
        }
        let placements = published.placements.iter().map(|placement| {
            let name = self.engine.queue_name(placement.queue).unwrap_or_default();
            match placement.outcome {
                PlacementOutcome::Queued => name.into(),
                PlacementOutcome::Diverted => format!("{name}:diverted"),
                PlacementOutcome::Rejected => format!("{name}:rejected"),
            }
        });
        placements.collect()
    }

    /// Ticks at every deadline up to `end`, as a host does, or until this queue is woken: then it
    /// is true.
    fn pass(&mut self, end: Timestamp, waiting: Option<QueueId>) -> bool {
        let woken = waiting.map(|queue| Event::Woken { queue });
        while self.now < end {
            let next = self.engine.next_deadline().map_or(end, |at| at.min(end));
            self.now = self.now.max(next);
            let seen = self.events.len();
            self.engine.tick(At::time(self.now), &mut self.events);
            if self.events[seen..].iter().any(|(_, event)| Some(*event) == woken) {
                return true;
            }
        }
        false
    }
}

impl Backend for EngineInVirtualTime {
    type Receipt = Receipt;

    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn offers(&self, need: Need) -> bool {
        !Need::ELSEWHERE.contains(&need)
    }

    fn queue(&mut self, name: &str, options: &Options) -> Answer {
        let config = self.queue_config(options)?;
        match self.apply(Command::CreateQueue { name: name.into(), config })? {
            Reply::Queue(queue) => drop(self.queues.insert(name.into(), queue)),
            other => return Err(strange(&other)),
        }
        Ok(Vec::new())
    }

    fn send(&mut self, to: &str, body: &str, options: &Options) -> Answer {
        let to = self.address(to)?;
        let message = self.message(body, options);
        match self.apply(Command::Publish { to, message })? {
            Reply::Published(published) => Ok(self.placed(&published)),
            other => Err(strange(&other)),
        }
    }

    fn receive(&mut self, queue: &str, options: &Options) -> Answer<Vec<Got<Receipt>>> {
        let queue = self.find(queue)?;
        let lease = options.time("lease").map(|time| time.of_lease(LEASE));
        self.take(queue, options.number("max").unwrap_or(10), lease)
    }

    /// Asks again only when it is woken.
    fn poll(&mut self, queue: &str, patience: Time) -> Answer<Vec<Got<Receipt>>> {
        let queue = self.find(queue)?;
        let end = self.now + patience.of_lease(LEASE);
        let mut got = self.take(queue, 1, None)?;
        while got.is_empty() && self.pass(end, Some(queue)) {
            got = self.take(queue, 1, None)?;
        }
        Ok(got)
    }

    fn settle(&mut self, receipt: &Receipt, how: How) -> Answer<()> {
        let receipt = *receipt;
        let command = match how {
            How::Extend(by) => Command::Extend { receipt, by: by.of_lease(LEASE) },
            How::Ack => Command::Settle { receipt, how: Settle::Ack },
            How::Release => Command::Settle { receipt, how: Settle::Release },
            How::Retry(delay) => {
                let delay = delay.map(|time| time.of_lease(LEASE));
                let how = Settle::Retry { delay, reason: FailReason::Transient };
                Command::Settle { receipt, how }
            }
            How::Reject => {
                let how = Settle::Reject { reason: FailReason::Permanent };
                Command::Settle { receipt, how }
            }
        };
        self.apply(command).map(|_| ())
    }

    fn made_up(&self) -> Receipt {
        let document = json!({ "queue": 0, "slot": 7, "seq": 7, "lease": 7_777 });
        serde_json::from_value(document).expect("a receipt as it is written")
    }

    fn wait(&mut self, time: Time) {
        self.pass(self.now + time.of_lease(LEASE), None);
    }

    fn vanish(&mut self, _: &str) {
        self.wait(Time::Leases(1_000));
    }

    fn ack_batch(&mut self, receipts: &[Receipt]) -> Answer {
        let settlements = receipts.iter().map(|receipt| (*receipt, Settle::Ack)).collect();
        match self.apply(Command::SettleBatch { settlements })? {
            Reply::SettledEach(each) => Ok(each
                .iter()
                .map(|settled| match settled {
                    Ok(()) => "ok".into(),
                    Err(error) => name_of(error),
                })
                .collect()),
            other => Err(strange(&other)),
        }
    }

    fn perform(&mut self, step: &Step) -> Answer {
        self.operate(step)
    }
}

fn got(delivery: Delivery) -> Got<Receipt> {
    let message = &delivery.message;
    let attributes = message.attributes().iter().map(|(key, value)| (key.clone(), value.clone()));
    let group = message.group().map(|group| ("group".into(), group.into()));
    let subject = message.subject().map(|subject| ("subject".into(), subject.into()));
    Got {
        body: text(message.body.as_bytes()),
        delivery: Some(delivery.delivery),
        id: Some(message.id.to_string()),
        carries: attributes.chain(group).chain(subject).collect(),
        receipt: delivery.receipt,
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).trim_end().into()
}

fn strange(reply: &Reply) -> Refused {
    Refused(format!("another reply: {reply:?}"))
}

fn refused(error: &Error) -> Refused {
    // The outer variant says only which command it was.
    let debug = format!("{error:?}");
    let inner = debug.split_once('(').map_or(debug.as_str(), |(_, inner)| inner);
    Refused(in_small_letters(inner))
}

/// An error as cases call it: its variant, in small letters.
fn name_of(error: &impl Debug) -> String {
    in_small_letters(&format!("{error:?}"))
}

fn in_small_letters(debug: &str) -> String {
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut name = String::new();
    for (index, letter) in variant.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
