//! Slots that keep their number while they are taken: constant time, no hashing.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Slots in one chunk. Full chunks never move, so that a large slab neither doubles its memory
/// nor stops to copy itself when it grows.
const CHUNK: usize = 512;

/// Values in numbered slots; a freed number is used again, the last freed first.
///
/// The free list is part of the value, so that a restored slab gives the same numbers as the
/// original would have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Flat<T>", into = "Flat<T>", bound(serialize = "T: Clone + Serialize"))]
pub(crate) struct Slab<T> {
    chunks: Vec<Vec<Option<T>>>,
    free: Vec<u32>,
    taken: u32,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), taken: 0 }
    }
}

impl<T> Slab<T> {
    /// How many slots are taken.
    pub(crate) fn len(&self) -> u64 {
        u64::from(self.taken)
    }

    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        self.taken += 1;
        let Some(slot) = self.free.pop() else { return self.append(value) };
        if let Some(place) = self.place_mut(slot) {
            *place = Some(value);
        }
        slot
    }

    #[inline]
    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        self.chunks.get(slot as usize / CHUNK)?.get(slot as usize % CHUNK)?.as_ref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.place_mut(slot)?.as_mut()
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<T> {
        let value = self.place_mut(slot)?.take()?;
        self.freed(slot);
        Some(value)
    }

    /// Drops a value where it is, after a last look at it.
    #[inline]
    pub(crate) fn discard(&mut self, slot: u32, last_look: impl FnOnce(&T)) {
        if let Some(place) = self.place_mut(slot)
            && let Some(value) = place
        {
            last_look(value);
            *place = None;
            self.freed(slot);
        }
    }

    /// The taken slots, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let slots = self.chunks.iter().flatten().enumerate();
        slots.filter_map(|(n, slot)| Some((n as u32, slot.as_ref()?)))
    }

    /// Whether the free list names exactly the free slots: false for a damaged document.
    pub(crate) fn is_sound(&self) -> bool {
        let mut free = self.free.clone();
        free.sort_unstable();
        let slots = self.chunks.iter().flatten().enumerate();
        free.into_iter().eq(slots.filter(|(_, slot)| slot.is_none()).map(|(n, _)| n as u32))
    }

    fn append(&mut self, value: T) -> u32 {
        let slot = self.slots();
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(Some(value)),
            None => {
                // The first chunk grows from nothing: most slabs stay small.
                let capacity = if self.chunks.is_empty() { 1 } else { CHUNK };
                let mut chunk = Vec::with_capacity(capacity);
                chunk.push(Some(value));
                self.chunks.push(chunk);
            }
        }
        slot as u32
    }

    fn slots(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    #[inline]
    fn freed(&mut self, slot: u32) {
        self.free.push(slot);
        self.taken -= 1;
        if self.taken == 0 {
            self.shrink();
        }
    }

    /// Gives the memory back that a peak took.
    fn shrink(&mut self) {
        if self.chunks.len() > 1 {
            *self = Self::default();
        }
    }

    #[inline]
    fn place_mut(&mut self, slot: u32) -> Option<&mut Option<T>> {
        self.chunks.get_mut(slot as usize / CHUNK)?.get_mut(slot as usize % CHUNK)
    }
}

/// A slab as it is written down.
#[derive(Serialize, Deserialize)]
struct Flat<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> From<Slab<T>> for Flat<T> {
    fn from(slab: Slab<T>) -> Self {
        Self { slots: slab.chunks.into_iter().flatten().collect(), free: slab.free }
    }
}

impl<T> From<Flat<T>> for Slab<T> {
    fn from(flat: Flat<T>) -> Self {
        let mut chunks: Vec<Vec<Option<T>>> = Vec::new();
        let mut slots = flat.slots.into_iter().peekable();
        while slots.peek().is_some() {
            chunks.push(slots.by_ref().take(CHUNK).collect());
        }
        let taken = chunks.iter().flatten().filter(|slot| slot.is_some()).count() as u32;
        Self { chunks, free: flat.free, taken }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_freed_number_is_used_again() {
        let mut slab = Slab::default();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None, "freed once");
        assert_eq!(slab.insert('c'), a);
        assert_eq!((slab.get(a), slab.get(b), slab.len()), (Some(&'c'), Some(&'b'), 2));
    }

    #[test]
    fn a_free_list_that_names_a_taken_slot_is_unsound() {
        let mut slab = Slab::default();
        slab.insert('a');
        assert!(slab.is_sound());
        slab.free.push(0);
        assert!(!slab.is_sound());
    }

    #[test]
    fn many_chunks_keep_their_numbers_and_come_back_from_a_document() {
        let mut slab = Slab::default();
        let last = 3 * CHUNK as u32;
        assert!((0..=last).all(|n| slab.insert(n) == n));
        slab.remove(7);
        let text = serde_json::to_string(&slab).unwrap();
        let mut restored: Slab<u32> = serde_json::from_str(&text).unwrap();
        assert_eq!(restored, slab);
        assert!(restored.is_sound());
        assert_eq!((restored.insert(0), restored.insert(0)), (7, last + 1));
    }

    #[test]
    fn an_emptied_slab_gives_its_memory_back() {
        let mut slab = Slab::default();
        (0..2_000).for_each(|n| _ = slab.insert(n));
        (0..2_000).for_each(|n| _ = slab.remove(n));
        assert_eq!((slab.chunks.capacity(), slab.free.capacity(), slab.len()), (0, 0, 0));
        assert_eq!(slab.insert(1), 0);
    }
}
