//! What a customer of M/M/1 costs in the simulator, through the engine's real queue.

mod floor;
mod ours;

use anyhow::ensure;

use super::{
    measure::{in_turns, nanos_each},
    report::Row,
};

const CUSTOMERS: &str = "customers";
const PROVIDER: &str = "servers";

/// The mean service time.
const SERVICE_MS: u64 = 100;

/// A queue before some servers, at a load of 0.8.
#[derive(Clone, Copy)]
struct System {
    servers: u32,
}

impl System {
    fn arrivals_per_minute(self) -> u32 {
        self.services_per_minute() * self.servers * 8 / 10
    }

    /// Of one server.
    fn services_per_minute(self) -> u32 {
        60_000 / SERVICE_MS as u32
    }
}

/// What one run came to. Whoever draws the same numbers comes to the same.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    started: u64,
    wait_us: u64,
}

/// How much is measured.
pub(super) struct Effort {
    turns: u32,
    customers: u32,
}

impl Effort {
    pub(super) const FULL: Self = Self { turns: 101, customers: 20_000 };

    /// Enough to see that it runs.
    pub(super) const QUICK: Self = Self { turns: 3, customers: 500 };
}

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for servers in [1, 4] {
        let system = System { servers };
        let customers = effort.customers;
        let seeds = u64::from(effort.turns) + 1;
        let (mut of_ours, mut of_floor) = (Vec::new(), Vec::new());
        let turn = |run: fn(System, u64, u64) -> Figures, figures: &mut Vec<Figures>| {
            let seed = figures.len() as u64 % seeds;
            Ok(nanos_each(customers, || figures.push(run(system, seed, customers.into()))))
        };
        let [ours, floor] = in_turns(
            effort.turns,
            [&mut || turn(ours::run, &mut of_ours), &mut || turn(floor::run, &mut of_floor)],
        )?;
        ensure!(of_ours == of_floor, "the floor simulates something else than we do");
        let name = format!("M/M/{servers} at a load of 0.8, a customer");
        rows.push(Row::of_turns(name, "ns", &ours, &floor).ratio_at_most(4.0));
    }
    Ok(rows)
}
