//! A branch: one history of inputs, with what is remembered of it.

use postroom_core::{Blueprint, Recorded, Timestamp};

use super::{
    history::History,
    protocol::{BranchId, BranchView},
    snapshots::Snapshots,
};
use crate::{
    intervention::{CommandOf, Intervention},
    world::World,
};

/// An intervention with its place: after so many steps, at that time.
#[derive(Clone, Debug)]
pub(super) struct Input<C> {
    pub(super) at: Timestamp,
    pub(super) after_steps: u64,
    pub(super) what: Intervention<C>,
}

pub(super) struct Branch<S: Blueprint> {
    pub(super) id: BranchId,
    parent: Option<BranchId>,
    forked: Timestamp,
    pub(super) inputs: Vec<Input<CommandOf<S>>>,
    pub(super) history: History,
    pub(super) snapshots: Snapshots<S>,
    /// How far it has been run.
    pub(super) end: Timestamp,
    pub(super) end_steps: u64,
}

impl<S: Blueprint> Branch<S> {
    pub(super) fn first(beginning: World<S>) -> Self {
        Self {
            id: BranchId::new(0),
            parent: None,
            forked: Timestamp::ZERO,
            inputs: Vec::new(),
            history: History::default(),
            end: beginning.now(),
            end_steps: beginning.steps(),
            snapshots: Snapshots::new(beginning),
        }
    }

    /// Whether `world` stands where this branch ends.
    pub(super) fn ends_at(&self, world: &World<S>) -> bool {
        world.interventions() == self.inputs.len() as u64
            && world.steps() == self.end_steps
            && world.now() >= self.end
    }

    /// The input that comes right after where `world` stands.
    pub(super) fn input_after(&self, world: &World<S>) -> Option<&Input<CommandOf<S>>> {
        let next = self.inputs.get(world.interventions() as usize);
        next.filter(|input| input.after_steps == world.steps())
    }

    /// `world` has moved on and has just stated `events`, some of which may be known already.
    pub(super) fn remember(&mut self, world: &World<S>, events: &[Recorded]) {
        let first = world.events() - events.len() as u64;
        let known = self.history.end().saturating_sub(first) as usize;
        events.iter().skip(known).for_each(|event| self.history.push(*event));
        self.snapshots.offer(world);
        self.reached(world);
    }

    /// It has been run at least as far as `world` stands.
    pub(super) fn reached(&mut self, world: &World<S>) {
        self.end = self.end.max(world.now());
        self.end_steps = self.end_steps.max(world.steps());
    }

    pub(super) fn view(&self, current: bool) -> BranchView {
        BranchView {
            id: self.id,
            parent: self.parent,
            forked_us: self.forked,
            end_us: self.end,
            interventions: self.inputs.len() as u64,
            current,
        }
    }
}

impl<S: Blueprint> Branch<S>
where
    CommandOf<S>: Clone,
{
    /// All of it, for a run of its own.
    pub(super) fn copied(&self) -> Self {
        Self {
            id: self.id,
            parent: self.parent,
            forked: self.forked,
            inputs: self.inputs.clone(),
            history: self.history.clone(),
            snapshots: self.snapshots.clone(),
            end: self.end,
            end_steps: self.end_steps,
        }
    }

    /// A branch with this one's past up to `world` and no future yet.
    pub(super) fn fork(&self, id: BranchId, world: &World<S>) -> Self {
        Self {
            id,
            parent: Some(self.id),
            forked: world.now(),
            inputs: self.inputs[..world.interventions() as usize].to_vec(),
            history: self.history.up_to(world.events()),
            snapshots: self.snapshots.up_to(world),
            end: world.now(),
            end_steps: world.steps(),
        }
    }
}
