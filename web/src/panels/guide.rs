//! The guide: a few steps that tick themselves, from the events alone.

use std::rc::Rc;

use postroom_core::{Event, QueueId, Recorded};

/// Something to be seen in the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// A call of this queue's worker failed.
    CallFailed(QueueId),
    /// This queue's breaker opened.
    BreakerOpened(QueueId),
    /// This queue's breaker closed again.
    BreakerClosed(QueueId),
    /// A copy in this queue was given up.
    DeadLettered(QueueId),
    /// A dead letter came back to this queue.
    Redriven(QueueId),
    /// A copy in this queue was settled well.
    Acked(QueueId),
}

impl Sight {
    /// Whether this is the event to be seen.
    #[must_use]
    pub fn is(self, event: &Event) -> bool {
        match (self, event) {
            (Self::CallFailed(at), Event::CallFailed { queue, .. })
            | (Self::BreakerOpened(at), Event::BreakerOpened { queue, .. })
            | (Self::BreakerClosed(at), Event::BreakerClosed { queue, .. })
            | (Self::DeadLettered(at), Event::DeadLettered { queue, .. })
            | (Self::Redriven(at), Event::Redriven { to: queue, .. })
            | (Self::Acked(at), Event::Acked { queue, .. }) => at == *queue,
            _ => false,
        }
    }
}

/// One step of the guide: what to do, and what shows that it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, in a few words.
    pub text: String,
    /// All of them must be seen, in any order, once the steps before are done.
    pub until: Vec<Sight>,
}

/// How far the reader is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    steps: Rc<Vec<Step>>,
    done: usize,
    /// Which sights of the current step were seen.
    seen: Vec<bool>,
}

impl Guide {
    /// A guide at its first step.
    #[must_use]
    pub fn new(steps: Vec<Step>) -> Self {
        let mut guide = Self { steps: Rc::new(steps), done: 0, seen: Vec::new() };
        guide.clear();
        guide
    }

    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        let Some(step) = self.steps.get(self.done) else { return };
        for (sight, seen) in step.until.iter().zip(&mut self.seen) {
            *seen |= sight.is(&recorded.event);
        }
        if self.seen.iter().all(|seen| *seen) {
            self.done += 1;
            self.look_out();
        }
    }

    /// Back to the first step.
    pub fn clear(&mut self) {
        self.done = 0;
        self.look_out();
    }

    /// Every step's text, and whether it is done.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&str, bool)> {
        self.steps.iter().enumerate().map(|(n, step)| (step.text.as_str(), n < self.done))
    }

    /// The step to do now; none when all are done.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        (self.done < self.steps.len()).then_some(self.done)
    }

    fn look_out(&mut self) {
        let sights = self.steps.get(self.done).map_or(0, |step| step.until.len());
        self.seen = vec![false; sights];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{PUSH, SMS, breaker_opened, call_failed, dead_lettered, redriven};
    use postroom_core::FailReason;

    #[test]
    fn steps_tick_in_order_and_from_events_alone() {
        let mut guide = guide();
        guide.apply(&dead_lettered(0, 1));
        assert_eq!(guide.current(), Some(0), "a later step's sight does not count before");
        guide.apply(&call_failed(1, 1, FailReason::Timeout));
        assert_eq!(guide.current(), Some(1));
        guide.apply(&dead_lettered(2, 1));
        assert_eq!(guide.current(), Some(1), "one of two sights");
        guide.apply(&breaker_opened(3));
        guide.apply(&redriven(4, 1));
        assert_eq!(guide.current(), None);
        assert!(guide.steps().all(|(_, done)| done));
        guide.clear();
        assert_eq!(guide, self::guide());
    }

    #[test]
    fn another_queue_s_events_tick_nothing() {
        let step = Step { text: String::new(), until: vec![Sight::CallFailed(PUSH)] };
        let mut guide = Guide::new(vec![step]);
        guide.apply(&call_failed(1, 1, FailReason::Timeout));
        assert_eq!(guide.current(), Some(0));
    }

    fn guide() -> Guide {
        let step = |text: &str, until| Step { text: text.into(), until };
        Guide::new(vec![
            step("break", vec![Sight::CallFailed(SMS)]),
            step("watch", vec![Sight::BreakerOpened(SMS), Sight::DeadLettered(SMS)]),
            step("redrive", vec![Sight::Redriven(SMS)]),
        ])
    }
}
