//! A row of letters in order, whose places slide when one leaves or squeezes in.

use std::collections::VecDeque;

use postroom_core::MessageId;

use crate::row::Row;

/// At most so many places of a row are looked at one by one; the rest is a number.
pub(crate) const PLACES_MAX: usize = 24;

/// How long a letter takes to slide by one place, in microseconds.
const SLIDE: u64 = 200_000;

/// Slides that are remembered at once.
const SLIDES_MAX: usize = 32;

/// By what letters are ordered: a group or a time, then an age.
pub(crate) type Key = (u64, u64);

/// Letters in the order of their keys; the smallest is at the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shelf {
    letters: Row<Key, MessageId>,
    slides: VecDeque<Slide>,
}

/// Whoever is at `index` or behind it moved by one place.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slide {
    at: u64,
    index: usize,
    /// Where they were before, seen from where they are: 1 behind, or -1 ahead.
    before: f64,
}

impl Shelf {
    pub(crate) fn len(&self) -> u64 {
        self.letters.len() as u64
    }

    /// The key at the head.
    pub(crate) fn head(&self) -> Option<Key> {
        self.letters.first_key()
    }

    pub(crate) fn insert(&mut self, now: u64, key: Key, message: MessageId) {
        let squeezes_in = self.letters.last_key().is_some_and(|last| key < last);
        self.letters.insert(key, message);
        if squeezes_in && let Some(index) = self.index(key) {
            self.slide(Slide { at: now, index: index + 1, before: -1.0 });
        }
    }

    /// Takes a letter out, and says where it was; `PLACES_MAX` for anywhere beyond.
    pub(crate) fn remove(&mut self, now: u64, key: Key) -> f64 {
        let index = self.index(key);
        let place = index.map_or(PLACES_MAX as f64, |index| self.place(index, now));
        self.letters.remove(key);
        if let Some(index) = index
            && self.letters.len() > index
        {
            self.slide(Slide { at: now, index, before: 1.0 });
        }
        place
    }

    /// Where the letter of an index is, as it slides.
    fn place(&self, index: usize, now: u64) -> f64 {
        let slid: f64 = self.slides.iter().map(|slide| slide.rest(index, now)).sum();
        (index as f64 + slid).max(-0.5)
    }

    /// The letters of the first `places` places, from the head, with their places as they slide.
    pub(crate) fn places(
        &self,
        now: u64,
        places: usize,
    ) -> impl Iterator<Item = (f64, MessageId)> + '_ {
        self.letters
            .values()
            .take(places)
            .enumerate()
            .map(move |(index, message)| (self.place(index, now), *message))
    }

    /// Whether a letter is within the first `places` places.
    pub(crate) fn is_within(&self, key: Key, places: usize) -> bool {
        self.letters.keys().take(places).any(|other| other == key)
    }

    fn index(&self, key: Key) -> Option<usize> {
        self.letters.keys().take(PLACES_MAX).position(|other| other == key)
    }

    fn slide(&mut self, slide: Slide) {
        self.slides.retain(|old| slide.at < old.at + SLIDE);
        if self.slides.len() == SLIDES_MAX {
            self.slides.pop_front();
        }
        self.slides.push_back(slide);
    }
}

impl Slide {
    fn rest(&self, index: usize, now: u64) -> f64 {
        if index < self.index || now >= self.at + SLIDE {
            return 0.0;
        }
        let left = 1.0 - now.saturating_sub(self.at) as f64 / SLIDE as f64;
        self.before * left * left
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Address, TopicId};

    use super::*;

    fn letter(number: u64) -> MessageId {
        MessageId { address: Address::Topic(TopicId::new(0)), number }
    }

    fn shelf(letters: u64) -> Shelf {
        let mut shelf = Shelf::default();
        (0..letters).for_each(|number| shelf.insert(0, (0, number), letter(number)));
        shelf
    }

    #[test]
    fn those_behind_slide_forward() {
        let mut shelf = shelf(3);
        assert_eq!(shelf.remove(1_000_000, (0, 0)), 0.0);
        let places = |now| shelf.places(now, 9).map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!(places(1_000_000), [1.0, 2.0]);
        assert_eq!(places(1_000_000 + SLIDE), [0.0, 1.0]);
    }

    #[test]
    fn a_place_far_back_is_only_a_number() {
        let mut shelf = shelf(1_000);
        assert_eq!(shelf.remove(0, (0, 999)), PLACES_MAX as f64);
        assert_eq!(shelf.places(SLIDE, 5).count(), 5);
        assert!(shelf.is_within((0, 4), 5) && !shelf.is_within((0, 5), 5));
    }

    #[test]
    fn slides_are_bounded() {
        let mut shelf = shelf(1_000);
        (0..900).for_each(|number| {
            shelf.remove(5, (0, number));
        });
        assert_eq!(shelf.slides.len(), SLIDES_MAX);
    }
}
