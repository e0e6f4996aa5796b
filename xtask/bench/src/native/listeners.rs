//! What events cost: nothing, when nobody listens.

use std::hint::black_box;

use postroom_core::{Event, Sink, Timestamp};

use super::{
    measure::{Effort, in_turns, nanos_each},
    report::Row,
};
use crate::{
    contender::{Contender, Leases, Steady},
    ours::Ours,
};

/// Listens, and forgets: what is left is the cost of making events.
struct Forgetful;

impl Sink for Forgetful {
    fn record(&mut self, at: Timestamp, event: Event) {
        black_box((at, event));
    }
}

/// Listens and counts.
#[derive(Default)]
struct Counting {
    events: u64,
}

impl Sink for Counting {
    fn record(&mut self, _: Timestamp, _: Event) {
        self.events += 1;
    }
}

/// Keeps the latest events, as a host does that hands them on in batches.
#[derive(Default)]
struct Recording {
    events: Vec<(Timestamp, Event)>,
}

impl Sink for Recording {
    fn record(&mut self, at: Timestamp, event: Event) {
        if self.events.len() == 1_024 {
            self.events.clear();
        }
        self.events.push((at, event));
    }
}

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let (waiting, in_flight) = effort.small;
    let mut nobody = Steady::new(Ours::new(()), Leases::Equal, waiting, in_flight);
    let mut counting =
        Steady::new(Ours::new(Counting::default()), Leases::Equal, waiting, in_flight);
    let mut forgetful = Steady::new(Ours::new(Forgetful), Leases::Equal, waiting, in_flight);
    let mut recording =
        Steady::new(Ours::new(Recording::default()), Leases::Equal, waiting, in_flight);
    let cycles = effort.cycles;
    let [nobody, counting, forgetful, recording] = in_turns(
        effort.turns,
        [
            &mut || turn(&mut nobody, cycles),
            &mut || turn(&mut counting, cycles),
            &mut || turn(&mut forgetful, cycles),
            &mut || turn(&mut recording, cycles),
        ],
    )?;
    let rows = [
        ("a listener that only counts", counting),
        ("a listener that looks at every event", forgetful),
        ("a listener that keeps every event", recording),
    ]
    .map(|(name, listened)| Row::of_turns(name, "ns", &listened, &nobody));
    Ok(rows.into())
}

fn turn(steady: &mut Steady<impl Contender>, cycles: u32) -> anyhow::Result<f64> {
    Ok(nanos_each(cycles, || steady.cycle(cycles)))
}
