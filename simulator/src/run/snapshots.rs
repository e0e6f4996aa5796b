//! Snapshots of a branch: dense where it was run last, ever sparser before.

use std::sync::Arc;

use postroom_core::{Blueprint, Timestamp};

use crate::{limits::SNAPSHOT_STEPS, world::World};

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
    pub(super) fn offer(&mut self, world: &World<S>, max: usize) {
        let last = self.worlds.last().map_or(0, |last| last.steps());
        if world.steps() >= last + SNAPSHOT_STEPS {
            self.worlds.push(Arc::new(world.clone()));
            self.thin(max);
        }
    }

    /// Drops those that are missed least until `max` are left.
    pub(super) fn thin(&mut self, max: usize) {
        while self.worlds.len() > max.max(2) {
            let dropped = self.missed_least();
            self.worlds.remove(dropped);
        }
    }

    /// The one without which the gap is smallest in proportion to its distance from the end. So
    /// distances double with age: a logarithm of snapshots covers the whole run.
    fn missed_least(&self) -> usize {
        let steps = |i: usize| self.worlds[i].steps();
        let last = self.worlds.len() - 1;
        let cost = |i: usize| {
            let (gap, age) = (steps(i + 1) - steps(i - 1), steps(last) - steps(i - 1));
            (u128::from(gap) << 32) / u128::from(age.max(1))
        };
        // The beginning and the last are not up for it.
        (1..last).min_by_key(|i| cost(*i)).unwrap_or(last)
    }
}
