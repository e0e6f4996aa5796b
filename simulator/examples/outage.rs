//! One provider of three hangs for half a minute: what its queue lives through, line by line.
//!
//! `cargo run -p postroom-simulator --example outage`

use postroom_core::{Hosted, QueueId, Timestamp};
use postroom_simulator::{Scenario, ScenarioError, Topology, Trace, World};

const OUTAGE: &str = include_str!("outage.json");

fn main() -> Result<(), ScenarioError> {
    let scenario: Scenario<Topology> =
        Scenario::read(OUTAGE, serde_json::from_str, serde_json::from_str)?;
    let mut trace = Trace::new();
    let mut world = World::new(scenario, &mut trace)?;
    world.run_until(Timestamp::from_millis(60_000), &mut trace);

    for channel in ["sms", "push"] {
        let engine = world.machine().engine();
        let dead = format!("{channel} dead letters");
        let queues: Vec<QueueId> =
            [channel, &dead].iter().filter_map(|name| engine.find_queue(name)).collect();
        println!("{channel}:\n{}", trace.only(&queues).named(world.machine()));
    }
    for provider in world.providers() {
        let taken = provider.taken();
        println!(
            "{}: {} taken, {} of them different",
            provider.name(),
            taken.total(),
            taken.distinct()
        );
    }
    println!("state {:016x}, trace {:016x}", world.machine().digest(), world.trace_digest());
    Ok(())
}
