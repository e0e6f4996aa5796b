//! What a watcher changes in a world while it runs.

use postroom_core::{Blueprint, Machine};
use serde::{Deserialize, Serialize};

use crate::{
    fault::Trouble,
    mode::Mode,
    scenario::{Arrivals, ScenarioError},
};

/// The command of the machine that a system builds.
pub type CommandOf<S> = <<S as Blueprint>::Machine as Machine>::Command;
/// The reply of the machine that a system builds.
pub type ReplyOf<S> = <<S as Blueprint>::Machine as Machine>::Reply;
/// The error of the machine that a system builds.
pub type ErrorOf<S> = <<S as Blueprint>::Machine as Machine>::Error;

/// A change from outside, made at the world's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Intervention<C> {
    /// A provider behaves otherwise from now on, or a service that is called directly. Calls under
    /// way keep their fate.
    SetMode {
        /// Which.
        provider: String,
        /// How.
        mode: Mode,
    },
    /// A producer sends at other times from now on, the first one interval from now.
    SetRate {
        /// Which.
        producer: String,
        /// When.
        arrivals: Arrivals,
    },
    /// A producer sends its next message now, on top of those to come and whatever its limit.
    Send {
        /// Which.
        producer: String,
    },
    /// Something goes wrong from now on.
    Begin(Trouble),
    /// It is over. Whom it befell is as the scenario describes it.
    End(Trouble),
    /// A command for the machine, such as a redrive.
    Command(C),
}

/// Why an intervention was not made: nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterventionError<E> {
    /// Name a provider of the scenario.
    #[error("there is no provider `{name}`")]
    NoSuchProvider {
        /// The name.
        name: String,
    },
    /// Name a producer of the scenario.
    #[error("there is no producer `{name}`")]
    NoSuchProducer {
        /// The name.
        name: String,
    },
    /// Put the setting into its range.
    #[error(transparent)]
    OutOfRange(ScenarioError),
    /// The machine refused the command.
    #[error("{0}")]
    Refused(E),
    /// Start the run anew.
    #[error("there were {max} interventions already, the most that a run keeps",
        max = crate::limits::INPUTS_MAX)]
    TooMany,
}
