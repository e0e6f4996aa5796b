//! The events of a branch, in blocks that branches share.

use std::sync::Arc;

use postroom_core::{Event, Recorded, Sink, Timestamp};

use crate::limits::HISTORY_EVENTS_MAX;

/// The events of a branch from the first one kept to the last.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// All full but the last.
    blocks: Vec<Arc<Vec<Recorded>>>,
    /// The number of the first event kept; all are kept until there are too many.
    first: u64,
    end: u64,
}

const BLOCK: usize = 4_096;

impl History {
    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number that the next event gets.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn push(&mut self, event: Recorded) {
        if self.end - self.first == HISTORY_EVENTS_MAX {
            self.first += self.blocks.remove(0).len() as u64;
        }
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => Arc::make_mut(block).push(event),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(event);
                self.blocks.push(Arc::new(block));
            }
        }
        self.end += 1;
    }

    /// The events numbered from `from` to before `to`, as far as they are kept.
    pub(super) fn copy(&self, from: u64, to: u64) -> Vec<Recorded> {
        let mut events = Vec::with_capacity(self.place(to).saturating_sub(self.place(from)));
        self.stretches(from, to).for_each(|stretch| events.extend_from_slice(stretch));
        events
    }

    /// The events numbered from `from` to before `to`, as far as they are kept, to be looked at.
    pub(super) fn between(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.stretches(from, to).flatten()
    }

    /// The same history up to before event `end`.
    pub(super) fn up_to(&self, end: u64) -> Self {
        let kept = self.place(end);
        let mut blocks = self.blocks[..kept.div_ceil(BLOCK)].to_vec();
        if let Some(last) = blocks.last_mut()
            && !kept.is_multiple_of(BLOCK)
        {
            *last = Arc::new(last[..kept % BLOCK].to_vec());
        }
        Self { blocks, first: self.first, end: self.first + kept as u64 }
    }

    /// The same, block by block.
    fn stretches(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = &[Recorded]> {
        let (from, to) = (self.place(from), self.place(to));
        let blocks = self.blocks[..to.div_ceil(BLOCK)].iter().enumerate();
        blocks.skip(from / BLOCK).map(move |(number, block)| {
            let start = number * BLOCK;
            let end = (to - start).min(block.len());
            &block[from.saturating_sub(start).min(end)..end]
        })
    }

    fn place(&self, number: u64) -> usize {
        (number.clamp(self.first, self.end) - self.first) as usize
    }
}

/// Numbers the events of one command.
pub(super) struct Numbered<'e> {
    pub(super) command: u64,
    pub(super) index: u32,
    pub(super) events: &'e mut Vec<Recorded>,
}

impl Sink for Numbered<'_> {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.events.push(Recorded { at, command: self.command, index: self.index, event });
        self.index += 1;
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::TopicId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn recorded(number: u64) -> Recorded {
        let event = Event::TopicCreated { topic: TopicId::new(0) };
        Recorded { at: Timestamp::from_micros(number), command: number, index: 0, event }
    }

    fn history(events: u64) -> History {
        let mut history = History::default();
        (0..events).for_each(|number| history.push(recorded(number)));
        history
    }

    fn numbers(events: &[Recorded]) -> Option<(u64, u64)> {
        let all: Vec<_> = events.iter().map(|event| event.command).collect();
        assert!(all.windows(2).all(|pair| pair[1] == pair[0] + 1));
        Some((*all.first()?, *all.last()?))
    }

    #[test]
    fn any_stretch_can_be_copied() {
        let history = history(10_000);
        for (from, to) in [(0, 10_000), (4_095, 4_097), (4_096, 8_192), (9_999, 10_000), (5, 6)] {
            assert_eq!(numbers(&history.copy(from, to)), Some((from, to - 1)));
            let back: Vec<_> = history.between(from, to).rev().map(|it| it.command).collect();
            assert_eq!(back, (from..to).rev().collect::<Vec<_>>());
        }
        assert_eq!((history.copy(7, 7), history.copy(9, 7)), (Vec::new(), Vec::new()));
        assert_eq!(history.copy(10_000, 20_000), []);
    }

    #[test]
    fn a_branch_goes_its_own_way() {
        for fork in [0, 1, 4_095, 4_096, 4_097, 9_999, 10_000] {
            let trunk = history(10_000);
            let mut branch = trunk.up_to(fork);
            assert_eq!(branch.end(), fork);
            (fork..fork + 5_000).for_each(|number| branch.push(recorded(number)));
            assert_eq!(numbers(&branch.copy(0, u64::MAX)), Some((0, fork + 4_999)));
            assert_eq!(numbers(&trunk.copy(0, u64::MAX)), Some((0, 9_999)));
        }
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut history = history(HISTORY_EVENTS_MAX);
        assert_eq!(history.first(), 0);
        history.push(recorded(HISTORY_EVENTS_MAX));
        assert_eq!((history.first(), history.end()), (4_096, HISTORY_EVENTS_MAX + 1));
        assert_eq!(numbers(&history.copy(0, 4_098)), Some((4_096, 4_097)));
        let branch = history.up_to(10_000);
        assert_eq!(numbers(&branch.copy(0, u64::MAX)), Some((4_096, 9_999)));
    }
}
