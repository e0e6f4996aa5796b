//! A run: a world with a past to go back to, and with other futures.

mod branch;
mod history;
mod protocol;
mod snapshots;
mod trial;

use std::{fmt::Display, sync::Arc};

use postroom_core::{Batch, Blueprint, Recorded, Timestamp};

use self::{
    branch::{Branch, Input},
    history::Numbered,
};
pub use self::{
    protocol::{BranchId, BranchView, RunCommand, RunUpdate},
    snapshots::missed_least,
};
use crate::{
    intervention::{CommandOf, ErrorOf, Intervention, InterventionError},
    limits::{BRANCHES_MAX, INPUTS_MAX},
    scenario::{Scenario, ScenarioError},
    world::World,
};

/// A world that can be run, stepped, rewound and branched.
///
/// It keeps every intervention with its virtual time, so that any time of any branch can be
/// visited again: the nearest snapshot is taken and the rest is run once more, to the same state
/// and the same events.
///
/// # Example: break something, go back, and see the future in which it stays whole
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{BranchId, Intervention, Mode, Run, Scenario, Topology};
///
/// let text = include_str!("../../examples/outage.json");
/// let mut scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// scenario.faults.clear();
/// let second = |second: u64| Timestamp::from_millis(second * 1_000);
/// let push = |mode| Intervention::SetMode { provider: "push".to_owned(), mode };
/// let taken = |run: &Run<Topology>| run.world().provider("push").map(|p| p.taken().total());
///
/// let mut run = Run::new(scenario)?;
/// run.advance_to(second(30));
/// run.intervene(push(Mode::Failing))?;
/// run.advance_to(second(60));
/// let broken = (taken(&run), run.world().digest());
///
/// run.seek(second(40));
/// run.intervene(push(Mode::Healthy))?; // In the past: this makes a branch.
/// run.advance_to(second(60));
/// assert!(taken(&run) > broken.0);
///
/// run.switch(BranchId::new(0))?; // The old future is as it was.
/// assert_eq!((taken(&run), run.world().digest()), broken);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Run<S: Blueprint> {
    world: World<S>,
    current: Branch<S>,
    /// The one that was current last stands last.
    others: Vec<Branch<S>>,
    branches_made: u32,
    /// Events for the next update.
    pending: Vec<Recorded>,
}

/// There is no such branch any more: see [`Run::branches`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no branch {} any more", .0.number())]
pub struct NoSuchBranch(pub BranchId);

impl<S: Blueprint> Run<S>
where
    CommandOf<S>: Clone,
{
    /// The beginning of a scenario. The events of building the system come with the first update.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn new(scenario: impl Into<Arc<Scenario<S>>>) -> Result<Self, ScenarioError> {
        let mut pending = Vec::new();
        let mut sink = Numbered { command: 1, index: 0, events: &mut pending };
        let world = World::new(scenario, &mut sink)?;
        let mut current = Branch::first(world.clone());
        pending.iter().for_each(|event| current.history.push(*event));
        Ok(Self { world, current, others: Vec::new(), branches_made: 1, pending })
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> &World<S> {
        &self.world
    }

    /// The run's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// How far the current branch has been run.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.current.end
    }

    /// The branches in the order of their making. There are at most [`BRANCHES_MAX`]: the one that
    /// was left longest ago is dropped for a new one.
    #[must_use]
    pub fn branches(&self) -> Vec<BranchView> {
        let others = self.others.iter().map(|branch| branch.view(false));
        let mut views = Vec::with_capacity(self.others.len() + 1);
        for view in others.chain([self.current.view(true)]) {
            let index = views.partition_point(|other: &BranchView| other.id < view.id);
            views.insert(index, view);
        }
        views
    }

    /// The current branch.
    #[must_use]
    pub fn branch(&self) -> BranchId {
        self.current.id
    }

    /// The current branch's interventions, with their times.
    pub fn interventions(&self) -> impl Iterator<Item = (Timestamp, &Intervention<CommandOf<S>>)> {
        self.current.inputs.iter().map(|input| (input.at, &input.what))
    }

    /// What has happened in the current branch up to now, oldest first: all of it, but for what
    /// happened before the last [`HISTORY_EVENTS_MAX`](crate::limits::HISTORY_EVENTS_MAX) events of
    /// the branch.
    ///
    /// # Example: the path of one message
    /// ```
    /// use postroom_core::{Event, Timestamp};
    /// use postroom_simulator::{Run, Scenario, Topology};
    ///
    /// let text = include_str!("../../examples/outage.json");
    /// let scenario: Scenario<Topology> =
    ///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
    /// let mut run = Run::new(scenario)?;
    /// run.advance_to(Timestamp::from_millis(20_000));
    /// let last = run.past().rev().find_map(|recorded| match recorded.event {
    ///     Event::Acked { message, .. } => Some(message),
    ///     _ => None,
    /// });
    /// let path: Vec<_> = run.past().filter(|it| it.event.message() == last).collect();
    /// assert!(matches!(path[0].event, Event::Published { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn past(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.current.history.between(0, self.world.events())
    }

    /// Snapshots of the current branch.
    #[must_use]
    pub fn snapshots(&self) -> usize {
        self.current.snapshots.len()
    }

    /// About how many bytes the snapshots of all branches take; a little more than they do, since
    /// branches share some. At most [`SNAPSHOT_BYTES_MAX`](crate::limits::SNAPSHOT_BYTES_MAX).
    #[must_use]
    pub fn snapshot_bytes(&self) -> u64 {
        let others = self.others.iter().map(|branch| branch.snapshots.bytes());
        self.current.snapshots.bytes() + others.sum::<u64>()
    }

    /// Carries out a command. What it refuses it says in the update.
    pub fn handle(&mut self, command: RunCommand<CommandOf<S>>) -> RunUpdate
    where
        ErrorOf<S>: Display,
    {
        match command {
            RunCommand::Advance { to_us, max_steps } => self.advance(to_us, max_steps),
            RunCommand::Step => self.step(),
            RunCommand::Seek { to_us } => self.seek(to_us),
            RunCommand::SeekFrom { to_us, known } => self.seek_from(to_us, known),
            RunCommand::Intervene(what) => {
                let refused = self.intervene(what).err();
                self.update(refused.map(|error| error.to_string()))
            }
            RunCommand::Switch { branch } => {
                self.switch(branch).unwrap_or_else(|error| self.update(Some(error.to_string())))
            }
            RunCommand::SwitchFrom { branch, known } => self
                .switch_from(branch, known)
                .unwrap_or_else(|error| self.update(Some(error.to_string()))),
            RunCommand::Replay => self.replay(),
        }
    }

    /// Runs on to `to`; a time in the past changes nothing.
    pub fn advance_to(&mut self, to: Timestamp) -> RunUpdate {
        self.advance(to, u64::MAX)
    }

    /// The same in at most `max_steps` steps.
    pub fn advance(&mut self, to: Timestamp, max_steps: u64) -> RunUpdate {
        let arrived = self.run(to, max_steps);
        RunUpdate { arrived, ..self.update(None) }
    }

    /// Does the next thing, whenever it is: one step of the world, or an intervention made before.
    pub fn step(&mut self) -> RunUpdate {
        let next = self.next_input().map(|input| input.at);
        if let Some(at) = next.or(self.world.next_event_at()) {
            self.run(at, 1);
        }
        self.update(None)
    }

    /// Goes to the state after everything up to and including `to`, or to the branch's end if
    /// `to` is later. After going back the watcher gets all events again.
    pub fn seek(&mut self, to: Timestamp) -> RunUpdate {
        self.seek_from(to, 0)
    }

    /// The same for a watcher that can go by itself to what it knew after the first `known` events
    /// of this branch, back or forth: it gets only those that follow, if that is not beyond `to`.
    pub fn seek_from(&mut self, to: Timestamp, known: u64) -> RunUpdate {
        let to = to.min(self.current.end);
        let is_ahead = to >= self.world.now();
        if is_ahead && known <= self.world.events() {
            self.leap(to);
            self.run(to, u64::MAX);
            return self.update(None);
        }
        self.go(to, known, is_ahead);
        self.replay_from(known)
    }

    /// Changes the world now. If the branch goes on from here already, that future is kept as it
    /// was and a new branch begins.
    ///
    /// # Errors
    /// As [`InterventionError`] says; then nothing has changed.
    pub fn intervene(
        &mut self,
        what: Intervention<CommandOf<S>>,
    ) -> Result<(), InterventionError<ErrorOf<S>>> {
        if self.world.interventions() >= INPUTS_MAX as u64 {
            return Err(InterventionError::TooMany);
        }
        // Tried out on a copy: what is refused leaves no trace and makes no branch.
        let (mut world, mut events) = (self.world.clone(), Vec::new());
        let command = world.commands() + 1;
        world.intervene(what.clone(), &mut Numbered { command, index: 0, events: &mut events })?;
        if !self.current.ends_at(&self.world) {
            self.fork();
        }
        let (at, after_steps) = (self.world.now(), self.world.steps());
        self.current.inputs.push(Input { at, after_steps, what });
        self.world = world;
        self.current.remember(&self.world, &events);
        self.pending.append(&mut events);
        Ok(())
    }

    /// Goes to the end of another branch. The watcher gets all its events.
    ///
    /// # Errors
    /// [`NoSuchBranch`]; then nothing has changed.
    pub fn switch(&mut self, to: BranchId) -> Result<RunUpdate, NoSuchBranch> {
        self.switch_from(to, 0)
    }

    /// The same for a watcher that can go by itself to what it knew after the first `known` events
    /// of that branch: it gets only those that follow.
    ///
    /// # Errors
    /// [`NoSuchBranch`]; then nothing has changed.
    pub fn switch_from(&mut self, to: BranchId, known: u64) -> Result<RunUpdate, NoSuchBranch> {
        if to != self.current.id {
            let place = self.others.iter().position(|branch| branch.id == to);
            let mut branch = self.others.remove(place.ok_or(NoSuchBranch(to))?);
            std::mem::swap(&mut self.current, &mut branch);
            self.put_aside(branch);
        }
        self.go(self.current.end, known, false);
        Ok(self.replay_from(known))
    }

    /// A run of its own that stands at the end of a branch, with that branch's past and future: for
    /// a watcher that looks at two futures at once. Nothing done to the one run touches the other.
    ///
    /// # Errors
    /// [`NoSuchBranch`].
    ///
    /// # Example: two futures beside each other
    /// ```
    /// use postroom_core::Timestamp;
    /// use postroom_simulator::{BranchId, Intervention, Mode, Run, Scenario, Topology};
    ///
    /// let text = include_str!("../../examples/outage.json");
    /// let scenario: Scenario<Topology> =
    ///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
    /// let mut run = Run::new(scenario)?;
    /// run.advance_to(Timestamp::from_millis(60_000));
    /// run.seek(Timestamp::from_millis(5_000));
    /// let mode = Mode::Failing;
    /// run.intervene(Intervention::SetMode { provider: "push".to_owned(), mode })?;
    ///
    /// let mut first = run.apart(BranchId::new(0))?;
    /// let later = Timestamp::from_millis(90_000);
    /// first.advance_to(later);
    /// run.advance_to(later);
    /// assert_eq!(first.now(), run.now());
    /// assert_ne!(first.world().digest(), run.world().digest());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apart(&self, branch: BranchId) -> Result<Self, NoSuchBranch> {
        let mut known = self.others.iter().chain([&self.current]);
        let branch = known.find(|each| each.id == branch).ok_or(NoSuchBranch(branch))?.copied();
        let end = branch.end;
        let mut run = Self {
            world: branch.snapshots.before(end, u64::MAX).clone(),
            current: branch,
            others: Vec::new(),
            branches_made: self.branches_made,
            pending: Vec::new(),
        };
        run.run(end, u64::MAX);
        // A watcher of this run has seen nothing yet: it asks for a replay.
        run.pending.clear();
        Ok(run)
    }

    /// Everything from the beginning again, for a watcher that forgets what it knew.
    pub fn replay(&mut self) -> RunUpdate {
        self.replay_from(0)
    }

    /// What a watcher that knows the first `known` events lacks: as kept, or as just run again.
    fn replay_from(&mut self, known: u64) -> RunUpdate {
        let events = self.world.events();
        let known = if known > events { 0 } else { known };
        let run_again_from = events - self.pending.len() as u64;
        let missed = if (run_again_from..self.current.history.first()).contains(&known) {
            self.pending.drain(..(known - run_again_from) as usize);
            known
        } else {
            let missed = known.max(self.current.history.first()).min(events);
            self.pending = self.current.history.copy(missed, events);
            missed
        };
        RunUpdate { reset: true, missed, ..self.update(None) }
    }

    /// What has not been told yet.
    fn update(&mut self, refused: Option<String>) -> RunUpdate {
        RunUpdate {
            reset: false,
            batch: Batch { events: std::mem::take(&mut self.pending) },
            missed: 0,
            now_us: self.world.now(),
            end_us: self.current.end,
            next_us: self.world.next_event_at(),
            arrived: true,
            branch: self.current.id,
            branches: self.branches(),
            refused,
        }
    }

    /// Goes to `to` from the last snapshot before it, or from where the world stands if that lies
    /// between. If what follows a watcher's `known` events is no longer kept, it happens once more:
    /// from a snapshot before these.
    fn go(&mut self, to: Timestamp, known: u64, is_ahead: bool) {
        let is_kept = known == 0 || known >= self.current.history.first();
        let snapshot = self.current.snapshots.before(to, if is_kept { u64::MAX } else { known });
        if !is_ahead || snapshot.steps() > self.world.steps() {
            self.pending.clear();
            self.world = snapshot.clone();
        }
        self.run(to, u64::MAX);
    }

    /// Runs to `to` in at most so many steps and past interventions; whether it got there.
    fn run(&mut self, to: Timestamp, max_steps: u64) -> bool {
        for _ in 0..max_steps {
            if !self.do_next(to) {
                break;
            }
        }
        let waits = self.next_input().is_some_and(|input| input.at <= to);
        let arrived = !waits && self.world.pass_to(to);
        self.current.reached(&self.world);
        arrived
    }

    /// Does the next thing if it is due by `to`.
    fn do_next(&mut self, to: Timestamp) -> bool {
        let known = self.pending.len();
        let command = self.world.commands() + 1;
        let mut sink = Numbered { command, index: 0, events: &mut self.pending };
        if let Some(input) = self.current.input_after(&self.world) {
            if input.at > to {
                return false;
            }
            self.world.pass_to(input.at);
            // It was made here before: it cannot be refused now.
            let _ = self.world.intervene(input.what.clone(), &mut sink);
        } else if !self.world.step_by(to, &mut sink) {
            return false;
        }
        self.current.remember(&self.world, &self.pending[known..]);
        true
    }

    fn next_input(&self) -> Option<&Input<CommandOf<S>>> {
        self.current.input_after(&self.world)
    }

    /// Leaps over a known stretch of the future, telling what happened in it.
    fn leap(&mut self, to: Timestamp) {
        let from = self.world.events();
        let snapshot = self.current.snapshots.before(to, u64::MAX);
        if snapshot.steps() > self.world.steps() && self.current.history.first() <= from {
            self.pending.extend(self.current.history.copy(from, snapshot.events()));
            self.world = snapshot.clone();
        }
    }

    fn fork(&mut self) {
        let id = BranchId::new(self.branches_made);
        self.branches_made += 1;
        let fork = self.current.fork(id, &self.world);
        let old = std::mem::replace(&mut self.current, fork);
        self.put_aside(old);
    }

    fn put_aside(&mut self, mut branch: Branch<S>) {
        branch.snapshots.put_aside();
        self.others.push(branch);
        if self.others.len() == BRANCHES_MAX {
            self.others.remove(0);
        }
    }
}
