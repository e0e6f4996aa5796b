//! What a screen reader is told while the run goes on: little, and never a flood.

use std::collections::BTreeMap;

use postroom_core::{Event, QueueId, Recorded};

use super::{names::Names, words};

/// At least so long between two announcements, in real milliseconds.
pub const ANNOUNCEMENT_GAP_MS: u64 = 4_000;

/// Gathers what is worth a word, and lets it out in one breath.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    breakers: BTreeMap<QueueId, Recorded>,
    dead: BTreeMap<QueueId, u32>,
    redriven: BTreeMap<QueueId, u32>,
    silent_until_ms: u64,
}

impl Announcer {
    /// Takes in the next event. Most are not worth a word.
    pub fn apply(&mut self, recorded: &Recorded) {
        match recorded.event {
            Event::BreakerOpened { queue, .. }
            | Event::BreakerHalfOpened { queue, .. }
            | Event::BreakerClosed { queue, .. } => {
                self.breakers.insert(queue, *recorded);
            }
            Event::DeadLettered { queue, .. }
            | Event::Blocked { queue, .. }
            | Event::Discarded { queue, .. } => *self.dead.entry(queue).or_default() += 1,
            Event::Redriven { to, .. } => *self.redriven.entry(to).or_default() += 1,
            _ => {}
        }
    }

    /// Forgets what it has not said: the reader is somewhere else in time.
    pub fn clear(&mut self) {
        *self = Self { silent_until_ms: self.silent_until_ms, ..Self::default() };
    }

    /// What to say now, at real time `now_ms`; nothing if there is no news, or too soon after the
    /// last.
    pub fn speak(&mut self, now_ms: u64, names: &Names) -> Option<String> {
        if now_ms < self.silent_until_ms {
            return None;
        }
        let breakers = self.breakers.iter().map(|(queue, recorded)| {
            format!("{}: {}.", names.queue(*queue), words::what(recorded, names))
        });
        let counted = |counts: &BTreeMap<QueueId, u32>, one: &str, many: &str| -> Vec<String> {
            let counts = counts.iter();
            counts
                .map(|(queue, count)| {
                    let things = if *count == 1 { one } else { many };
                    format!("{}: {count} {things}.", names.queue(*queue))
                })
                .collect()
        };
        let mut said: Vec<_> = breakers.collect();
        said.extend(counted(&self.dead, "dead letter", "dead letters"));
        said.extend(counted(&self.redriven, "redriven", "redriven"));
        if said.is_empty() {
            return None;
        }
        self.clear();
        self.silent_until_ms = now_ms + ANNOUNCEMENT_GAP_MS;
        Some(said.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{
        breaker_closed, breaker_opened, dead_lettered, layout, queued, redriven,
    };

    #[test]
    fn many_events_make_one_announcement() {
        let names = Names::of(&layout());
        let mut announcer = Announcer::default();
        announcer.apply(&breaker_opened(1));
        for number in 0..100 {
            announcer.apply(&queued(1, number));
            announcer.apply(&dead_lettered(2, number));
        }
        announcer.apply(&redriven(3, 1));
        let said = announcer.speak(1_000, &names).unwrap();
        assert_eq!(
            said,
            "SMS: breaker opened: no calls for 10 s. SMS: 100 dead letters. SMS: 1 redriven."
        );
        assert_eq!(announcer.speak(9_000, &names), None, "no news");
    }

    #[test]
    fn two_announcements_keep_their_distance() {
        let names = Names::of(&layout());
        let mut announcer = Announcer::default();
        announcer.apply(&breaker_opened(1));
        assert!(announcer.speak(0, &names).is_some());
        announcer.apply(&breaker_closed(2));
        assert_eq!(announcer.speak(ANNOUNCEMENT_GAP_MS - 1, &names), None);
        assert_eq!(
            announcer.speak(ANNOUNCEMENT_GAP_MS, &names).as_deref(),
            Some("SMS: breaker closed: calls run as usual.")
        );
    }

    #[test]
    fn what_was_not_said_before_a_jump_is_not_said_after_it() {
        let mut announcer = Announcer::default();
        announcer.apply(&breaker_opened(1));
        announcer.clear();
        assert_eq!(announcer.speak(0, &Names::of(&layout())), None);
    }
}
