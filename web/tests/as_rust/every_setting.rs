// Every  setting, on the engine of Postroom.
//
// Cargo.toml needs, with your path to Postroom:
// [dependencies]
// postroom-core = { path = "postroom/core" }
// serde_json = "1"
//
// Left out, since it is the simulation's: faults.

use std::{
    error::Error,
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::{Duration, Instant},
};

use postroom_core::{
    Address, Ambiguous, At, Attributes, Backoff, BreakerConfig, BreakerWindow, Call, Command,
    ConsumerConfig, DedupScope, Effect, Entropy, Filter, Growth, Hosted, Jitter, Machine,
    Message, NewMessage, OnFull, Outcome, Overflow, Poison, Priority, QueueConfig, QueueId, Rate,
    Reply, Settlement, Shed, Span, Station, StationCommand, StationError, StationReply, Steps,
    Subscribe, Timestamp, TopicConfig, TopicId, digest_of,
    patterns::{OUTBOX_ATTRIBUTE, message_key},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut host = Host::new();

    let dead = host.queue("dead", QueueConfig::default())?;
    let queue_work = host.queue("work", QueueConfig {
        lease: Span::from_secs(45),
        max_deliveries: 3,
        backoff: Backoff {
            base: Span::from_millis(250),
            growth: Growth::Exponential { percent: 300 },
            cap: Span::from_secs(9),
            jitter: Jitter::Equal,
        },
        capacity: 5_000,
        capacity_bytes: 1_000_000,
        overflow: Overflow::DeadLetterOldest,
        shed: Some(Shed { from_percent: 80 }),
        in_flight_max: 50,
        delay: Span::from_millis(20),
        deliver_within: Some(Span::from_secs(60)),
        ttl: Some(Span::from_secs(90)),
        poison: Poison::SkipToDeadLetters,
        aging: Some(Span::from_millis(1_500)),
        dedup_window: Span::from_secs(60),
        dedup_scope: DedupScope::Group,
        dead_letters: Some(dead),
        alarm_depth: Some(100),
        alarm_age: Some(Span::from_secs(30)),
        ..QueueConfig::default()
    })?;
    let braces_quotes = host.queue("{braces} \"quotes\"", QueueConfig {
        backoff: Backoff {
            growth: Growth::Fixed,
            ..Backoff::default()
        },
        settlement: Settlement::OnDelivery,
        ..QueueConfig::default()
    })?;
    let queue_type = host.queue("type", QueueConfig {
        backoff: Backoff {
            growth: Growth::Steps(Steps::new(&[Span::from_secs(1), Span::from_secs(4)])?),
            ..Backoff::default()
        },
        ..QueueConfig::default()
    })?;
    host.queue("Type", QueueConfig {
        backoff: Backoff {
            growth: Growth::Linear,
            ..Backoff::default()
        },
        ..QueueConfig::default()
    })?;
    host.queue("2nd", QueueConfig::default())?;

    let news = host.topic("news", TopicConfig {
        dedup_window: Span::from_secs(1),
        dedup_scope: DedupScope::Group,
    })?;
    host.topic("unread", TopicConfig::default())?;
    host.subscribe(Subscribe {
        topic: news,
        queue: queue_work,
        subjects: vec!["orders.*".parse()?, "bills.>".parse()?],
        filter: Filter::default(),
        on_full: OnFull::Divert,
    })?;
    host.subscribe(Subscribe {
        topic: news,
        queue: queue_type,
        subjects: Vec::new(),
        filter: serde_json::from_str("{\"region\":[{\"prefix\":\"eu\\\"#-\"},\"us\"],\"size\":[{\"numeric\":[\">\",5]}]}")?,
        on_full: OnFull::Refuse,
    })?;

    host.attach("worker", queue_work, ConsumerConfig {
        concurrency: 2,
        call_timeout: Span::from_millis(8_500),
        rate: Some(Rate { per_second: 2_000, burst: 5 }),
        breaker: Some(BreakerConfig {
            window: BreakerWindow::Time { time: Span::from_secs(20) },
            minimum_calls: 7,
            failure_percent: 60,
            slow_call: Some(Span::from_millis(900)),
            slow_percent: 40,
            open: Span::from_secs(2),
            half_open: Some(Span::from_secs(4)),
            ..BreakerConfig::default()
        }),
        ambiguous: Ambiguous::DeadLetter,
    })?;
    host.attach("re{ader}", braces_quotes, ConsumerConfig {
        breaker: Some(BreakerConfig {
            window: BreakerWindow::Calls(12),
            ..BreakerConfig::default()
        }),
        ..ConsumerConfig::default()
    })?;

    for number in 0..3 {
        host.publish("news", shop(number))?;
        host.publish("2nd", producer_host(number))?;
        host.publish("2nd", producer_drop(number))?;
        host.publish("2nd", producer_digest_of(number))?;
        host.publish("2nd", producer_message_key(number))?;
    }

    host.run()
}

/// What "shop" sends.
fn shop(number: u64) -> NewMessage {
    NewMessage {
        attributes: Attributes::from([("a \"b\"".into(), "c\nd".into()), ("region".into(), "eu".into()), (OUTBOX_ATTRIBUTE.into(), format!("shop {}", number % 7))]),
        subject: Some("orders.new".into()),
        group: Some(format!("shop {}", number % 4_000)),
        priority: Priority::new([4, 4, 9_u8][(number % 3) as usize]).unwrap_or_default(),
        delay: Span::from_millis(10),
        ttl: Some(Span::from_secs(30)),
        dedup_key: Some(format!("shop {number}")),
        ..NewMessage::new(format!("shop {number}").as_str())
    }
}

/// What "host" sends.
fn producer_host(number: u64) -> NewMessage {
    NewMessage::new(format!("host {number}").as_str())
}

/// What "drop" sends.
fn producer_drop(number: u64) -> NewMessage {
    NewMessage::new(format!("drop {number}").as_str())
}

/// What "digest of" sends.
fn producer_digest_of(number: u64) -> NewMessage {
    NewMessage::new(format!("digest of {number}").as_str())
}

/// What "Message key" sends.
fn producer_message_key(number: u64) -> NewMessage {
    NewMessage::new(format!("Message key {number}").as_str())
}

/// Your work goes here. What you answer decides the message's fate: done, tried again, or dead.
fn work(consumer: &str, call: &Call) -> Outcome {
    let body = String::from_utf8_lossy(call.message.body.as_bytes());
    println!("{consumer}: {body}, attempt {}", call.delivery);
    Outcome::Delivered
}

/// What each service publishes when its work is done, before it acknowledges: where, and what.
/// Done again, it publishes the same again, under the same key.
fn publishes(consumer: &str, done: &Message) -> Vec<(&'static str, NewMessage)> {
    let (key, cause) = (message_key(done), Some(done.as_cause()));
    match consumer {
        "worker" => vec![
            ("{braces} \"quotes\"", NewMessage {
                cause,
                subject: Some("done".into()),
                group: Some(format!("worker {}", digest_of(&key) % 3)),
                priority: Priority::new([1, 9_u8][(digest_of(&key) % 2) as usize]).unwrap_or_default(),
                dedup_key: Some(format!("worker {key}")),
                ..NewMessage::new(format!("worker {key}").as_str())
            }),
            ("unread", NewMessage {
                cause,
                attributes: Attributes::from([(OUTBOX_ATTRIBUTE.into(), format!("worker {key}"))]),
                ..NewMessage::new(format!("worker {key}").as_str())
            }),
        ],
        "re{ader}" => vec![
            ("2nd", NewMessage {
                cause,
                ..NewMessage::new(format!("re{{ader}} {key}").as_str())
            }),
        ],
        _ => Vec::new(),
    }
}

/// The host's part: its clock, its entropy and the calls. It makes one call at a time;
/// postroom-runtime makes them side by side.
struct Host {
    station: Station,
    started: Instant,
}

impl Host {
    fn new() -> Self {
        Self { station: Station::new(), started: Instant::now() }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.started.elapsed().as_micros() as u64)
    }

    fn tell(&mut self, command: StationCommand) -> Result<StationReply, StationError> {
        let now = self.now();
        // Any number that others cannot guess: it spreads the retries.
        let entropy = Entropy::new(RandomState::new().build_hasher().finish());
        self.station.apply(At { now, entropy }, command, &mut ())
    }

    fn queue(&mut self, name: &str, config: QueueConfig) -> Result<QueueId, StationError> {
        let command = Command::CreateQueue { name: name.to_owned(), config };
        match self.tell(StationCommand::Engine(command))? {
            StationReply::Engine(Reply::Queue(queue)) => Ok(queue),
            other => unreachable!("a queue was asked for: {other:?}"),
        }
    }

    fn topic(&mut self, name: &str, config: TopicConfig) -> Result<TopicId, StationError> {
        let command = Command::CreateTopic { name: name.to_owned(), config };
        match self.tell(StationCommand::Engine(command))? {
            StationReply::Engine(Reply::Topic(topic)) => Ok(topic),
            other => unreachable!("a topic was asked for: {other:?}"),
        }
    }

    fn subscribe(&mut self, subscribe: Subscribe) -> Result<(), StationError> {
        self.tell(StationCommand::Engine(Command::Subscribe(subscribe))).map(drop)
    }

    fn attach(
        &mut self,
        name: &str,
        queue: QueueId,
        config: ConsumerConfig,
    ) -> Result<(), StationError> {
        self.tell(StationCommand::Attach { name: name.to_owned(), queue, config }).map(drop)
    }

    fn publish(&mut self, to: &str, message: NewMessage) -> Result<(), StationError> {
        let engine = self.station.engine();
        let queue = engine.find_queue(to).map(Address::Queue);
        let to = queue.or_else(|| engine.find_topic(to).map(Address::Topic));
        let to = to.expect("it was created at the start");
        self.tell(StationCommand::Engine(Command::Publish { to, message })).map(drop)
    }

    /// Works until every queue that has a consumer is empty. A service would go on for good, and
    /// sleep until the next deadline or the next message.
    fn run(mut self) -> Result<(), Box<dyn Error>> {
        loop {
            while let Some(effect) = self.station.poll_effect() {
                let Effect::Start(call) = effect else { continue };
                if call.deadline <= self.now() {
                    continue; // It waited behind another one for too long, and comes again.
                }
                let consumer = self.station.consumer_name(call.id.consumer).unwrap_or_default();
                let consumer = consumer.to_owned();
                let outcome = work(&consumer, &call);
                if outcome == Outcome::Delivered {
                    for (to, message) in publishes(&consumer, &call.message) {
                        self.publish(to, message)?;
                    }
                }
                self.tell(StationCommand::CallFinished { call: call.id, outcome })?;
            }
            let is_empty = |queue| self.station.queue_stats(queue).is_some_and(|it| it.depth() == 0);
            if self.station.consumers().all(|(_, _, consumer)| is_empty(consumer.queue())) {
                return Ok(());
            }
            let Some(deadline) = self.station.next_deadline() else { return Ok(()) };
            thread::sleep(Duration::from_micros(deadline.since(self.now()).as_micros()));
            self.tell(StationCommand::Tick)?;
        }
    }
}
