//! Each mistake planted in the engine is found within a few hundred seeds: what proves the engine
//! does not prove it by looking away.

use postroom_core::{Bug, Jitter};

use crate::{
    agreement::{COMMANDS, disagreement},
    seeds::caught,
    swarm::{STEPS, run},
    weather::Weather,
};

/// Seeds within which a mistake must be found.
const SEEDS_MAX: u64 = 400;

#[test]
fn every_planted_bug_is_caught() {
    let found: Vec<(Bug, Option<(u64, &str)>)> =
        Bug::ALL.into_iter().map(|bug| (bug, find(bug))).collect();
    let mut missed = Vec::new();
    println!("{:<24} {:>5}  by", "planted", "seed");
    for (bug, catch) in found {
        match catch {
            Some((seed, by)) => println!("{:<24} {seed:>5}  {by}", format!("{bug:?}")),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "within {SEEDS_MAX} seeds nothing caught {missed:?}");
}

/// The first seed that shows a bug, and what shows it.
fn find(bug: Bug) -> Option<(u64, &'static str)> {
    (0..SEEDS_MAX).find_map(|seed| {
        let script = Weather::new(seed, Jitter::None).script(COMMANDS);
        if disagreement(&script, Some(bug)).is_some() {
            return Some((seed, "model"));
        }
        caught(|| run(seed, STEPS, Some(bug))).is_err().then_some((seed, "swarm"))
    })
}
