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
        let (from, to) = (self.place(from), self.place(to));
        let mut events = Vec::with_capacity(to.saturating_sub(from));
        let mut start = from / BLOCK * BLOCK;
        for block in self.blocks.iter().skip(from / BLOCK) {
            if start >= to {
                break;
            }
            let inside = from.saturating_sub(start)..(to - start).min(block.len());
            events.extend_from_slice(&block[inside]);
            start += BLOCK;
        }
        events
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
