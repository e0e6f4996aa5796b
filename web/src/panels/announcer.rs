//! What a screen reader is told while the run goes on: little, and never a flood.

use postroom_core::{Event, QueueId, Recorded};

use super::{names::Names, words};

/// At least so long between two announcements, in real milliseconds.
pub const ANNOUNCEMENT_GAP_MS: u64 = 4_000;

/// At least so long between two counts of a queue's dead letters.
const DEAD_LETTERS_GAP_MS: u64 = 30_000;

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
    /// What happened last to its breaker, to its room and to its worker.
    latest: [Option<Recorded>; 3],
    dead: u32,
    redriven: u32,
    /// Until then nobody is told of dead letters alone.
    counted_until_ms: u64,
}

impl Announcer {
    /// Takes in the next event. Most are not worth a word.
    pub fn apply(&mut self, recorded: &Recorded) {
        let (queue, about) = match recorded.event {
            Event::DeadLettered { queue, .. }
            | Event::Blocked { queue, .. }
            | Event::Discarded { queue, .. } => {
                self.news_of(queue).dead += 1;
                return;
            }
            Event::Redriven { to, .. } => {
                self.news_of(to).redriven += 1;
                return;
            }
            Event::BreakerOpened { queue, .. }
            | Event::BreakerHalfOpened { queue, .. }
            | Event::BreakerClosed { queue, .. }
            | Event::BreakerForcedOpen { queue, .. }
            | Event::BreakerDisabled { queue, .. }
            | Event::BreakerReset { queue, .. } => (queue, 0),
            Event::AlarmRaised { queue, .. } | Event::AlarmCleared { queue, .. } => (queue, 1),
            Event::ConsumerCrashed { queue, .. } | Event::ConsumerRestarted { queue, .. } => {
                (queue, 2)
            }
            _ => return,
        };
        self.news_of(queue).latest[about] = Some(*recorded);
    }

    /// Forgets what it has not said: the reader is somewhere else in time.
    pub fn clear(&mut self) {
        self.news.clear();
    }

    /// What to say now, at real time `now_ms`; nothing if there is no news, or too soon after the
    /// last.
    pub fn speak(&mut self, now_ms: u64, names: &Names) -> Option<String> {
        if now_ms < self.silent_until_ms {
            return None;
        }
        let told = self.news.iter_mut().filter_map(|news| news.tell(now_ms, names));
        let said = told.collect::<Vec<_>>().join(" ");
        if said.is_empty() {
            return None;
        }
        self.silent_until_ms = now_ms + ANNOUNCEMENT_GAP_MS;
        Some(said)
    }

    fn news_of(&mut self, queue: QueueId) -> &mut News {
        let known = self.news.iter().position(|news| news.queue == queue);
        let place = known.unwrap_or_else(|| {
            self.news.push(News::of(queue, 0));
            self.news.len() - 1
        });
        &mut self.news[place]
    }
}

impl News {
    fn of(queue: QueueId, counted_until_ms: u64) -> Self {
        Self { queue, latest: [None; 3], dead: 0, redriven: 0, counted_until_ms }
    }

    /// The news in words, if there are any; from then on there are none.
    fn tell(&mut self, now_ms: u64, names: &Names) -> Option<String> {
        let is_counted = self.dead > 0 && now_ms >= self.counted_until_ms;
        if !is_counted && self.redriven == 0 && self.latest == [None; 3] {
            return None;
        }
        let quiet_until_ms = now_ms + DEAD_LETTERS_GAP_MS;
        let until_ms = if self.dead > 0 { quiet_until_ms } else { self.counted_until_ms };
        let told = std::mem::replace(self, Self::of(self.queue, until_ms));
        Some(told.in_words(names))
    }

    fn in_words(&self, names: &Names) -> String {
        let latest = self.latest.iter().flatten();
        let mut words: Vec<_> = latest.map(|recorded| words::what(recorded, names)).collect();
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
        SMS, WORKER, breaker_closed, breaker_opened, dead_lettered, layout, queued, recorded,
        redriven,
    };
    use postroom_core::Alarm;

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
    fn dead_letters_alone_are_counted_now_and_then() {
        let names = Names::of(&layout());
        let mut announcer = Announcer::default();
        announcer.apply(&dead_lettered(1, 1));
        assert_eq!(announcer.speak(0, &names).as_deref(), Some("SMS: 1 dead letter."));
        announcer.apply(&dead_lettered(2, 2));
        announcer.apply(&dead_lettered(3, 3));
        assert_eq!(announcer.speak(DEAD_LETTERS_GAP_MS - 1, &names), None);
        let said = announcer.speak(DEAD_LETTERS_GAP_MS, &names);
        assert_eq!(said.as_deref(), Some("SMS: 2 dead letters."));
        announcer.apply(&dead_lettered(4, 4));
        announcer.apply(&alarm(5, Alarm::Depth));
        let said = announcer.speak(DEAD_LETTERS_GAP_MS + ANNOUNCEMENT_GAP_MS, &names);
        assert_eq!(said.as_deref(), Some("SMS: alarm: too many wait; 1 dead letter."));
    }

    #[test]
    fn an_alarm_and_a_crash_are_said_beside_the_breaker() {
        let names = Names::of(&layout());
        let mut announcer = Announcer::default();
        announcer.apply(&alarm(1, Alarm::Age));
        announcer.apply(&breaker_opened(2));
        announcer.apply(&recorded(3, Event::ConsumerCrashed { consumer: WORKER, queue: SMS }));
        assert_eq!(
            announcer.speak(0, &names).as_deref(),
            Some(
                "SMS: breaker opened, too many calls failed: no calls for 10 s; alarm: the oldest \
                 waits too long; worker crashed: its calls are lost."
            )
        );
    }

    fn alarm(millis: u64, alarm: Alarm) -> Recorded {
        recorded(millis, Event::AlarmRaised { queue: SMS, alarm })
    }

    #[test]
    fn what_was_not_said_before_a_jump_is_not_said_after_it() {
        let mut announcer = Announcer::default();
        announcer.apply(&breaker_opened(1));
        announcer.clear();
        assert_eq!(announcer.speak(0, &Names::of(&layout())), None);
    }
}
