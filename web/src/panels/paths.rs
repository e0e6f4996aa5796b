//! The path of every message: what befell each of its copies, kept within bounds.

use std::collections::VecDeque;

use postroom_core::{Event, MessageId, Recorded};

use crate::row::Row;

/// Messages whose paths are kept; of those that are done, the longest finished goes first.
pub const PATHS_MAX: usize = 4_000;
/// Steps kept of one path: its first, and the latest.
pub const PATH_STEPS_MAX: usize = 120;

/// The paths of the messages that are under way, and of those that finished last.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    paths: Row<MessageId, Path>,
    /// Candidates to be forgotten, in the order in which they finished. One that came back to
    /// work (a redrive) stands here too, and is passed over.
    finished: VecDeque<MessageId>,
}

/// What befell one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Oldest first.
    pub steps: Vec<Recorded>,
    /// Steps left out after the first one.
    pub left_out: u64,
    /// Copies that are in a queue, dead letters included.
    pub copies: u32,
}

impl Paths {
    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        let Some(message) = recorded.event.message() else { return };
        let path = self.paths.get_or_default(message);
        path.push(*recorded);
        match recorded.event {
            Event::Enqueued { .. } => path.copies += 1,
            // A copy that was diverted on arrival never was in the queue that it is dead for.
            Event::DeadLettered { .. } if !path.was_queued_for(&recorded.event) => return,
            // Until the `Enqueued` that follows, what died or was redriven is in no queue.
            Event::DeadLettered { .. }
            | Event::Acked { .. }
            | Event::Discarded { .. }
            | Event::Redriven { .. } => {
                path.copies = path.copies.saturating_sub(1);
            }
            _ => return,
        }
        if path.copies == 0 {
            self.finished.push_back(message);
        }
        self.keep_within_bounds();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The path of a message, unless it is unknown or forgotten.
    #[must_use]
    pub fn of(&self, message: MessageId) -> Option<&Path> {
        self.paths.get(message)
    }

    fn keep_within_bounds(&mut self) {
        while self.paths.len() > PATHS_MAX {
            let candidate = self.finished.pop_front();
            match candidate.or_else(|| self.paths.first_key()) {
                Some(done) if self.paths.get(done).is_none_or(|path| path.copies == 0) => {
                    self.paths.remove(done);
                }
                // It came back to work. With nothing finished at all, the oldest must go.
                Some(_) if candidate.is_some() => {}
                Some(oldest) => {
                    self.paths.remove(oldest);
                }
                None => return,
            }
        }
    }
}

impl Path {
    fn push(&mut self, recorded: Recorded) {
        if self.steps.len() == PATH_STEPS_MAX {
            self.steps.remove(1);
            self.left_out += 1;
        }
        if self.steps.is_empty() {
            // Three copies that arrive at once take as many: most paths never grow beyond.
            self.steps.reserve_exact(16);
        }
        self.steps.push(recorded);
    }

    fn was_queued_for(&self, event: &Event) -> bool {
        let dead_for = event.queue();
        self.left_out > 0
            || self.steps.iter().any(|step| {
                matches!(step.event, Event::Enqueued { queue, .. } if Some(queue) == dead_for)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{
        acked, buried, dead_lettered, delivered, message, published, queued, redriven, retry,
    };

    #[test]
    fn a_path_holds_its_message_s_steps_in_order() {
        let mut paths = Paths::default();
        let story = [published(0, 1), queued(0, 1), delivered(1, 1, 1), acked(2, 1)];
        for recorded in [story[0], published(0, 2), story[1], story[2], queued(1, 2), story[3]] {
            paths.apply(&recorded);
        }
        let path = paths.of(message(1)).unwrap();
        assert_eq!(path.steps, story);
        assert_eq!((path.copies, path.left_out), (0, 0));
        assert_eq!(paths.of(message(2)).unwrap().copies, 1);
        assert_eq!(paths.of(message(3)), None);
    }

    #[test]
    fn a_dead_letter_is_still_somewhere_and_a_redrive_brings_it_back() {
        let mut paths = Paths::default();
        let died = [dead_lettered(45_000, 1), buried(45_000, 1)];
        for recorded in [[published(0, 1), queued(0, 1)], died].concat() {
            paths.apply(&recorded);
        }
        assert_eq!(paths.of(message(1)).unwrap().copies, 1);
        paths.apply(&redriven(50_000, 1));
        paths.apply(&queued(50_000, 1));
        assert_eq!(paths.of(message(1)).unwrap().copies, 1);
        paths.apply(&acked(51_000, 1));
        assert_eq!(paths.of(message(1)).unwrap().copies, 0);
    }

    #[test]
    fn a_copy_diverted_on_arrival_is_one_copy() {
        let mut paths = Paths::default();
        for recorded in [published(0, 1), dead_lettered(0, 1), buried(0, 1)] {
            paths.apply(&recorded);
        }
        assert_eq!(paths.of(message(1)).unwrap().copies, 1);
    }

    #[test]
    fn a_long_path_keeps_its_beginning_and_its_end() {
        let mut paths = Paths::default();
        paths.apply(&published(0, 1));
        for n in 0..PATH_STEPS_MAX as u64 + 4 {
            paths.apply(&retry(n, 1, 1, n + 1));
        }
        let path = paths.of(message(1)).unwrap();
        assert_eq!(path.steps.len(), PATH_STEPS_MAX);
        assert_eq!(path.left_out, 5);
        assert_eq!(path.steps[0], published(0, 1));
    }

    #[test]
    fn the_longest_finished_is_forgotten_before_anything_under_way() {
        let mut paths = Paths::default();
        for number in 0..PATHS_MAX as u64 {
            paths.apply(&queued(0, number));
        }
        paths.apply(&acked(1, 7));
        paths.apply(&queued(2, PATHS_MAX as u64));
        assert_eq!(paths.of(message(7)), None, "done");
        assert!(paths.of(message(0)).is_some(), "older, but under way");
        paths.apply(&queued(3, PATHS_MAX as u64 + 1));
        assert_eq!(paths.of(message(0)), None, "nothing is done, so the oldest goes");
        assert_eq!(paths.paths.len(), PATHS_MAX);
    }

    #[test]
    fn what_was_redriven_is_not_forgotten_as_done() {
        let mut paths = Paths::default();
        for recorded in
            [queued(0, 0), dead_lettered(1, 0), buried(1, 0), redriven(2, 0), queued(2, 0)]
        {
            paths.apply(&recorded);
        }
        for number in 1..=PATHS_MAX as u64 {
            paths.apply(&queued(3, number));
            paths.apply(&acked(3, number));
        }
        assert!(paths.of(message(0)).is_some());
        assert_eq!(paths.paths.len(), PATHS_MAX);
    }
}
