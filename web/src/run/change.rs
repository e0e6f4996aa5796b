//! What the reader changes, whatever system runs.

use postroom_core::{ConsumerId, QueueId};
use postroom_simulator::{AnswerLost, Arrivals, Mode as SimulatedMode, Trouble};

use crate::{
    panels::Names,
    stage::{Mode, StageAction},
};

/// A change of the world by the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A provider behaves otherwise from now on.
    SetMode {
        /// Its name.
        provider: String,
        /// How.
        mode: Mode,
    },
    /// A producer sends at other times from now on.
    SetRate {
        /// Its name.
        producer: String,
        /// When.
        arrivals: Arrivals,
        /// The same in words: "twice as fast".
        words: &'static str,
    },
    /// A producer sends one message now.
    Send {
        /// Its name.
        producer: String,
    },
    /// A queue's dead letters go back to work.
    Redrive {
        /// The queue, not its dead letters.
        queue: QueueId,
    },
    /// Something goes wrong from now on.
    Begin {
        /// What.
        trouble: Trouble,
        /// The same in words.
        words: String,
    },
    /// A worker or a queue is told something.
    Tell {
        /// What.
        order: PartOrder,
        /// The same in words.
        words: String,
    },
    /// It is over.
    End {
        /// What.
        trouble: Trouble,
        /// The same in words.
        words: String,
    },
}

/// What a part can be told while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOrder {
    /// The worker receives no more; what is under way goes on.
    PauseWorker(ConsumerId),
    /// The worker receives again.
    ResumeWorker(ConsumerId),
    /// The worker works on so many at once from now on.
    Scale(ConsumerId, u32),
    /// The queue hands out nothing more; what is under way goes on.
    PauseQueue(QueueId),
    /// The queue hands out again.
    ResumeQueue(QueueId),
    /// Everything in the queue is discarded.
    Purge(QueueId),
}

/// What slow means on the page: longer than most calls take, shorter than they may.
const SLOW_EXTRA_MS: u64 = 1_200;
/// What flaky means on the page.
const FLAKY_FAIL_PERCENT: u32 = 40;
/// So many messages in a hundred are poison to a provider that chokes.
const POISONED_PERCENT: u32 = 10;

impl Change {
    /// The change in a few words, as the name of the future that it begins.
    #[must_use]
    pub fn in_words(&self, names: &Names) -> String {
        match self {
            Self::SetMode { provider, mode } => {
                let does = match mode {
                    Mode::Ok => "healed",
                    Mode::Fail => "made to fail",
                    Mode::Hang => "made to hang",
                    Mode::Slow => "made slow",
                    Mode::Flaky => "made flaky",
                    Mode::Poisoned => "made to choke on some messages",
                };
                format!("{} {does}", names.label(provider))
            }
            Self::SetRate { producer, words, .. } => format!("{producer} sends {words}"),
            Self::Send { producer } => format!("{producer} sends one more"),
            Self::Redrive { queue } => format!("{} redriven", names.queue(*queue)),
            Self::Begin { words, .. } | Self::End { words, .. } | Self::Tell { words, .. } => {
                words.clone()
            }
        }
    }
}

impl From<StageAction> for Change {
    fn from(action: StageAction) -> Self {
        match action {
            StageAction::SetMode { provider, mode } => Self::SetMode { provider, mode },
            StageAction::Redrive { queue } => Self::Redrive { queue },
        }
    }
}

/// The simulator's mode for what the stage calls it.
pub(crate) fn simulated(mode: Mode) -> SimulatedMode {
    match mode {
        Mode::Ok => SimulatedMode::Healthy,
        Mode::Fail => SimulatedMode::Failing,
        Mode::Hang => SimulatedMode::Hanging,
        Mode::Slow => SimulatedMode::Slow { extra_ms: SLOW_EXTRA_MS },
        Mode::Flaky => SimulatedMode::Flaky {
            fail_percent: FLAKY_FAIL_PERCENT,
            answer_lost: AnswerLost::Never,
        },
        Mode::Poisoned => SimulatedMode::Poisoned { percent: POISONED_PERCENT },
    }
}

/// The stage's word for the simulator's mode.
pub(super) fn shown(mode: SimulatedMode) -> Mode {
    match mode {
        SimulatedMode::Healthy => Mode::Ok,
        SimulatedMode::Failing => Mode::Fail,
        SimulatedMode::Hanging => Mode::Hang,
        SimulatedMode::Slow { .. } => Mode::Slow,
        SimulatedMode::Flaky { .. } => Mode::Flaky,
        SimulatedMode::Poisoned { .. } => Mode::Poisoned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{SMS, layout};

    #[test]
    fn a_change_is_named_after_what_the_reader_sees() {
        let names = Names::of(&layout());
        let hang = Change::SetMode { provider: "sms".into(), mode: Mode::Hang };
        assert_eq!(hang.in_words(&names), "SMS gateway made to hang");
        assert_eq!(Change::Redrive { queue: SMS }.in_words(&names), "SMS redriven");
    }

    #[test]
    fn every_mode_comes_back_as_it_was_set() {
        use Mode::{Fail, Flaky, Hang, Ok, Poisoned, Slow};
        for mode in [Ok, Fail, Hang, Slow, Flaky, Poisoned] {
            assert_eq!(shown(simulated(mode)), mode);
        }
    }
}
