//! How full the queues were, second by second.

use std::{collections::VecDeque, rc::Rc};

use postroom_core::{Event, MessageId, QueueId, Recorded, Span, Timestamp};

use super::charts::CHART_SECONDS;
use crate::row::Row;

/// How full a queue is at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Copies in it, in whatever state.
    pub depth: u64,
    /// With a worker.
    pub in_flight: u64,
    /// When the oldest copy came in.
    pub oldest_since: Option<Timestamp>,
}

/// How full each queue was at the end of each of the last [`CHART_SECONDS`], folded from the
/// events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Levels {
    queues: Row<QueueId, Stock>,
    /// The second under way.
    second: u64,
    /// One for each second that is over, oldest first; in each, the queues in their order.
    ended: VecDeque<Rc<[Level]>>,
}

/// What is in a queue.
#[derive(Clone, Debug, Default, PartialEq)]
struct Stock {
    /// Since when each copy has been in it, and whether a worker has it.
    copies: Row<MessageId, (Timestamp, bool)>,
    in_flight: u64,
    /// Copies as they came in, with some that have left; the first has not.
    line: VecDeque<(Timestamp, MessageId)>,
}

impl Levels {
    /// Takes in the next event.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.pass(recorded.at);
        match recorded.event {
            Event::QueueCreated { queue, .. } => {
                self.queues.get_or_default(queue);
            }
            Event::Enqueued { queue, message, .. } => self.stock(queue).enter(message, recorded.at),
            Event::DeadLettered { queue, to, message, .. } => {
                self.stock(queue).leave(message);
                self.stock(to).enter(message, recorded.at);
            }
            Event::Acked { queue, message, .. }
            | Event::Discarded { queue, message, .. }
            | Event::Redriven { queue, message, .. } => self.stock(queue).leave(message),
            Event::Delivered { queue, message, .. } => self.stock(queue).hold(message, true),
            Event::RetryScheduled { queue, message, .. }
            | Event::Released { queue, message }
            | Event::LeaseExpired { queue, message, .. }
            | Event::Blocked { queue, message, .. } => self.stock(queue).hold(message, false),
            _ => {}
        }
    }

    /// How full a queue is now.
    #[must_use]
    pub fn now(&self, queue: QueueId) -> Level {
        self.queues.get(queue).map_or_else(Level::default, Stock::level)
    }

    /// How full a queue was at the end of each of the last [`CHART_SECONDS`], oldest first, with the
    /// moment; the last of them is `now`. Nothing was in it before the beginning.
    #[must_use]
    pub fn series(&self, queue: QueueId, now: Timestamp) -> Vec<(Timestamp, Level)> {
        let place = self.queues.keys().position(|each| each == queue);
        let last = second_of(now);
        let at_end = |age: u64| match self.second.checked_sub(last.checked_sub(age)?) {
            None | Some(0) => Some(self.now(queue)),
            Some(before) => {
                let ended = self.ended.len().checked_sub(before as usize)?;
                self.ended[ended].get(place?).copied()
            }
        };
        let moment = |age: u64| {
            let end = Timestamp::from_millis((last + 1).saturating_sub(age) * 1_000);
            end.min(now)
        };
        let ages = (0..u64::from(CHART_SECONDS)).rev();
        ages.map(|age| (moment(age), at_end(age).unwrap_or_default())).collect()
    }

    /// About how many bytes all copies take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let copies = self.queues.values().map(|stock| {
            stock.copies.len() * size_of::<(MessageId, (Timestamp, bool))>()
                + stock.line.len() * size_of::<(Timestamp, MessageId)>()
        });
        copies.sum::<usize>() as u64
    }

    /// Something happens at `at`: the seconds that are over until then ended with the queues as they
    /// are.
    fn pass(&mut self, at: Timestamp) {
        let second = second_of(at);
        if second <= self.second {
            return;
        }
        let levels: Rc<[Level]> = self.queues.values().map(Stock::level).collect();
        for _ in 0..(second - self.second).min(CHART_SECONDS.into()) {
            if self.ended.len() == CHART_SECONDS as usize {
                self.ended.pop_front();
            }
            self.ended.push_back(Rc::clone(&levels));
        }
        self.second = second;
    }

    fn stock(&mut self, queue: QueueId) -> &mut Stock {
        self.queues.get_or_default(queue)
    }
}

impl Stock {
    fn level(&self) -> Level {
        let oldest_since = self.line.front().map(|(since, _)| *since);
        Level { depth: self.copies.len() as u64, in_flight: self.in_flight, oldest_since }
    }

    fn enter(&mut self, message: MessageId, at: Timestamp) {
        if self.copies.get(message).is_some_and(|(since, _)| *since == at) {
            return;
        }
        self.leave(message);
        self.copies.insert(message, (at, false));
        self.line.push_back((at, message));
    }

    fn leave(&mut self, message: MessageId) {
        self.hold(message, false);
        self.copies.remove(message);
        let copies = &self.copies;
        let is_here = |(since, message): &(Timestamp, MessageId)| {
            copies.get(*message).is_some_and(|(entered, _)| entered == since)
        };
        while self.line.front().is_some_and(|first| !is_here(first)) {
            self.line.pop_front();
        }
        // One that stays keeps those behind it: these go once they are the most.
        if self.line.len() > 2 * copies.len() + 16 {
            self.line.retain(is_here);
        }
    }

    fn hold(&mut self, message: MessageId, is_held: bool) {
        if let Some((_, held)) = self.copies.get_mut(message)
            && std::mem::replace(held, is_held) != is_held
        {
            self.in_flight = if is_held { self.in_flight + 1 } else { self.in_flight - 1 };
        }
    }
}

fn second_of(at: Timestamp) -> u64 {
    at.as_micros() / Span::from_secs(1).as_micros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        panels::samples::{
            SMS, SMS_DEAD, acked, dead_lettered, delivered, queued, redriven, retry,
        },
        player::Order,
        run::{Fold, View},
        sandbox::{
            templates::TEMPLATES,
            text::{Opened, open},
        },
    };

    #[test]
    fn a_level_is_that_of_the_end_of_its_second() {
        let levels = told(&[queued(500, 1), queued(700, 2), queued(1_200, 3), acked(3_100, 1)]);
        let depths = depths(&levels, 4_500);
        assert_eq!(depths[55..], [2, 3, 3, 2, 2], "nothing has happened since");
        assert_eq!(depths[..55], [0; 55], "before the beginning");
    }

    #[test]
    fn seconds_of_long_ago_leave_and_a_long_silence_is_as_it_was() {
        let levels = told(&[queued(500, 1), queued(1_500, 2), queued(500_000, 3)]);
        assert_eq!(levels.ended.len(), CHART_SECONDS as usize);
        let at_last = depths(&levels, 500_000);
        assert_eq!((at_last[0], at_last[58], at_last[59]), (2, 2, 3));
        assert_eq!(depths(&levels, 900_000), [3; CHART_SECONDS as usize]);
    }

    #[test]
    fn moments_are_the_ends_of_seconds_up_to_now() {
        let levels = told(&[queued(500, 1), delivered(600, 1, 1), queued(2_100, 2)]);
        let now = Timestamp::from_millis(2_250);
        let series = levels.series(SMS, now);
        let since = Some(Timestamp::from_millis(500));
        let then = Level { depth: 1, in_flight: 1, oldest_since: since };
        assert_eq!(series[57], (Timestamp::from_millis(1_000), then));
        assert_eq!(series[59], (now, Level { depth: 2, ..then }));
    }

    #[test]
    fn dead_letters_are_in_their_own_queue_until_they_are_redriven() {
        let mut levels = told(&[queued(0, 1), delivered(10, 1, 1), dead_lettered(45_000, 1)]);
        assert_eq!(levels.now(SMS), Level::default());
        let since = Some(Timestamp::from_millis(45_000));
        assert_eq!(levels.now(SMS_DEAD), Level { depth: 1, in_flight: 0, oldest_since: since });
        levels.apply(&redriven(50_000, 1));
        assert_eq!(levels.now(SMS_DEAD), Level::default());
    }

    #[test]
    fn one_that_stays_does_not_keep_those_that_leave() {
        let mut levels = told(&[queued(0, 0), retry(1, 0, 1, 90_000)]);
        for number in 1..1_000 {
            levels.apply(&queued(number, number));
            levels.apply(&acked(number, number));
        }
        assert_eq!(levels.now(SMS).oldest_since, Some(Timestamp::ZERO));
        assert!(levels.stock(SMS).line.len() < 32, "{}", levels.stock(SMS).line.len());
    }

    #[test]
    fn they_are_what_the_picture_and_the_ages_say_in_every_template() {
        for template in TEMPLATES {
            let Opened { scene, .. } = open(template.document).expect("a template opens");
            let mut levels = Levels::default();
            let mut session = scene.session;
            let mut view = View::new(scene.layout.clone(), Vec::new());
            for second in 1..=120 {
                let to = Order::Advance(Timestamp::from_millis(second * 500));
                for update in session.carry_out(to, &|| 0.0) {
                    view.apply(&update.batch.events, true);
                    update.batch.events.iter().for_each(|recorded| levels.apply(recorded));
                }
                for lane in &scene.layout.lanes {
                    let level = Level {
                        depth: view.ages.depth(lane.queue),
                        in_flight: view.picture.0.borrow().counters(lane.queue).in_flight,
                        oldest_since: view.ages.oldest_since(lane.queue),
                    };
                    assert_eq!(levels.now(lane.queue), level, "{} at {second}", lane.label);
                }
            }
        }
    }

    fn told(events: &[Recorded]) -> Levels {
        let mut levels = Levels::default();
        events.iter().for_each(|recorded| levels.apply(recorded));
        levels
    }

    fn depths(levels: &Levels, now_ms: u64) -> Vec<u64> {
        let series = levels.series(SMS, Timestamp::from_millis(now_ms));
        series.iter().map(|(_, level)| level.depth).collect()
    }
}
