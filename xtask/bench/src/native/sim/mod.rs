//! What a customer of M/M/1 costs in the simulator, through the engine's real queue.

mod floor;
mod ours;
mod peers;

use std::path::Path;

use anyhow::ensure;

use super::{
    measure::{in_turns, nanos_each},
    report::{Peer, Row},
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
    /// One turn of ours in so many is followed by one of each peer.
    peers_every: u32,
    is_long: bool,
}

impl Effort {
    pub(super) const FULL: Self =
        Self { turns: 101, customers: 20_000, peers_every: 3, is_long: true };

    /// Enough to see that it runs.
    pub(super) const QUICK: Self =
        Self { turns: 3, customers: 500, peers_every: 1, is_long: false };
}

pub(super) fn rows(effort: &Effort, nexosim: Option<&Path>) -> anyhow::Result<Vec<Row>> {
    let mut simulators = peers::installed(nexosim);
    let mut turns = 0_u32;
    let row = row(System { servers: 1 }, effort, &mut || {
        turns += 1;
        let is_their_turn = turns.is_multiple_of(effort.peers_every);
        let mut theirs = simulators.iter_mut().filter(|_| is_their_turn);
        theirs.try_for_each(|simulator| simulator.turn(effort.customers))
    })?;
    let peers = simulators.into_iter().map(|simulator| simulator.into_peer(effort.is_long));
    let peers = peers.collect::<anyhow::Result<Vec<Peer>>>()?;
    Ok(vec![row.with_peers(peers), self::row(System { servers: 4 }, effort, &mut || Ok(()))?])
}

fn row(
    system: System,
    effort: &Effort,
    between: &mut dyn FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<Row> {
    let customers = effort.customers;
    let (mut of_ours, mut of_floor) = (Vec::new(), Vec::new());
    let turn = |run: fn(System, u64, u64) -> Figures, figures: &mut Vec<Figures>| {
        let seed = figures.len() as u64;
        nanos_each(customers, || figures.push(run(system, seed, customers.into())))
    };
    let [ours, floor] = in_turns(
        effort.turns,
        [
            &mut || {
                between()?;
                Ok(turn(ours::run, &mut of_ours))
            },
            &mut || Ok(turn(floor::run, &mut of_floor)),
        ],
    )?;
    ensure!(of_ours == of_floor, "the floor simulates something else than we do");
    let name = format!("M/M/{} at a load of 0.8, a customer", system.servers);
    Ok(Row::of_turns(name, "ns", &ours, &floor).ratio_at_most(4.0))
}
