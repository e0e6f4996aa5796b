//! What going back in time costs in memory, measured.

use std::{alloc::System, sync::Arc};

use cap::Cap;
use postroom_core::{Recorded, Timestamp};
use postroom_simulator::{Run, Scenario, Topology, limits::SNAPSHOT_BYTES_MAX};
use postroom_web::{
    run::{Fold, MEMORY_BYTES_MAX, Memory, View},
    sandbox::compare::Notes,
    scenes,
};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// A run's snapshots and a page's together.
const BYTES_MAX: u64 = 64 << 20;
/// Events in a block of a run's history.
const BLOCK: u64 = 4_096;

/// One test, since what is allocated is counted for all threads.
#[test]
fn what_is_kept_of_ten_minutes_is_estimated_well_and_within_its_bounds() {
    let call = [100, 350];
    for (what, queues, per_minute, concurrency, millis, seconds) in [
        ("100 messages a second to a queue", 1, 6_000, 100, call, 600),
        ("20 messages a second to 5 queues", 5, 1_200, 8, call, 600),
        ("100 messages a second to 5 queues", 5, 6_000, 100, call, 600),
        ("10,000 messages at work", 5, 12_000, 4_000, [9_000, 11_000], 60),
        ("a backlog that grows", 1, 6_000, 1, [9_000, 11_000], 600),
    ] {
        let scenario = busy(queues, per_minute, concurrency, millis);
        let (run, memory) = play(scenario, seconds);
        let (snapshots, places) = (run.snapshot_bytes(), memory.bytes());
        let kept = run.past().count() as u64;
        let history = kept.div_ceil(BLOCK) * BLOCK * size_of::<Recorded>() as u64;

        let places_take = freed_by(memory);
        let snapshots_take = freed_by(run).saturating_sub(history);
        println!(
            "{what}: snapshots take {} KiB, and {} KiB as estimated; the page's take {} KiB, and {} KiB",
            snapshots_take >> 10,
            snapshots >> 10,
            places_take >> 10,
            places >> 10,
        );
        assert!(snapshots <= SNAPSHOT_BYTES_MAX && places <= MEMORY_BYTES_MAX, "{what}");
        assert!(snapshots_take + places_take <= BYTES_MAX, "{what}");
        for (take, estimate) in [(snapshots_take, snapshots), (places_take, places)] {
            assert!(take <= estimate + estimate / 4, "{what}: {take} are more than {estimate}");
            assert!(estimate <= 4 * take, "{what}: {take} are far less than {estimate}");
        }
    }
}

type Kept = (<View as Fold>::Kept, <Notes as Fold>::Kept);

/// Plays the scenario for so long, as the page does.
fn play(scenario: Arc<Scenario<Topology>>, seconds: u64) -> (Run<Topology>, Memory<Kept>) {
    let scene = scenes::of_topology(Arc::clone(&scenario)).expect("it can be built");
    let (mut view, mut notes) = (View::new(scene.layout, Vec::new()), Notes::default());
    let mut run = Run::new(scenario).expect("it can be built");
    let mut memory = Memory::default();
    for tenth in 0..=seconds * 10 {
        let update = run.advance_to(Timestamp::from_millis(tenth * 100));
        memory.take(&update, &mut (&mut view, &mut notes));
    }
    (run, memory)
}

fn freed_by<T>(what: T) -> u64 {
    let before = ALLOCATOR.allocated();
    drop(what);
    before.saturating_sub(ALLOCATOR.allocated()) as u64
}

fn busy(
    queues: usize,
    per_minute: u32,
    concurrency: u32,
    millis: [u64; 2],
) -> Arc<Scenario<Topology>> {
    let names: Vec<_> = (0..queues).map(|number| format!("queue {number}")).collect();
    let each =
        |make: &dyn Fn(&str) -> Value| names.iter().map(|name| make(name)).collect::<Value>();
    let [min, max] = millis;
    let consumer = json!({ "concurrency": concurrency, "call_timeout_ms": 20_000 });
    let document = json!({
        "version": 1,
        "name": "A busy shop",
        "seed": 1,
        "system": {
            "queues": each(&|name| json!({ "name": name })),
            "topics": [{ "name": "orders" }],
            "subscriptions": each(&|name| json!({ "topic": "orders", "queue": name })),
            "consumers": each(&|name| json!({ "name": name, "queue": name, "config": consumer })),
            "routes": { "shop": { "to": "orders" } },
        },
        "producers": [{ "name": "shop", "arrivals": { "poisson": { "per_minute": per_minute } } }],
        "providers": each(&|name| json!({ "name": name, "latency_ms": { "uniform": { "min": min, "max": max } } })),
    });
    let read = Scenario::read(&document.to_string(), serde_json::from_str, serde_json::from_str);
    Arc::new(read.expect("it is a scenario"))
}
