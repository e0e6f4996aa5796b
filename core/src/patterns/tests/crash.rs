//! Crashes at every step, one, two and many of them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{
    world::{Fate, World},
    *,
};
use crate::entropy::mix;

const CRASHES: [Fate; 2] = [Fate::LostBefore, Fate::LostAfter];

/// One order, from its arrival to its receipts, with a crash at each of these commits.
fn run(crashes: &[(u64, Fate)]) -> World {
    let mut world = World::new(1, 100);
    world.order(1);
    for _ in 0..8 {
        let fate = |commit: u64| {
            let crash = crashes.iter().find(|(at, _)| *at == commit);
            crash.map_or(Fate::Well, |(_, fate)| *fate)
        };
        while world.work(0, fate(world.commits)) {}
        while world.relay(0, fate(world.commits)) {}
        // The lease of what a crash left behind runs out.
        world.pass(5_000);
    }
    world
}

#[test]
fn one_crash_or_two_anywhere_charge_once_and_lose_no_receipt() {
    let commits = run(&[]).commits;
    assert!(commits >= 7, "receive, handle and settle; publish and tell, twice");
    let places = || (0..commits + 7).flat_map(|at| CRASHES.map(|fate| (at, fate)));
    let mut cases = 0;
    for first in places() {
        for second in places().filter(|second| second.0 >= first.0) {
            let mut world = run(&[first, second]);
            world.settle_down();
            world.assert_all_well(1, &format!("{first:?}, {second:?}"));
            cases += 1;
        }
    }
    assert!(cases > 300, "{cases}");
}

/// Several workers and relays at once, orders among them that the shop refuses, an outbox and a
/// queue of receipts that are often full, and crashes all the time.
#[test]
fn whatever_the_interleaving_each_order_is_charged_once_and_each_receipt_comes_once() {
    let (mut crashes, mut full) = (0, 0);
    for seed in 0..400 {
        let mut state = mix(seed);
        let mut draw = |below| {
            state = mix(state);
            state % below
        };
        let workers = 1 + draw(3) as usize;
        let mut world = World::new(workers, 1 + draw(4));
        let crash_percent = [0, 5, 20, 60][draw(4) as usize];
        let mut orders = 0;
        for _ in 0..150 {
            let fate = if draw(100) < crash_percent {
                crashes += 1;
                CRASHES[draw(2) as usize]
            } else {
                Fate::Well
            };
            let index = draw(workers as u64) as usize;
            match draw(20) {
                0 if orders < 12 => {
                    orders += 1;
                    world.order(orders);
                }
                1 if draw(4) == 0 => world.order(0),
                2..10 => drop(world.work(index, fate)),
                10..16 => drop(world.relay(index, fate)),
                16 => world.read_receipts(),
                17 => world.redrive(),
                18 => world.pass(draw(6_000)),
                _ => world.pass(draw(50)),
            }
            full += u64::from(world.shop.outbox().failures() > 0);
            let shop = world.shop.outbox().decider();
            assert!(shop.charges.values().all(|times| *times == 1), "seed {seed}: charged twice");
            assert!(shop.receipts.starts_with(&world.read), "seed {seed}: receipts out of order");
        }
        world.settle_down();
        world.assert_all_well(orders, &format!("seed {seed}"));
    }
    assert!(crashes > 1_000 && full > 1_000, "{crashes} crashes, {full} steps with a full queue");
}
