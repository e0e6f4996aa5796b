//! What receiving and acknowledging costs as more waits.

use super::{
    measure::{Effort, in_turns, median, nanos_each},
    report::Row,
};
use crate::{
    contender::{Contender, Leases, Steady},
    floor::HeapFloor,
    ours::Ours,
};

const IN_FLIGHT: u32 = 100;

/// Messages taken out, timed, and put back, not timed: few beside those that wait.
const STRETCH: u32 = 200;

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut medians = Vec::new();
    let stretches = (effort.cycles / STRETCH).max(1);
    for waiting in effort.waiting {
        let mut ours = Steady::new(Ours::new(()), Leases::Arbitrary, *waiting, IN_FLIGHT);
        let mut floor = Steady::new(HeapFloor::lazy(), Leases::Arbitrary, *waiting, IN_FLIGHT);
        let [ours, floor] = in_turns(
            effort.turns,
            [&mut || Ok(receive_and_ack(&mut ours, stretches)), &mut || {
                Ok(receive_and_ack(&mut floor, stretches))
            }],
        )?;
        medians.push((median(&ours), median(&floor)));
        let name = format!("receive and acknowledge, {waiting} wait, {IN_FLIGHT} in flight");
        rows.push(Row::of_turns(name, "ns", &ours, &floor));
    }
    if let [(ours_first, floor_first), .., (ours_last, floor_last)] = *medians {
        let name = "the same, from the fewest to the most that wait";
        let row = Row::new(name, "times", ours_last / ours_first, floor_last / floor_first);
        rows.push(row.ratio_at_most(1.5));
    }
    Ok(rows)
}

fn receive_and_ack(steady: &mut Steady<impl Contender>, stretches: u32) -> f64 {
    let times: Vec<f64> = (0..stretches)
        .map(|_| {
            let time = nanos_each(STRETCH, || steady.receive_and_ack(STRETCH));
            steady.publish(STRETCH);
            time
        })
        .collect();
    median(&times)
}
