//! Commands in, batches out: what a watcher and a run say to each other.

use postroom_core::{Batch, Timestamp};
use serde::{Deserialize, Serialize};

use crate::intervention::Intervention;

/// Names a branch of a run; never reused. The first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchId(u32);

impl BranchId {
    /// The branch with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number behind the id.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What a run can be told. `C` is the machine's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RunCommand<C> {
    /// Run on to a time, or for so many steps, whichever comes first. A page that has 4 ms asks
    /// for a few hundred steps at a time.
    Advance {
        /// Microseconds from the start.
        to_us: Timestamp,
        /// At most so many.
        max_steps: u64,
    },
    /// Do the next thing, whenever it is.
    Step,
    /// Go to a time of the branch, back or forth; at most to its end.
    Seek {
        /// Microseconds from the start.
        to_us: Timestamp,
    },
    /// The same for a watcher that kept what it knew after the first `known` events of this branch,
    /// none of them from after that time. Going back, or forth beyond them, it is sent only what
    /// follows.
    SeekFrom {
        /// Microseconds from the start.
        to_us: Timestamp,
        /// So many events.
        known: u64,
    },
    /// Change the world now. In the past this makes a branch, and the old future stays.
    Intervene(Intervention<C>),
    /// Go to the end of another branch.
    Switch {
        /// Which.
        branch: BranchId,
    },
    /// The same for a watcher that kept what it knew after the first `known` events of that branch:
    /// it is sent only what follows.
    SwitchFrom {
        /// Which.
        branch: BranchId,
        /// So many events.
        known: u64,
    },
    /// Send everything again, for a watcher that comes late or lost something.
    Replay,
}

/// What a run says to those who watch it: all they need to know, in order.
///
/// The picture is a fold over events. Without `reset` the batch continues it; with `reset` the
/// watcher forgets what it knew, and the batch holds the branch's events from the beginning, but
/// for the first `missed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunUpdate {
    /// The watcher must forget what it knew before it takes the batch.
    pub reset: bool,
    /// What happened, oldest first.
    pub batch: Batch,
    /// After a reset: events of the branch before the batch that are not in it. 0 except in answer
    /// to [`RunCommand::SeekFrom`] and [`RunCommand::SwitchFrom`], where it is `known` if that was
    /// of use, and in a run of more than
    /// [`HISTORY_EVENTS_MAX`](crate::limits::HISTORY_EVENTS_MAX) events, which keeps the last ones.
    pub missed: u64,
    /// The run's time.
    pub now_us: Timestamp,
    /// How far the branch has been run: beyond it nothing is known yet.
    pub end_us: Timestamp,
    /// When the next thing happens; none if nothing ever will.
    pub next_us: Option<Timestamp>,
    /// Where an advance was to end, it has ended; false if its steps ran out before.
    pub arrived: bool,
    /// The current branch.
    pub branch: BranchId,
    /// All branches, in the order of their making.
    pub branches: Vec<BranchView>,
    /// Why the command was not carried out; nothing has changed then.
    pub refused: Option<String>,
}

/// A branch, as a list of branches shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchView {
    /// Its id.
    pub id: BranchId,
    /// The branch from which it was made; it may be gone. None for the first.
    pub parent: Option<BranchId>,
    /// When it left its parent.
    pub forked_us: Timestamp,
    /// How far it has been run.
    pub end_us: Timestamp,
    /// Interventions in it, those before the fork included.
    pub interventions: u64,
    /// It is the one that runs.
    pub current: bool,
}
