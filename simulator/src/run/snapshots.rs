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

    /// About how many bytes they take.
    pub(super) fn bytes(&self) -> u64 {
        self.worlds.iter().map(|world| world.bytes()).sum()
    }

    /// The last one not later than `to` that has stated at most so many events.
    pub(super) fn before(&self, to: Timestamp, events: u64) -> &World<S> {
        let is_before = |world: &Arc<World<S>>| world.now() <= to && world.events() <= events;
        // The beginning is at time zero.
        &self.worlds[self.worlds.partition_point(is_before).max(1) - 1]
    }

    /// Those of a branch that forks off at `fork`.
    pub(super) fn up_to(&self, fork: &World<S>) -> Self {
        let shared = self.worlds.partition_point(|world| {
            (world.steps(), world.interventions(), world.now())
                <= (fork.steps(), fork.interventions(), fork.now())
        });
        Self { worlds: self.worlds[..shared.max(1)].to_vec() }
    }

    /// Keeps `world` if it is far enough from those before and after it: the furthest of the branch,
    /// or one in a gap that a seek had to run through again.
    pub(super) fn offer(&mut self, world: &World<S>) {
        let steps = world.steps();
        let place = self.worlds.partition_point(|other| other.steps() <= steps);
        let is_far = |other: Option<&Arc<World<S>>>| {
            other.is_none_or(|other| other.steps().abs_diff(steps) >= SNAPSHOT_STEPS)
        };
        if is_far(self.worlds[..place].last()) && is_far(self.worlds.get(place)) {
            self.worlds.insert(place, Arc::new(world.clone()));
            self.thin(SNAPSHOTS_MAX, CURRENT_BYTES_MAX);
        }
    }

    /// Those of a branch that is not current take little room.
    pub(super) fn put_aside(&mut self) {
        self.thin(SNAPSHOTS_ASIDE_MAX, ASIDE_BYTES_MAX);
    }

    /// Drops those that are missed least until few enough and small enough ones are left.
    fn thin(&mut self, max: usize, bytes_max: u64) {
        let mut bytes = self.bytes();
        while self.worlds.len() > 2 && (self.worlds.len() > max || bytes > bytes_max) {
            let dropped = self.worlds.remove(self.missed_least());
            bytes -= dropped.bytes();
        }
    }

    fn missed_least(&self) -> usize {
        let steps: Vec<_> = self.worlds.iter().map(|world| world.steps()).collect();
        missed_least(&steps, EVEN_STEPS)
    }
}

/// Which of the places along a way that are kept, in their order, is missed least: the one without
/// which the gap is smallest in proportion to its distance from the end, where the last `even`
/// count the same. Dropping it whenever there are too many lets gaps grow with age, and the number
/// of places with the logarithm of the way's length. The first and the last are not up for it; with
/// fewer than three, the last is.
///
/// # Example: of five places three are left
/// ```
/// use postroom_simulator::missed_least;
///
/// let mut places = vec![0, 100, 200, 300, 400];
/// while places.len() > 3 {
///     places.remove(missed_least(&places, 10));
/// }
/// assert_eq!(places, [0, 300, 400]);
/// ```
#[must_use]
pub fn missed_least(places: &[u64], even: u64) -> usize {
    let last = places.len().saturating_sub(1);
    let cost = |i: &usize| {
        let (gap, age) = (places[i + 1] - places[i - 1], places[last] - places[i - 1]);
        (u128::from(gap) << 32) / u128::from(age + even)
    };
    (1..last).min_by_key(cost).unwrap_or(last)
}

/// Up to about this distance from the end, gaps are even: a shorter one than it takes to replay
/// in a few milliseconds would gain nothing.
const EVEN_STEPS: u64 = 1 << 18;
/// Three quarters for the current branch; the others share the rest.
const CURRENT_BYTES_MAX: u64 = SNAPSHOT_BYTES_MAX / 4 * 3;
const ASIDE_BYTES_MAX: u64 = SNAPSHOT_BYTES_MAX / 4 / BRANCHES_MAX as u64;

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{Arrivals, Topology, tests::calm};

    /// 100 messages a second, in one queue worked by a hundred hands, or in none worked at all.
    fn world(is_worked: bool) -> World<Topology> {
        let mut scenario = calm(4);
        scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 6_000 };
        scenario.system.consumers.iter_mut().for_each(|c| c.config.concurrency = 100);
        let worked = usize::from(is_worked);
        scenario.system.consumers.truncate(worked);
        scenario.system.subscriptions.truncate(if is_worked { 1 } else { usize::MAX });
        scenario.providers.truncate(worked);
        World::new(scenario, &mut ()).expect("it can be built")
    }

    fn run(world: &mut World<Topology>, snapshots: &mut Snapshots<Topology>, steps: u64) {
        while world.steps() < steps {
            world.step(&mut ());
            snapshots.offer(world);
        }
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
    fn a_gap_is_filled_when_it_is_run_through_again() {
        let mut world = world(true);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 8);
        snapshots.worlds.drain(3..6);
        let mut again = snapshots.before(world.now(), snapshots.worlds[2].events()).clone();
        run(&mut again, &mut snapshots, SNAPSHOT_STEPS * 8);
        let steps: Vec<_> = snapshots.worlds.iter().map(|world| world.steps()).collect();
        assert_eq!(steps, (0..=8).map(|each| each * SNAPSHOT_STEPS).collect::<Vec<_>>());
    }

    #[test]
    fn the_heavier_the_fewer() {
        let mut world = world(false);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 8);
        assert_eq!(snapshots.len(), 9, "they are light enough");
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 16);
        assert!(snapshots.len() < 9 && snapshots.bytes() <= CURRENT_BYTES_MAX);
        assert!(snapshots.bytes() + world.bytes() > CURRENT_BYTES_MAX, "none is dropped in vain");
        snapshots.put_aside();
        assert_eq!(snapshots.len(), 2, "the beginning and the last, however heavy");
    }

    #[test]
    fn the_last_one_not_later_is_found() {
        let mut world = world(true);
        let mut snapshots = Snapshots::new(world.clone());
        run(&mut world, &mut snapshots, SNAPSHOT_STEPS * 5);
        let last = snapshots.worlds[5].now();
        assert_eq!(snapshots.before(Timestamp::ZERO, u64::MAX).steps(), 0);
        assert_eq!(snapshots.before(last, u64::MAX).steps(), SNAPSHOT_STEPS * 5);
        let events = snapshots.worlds[2].events();
        assert_eq!(snapshots.before(last, events).steps(), SNAPSHOT_STEPS * 2);
        let before = Timestamp::from_micros(last.as_micros() - 1);
        assert_eq!(snapshots.before(before, u64::MAX).steps(), SNAPSHOT_STEPS * 4);
    }
}
