//! The path of a message: what befell each of its copies.

use postroom_core::{Event, MessageId, Recorded};

/// Steps kept of one path: its first, and the latest.
pub const PATH_STEPS_MAX: usize = 120;
/// Messages kept that one message was the cause of: the first.
pub const EFFECTS_MAX: usize = 24;

/// What befell one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Whose it is.
    pub message: MessageId,
    /// Oldest first.
    pub steps: Vec<Recorded>,
    /// Steps left out after the first one.
    pub left_out: u64,
    /// Copies that are in a queue, dead letters included.
    pub copies: u32,
    /// The message that it answers.
    pub cause: Option<MessageId>,
    /// Messages that answer it, the first of them.
    pub effects: Vec<MessageId>,
    /// Further ones that are not kept.
    pub more_effects: u64,
}

impl Path {
    /// The path of a message as these events tell it.
    pub fn of<'e>(message: MessageId, events: impl IntoIterator<Item = &'e Recorded>) -> Self {
        let mut path = Self {
            message,
            steps: Vec::new(),
            left_out: 0,
            copies: 0,
            cause: None,
            effects: Vec::new(),
            more_effects: 0,
        };
        events.into_iter().for_each(|recorded| path.apply(recorded));
        path
    }

    /// Whether an event belongs to the path of a message: it befell it, or another that answers it.
    #[must_use]
    pub fn takes(message: MessageId, event: &Event) -> bool {
        event.message() == Some(message)
            || matches!(event, Event::Published { causation, .. } if *causation == Some(message))
    }

    /// Takes in the next event; what has nothing to do with it is passed over.
    pub fn apply(&mut self, recorded: &Recorded) {
        match recorded.event {
            Event::Published { message, causation, .. } if causation == Some(self.message) => {
                self.add_effect(message);
            }
            ref event if event.message() == Some(self.message) => self.befall(recorded),
            _ => {}
        }
    }

    fn befall(&mut self, recorded: &Recorded) {
        self.push(*recorded);
        match recorded.event {
            Event::Published { causation, .. } => self.cause = causation,
            Event::Enqueued { .. } => self.copies += 1,
            // A copy that was diverted on arrival never was in the queue that it is dead for.
            Event::DeadLettered { .. } if !self.was_queued_for(&recorded.event) => {}
            // Until the `Enqueued` that follows, what died or was redriven is in no queue.
            Event::DeadLettered { .. }
            | Event::Acked { .. }
            | Event::Discarded { .. }
            | Event::Redriven { .. } => self.copies = self.copies.saturating_sub(1),
            _ => {}
        }
    }

    fn add_effect(&mut self, message: MessageId) {
        if self.effects.len() < EFFECTS_MAX {
            self.effects.push(message);
        } else {
            self.more_effects += 1;
        }
    }

    fn push(&mut self, recorded: Recorded) {
        if self.steps.len() == PATH_STEPS_MAX {
            self.steps.remove(1);
            self.left_out += 1;
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
        let story = [published(0, 1), queued(0, 1), delivered(1, 1, 1), acked(2, 1)];
        let [first, rest @ ..] = story;
        let all = [[first, published(0, 2)], [rest[0], rest[1]], [queued(1, 2), rest[2]]].concat();
        let path = Path::of(message(1), &all);
        assert_eq!(path.steps, story);
        assert_eq!((path.copies, path.left_out), (0, 0));
        assert_eq!(Path::of(message(2), &all).copies, 1);
        assert_eq!(Path::of(message(3), &all).steps, []);
    }

    #[test]
    fn a_dead_letter_is_still_somewhere_and_a_redrive_brings_it_back() {
        let died = [published(0, 1), queued(0, 1), dead_lettered(45_000, 1), buried(45_000, 1)];
        let mut path = Path::of(message(1), &died);
        assert_eq!(path.copies, 1);
        path.apply(&redriven(50_000, 1));
        path.apply(&queued(50_000, 1));
        assert_eq!(path.copies, 1);
        path.apply(&acked(51_000, 1));
        assert_eq!(path.copies, 0);
    }

    #[test]
    fn a_copy_diverted_on_arrival_is_one_copy() {
        let story = [published(0, 1), dead_lettered(0, 1), buried(0, 1)];
        assert_eq!(Path::of(message(1), &story).copies, 1);
    }

    #[test]
    fn a_path_knows_what_it_answers_and_what_answers_it() {
        let answer = |number: u64, to: u64| {
            let mut recorded = published(5, number);
            if let Event::Published { causation, .. } = &mut recorded.event {
                *causation = Some(message(to));
            }
            recorded
        };
        let effects = (10..10 + EFFECTS_MAX as u64 + 2).map(|number| answer(number, 1));
        let story: Vec<_> = [answer(1, 7), queued(5, 1)].into_iter().chain(effects).collect();
        assert!(story.iter().all(|each| Path::takes(message(1), &each.event)));
        assert!(!Path::takes(message(1), &published(9, 2).event));
        let path = Path::of(message(1), &story);
        assert_eq!((path.cause, path.steps.len()), (Some(message(7)), 2));
        assert_eq!((path.effects.len(), path.more_effects), (EFFECTS_MAX, 2));
        assert_eq!(path.effects[0], message(10));
    }

    #[test]
    fn a_long_path_keeps_its_beginning_and_its_end() {
        let retries = (0..PATH_STEPS_MAX as u64 + 4).map(|n| retry(n, 1, 1, n + 1));
        let story: Vec<_> = [published(0, 1)].into_iter().chain(retries).collect();
        let path = Path::of(message(1), &story);
        assert_eq!(path.steps.len(), PATH_STEPS_MAX);
        assert_eq!(path.left_out, 5);
        assert_eq!(path.steps[0], story[0]);
        assert_eq!(path.steps.last(), story.last());
    }
}
