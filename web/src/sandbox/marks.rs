//! Marks along the time of the run: faults, alarms, dead letters.

use postroom_core::{Event, Recorded, Span, Timestamp};
use postroom_simulator::{BranchId, RunUpdate};

use crate::row::Row;

/// Seconds that can be marked; later ones are not.
pub const MARKS_MAX: usize = 4_000;

/// What happened in one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// An alarm was raised.
    pub alarm: bool,
    /// A message died.
    pub dead: bool,
    /// The reader changed something, or the scenario has a fault then.
    pub change: bool,
}

/// Which seconds are worth going back to. Folded from the run's events, and from nothing else but
/// the faults that the scenario names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    seconds: Row<u64, Mark>,
    branch: Option<BranchId>,
    interventions: u64,
}

impl Marks {
    /// The seconds that are marked, in order.
    pub fn seconds(&self) -> impl Iterator<Item = (u64, Mark)> + '_ {
        self.seconds.keys().zip(self.seconds.values().copied())
    }

    /// The run says something, the events of which come next. What is ahead of a reader who went back
    /// stays marked, until another future takes its place.
    pub fn turn_to(&mut self, update: &RunUpdate) {
        if self.branch.is_some_and(|branch| branch != update.branch) {
            if update.reset {
                self.seconds.clear();
            } else {
                self.forget_after(update.now_us);
            }
        }
        let current = update.branches.iter().find(|branch| branch.id == update.branch);
        let interventions = current.map_or(0, |branch| branch.interventions);
        let is_known = self.branch == Some(update.branch);
        if interventions > self.interventions && (is_known || !update.reset) {
            self.mark(update.now_us, |mark| mark.change = true);
        }
        self.branch = Some(update.branch);
        self.interventions = interventions;
    }

    /// Takes in the next events.
    pub fn apply(&mut self, events: &[Recorded]) {
        for recorded in events {
            match recorded.event {
                Event::AlarmRaised { .. } => self.mark(recorded.at, |mark| mark.alarm = true),
                Event::DeadLettered { .. } | Event::Discarded { .. } => {
                    self.mark(recorded.at, |mark| mark.dead = true);
                }
                _ => {}
            }
        }
    }

    /// In a branch of which nothing is marked yet, what was marked when that was kept.
    pub fn go_to(&mut self, kept: &Self) {
        if self.seconds.len() == 0 {
            self.seconds.clone_from(&kept.seconds);
        }
    }

    /// About how many bytes a copy takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        (self.seconds.len() * size_of::<(u64, Mark)>()) as u64
    }

    fn mark(&mut self, at: Timestamp, set: impl FnOnce(&mut Mark)) {
        let second = at.as_micros() / Span::from_secs(1).as_micros();
        if self.seconds.len() < MARKS_MAX || self.seconds.get(second).is_some() {
            set(self.seconds.get_or_default(second));
        }
    }

    fn forget_after(&mut self, now: Timestamp) {
        let second = now.as_micros() / Span::from_secs(1).as_micros();
        while let Some(last) = self.seconds.last_key().filter(|last| *last > second) {
            self.seconds.remove(last);
        }
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Alarm, Batch, QueueId};

    use super::*;

    #[test]
    fn what_matters_is_marked_once_a_second() {
        let mut marks = Marks::default();
        take(&mut marks, &update(false, 0, vec![alarm(1_200), alarm(1_900), alarm(2_000)]));
        assert_eq!(seconds(&marks), [1, 2]);
        assert!(marks.seconds().all(|(_, mark)| mark.alarm && !mark.dead));
    }

    #[test]
    fn the_known_future_stays_marked_until_another_begins() {
        let mut marks = Marks::default();
        take(&mut marks, &update(false, 0, vec![alarm(1_000), alarm(5_000)]));
        take(&mut marks, &RunUpdate { now_us: at(2_000), ..update(true, 0, vec![alarm(1_000)]) });
        assert_eq!(seconds(&marks), [1, 5], "back at the second second");
        take(&mut marks, &RunUpdate { now_us: at(2_000), ..update(false, 1, vec![]) });
        assert_eq!(seconds(&marks), [1]);
        take(&mut marks, &update(true, 0, vec![alarm(1_000), alarm(5_000), alarm(7_000)]));
        assert_eq!(seconds(&marks), [1, 5, 7], "the first future again");
    }

    #[test]
    fn there_is_an_end_to_marks() {
        let mut marks = Marks::default();
        let all = (0..=MARKS_MAX as u64).map(|second| alarm(second * 1_000)).collect();
        take(&mut marks, &update(false, 0, all));
        assert_eq!(seconds(&marks).len(), MARKS_MAX);
    }

    fn take(marks: &mut Marks, update: &RunUpdate) {
        marks.turn_to(update);
        marks.apply(&update.batch.events);
    }

    fn seconds(marks: &Marks) -> Vec<u64> {
        marks.seconds().map(|(second, _)| second).collect()
    }

    fn alarm(ms: u64) -> Recorded {
        let event = Event::AlarmRaised { queue: QueueId::new(0), alarm: Alarm::Depth };
        Recorded { at: at(ms), command: ms, index: 0, event }
    }

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn update(reset: bool, branch: u32, events: Vec<Recorded>) -> RunUpdate {
        RunUpdate {
            reset,
            batch: Batch { events },
            missed: 0,
            now_us: at(9_000_000),
            end_us: at(9_000_000),
            next_us: None,
            arrived: true,
            branch: BranchId::new(branch),
            branches: Vec::new(),
            refused: None,
        }
    }
}
