//! What happened lately: the events that the list shows.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use postroom_core::{Address, Event, QueueId, Recorded, TopicId};

/// Events that the log keeps; older ones are forgotten first.
pub const LOG_EVENTS_MAX: usize = 10_000;
/// Rows that the list shows.
pub const LOG_ROWS_MAX: usize = 60;

/// A log that the run fills and lists read.
#[derive(Clone, Debug, Default)]
pub struct SharedLog(pub Rc<RefCell<Log>>);

impl PartialEq for SharedLog {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// The latest events, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    events: VecDeque<Recorded>,
    revision: u64,
}

impl Log {
    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        if self.events.len() == LOG_EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back(*recorded);
        self.revision += 1;
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.events.clear();
        self.revision += 1;
    }

    /// A number that is another one after every change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All that is kept.
    pub fn newest_first(&self) -> impl Iterator<Item = &Recorded> {
        self.events.iter().rev()
    }

    /// The newest events that pass, newest first: at most [`LOG_ROWS_MAX`].
    #[must_use]
    pub fn rows(&self, filter: &LogFilter) -> Vec<Recorded> {
        let passing = self.newest_first().filter(|recorded| filter.passes(&recorded.event));
        passing.take(LOG_ROWS_MAX).copied().collect()
    }
}

/// What the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Where; everywhere if absent.
    pub place: Option<Place>,
    /// Every step, or only what is worth a line to whoever follows along.
    pub every_step: bool,
}

/// A part of the system that events befall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A topic.
    Topic(TopicId),
    /// A queue with its consumers and its dead letters.
    Queue {
        /// The queue.
        queue: QueueId,
        /// Its dead letters.
        dead_letters: Option<QueueId>,
    },
}

impl LogFilter {
    /// Whether the list shows the event.
    #[must_use]
    pub fn passes(&self, event: &Event) -> bool {
        (self.every_step || is_a_main_step(event))
            && self.place.is_none_or(|place| place.holds(event))
    }
}

impl Place {
    fn holds(self, event: &Event) -> bool {
        match (self, event) {
            (Self::Topic(topic), Event::Published { to, .. } | Event::Deduplicated { to, .. }) => {
                *to == Address::Topic(topic)
            }
            (Self::Topic(_), _) => false,
            (Self::Queue { queue, dead_letters }, event) => {
                event.queue().is_some_and(|at| at == queue || Some(at) == dead_letters)
            }
        }
    }
}

/// Whether an event turns a message's story, or a worker's: the steps between are left out.
fn is_a_main_step(event: &Event) -> bool {
    !matches!(
        event,
        Event::Enqueued { .. }
            | Event::Woken { .. }
            | Event::Matured { .. }
            | Event::Delivered { .. }
            | Event::CallStarted { .. }
            | Event::CallSucceeded { .. }
            | Event::CallFailed { .. }
            | Event::QueueCreated { .. }
            | Event::TopicCreated { .. }
            | Event::LedgerCreated { .. }
            | Event::Subscribed { .. }
            | Event::Claimed { .. }
            | Event::ClaimCompleted { .. }
            | Event::ClaimFreed { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{SMS, SMS_DEAD, TOPIC, acked, dead_lettered, published, queued};

    #[test]
    fn the_newest_come_first_and_the_oldest_are_forgotten() {
        let mut log = Log::default();
        for number in 0..LOG_EVENTS_MAX as u64 + 1 {
            log.apply(&published(number, number));
        }
        assert_eq!(log.events.len(), LOG_EVENTS_MAX);
        let rows = log.rows(&LogFilter::default());
        assert_eq!(rows.len(), LOG_ROWS_MAX);
        assert_eq!(rows[0], published(LOG_EVENTS_MAX as u64, LOG_EVENTS_MAX as u64));
        assert!(!log.events.contains(&published(0, 0)));
    }

    #[test]
    fn a_queue_shows_its_dead_letters_and_nothing_of_others() {
        let mut log = Log::default();
        for recorded in [published(0, 1), queued(0, 1), acked(9, 1), dead_lettered(10, 1)] {
            log.apply(&recorded);
        }
        let sms = Place::Queue { queue: SMS, dead_letters: Some(SMS_DEAD) };
        let other = Place::Queue { queue: QueueId::new(7), dead_letters: None };
        let rows = |place, every_step| log.rows(&LogFilter { place: Some(place), every_step });
        assert_eq!(rows(sms, true), [dead_lettered(10, 1), acked(9, 1), queued(0, 1)]);
        assert_eq!(rows(sms, false), [dead_lettered(10, 1), acked(9, 1)], "main steps only");
        assert_eq!(rows(Place::Topic(TOPIC), true), [published(0, 1)]);
        assert_eq!(rows(other, true), []);
    }
}
