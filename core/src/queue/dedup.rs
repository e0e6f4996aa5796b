//! Which messages were published here lately.

use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    string::String,
};

use serde::{Deserialize, Serialize};

use crate::{
    limits::DEDUP_KEYS_MAX,
    time::{Span, Timestamp},
};

/// The dedup keys of one address. A key counts from the first message that was stored under it;
/// a duplicate does not prolong it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Dedup {
    /// The number of the message that holds each key.
    keys: BTreeMap<String, u64>,
    /// The same keys in the order in which they are forgotten: the window is the same for all.
    forgotten_at: VecDeque<(Timestamp, String)>,
}

impl Dedup {
    /// The message that holds `key`, after forgetting what is out of the window.
    pub(crate) fn find(&mut self, key: &str, now: Timestamp) -> Option<u64> {
        while let Some((_, old)) = self.forgotten_at.pop_front_if(|(at, _)| *at <= now) {
            self.keys.remove(&old);
        }
        self.keys.get(key).copied()
    }

    /// When there is room for a key, if there is none now.
    pub(crate) fn full_until(&self) -> Option<Timestamp> {
        if self.forgotten_at.len() as u64 >= DEDUP_KEYS_MAX {
            self.forgotten_at.front().map(|(at, _)| *at)
        } else {
            None
        }
    }

    pub(crate) fn remember(&mut self, key: String, message: u64, now: Timestamp, window: Span) {
        if window > Span::ZERO {
            self.forgotten_at.push_back((now + window, key.clone()));
            self.keys.insert(key, message);
        }
    }

    /// Whether the messages numbered below `next` can have left these keys, the last of which is
    /// forgotten at `last`.
    pub(crate) fn is_possible(&self, next: u64, last: Timestamp) -> bool {
        let keys: BTreeSet<&str> = self.forgotten_at.iter().map(|(_, key)| key.as_str()).collect();
        keys.len() == self.forgotten_at.len()
            && keys.len() as u64 <= DEDUP_KEYS_MAX
            && self.keys.values().all(|message| *message < next)
            && self.forgotten_at.back().is_none_or(|(at, _)| *at <= last)
    }

    /// False for a damaged document.
    pub(crate) fn is_sound(&self) -> bool {
        self.keys.len() == self.forgotten_at.len()
            && self.forgotten_at.iter().all(|(_, key)| self.keys.contains_key(key))
            && self.forgotten_at.iter().is_sorted_by_key(|(at, _)| *at)
    }
}
