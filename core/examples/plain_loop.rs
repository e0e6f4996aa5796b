//! An engine in a plain loop: no async runtime, no thread. Time comes from the host.
//!
//! Run it with `cargo run --package postroom-core --example plain_loop`.

use postroom_core::{
    Address, At, Command, Engine, Entropy, FailReason, Machine, NewMessage, QueueConfig, QueueId,
    Record, Reply, Settle, Timestamp,
};

/// The host's part: its clock, its entropy and, if nothing may be lost, its journal.
#[derive(Default)]
struct Host {
    engine: Engine,
    now: Timestamp,
    journal: Vec<String>,
}

impl Host {
    fn tell(&mut self, command: Command) -> Result<Reply, postroom_core::Error> {
        // Any number will do as entropy, as long as it is written down: it spreads the retries.
        let at = At { now: self.now, entropy: Entropy::new(self.journal.len() as u64) };
        // To be durable, write this line to a file and the file to the disk before the reply goes
        // out. Told to an empty engine, the lines lead to this very state again.
        let line = serde_json::to_string(&Record::new(at, &command));
        self.journal.push(line.expect("a command is plain data"));
        self.engine.apply(at, command, &mut ())
    }

    fn create(&mut self, name: &str, config: QueueConfig) -> Result<QueueId, postroom_core::Error> {
        self.tell(Command::CreateQueue { name: name.into(), config })?;
        Ok(self.engine.find_queue(name).expect("it was just created"))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut host = Host::default();
    let dead = host.create("dead letters", QueueConfig::default())?;
    let config =
        QueueConfig { max_deliveries: 3, dead_letters: Some(dead), ..QueueConfig::default() };
    let queue = host.create("orders", config)?;

    for order in ["17", "18 is broken", "19", "17"] {
        // A publisher that heard no answer sends again: the key keeps the second one out.
        let message = NewMessage { dedup_key: Some(order.into()), ..NewMessage::new(order) };
        host.tell(Command::Publish { to: Address::Queue(queue), message })?;
    }

    let mut done = Vec::new();
    loop {
        let Reply::Received(deliveries) =
            host.tell(Command::Receive { queue, max: 10, lease: None })?
        else {
            unreachable!("a receive is answered so")
        };
        for delivery in deliveries {
            let order = String::from_utf8_lossy(delivery.message.body.as_bytes()).into_owned();
            let how = if order.contains("broken") {
                Settle::Retry { delay: None, reason: FailReason::Transient }
            } else {
                done.push(order);
                Settle::Ack
            };
            host.tell(Command::Settle { receipt: delivery.receipt, how })?;
        }
        // Nothing is ready. A real host sleeps until then, or until somebody publishes.
        let Some(deadline) = host.engine.next_deadline() else { break };
        host.now = deadline;
    }
    assert_eq!(done, ["17", "19"]);
    assert_eq!(host.engine.queue_stats(dead).map(|stats| stats.depth()), Some(1));

    let mut replayed = Engine::new();
    for line in &host.journal {
        let (at, command) = serde_json::from_str::<Record<Command>>(line)?.open()?;
        replayed.apply(at, command, &mut ())?;
    }
    assert_eq!(replayed.digest(), host.engine.digest(), "the journal holds all of it");
    println!("done: {done:?}; {} commands replayed to the same state", host.journal.len());
    Ok(())
}

#[test]
fn it_runs() {
    main().expect("it comes to its end");
}
