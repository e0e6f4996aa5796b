//! Which messages were handled lately.

use alloc::{
    collections::{BTreeSet, VecDeque},
    string::String,
    vec::Vec,
};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Keys of handled messages. Every one is kept for the same span, so the oldest goes first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<(Timestamp, String)>", into = "Vec<(Timestamp, String)>")]
pub(super) struct Marks {
    /// With the time at which each is forgotten, in that order.
    forgotten_at: VecDeque<(Timestamp, String)>,
    keys: BTreeSet<String>,
}

impl Marks {
    pub(super) fn forget_until(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            self.keys.remove(&key);
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub(super) fn set(&mut self, key: String, until: Timestamp) {
        if self.keys.insert(key.clone()) {
            self.forgotten_at.push_back((until, key));
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.keys.len() as u64
    }

    /// When the first is forgotten.
    pub(super) fn next_forgotten_at(&self) -> Option<Timestamp> {
        self.forgotten_at.front().map(|(at, _)| *at)
    }
}

/// The document is damaged: take an older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the inbox's marks are damaged: take an older document")]
pub(super) struct Damaged;

impl TryFrom<Vec<(Timestamp, String)>> for Marks {
    type Error = Damaged;

    fn try_from(marks: Vec<(Timestamp, String)>) -> Result<Self, Damaged> {
        let keys: BTreeSet<String> = marks.iter().map(|(_, key)| key.clone()).collect();
        if keys.len() != marks.len() || !marks.is_sorted_by_key(|(at, _)| *at) {
            return Err(Damaged);
        }
        Ok(Self { forgotten_at: marks.into(), keys })
    }
}

impl From<Marks> for Vec<(Timestamp, String)> {
    fn from(marks: Marks) -> Self {
        marks.forgotten_at.into()
    }
}
