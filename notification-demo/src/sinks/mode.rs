//! How a sink treats its calls.

use std::{fmt, str::FromStr};

/// How a sink treats its calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It takes every message at once.
    #[default]
    Ok,
    /// It refuses every message for now.
    Fail,
    /// It never answers and never takes a message.
    Hang,
    /// It takes every message, after a while.
    Slow,
    /// It fails now and then; and now and then it takes a message and the answer is lost.
    Flaky,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Fail, Self::Hang, Self::Slow, Self::Flaky];

    /// `ok`, `fail`, `hang`, `slow` or `flaky`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fail => "fail",
            Self::Hang => "hang",
            Self::Slow => "slow",
            Self::Flaky => "flaky",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no mode: give `ok`, `fail`, `hang`, `slow` or `flaky`")]
pub struct ParseModeError;

impl FromStr for Mode {
    type Err = ParseModeError;

    fn from_str(text: &str) -> Result<Self, ParseModeError> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or(ParseModeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_has_one_spelling() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
            assert!(ParseModeError.to_string().contains(&format!("`{mode}`")));
        }
        for wrong in ["", "OK", "ok ", "broken"] {
            assert_eq!(wrong.parse::<Mode>(), Err(ParseModeError));
        }
    }
}
