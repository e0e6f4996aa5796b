//! A map for what mostly comes in at the end and goes at either end.

use std::collections::VecDeque;

/// Entries in the order of their keys. Near an end they come and go as fast as in a queue, however
/// many there are; and the page carries much less code for it than for a tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row<K, V> {
    entries: VecDeque<(K, V)>,
}

impl<K, V> Default for Row<K, V> {
    fn default() -> Self {
        Self { entries: VecDeque::new() }
    }
}

impl<K: Ord + Copy, V> Row<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.find(key).ok().map(|index| &self.entries[index].1)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.find(key).ok().map(|index| &mut self.entries[index].1)
    }

    /// Puts a value in, in the place of one that has the same key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(key) {
            Ok(index) => self.entries[index].1 = value,
            Err(index) => self.entries.insert(index, (key, value)),
        }
    }

    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let index = self.find(key).unwrap_or_else(|index| {
            self.entries.insert(index, (key, V::default()));
            index
        });
        &mut self.entries[index].1
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let index = self.find(key).ok()?;
        self.entries.remove(index).map(|(_, value)| value)
    }

    pub(crate) fn first_key(&self) -> Option<K> {
        self.entries.front().map(|(key, _)| *key)
    }

    pub(crate) fn last_key(&self) -> Option<K> {
        self.entries.back().map(|(key, _)| *key)
    }

    pub(crate) fn keys(&self) -> impl DoubleEndedIterator<Item = K> + '_ {
        self.entries.iter().map(|(key, _)| *key)
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Where a key stands, or would.
    fn find(&self, key: K) -> Result<usize, usize> {
        self.entries.binary_search_by(|(other, _)| other.cmp(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stand_in_the_order_of_their_keys() {
        let mut row = Row::default();
        for (key, value) in [(3, 'c'), (1, 'a'), (2, 'x'), (2, 'b'), (0, 'z')] {
            row.insert(key, value);
        }
        assert_eq!((row.remove(0), row.remove(9)), (Some('z'), None));
        *row.get_or_default(4) = 'd';
        assert_eq!(row.keys().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(row.values().collect::<String>(), "abcd");
        assert_eq!((row.first_key(), row.last_key(), row.len()), (Some(1), Some(4), 4));
        assert_eq!((row.get(2), row.get(5)), (Some(&'b'), None));
    }
}
