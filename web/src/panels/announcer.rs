//! What a screen reader is told while the run goes on: little, and never a flood.

use postroom_core::{Event, QueueId, Recorded};

use super::{names::Names, words};

/// At least so long between two announcements, in real milliseconds.
pub const ANNOUNCEMENT_GAP_MS: u64 = 4_000;

/// Gathers what is worth a word, and lets it out in one breath.
#[derive(Clone, Debug, Default)]
pub struct Announcer {
    news: Vec<News>,
    silent_until_ms: u64,
}

/// What is new of one queue.
#[derive(Clone, Debug)]
struct News {
    queue: QueueId,
    breaker: Option<Recorded>,
    dead: u32,
    redriven: u32,
}

impl Announcer {
    /// Takes in the next event. Most are not worth a word.
    pub fn apply(&mut self, recorded: &Recorded) {
        match recorded.event {
            Event::BreakerOpened { queue, .. }
            | Event::BreakerHalfOpened { queue, .. }
            | Event::BreakerClosed { queue, .. }
            | Event::BreakerForcedOpen { queue, .. }
            | Event::BreakerDisabled { queue, .. }
            | Event::BreakerReset { queue, .. } => self.news_of(queue).breaker = Some(*recorded),
            Event::DeadLettered { queue, .. }
            | Event::Blocked { queue, .. }
            | Event::Discarded { queue, .. } => self.news_of(queue).dead += 1,
            Event::Redriven { to, .. } => self.news_of(to).redriven += 1,
            _ => {}
        }
    }

    /// Forgets what it has not said: the reader is somewhere else in time.
    pub fn clear(&mut self) {
        self.news.clear();
    }

    /// What to say now, at real time `now_ms`; nothing if there is no news, or too soon after the
    /// last.
    pub fn speak(&mut self, now_ms: u64, names: &Names) -> Option<String> {
        if self.news.is_empty() || now_ms < self.silent_until_ms {
            return None;
        }
        self.silent_until_ms = now_ms + ANNOUNCEMENT_GAP_MS;
        let said: Vec<_> = self.news.drain(..).map(|news| news.in_words(names)).collect();
        Some(said.join(" "))
    }

    fn news_of(&mut self, queue: QueueId) -> &mut News {
        let known = self.news.iter().position(|news| news.queue == queue);
        let place = known.unwrap_or_else(|| {
            self.news.push(News { queue, breaker: None, dead: 0, redriven: 0 });
            self.news.len() - 1
        });
        &mut self.news[place]
    }
}

impl News {
    fn in_words(&self, names: &Names) -> String {
        let mut words = Vec::new();
        words.extend(self.breaker.map(|recorded| words::what(&recorded, names)));
        match self.dead {
            0 => {}
            1 => words.push("1 dead letter".to_owned()),
            many => words.push(format!("{many} dead letters")),
        }
        if self.redriven > 0 {
            words.push(format!("{} redriven", self.redriven));
        }
        format!("{}: {}.", names.queue(self.queue), words.join("; "))
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
        let opened = "breaker opened, too many calls failed: no calls for 10 s";
        assert_eq!(said, format!("SMS: {opened}; 100 dead letters; 1 redriven."));
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
