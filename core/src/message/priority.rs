//! What goes first.

use serde::{Deserialize, Serialize};

/// How urgent a message is: 9 goes first, 0 last, 4 unless set.
///
/// # Example: there are ten
/// ```
/// use postroom_core::Priority;
///
/// assert!(Priority::new(9).is_some_and(|urgent| urgent > Priority::default()));
/// assert_eq!(Priority::new(10), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

/// A priority is a number from 0 to 9: give one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`priority` is {0}: give 0 to 9")]
pub struct PriorityOutOfRange(pub u8);

impl Priority {
    /// How many there are.
    pub(crate) const COUNT: usize = 10;
    /// The most urgent.
    pub const HIGHEST: Self = Self(9);
    /// The least urgent.
    pub const LOWEST: Self = Self(0);

    /// The priority of this level, from 0 to 9.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level < Self::COUNT as u8 { Some(Self(level)) } else { None }
    }

    /// From 0 to 9.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self(4)
    }
}

impl TryFrom<u8> for Priority {
    type Error = PriorityOutOfRange;

    fn try_from(level: u8) -> Result<Self, PriorityOutOfRange> {
        Self::new(level).ok_or(PriorityOutOfRange(level))
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority.0
    }
}
