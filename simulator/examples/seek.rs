//! How long a seek takes in a run of ten minutes at 100 messages a second to three channels, one
//! of which hangs for half a minute.
//!
//! `cargo run -p postroom-simulator --example seek`

use std::time::{Duration, Instant};

use postroom_core::Timestamp;
use postroom_simulator::{Arrivals, Fault, Mode, Run, Scenario, ScenarioError, Topology, World};

fn main() -> Result<(), ScenarioError> {
    let outage = include_str!("outage.json");
    let mut scenario: Scenario<Topology> =
        Scenario::read(outage, serde_json::from_str, serde_json::from_str)?;
    scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 6_000 };
    scenario.system.consumers.iter_mut().for_each(|consumer| consumer.config.concurrency = 100);
    scenario.faults = vec![Fault::mode(120_000, "sms", Mode::Hanging).until(150_000)];

    let mut world = World::new(scenario.clone(), &mut ())?;
    let (took, ()) = timed(|| world.run_until(Timestamp::from_millis(600_000), &mut ()));
    println!("ten minutes without keeping anything: {took:?}");
    let mut run = Run::new(scenario)?;
    let (took, ()) = timed(|| {
        (1..=600).for_each(|second| drop(run.advance_to(Timestamp::from_millis(second * 1_000))));
    });
    let (steps, events) = (run.world().steps(), run.world().events());
    println!(
        "ten minutes: {steps} steps, {events} events, {} snapshots, {took:?}",
        run.snapshots()
    );
    println!("a snapshot of the end: {:?}", timed(|| run.world().clone()).0);
    for second in [4, 144, 284, 424, 564] {
        let to = Timestamp::from_millis(second * 1_000);
        run.seek(Timestamp::from_millis(600_000));
        let (took, update) = timed(|| run.seek(to));
        println!("back to second {second}: {took:?} with all {} events", update.batch.events.len());
        let known = update.batch.events.len() as u64 / 20_000 * 20_000;
        run.seek(Timestamp::from_millis(600_000));
        let (took, update) = timed(|| run.seek_from(to, known));
        println!("  {took:?} with the last {}", update.batch.events.len());
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "measures how long the simulator itself takes")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}
