//! What a provider took: how often it was handed each message.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::Arc,
};

use postroom_core::{Address, MessageId, QueueId};

use crate::limits::TAKEN_MAX;

/// How often a provider took each copy, by queue and message: once is exactly once.
///
/// Message numbers run on, so counts stand in blocks that snapshots share until one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// In the order of the keys.
    blocks: Vec<(Key, Arc<[u32; BLOCK as usize]>)>,
    distinct: u64,
    total: u64,
    duplicates: u64,
    /// Of messages whose sender gave them one: a digest of each.
    identities: Arc<BTreeSet<u64>>,
    last: Option<(QueueId, MessageId)>,
}

/// A queue, where messages came from, and the number of a block of them.
type Key = (QueueId, Address, u64);

const BLOCK: u64 = 256;
/// An identity in its set.
const IDENTITY_BYTES: u64 = 16;

impl Taken {
    /// How often this copy was taken.
    #[must_use]
    pub fn count(&self, queue: QueueId, message: MessageId) -> u32 {
        let block = self.find((queue, message.address, message.number / BLOCK));
        block.map_or(0, |index| self.blocks[index].1[(message.number % BLOCK) as usize])
    }

    /// Everything that was taken, with how often, by queue and message.
    pub fn iter(&self) -> impl Iterator<Item = ((QueueId, MessageId), u32)> {
        self.blocks.iter().flat_map(|&((queue, address, block), ref counts)| {
            let numbered = (block * BLOCK..).zip(counts.iter());
            numbered
                .filter(|(_, count)| **count > 0)
                .map(move |(number, count)| ((queue, MessageId { address, number }), *count))
        })
    }

    /// Different copies taken; at most [`TAKEN_MAX`] are told apart.
    #[must_use]
    pub fn distinct(&self) -> u64 {
        self.distinct
    }

    /// Copies taken, duplicates included, also beyond [`TAKEN_MAX`].
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How often something was taken that had been taken before: the same copy, or a message with
    /// the identity of another. Beyond [`TAKEN_MAX`] different ones nobody can tell, and it does not
    /// count.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// The copy that was taken last.
    #[must_use]
    pub fn last(&self) -> Option<(QueueId, MessageId)> {
        self.last
    }

    /// About how many bytes a clone takes that nothing else shares: the newest blocks change.
    pub(crate) fn bytes(&self) -> u64 {
        let blocks = self.blocks.len() * size_of::<(Key, Arc<[u32; BLOCK as usize]>)>();
        let newest = 2 * size_of::<[u32; BLOCK as usize]>();
        (blocks + newest) as u64 + self.identities.len() as u64 * IDENTITY_BYTES
    }

    /// A copy is taken, and with it the identity that its sender gave it, if any.
    pub(crate) fn add(&mut self, queue: QueueId, message: MessageId, identity: Option<u64>) {
        self.total += 1;
        self.last = Some((queue, message));
        let is_new = identity.is_none_or(|identity| self.add_identity(identity));
        if self.distinct == TAKEN_MAX && self.count(queue, message) == 0 {
            return;
        }
        let key = (queue, message.address, message.number / BLOCK);
        let index = self.find(key).unwrap_or_else(|index| {
            self.blocks.insert(index, (key, Arc::new([0; BLOCK as usize])));
            index
        });
        let count =
            &mut Arc::make_mut(&mut self.blocks[index].1)[(message.number % BLOCK) as usize];
        self.distinct += u64::from(*count == 0);
        self.duplicates += u64::from(*count > 0 || !is_new);
        *count = count.saturating_add(1);
    }

    /// Whether it is new, as far as can be told.
    fn add_identity(&mut self, identity: u64) -> bool {
        if self.identities.contains(&identity) {
            return false;
        }
        if (self.identities.len() as u64) < TAKEN_MAX {
            Arc::make_mut(&mut self.identities).insert(identity);
        }
        true
    }

    /// Where a block stands, or would.
    fn find(&self, key: Key) -> Result<usize, usize> {
        match self.blocks.last() {
            // Mostly it is the latest.
            Some((latest, _)) if *latest == key => Ok(self.blocks.len() - 1),
            _ => self.blocks.binary_search_by(|(other, _)| other.cmp(&key)),
        }
    }
}

impl Hash for Taken {
    /// The rest follows from what was taken, and when.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.blocks, self.distinct, self.total).hash(state);
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use postroom_core::TopicId;

    fn message(number: u64) -> MessageId {
        MessageId { address: Address::Topic(TopicId::new(0)), number }
    }

    #[test]
    fn copies_are_counted_by_queue_and_message() {
        let mut taken = Taken::default();
        let (sms, push) = (QueueId::new(1), QueueId::new(0));
        for number in [600, 3, 3, 255, 256] {
            taken.add(sms, message(number), None);
        }
        taken.add(push, message(3), None);
        let all: Vec<_> = taken.iter().map(|((q, m), n)| (q.number(), m.number, n)).collect();
        assert_eq!(all, [(0, 3, 1), (1, 3, 2), (1, 255, 1), (1, 256, 1), (1, 600, 1)]);
        assert_eq!((taken.distinct(), taken.total(), taken.duplicates()), (5, 6, 1));
        assert_eq!(taken.last(), Some((push, message(3))));
        assert_eq!((taken.count(sms, message(3)), taken.count(sms, message(4))), (2, 0));
    }

    #[test]
    fn what_was_sent_twice_is_a_duplicate_under_any_id() {
        let (mut taken, queue) = (Taken::default(), QueueId::new(0));
        for (number, identity) in
            [(1, Some(7)), (2, Some(7)), (3, Some(8)), (4, None), (2, Some(7))]
        {
            taken.add(queue, message(number), identity);
        }
        assert_eq!((taken.distinct(), taken.total(), taken.duplicates()), (4, 5, 2));
    }

    #[test]
    fn a_snapshot_keeps_its_counts() {
        let mut taken = Taken::default();
        taken.add(QueueId::new(0), message(1), None);
        let snapshot = taken.clone();
        taken.add(QueueId::new(0), message(1), None);
        assert_eq!(snapshot.count(QueueId::new(0), message(1)), 1);
    }

    #[test]
    fn beyond_a_million_they_are_only_counted_together() {
        let mut taken = Taken::default();
        let queue = QueueId::new(0);
        (0..=TAKEN_MAX).for_each(|number| taken.add(queue, message(number), None));
        assert_eq!((taken.distinct(), taken.total()), (TAKEN_MAX, TAKEN_MAX + 1));
        assert_eq!((taken.count(queue, message(TAKEN_MAX)), taken.duplicates()), (0, 0));
        taken.add(queue, message(0), None);
        assert_eq!(taken.count(queue, message(0)), 2);
    }
}
