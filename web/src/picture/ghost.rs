//! Letters that are gone already, and are still seen leaving.

use postroom_core::MessageId;

use super::{journey::Journey, lane::spans, mark::End};

/// At most so many are remembered; the oldest are forgotten first.
pub(crate) const GHOSTS_MAX: usize = 512;
/// Once there are as many as can be, those that are gone go, and of those still seen the oldest:
/// at least down to so many, so that it is some time before all are looked at again.
const GHOSTS_LEFT: usize = GHOSTS_MAX / 8 * 7;

/// Letters on their last way, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ghosts(std::collections::VecDeque<Ghost>);

/// A letter on its last way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ghost {
    /// The lane whose stamp it bears; none before it was sorted.
    pub(crate) lane: Option<u16>,
    /// None for an answer that belongs to no letter any more.
    pub(crate) message: Option<MessageId>,
    /// When it left the system.
    pub(crate) left: u64,
    pub(crate) journey: Journey,
    /// How it ends; none if it is only taken over by its copies.
    pub(crate) end: Option<End>,
}

impl Ghosts {
    pub(crate) fn add(&mut self, ghost: Ghost) {
        let now = ghost.left;
        if self.0.len() == GHOSTS_MAX {
            self.0.retain(|old| old.is_seen(now));
            self.0.drain(..self.0.len().saturating_sub(GHOSTS_LEFT));
        }
        self.0.push_back(ghost);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that are still to be seen.
    pub(crate) fn at(&self, now: u64) -> impl Iterator<Item = &Ghost> {
        self.0.iter().filter(move |ghost| ghost.is_seen(now))
    }
}

impl Ghost {
    /// When it begins to end.
    pub(crate) fn ends_from(&self) -> u64 {
        self.journey.end().max(self.left)
    }

    fn is_seen(&self, now: u64) -> bool {
        now < self.ends_from() + if self.end.is_some() { spans::END } else { 0 }
    }
}
