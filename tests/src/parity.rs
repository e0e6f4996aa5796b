//! One seed, one history, on every platform: what `tests/parity` compares.

use std::{
    fmt::Write,
    hash::{Hash, Hasher},
    ops::Range,
};

use postroom_core::{Digest, SEMANTICS_VERSION, Timestamp};
use postroom_notification::{Channel, NotificationCommand};
use postroom_simulator::{Intervention, World};

use crate::storm::{STORM_SECS, storm};

/// The seeds that are compared.
pub const SEEDS: Range<u64> = 0..100;

/// A digest for each seed: of every event of its storm with its time, and of all that is left at
/// the end.
///
/// # Panics
/// When a storm cannot be simulated; the text names the seed.
#[must_use]
pub fn parity_digests(seeds: Range<u64>) -> Vec<u64> {
    seeds.map(digest).collect()
}

/// The digests as the golden file holds them: the semantics' version, then a line for each seed.
#[must_use]
pub fn golden(digests: &[u64]) -> String {
    let mut text = format!("semantics {SEMANTICS_VERSION}\n");
    for (seed, digest) in digests.iter().enumerate() {
        writeln!(text, "{seed} {digest:016x}").expect("a string takes all");
    }
    text
}

fn digest(seed: u64) -> u64 {
    let mut world = World::new(storm(seed), &mut ())
        .unwrap_or_else(|error| panic!("the storm of seed {seed}: {error}"));
    world.run_until(Timestamp::from_millis(STORM_SECS * 1_000), &mut ());
    for channel in Channel::ALL {
        let redrive = NotificationCommand::Redrive { channel, max: 100, per_second: Some(10) };
        world
            .intervene(Intervention::Command(redrive), &mut ())
            .unwrap_or_else(|error| panic!("the redrive of seed {seed}: {error}"));
    }
    world.run_until(Timestamp::from_millis((STORM_SECS + 10) * 1_000), &mut ());
    let mut digest = Digest::default();
    (world.trace_digest(), world.digest()).hash(&mut digest);
    digest.finish()
}
