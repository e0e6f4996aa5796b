//! How a provider behaves, and what that makes of each call.

use postroom_core::{Entropy, Outcome, Span};
use serde::{Deserialize, Serialize};

use crate::{
    limits::SPAN_MS_MAX,
    provider::FAILURE,
    scenario::{ScenarioError, out_of_range},
};

/// How a provider behaves. It decides the fate of a call as the call begins; a change leaves the
/// calls under way to theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Mode {
    /// Takes every message and says so.
    #[default]
    Healthy,
    /// Takes nothing and says that trying again may help.
    Failing,
    /// Takes nothing and never answers.
    Hanging,
    /// Healthy, but takes longer. What it takes after the call was given up is taken all the same.
    Slow {
        /// Milliseconds on top of the latency; at most a day.
        extra_ms: u64,
    },
    /// Healthy, but some calls fail.
    Flaky {
        /// So many calls in a hundred fail; from 0 to 100.
        fail_percent: u32,
        /// How they fail. Default they are refused.
        #[serde(default)]
        answer_lost: AnswerLost,
    },
    /// Healthy, but some messages are poison: they fail at every attempt, and trying again never
    /// helps. A service that is called directly knows no messages: there, each call has its own chance.
    Poisoned {
        /// So many messages in a hundred, each by its own chance; from 0 to 100.
        percent: u32,
    },
}

/// How the calls that a flaky provider fails end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerLost {
    /// An answer comes: nothing was taken, and trying again may help.
    #[default]
    Never,
    /// The connection breaks before the message is taken: the caller cannot know.
    Before,
    /// The message is taken, then the connection breaks: the caller cannot know.
    After,
}

impl Mode {
    pub(crate) fn validate(&self, field: &str) -> Result<(), ScenarioError> {
        match *self {
            Self::Healthy | Self::Failing | Self::Hanging => Ok(()),
            Self::Slow { extra_ms } if extra_ms > SPAN_MS_MAX => {
                Err(out_of_range(&format!("{field}.mode.slow.extra_ms"), "at most a day"))
            }
            Self::Poisoned { percent } if percent > 100 => {
                Err(out_of_range(&format!("{field}.mode.poisoned.percent"), "0 to 100"))
            }
            Self::Flaky { fail_percent, .. } if fail_percent > 100 => {
                Err(out_of_range(&format!("{field}.mode.flaky.fail_percent"), "0 to 100"))
            }
            Self::Slow { .. } | Self::Poisoned { .. } | Self::Flaky { .. } => Ok(()),
        }
    }

    /// Whether the message is taken, and the answer; none if nothing ever comes of the call. Chance
    /// is the call's, or the message's.
    #[inline]
    pub(crate) fn fate(
        self,
        call: Entropy,
        message: impl FnOnce() -> Entropy,
    ) -> Option<(bool, Outcome)> {
        let mut entropy = call;
        let (fail_percent, answer_lost) = match self {
            Self::Hanging => return None,
            Self::Healthy | Self::Slow { .. } => (0, AnswerLost::Never),
            Self::Failing => (100, AnswerLost::Never),
            Self::Flaky { fail_percent, answer_lost } => (fail_percent, answer_lost),
            Self::Poisoned { percent } => {
                entropy = message();
                (percent, AnswerLost::Never)
            }
        };
        if fail_percent == 0 || entropy.draw_up_to(99, &[FAILURE]) >= u64::from(fail_percent) {
            return Some((true, Outcome::Delivered));
        }
        Some(match answer_lost {
            AnswerLost::Never => (false, Outcome::Transient),
            AnswerLost::Before => (false, Outcome::Ambiguous),
            AnswerLost::After => (true, Outcome::Ambiguous),
        })
    }

    pub(crate) fn extra(self) -> Span {
        match self {
            Self::Slow { extra_ms } => Span::from_millis(extra_ms),
            Self::Healthy
            | Self::Failing
            | Self::Hanging
            | Self::Poisoned { .. }
            | Self::Flaky { .. } => Span::ZERO,
        }
    }
}
