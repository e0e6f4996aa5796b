//! Publish, receive, acknowledge: with leases that differ, and with equal ones.

use super::{
    measure::{Effort, in_turns, nanos_each},
    peers,
    report::Row,
};
use crate::{
    contender::{Contender, Leases, Steady},
    floor::{HeapFloor, LaneFloor},
    ours::Ours,
};

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let sizes = [(effort.small, 3.0), (effort.large, 2.0)];
    let mut rows = Vec::new();
    for ((waiting, in_flight), bar) in sizes {
        let leases = Leases::Arbitrary;
        let name = format!("any lease, {waiting} wait, {in_flight} in flight");
        let (ours, floor) = beside(HeapFloor::lazy(), leases, waiting, in_flight, effort)?;
        let row = Row::of_turns(&name, "ns", &ours, &floor);
        rows.push(row.ratio_at_most(bar).with_peers(peers::CYCLE));
        let (ours, floor) = beside(HeapFloor::compacting(), leases, waiting, in_flight, effort)?;
        rows.push(Row::of_turns(format!("{name}; floor compacts"), "ns", &ours, &floor));
    }
    for ((waiting, in_flight), _) in sizes {
        let name = format!("equal leases, {waiting} wait, {in_flight} in flight");
        let (ours, floor) =
            beside(LaneFloor::default(), Leases::Equal, waiting, in_flight, effort)?;
        rows.push(Row::of_turns(name, "ns", &ours, &floor));
    }
    Ok(rows)
}

fn beside(
    floor: impl Contender,
    leases: Leases,
    waiting: u32,
    in_flight: u32,
    effort: &Effort,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let mut ours = Steady::new(Ours::new(()), leases, waiting, in_flight);
    let mut floor = Steady::new(floor, leases, waiting, in_flight);
    let cycles = effort.cycles;
    let [ours, floor] = in_turns(
        effort.turns,
        [&mut || Ok(nanos_each(cycles, || ours.cycle(cycles))), &mut || {
            Ok(nanos_each(cycles, || floor.cycle(cycles)))
        }],
    )?;
    Ok((ours, floor))
}
