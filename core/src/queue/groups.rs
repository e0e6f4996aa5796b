//! Ordered groups: whose turn it is, and which are parked.

use alloc::{
    collections::{BTreeMap, VecDeque},
    string::{String, ToString},
};

use serde::{Deserialize, Serialize};

/// The ordered groups of one queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    /// The copies of each group that has any here: seq and slot, in the order of arrival.
    members: BTreeMap<String, VecDeque<(u64, u32)>>,
}

impl Groups {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn join(&mut self, group: &str, seq: u64, slot: u32) {
        match self.members.get_mut(group) {
            // Whoever comes in is the last of all.
            Some(members) => members.push_back((seq, slot)),
            None => _ = self.members.insert(group.to_string(), VecDeque::from([(seq, slot)])),
        }
    }

    pub(crate) fn leave(&mut self, group: &str, seq: u64) {
        if let Some(members) = self.members.get_mut(group) {
            if let Ok(place) = place(members, seq) {
                members.remove(place);
            }
            if members.is_empty() {
                self.members.remove(group);
            }
        }
    }

    /// The copy whose turn it is: all others of its group wait for it.
    pub(crate) fn first(&self, group: &str) -> Option<(u64, u32)> {
        self.members.get(group)?.front().copied()
    }

    /// The copy that follows the one of this `seq`.
    pub(crate) fn after(&self, group: &str, seq: u64) -> Option<u32> {
        let members = self.members.get(group)?;
        let next = place(members, seq).map_or_else(|place| place, |place| place + 1);
        members.get(next).map(|(_, slot)| *slot)
    }

    /// The copies of a group that came in at `seq` or later, in the order of arrival.
    pub(crate) fn members_from(
        &self,
        group: &str,
        seq: u64,
    ) -> impl Iterator<Item = (u64, u32)> + '_ {
        self.members.get(group).into_iter().flat_map(move |members| {
            let first = place(members, seq).unwrap_or_else(|place| place);
            members.range(first..).copied()
        })
    }

    /// The slots of a group's copies, in the order of arrival.
    pub(crate) fn slots(&self, group: &str) -> impl Iterator<Item = u32> + '_ {
        self.members
            .get(group)
            .into_iter()
            .flat_map(|members| members.iter().map(|(_, slot)| *slot))
    }
}

fn place(members: &VecDeque<(u64, u32)>, seq: u64) -> Result<usize, usize> {
    members.binary_search_by_key(&seq, |(seq, _)| *seq)
}

/// The groups of a queue that follow a dead message to the dead letters, and how many of each are
/// there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Parked(BTreeMap<String, u64>);

impl Parked {
    pub(crate) fn contains(&self, group: &str) -> bool {
        self.0.contains_key(group)
    }

    /// One more of the group is among the dead letters; true if it is the first.
    pub(crate) fn add(&mut self, group: &str) -> bool {
        match self.0.get_mut(group) {
            Some(count) => {
                *count += 1;
                false
            }
            None => {
                self.0.insert(group.to_string(), 1);
                true
            }
        }
    }

    /// One of the group left the dead letters; true if it was the last.
    pub(crate) fn remove(&mut self, group: &str) -> bool {
        let Some(count) = self.0.get_mut(group) else { return false };
        *count -= 1;
        if *count > 0 {
            return false;
        }
        self.0.remove(group);
        true
    }
}
