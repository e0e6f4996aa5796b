//! Snapshots of a branch: dense where it was run last, ever sparser before.

use std::sync::Arc;

use postroom_core::{Blueprint, Timestamp};

use crate::{
    limits::{
        BRANCHES_MAX, SNAPSHOT_BYTES_MAX, SNAPSHOT_STEPS, SNAPSHOTS_ASIDE_MAX, SNAPSHOTS_MAX,
    },
    world::World,
};

/// Worlds of one branch in the order of their steps; the first is the beginning and stays.
///
/// Branches share the worlds they have in common.
#[derive(Clone)]
pub(super) struct Snapshots<S: Blueprint> {
    worlds: Vec<Arc<World<S>>>,
}

impl<S: Blueprint> Snapshots<S> {
    pub(super) fn new(beginning: World<S>) -> Self {
        Self { worlds: vec![Arc::new(beginning)] }
    }

    pub(super) fn len(&self) -> usize {
        self.worlds.len()
    }

    /// The last one not later than `to`.
    pub(super) fn before(&self, to: Timestamp) -> &World<S> {
        let after = self.worlds.partition_point(|world| world.now() <= to);
        // The beginning is at time zero.
        &self.worlds[after.max(1) - 1]
    }

    /// Those of a branch that forks off at `fork`.
    pub(super) fn up_to(&self, fork: &World<S>) -> Self {
        let shared = self.worlds.partition_point(|world| {
            (world.steps(), world.interventions(), world.now())
                <= (fork.steps(), fork.interventions(), fork.now())
        });
        Self { worlds: self.worlds[..shared.max(1)].to_vec() }
    }

    /// Keeps `world`, the furthest of the branch, if enough has happened since the last one.
    pub(super) fn offer(&mut self, world: &World<S>) {
        let last = self.worlds.last().map_or(0, |last| last.steps());
        if world.steps() >= last + SNAPSHOT_STEPS {
            self.worlds.push(Arc::new(world.clone()));
            self.thin(SNAPSHOTS_MAX, CURRENT_BYTES_MAX);
        }
    }

    /// Those of a branch that is not current take little room.
    pub(super) fn put_aside(&mut self) {
        self.thin(SNAPSHOTS_ASIDE_MAX, ASIDE_BYTES_MAX);
    }

    /// Drops those that are missed least until few enough and small enough ones are left.
    fn thin(&mut self, max: usize, bytes_max: u64) {
        let mut bytes: u64 = self.worlds.iter().map(|world| world.bytes()).sum();
        while self.worlds.len() > 2 && (self.worlds.len() > max || bytes > bytes_max) {
            let dropped = self.worlds.remove(self.missed_least());
            bytes -= dropped.bytes();
        }
    }

    /// The one without which the gap is smallest in proportion to its distance from the end. So
    /// gaps grow with age, and the number of snapshots with the logarithm of the run's length.
    fn missed_least(&self) -> usize {
        let steps = |i: usize| self.worlds[i].steps();
        let last = self.worlds.len() - 1;
        let cost = |i: usize| {
            let (gap, age) = (steps(i + 1) - steps(i - 1), steps(last) - steps(i - 1));
            (u128::from(gap) << 32) / u128::from(age + EVEN_STEPS)
        };
        // The beginning and the last are not up for it.
        (1..last).min_by_key(|i| cost(*i)).unwrap_or(last)
    }
}

/// Up to about this distance from the end, gaps are even: a shorter one than it takes to replay
/// in a few milliseconds would gain nothing.
const EVEN_STEPS: u64 = 1 << 16;
/// Three quarters for the current branch; the others share the rest.
const CURRENT_BYTES_MAX: u64 = SNAPSHOT_BYTES_MAX / 4 * 3;
const ASIDE_BYTES_MAX: u64 = SNAPSHOT_BYTES_MAX / 4 / BRANCHES_MAX as u64;

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{Arrivals, Topology, tests::calm};

    /// 100 messages a second, worked by a hundred hands or not at all.
    fn world(is_worked: bool) -> World<Topology> {
        let mut scenario = calm(4);
        scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 6_000 };
        scenario.system.consumers.iter_mut().for_each(|c| c.config.concurrency = 100);
        if !is_worked {
            scenario.system.consumers.clear();
            scenario.providers.clear();
        }
        World::new(scenario, &mut ()).expect("it can be built")
    }

    fn run(world: &mut World<Topology>, snapshots: &mut Snapshots<Topology>, steps: u64) {
        while world.steps() < steps {
            world.step(&mut ());
            snapshots.offer(world);
        }
    }

    fn bytes(snapshots: &Snapshots<Topology>) -> u64 {
        snapshots.worlds.iter().map(|world| world.bytes()).sum()
    }

    #[test]
    fn gaps_grow_with_age_and_not_beyond() {
        let mut world = world(true);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * (SNAPSHOTS_MAX as u64 - 1));
        assert_eq!(snapshots.len(), SNAPSHOTS_MAX, "all are kept");
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * (SNAPSHOTS_MAX as u64 + 40));
        assert_eq!(snapshots.len(), SNAPSHOTS_MAX);
        assert_eq!(snapshots.worlds[0].steps(), 0, "the beginning stays");
        for pair in snapshots.worlds.windows(2) {
            let (from, to) = (pair[0].steps(), pair[1].steps());
            let age = world.steps() - from;
            assert!((to - from) * 16 <= age + EVEN_STEPS, "{from} to {to}");
        }
        snapshots.put_aside();
        assert_eq!(snapshots.len(), SNAPSHOTS_ASIDE_MAX);
    }

    #[test]
    fn the_heavier_the_fewer() {
        let mut world = world(false);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 8);
        assert_eq!(snapshots.len(), 9, "they are light enough");
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 16);
        assert!(snapshots.len() < 9 && bytes(&snapshots) <= CURRENT_BYTES_MAX);
        assert!(bytes(&snapshots) + world.bytes() > CURRENT_BYTES_MAX, "none is dropped in vain");
        snapshots.put_aside();
        assert_eq!(snapshots.len(), 2, "the beginning and the last, however heavy");
    }

    #[test]
    fn the_last_one_not_later_is_found() {
        let mut world = world(true);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 5);
        let last = snapshots.worlds[5].now();
        assert_eq!(snapshots.before(Timestamp::ZERO).steps(), 0);
        assert_eq!(snapshots.before(last).steps(), SNAPSHOT_STEPS * 5);
        let before = Timestamp::from_micros(last.as_micros() - 1);
        assert_eq!(snapshots.before(before).steps(), SNAPSHOT_STEPS * 4);
    }
}
