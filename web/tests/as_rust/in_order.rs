// In order, on the engine of Postroom.
//
// Cargo.toml needs, with your path to Postroom:
// [dependencies]
// postroom-core = { path = "postroom/core" }
//
// Left out, since it is the simulation's: goals.

use std::{
    error::Error,
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::{Duration, Instant},
};

use postroom_core::{
    Address, At, Call, Command, ConsumerConfig, Effect, Entropy, Hosted, Machine, NewMessage,
    Outcome, QueueConfig, QueueId, Reply, Span, Station, StationCommand, StationError,
    StationReply, Timestamp,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut host = Host::new();

    let moves = host.queue("moves", QueueConfig::default())?;

    host.attach("referee", moves, ConsumerConfig {
        concurrency: 3,
        call_timeout: Span::from_secs(5),
        ..ConsumerConfig::default()
    })?;

    for number in 0..3 {
        host.publish("moves", players(number))?;
    }

    host.run()
}

/// What "players" sends.
fn players(number: u64) -> NewMessage {
    NewMessage {
        group: Some(format!("players {}", number % 4)),
        ..NewMessage::new(format!("players {number}").as_str())
    }
}

/// Your work goes here. What you answer decides the message's fate: done, tried again, or dead.
fn work(consumer: &str, call: &Call) -> Outcome {
    let body = String::from_utf8_lossy(call.message.body.as_bytes());
    println!("{consumer}: {body}, attempt {}", call.delivery);
    Outcome::Delivered
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
