//! A run behind orders and updates, advanced in slices.

use std::{fmt::Display, sync::Arc};

use postroom_core::{MessageId, Recorded, Timestamp};
use postroom_simulator::{
    BranchId, CommandOf, ErrorOf, Intervention, Run, RunCommand, RunUpdate, Scenario, ScenarioError,
};

use super::{Change, System, change};
use crate::{
    picture::Layout,
    player::Order,
    stage::{Direct, Mode, Served, Waiting},
};

/// Real time that one slice of work may take, in milliseconds.
pub const SLICE_MS: f64 = 4.0;
/// Steps between two looks at the clock: far less than a slice.
const STEPS_AT_ONCE: u64 = 64;
/// Steps that "the next thing that happens" may take to bring an event: a world whose producers
/// are silent changes nothing for long.
const STEPS_TO_AN_EVENT_MAX: u32 = 1_000;

/// A run of whatever system: orders in, updates out. The engine inside never sees the clock.
pub trait Session {
    /// Carries out an order. An advance runs until it arrives or `SLICE_MS` are over by `clock`,
    /// whichever comes first; the update says which.
    fn carry_out(&mut self, order: Order, clock: &dyn Fn() -> f64) -> Vec<RunUpdate>;

    /// Everything from the beginning, for those who have seen nothing yet.
    fn replay(&mut self) -> RunUpdate;

    /// A run of its own of one of the branches, at that branch's end; none if it is gone.
    fn apart(&self, branch: BranchId) -> Option<Box<dyn Session>>;

    /// What has happened up to now and is wanted, oldest first: as much of it as the run keeps.
    fn find(&self, is_wanted: &dyn Fn(&Recorded) -> bool) -> Vec<Recorded>;

    /// The events up to now that came last, oldest first: at most so many.
    fn latest(&self, most: usize) -> Vec<Recorded>;

    /// How each provider behaves now.
    fn modes(&self) -> Vec<(String, Mode)>;

    /// How those stand who call and wait, and those whom they call.
    fn direct(&self) -> Direct;

    /// The ordered groups of the first messages in each queue.
    fn groups(&self) -> Vec<(MessageId, String)>;

    /// A number that stands for everything that has happened, and events so far. Runs of one
    /// scenario with the same changes have the same at the same time, wherever they run.
    fn fingerprint(&self) -> (u64, u64);

    /// Whether there was more to simulate than can be.
    fn is_overfull(&self) -> bool;

    /// The parts of the system.
    fn layout(&self) -> Layout;
}

/// Opens a scenario.
///
/// # Errors
/// As [`ScenarioError`] says.
pub fn open<S>(scenario: Arc<Scenario<S>>) -> Result<Box<dyn Session>, ScenarioError>
where
    S: System + 'static,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    Ok(Box::new(Simulated { run: Run::new(scenario)? }))
}

pub(super) struct Simulated<S: System> {
    pub(super) run: Run<S>,
}

impl<S> Session for Simulated<S>
where
    S: System + 'static,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    fn carry_out(&mut self, order: Order, clock: &dyn Fn() -> f64) -> Vec<RunUpdate> {
        match order {
            Order::Advance(to) => self.advance(to, clock),
            Order::Step => self.step(),
            Order::Seek(to_us) => vec![self.run.handle(RunCommand::Seek { to_us })],
            Order::SeekFrom { to, known } => {
                vec![self.run.handle(RunCommand::SeekFrom { to_us: to, known })]
            }
            Order::Switch(branch) => vec![self.run.handle(RunCommand::Switch { branch })],
            Order::SwitchFrom { branch, known } => {
                vec![self.run.handle(RunCommand::SwitchFrom { branch, known })]
            }
            Order::Change(change) => vec![self.change(change)],
        }
    }

    fn replay(&mut self) -> RunUpdate {
        self.run.handle(RunCommand::Replay)
    }

    fn apart(&self, branch: BranchId) -> Option<Box<dyn Session>> {
        let run = self.run.apart(branch).ok()?;
        Some(Box::new(Self { run }))
    }

    fn find(&self, is_wanted: &dyn Fn(&Recorded) -> bool) -> Vec<Recorded> {
        self.run.past().filter(|recorded| is_wanted(recorded)).copied().collect()
    }

    fn latest(&self, most: usize) -> Vec<Recorded> {
        let mut events: Vec<_> = self.run.past().rev().take(most).copied().collect();
        events.reverse();
        events
    }

    fn modes(&self) -> Vec<(String, Mode)> {
        let world = self.run.world();
        let providers = world.providers().iter().map(|each| (each.name(), each.mode()));
        let services = world.services().iter().map(|each| (each.name(), each.mode()));
        let all = providers.chain(services);
        all.map(|(name, mode)| (name.to_owned(), change::shown(mode))).collect()
    }

    fn direct(&self) -> Direct {
        let world = self.run.world();
        let callers = world.callers().iter().map(|each| Waiting {
            under_way: each.under_way() as u64,
            answered: each.succeeded(),
            unanswered: each.failed() + each.timed_out() + each.refused(),
        });
        let services = world.services().iter();
        let services =
            services.map(|each| Served { taken: each.taken(), waiting: each.waiting() as u64 });
        Direct { callers: callers.collect(), services: services.collect() }
    }

    fn groups(&self) -> Vec<(MessageId, String)> {
        S::groups(self.run.world().machine())
    }

    fn fingerprint(&self) -> (u64, u64) {
        (self.run.world().trace_digest(), self.run.world().events())
    }

    fn is_overfull(&self) -> bool {
        self.run.world().turned_away() > 0
    }

    fn layout(&self) -> Layout {
        S::layout(self.run.world().scenario(), self.run.world().machine())
    }
}

impl<S> Simulated<S>
where
    S: System,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    fn advance(&mut self, to_us: Timestamp, clock: &dyn Fn() -> f64) -> Vec<RunUpdate> {
        let end_ms = clock() + SLICE_MS;
        let mut updates = Vec::new();
        loop {
            let update = self.run.handle(RunCommand::Advance { to_us, max_steps: STEPS_AT_ONCE });
            let is_over = update.arrived || clock() >= end_ms;
            updates.push(update);
            if is_over {
                return updates;
            }
        }
    }

    fn step(&mut self) -> Vec<RunUpdate> {
        let mut updates = Vec::new();
        for _ in 0..STEPS_TO_AN_EVENT_MAX {
            let update = self.run.handle(RunCommand::Step);
            let is_over = !update.batch.events.is_empty() || update.next_us.is_none();
            updates.push(update);
            if is_over {
                break;
            }
        }
        updates
    }

    fn change(&mut self, change: Change) -> RunUpdate {
        let intervention = match change {
            Change::SetMode { provider, mode } => {
                Intervention::SetMode { provider, mode: change::simulated(mode) }
            }
            Change::SetRate { producer, arrivals, .. } => {
                Intervention::SetRate { producer, arrivals }
            }
            Change::Send { producer } => Intervention::Send { producer },
            Change::Begin { trouble, .. } => Intervention::Begin(trouble),
            Change::End { trouble, .. } => Intervention::End(trouble),
            Change::Redrive { queue } => match S::redrive(self.run.world().machine(), queue) {
                Some(command) => Intervention::Command(command),
                None => return self.refuse("this queue keeps no dead letters"),
            },
            Change::Tell { order, .. } => match S::tell(order) {
                Some(command) => Intervention::Command(command),
                None => return self.refuse("this system keeps its parts as they are"),
            },
        };
        self.run.handle(RunCommand::Intervene(intervention))
    }

    fn refuse(&mut self, why: &str) -> RunUpdate {
        let stay = RunCommand::Advance { to_us: self.run.now(), max_steps: 0 };
        RunUpdate { refused: Some(why.to_owned()), ..self.run.handle(stay) }
    }
}
