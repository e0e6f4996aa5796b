//! The simulator as a whole, on a small system of three channels.

mod callers;
mod drawings;
mod faults;
mod hostile;
mod limits;
mod producers;
mod providers;
mod reports;
mod rewind;
mod routes;
mod runs;
mod scaling;
mod scenarios;
mod services;
mod worlds;

use postroom_core::{Event, QueueId, Timestamp};

use crate::{Arrivals, Fault, Mode, Scenario, Topology, Trace, World};

/// One topic, three channels; a message every three seconds, and SMS hangs for half a minute.
fn outage() -> Scenario<Topology> {
    let text = include_str!("../../examples/outage.json");
    Scenario::read(text, serde_json::from_str, serde_json::from_str).expect("it is a scenario")
}

/// The three channels with 120 messages a minute by chance, and nothing that goes wrong.
pub(crate) fn calm(seed: u64) -> Scenario<Topology> {
    let mut scenario = Scenario { seed, faults: Vec::new(), ..outage() };
    scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 120 };
    scenario
}

/// SMS behaves so from the fifth second to the twentieth.
fn trouble(seed: u64, mode: Mode) -> Scenario<Topology> {
    Scenario { faults: vec![Fault::mode(5_000, "sms", mode).until(20_000)], ..calm(seed) }
}

fn secs(secs: u64) -> Timestamp {
    Timestamp::from_millis(secs * 1_000)
}

/// Runs a scenario for so many seconds.
fn run(scenario: Scenario<Topology>, until: u64) -> (World<Topology>, Trace) {
    let mut trace = Trace::new();
    let mut world = World::new(scenario, &mut trace).expect("it can be built");
    world.run_until(secs(until), &mut trace);
    (world, trace)
}

fn queue(world: &World<Topology>, name: &str) -> QueueId {
    world.machine().engine().find_queue(name).expect("there is such a queue")
}

/// What the trace says of one queue.
fn text_of(world: &World<Topology>, trace: &Trace, name: &str) -> String {
    trace.only(&[queue(world, name)]).to_text()
}

fn count(trace: &Trace, is_it: impl Fn(&Event) -> bool) -> u64 {
    trace.events().iter().filter(|(_, event)| is_it(event)).count() as u64
}
