//! How long copies have been where they are.

use postroom_core::{Event, MessageId, QueueId, Recorded, Timestamp};

use crate::row::Row;

/// Since when each copy has been in its queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ages {
    queues: Row<QueueId, Row<MessageId, Timestamp>>,
}

impl Ages {
    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        match recorded.event {
            Event::Enqueued { queue, message, .. } => self.enter(queue, message, recorded.at),
            Event::DeadLettered { queue, to, message, .. } => {
                self.leave(queue, message);
                self.enter(to, message, recorded.at);
            }
            Event::Acked { queue, message, .. }
            | Event::Discarded { queue, message, .. }
            | Event::Redriven { queue, message, .. } => self.leave(queue, message),
            _ => {}
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.queues.clear();
    }

    /// Copies in a queue, in whatever state.
    #[must_use]
    pub fn depth(&self, queue: QueueId) -> u64 {
        self.queues.get(queue).map_or(0, |copies| copies.len() as u64)
    }

    /// When the oldest copy in a queue came in.
    #[must_use]
    pub fn oldest_since(&self, queue: QueueId) -> Option<Timestamp> {
        self.queues.get(queue)?.values().min().copied()
    }

    /// About how many bytes a copy takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let copies: usize = self.queues.values().map(Row::len).sum();
        (copies * size_of::<(MessageId, Timestamp)>()) as u64
    }

    fn enter(&mut self, queue: QueueId, message: MessageId, at: Timestamp) {
        self.queues.get_or_default(queue).insert(message, at);
    }

    fn leave(&mut self, queue: QueueId, message: MessageId) {
        if let Some(copies) = self.queues.get_mut(queue) {
            copies.remove(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{SMS, SMS_DEAD, acked, dead_lettered, queued, redriven, retry};

    #[test]
    fn the_oldest_is_the_one_that_came_first() {
        let mut ages = Ages::default();
        for recorded in [queued(1_000, 2), queued(2_000, 1), retry(3_000, 2, 1, 4_000)] {
            ages.apply(&recorded);
        }
        assert_eq!(ages.depth(SMS), 2);
        assert_eq!(ages.oldest_since(SMS), Some(Timestamp::from_millis(1_000)));
        ages.apply(&acked(5_000, 2));
        assert_eq!(ages.oldest_since(SMS), Some(Timestamp::from_millis(2_000)));
    }

    #[test]
    fn dead_letters_age_from_their_death_and_leave_when_redriven() {
        let mut ages = Ages::default();
        for recorded in [queued(0, 1), dead_lettered(45_000, 1)] {
            ages.apply(&recorded);
        }
        assert_eq!((ages.depth(SMS), ages.depth(SMS_DEAD)), (0, 1));
        assert_eq!(ages.oldest_since(SMS_DEAD), Some(Timestamp::from_millis(45_000)));
        for recorded in [redriven(50_000, 1), queued(50_000, 1)] {
            ages.apply(&recorded);
        }
        assert_eq!((ages.depth(SMS), ages.depth(SMS_DEAD)), (1, 0));
    }
}
