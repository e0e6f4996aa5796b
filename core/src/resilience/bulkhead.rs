//! The bulkhead: so many calls at once, and a short line before it.

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    limits::{BULKHEAD_WAITING_MAX, CONCURRENCY_MAX, SPAN_MAX},
    time::{Span, Timestamp, millis},
};

/// How many calls a bulkhead lets in at once, and how long others wait before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkheadConfig {
    /// Calls inside at once. Default 25, as in Resilience4j (`maxConcurrentCalls`); from 1 to
    /// 10,000.
    pub concurrency: u32,
    /// How long a call waits before it is turned away. Default not at all (`maxWaitDuration`); at
    /// most 366 days.
    #[serde(rename = "max_wait_ms", with = "millis")]
    pub max_wait: Span,
    /// Calls that wait at once, where they may wait. Default 100; from 0 to 10,000.
    pub waiting: u32,
}

impl Default for BulkheadConfig {
    fn default() -> Self {
        Self { concurrency: 25, max_wait: Span::ZERO, waiting: 100 }
    }
}

/// A place in the line before a bulkhead. Grows with every call that waits and is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(u64);

/// What a bulkhead says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is inside. When it ends, say so with [`Bulkhead::leave`].
    Entered,
    /// It waits in line. [`Bulkhead::leave`] says when it enters.
    Waits {
        /// Its place.
        ticket: Ticket,
        /// It is turned away then, unless it entered before.
        until: Timestamp,
    },
    /// It is turned away: all places are taken, and the line is full or nobody may wait.
    Full,
}

/// A bulkhead, after the walls that keep one leak from sinking a ship: so many calls at once, and no
/// more, whoever makes them. Those that wait enter in the order in which they came.
///
/// A consumer needs none: `concurrency` in its settings *is* its bulkhead, with the queue as the line
/// before it and [`QueueConfig::deliver_within`](crate::QueueConfig) as the longest wait. And no two
/// consumers of a station share one, since nothing is shared between channels. Where two of them
/// end at one account that allows so many calls in all, what is shared is the account: put a
/// bulkhead there, in the provider, so that it is shared on purpose and in one visible place.
///
/// # Example: two at once, a third waits
/// ```
/// use postroom_core::{Admission, Bulkhead, BulkheadConfig, Span, Timestamp};
///
/// let now = Timestamp::ZERO;
/// let max_wait = Span::from_secs(1);
/// let config = BulkheadConfig { concurrency: 2, max_wait, ..BulkheadConfig::default() };
/// let mut account = Bulkhead::new(config);
/// assert_eq!(account.enter(now), Admission::Entered);
/// assert_eq!(account.enter(now), Admission::Entered);
/// let Admission::Waits { ticket, until } = account.enter(now) else { unreachable!() };
/// assert_eq!(until, now + max_wait);
/// assert_eq!(account.leave(now), Some(ticket), "the third enters in its place");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulkhead {
    config: BulkheadConfig,
    inside: u32,
    /// Who waits, first come first, and until when: later comers wait no shorter.
    line: BTreeMap<Ticket, Timestamp>,
    next_ticket: u64,
    now: Timestamp,
}

impl Bulkhead {
    /// An empty one. A setting out of range counts as the nearest one in range.
    #[must_use]
    pub fn new(config: BulkheadConfig) -> Self {
        let config = BulkheadConfig {
            concurrency: config.concurrency.clamp(1, CONCURRENCY_MAX),
            max_wait: config.max_wait.min(SPAN_MAX),
            waiting: config.waiting.min(BULKHEAD_WAITING_MAX),
        };
        let (inside, line, next_ticket, now) = (0, BTreeMap::new(), 0, Timestamp::ZERO);
        Self { config, inside, line, next_ticket, now }
    }

    /// Calls inside.
    #[must_use]
    pub fn inside(&self) -> u32 {
        self.inside
    }

    /// Calls in line.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.line.len() as u32
    }

    /// When the first in line is turned away.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.line.first_key_value().map(|(_, until)| *until)
    }

    /// A call comes. Ask [`Bulkhead::turn_away`] first, else those whose time is over are still in
    /// its way.
    pub fn enter(&mut self, now: Timestamp) -> Admission {
        self.now = self.now.max(now);
        if self.inside < self.config.concurrency {
            self.inside += 1;
            return Admission::Entered;
        }
        if self.config.max_wait == Span::ZERO || self.waiting() >= self.config.waiting {
            return Admission::Full;
        }
        let (ticket, until) = (Ticket(self.next_ticket), self.now + self.config.max_wait);
        self.next_ticket += 1;
        self.line.insert(ticket, until);
        Admission::Waits { ticket, until }
    }

    /// A call inside ended: the first in line whose time is not over enters in its place. Those
    /// before it stay in line to be turned away. Without a call inside nothing happens.
    pub fn leave(&mut self, now: Timestamp) -> Option<Ticket> {
        self.now = self.now.max(now);
        let first =
            self.line.iter().find(|(_, until)| **until > self.now).map(|(ticket, _)| *ticket);
        match first.filter(|_| self.inside > 0) {
            Some(ticket) => {
                self.line.remove(&ticket);
                Some(ticket)
            }
            None => {
                self.inside = self.inside.saturating_sub(1);
                None
            }
        }
    }

    /// The next one in line whose time is over, to be called until there is none: it is turned
    /// away.
    pub fn turn_away(&mut self, now: Timestamp) -> Option<Ticket> {
        self.now = self.now.max(now);
        let (ticket, until) = self.line.first_key_value()?;
        let ticket = *ticket;
        (*until <= self.now).then(|| {
            self.line.remove(&ticket);
            ticket
        })
    }

    /// A call in line is given up; false if it was not in line.
    pub fn give_up(&mut self, ticket: Ticket) -> bool {
        self.line.remove(&ticket).is_some()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::entropy::Entropy;

    const CONFIG: BulkheadConfig =
        BulkheadConfig { concurrency: 2, max_wait: Span::from_millis(100), waiting: 3 };

    #[test]
    fn nobody_waits_where_the_longest_wait_is_zero() {
        let mut bulkhead = Bulkhead::new(BulkheadConfig { max_wait: Span::ZERO, ..CONFIG });
        let said: Vec<_> = (0..3).map(|_| bulkhead.enter(at(0))).collect();
        assert_eq!(said, [Admission::Entered, Admission::Entered, Admission::Full]);
        assert_eq!(bulkhead.leave(at(1)), None);
        assert_eq!((bulkhead.enter(at(1)), bulkhead.inside()), (Admission::Entered, 2));
    }

    #[test]
    fn a_wait_is_over_in_the_very_microsecond() {
        let mut bulkhead = full();
        let Admission::Waits { ticket, until } = bulkhead.enter(at(5)) else { panic!("it waits") };
        assert_eq!((until, bulkhead.next_deadline()), (at(105), Some(at(105))));
        assert_eq!(bulkhead.turn_away(Timestamp::from_micros(104_999)), None);
        let mut in_time = bulkhead.clone();
        assert_eq!(in_time.leave(Timestamp::from_micros(104_999)), Some(ticket));
        assert_eq!(bulkhead.leave(at(105)), None, "too late to enter");
        assert_eq!(bulkhead.turn_away(at(105)), Some(ticket));
        assert_eq!((bulkhead.inside(), bulkhead.waiting()), (1, 0));
    }

    #[test]
    fn the_line_is_bounded() {
        let mut bulkhead = full();
        for _ in 0..3 {
            assert!(matches!(bulkhead.enter(at(0)), Admission::Waits { .. }));
        }
        assert_eq!((bulkhead.enter(at(0)), bulkhead.waiting()), (Admission::Full, 3));
    }

    #[test]
    fn whoever_gives_up_leaves_the_place_to_the_next() {
        let mut bulkhead = full();
        let tickets: Vec<_> = (0..2).map(|_| waits(bulkhead.enter(at(0)))).collect();
        assert!(bulkhead.give_up(tickets[0]));
        assert!(!bulkhead.give_up(tickets[0]), "once");
        assert_eq!(bulkhead.leave(at(1)), Some(tickets[1]));
        assert!(!bulkhead.give_up(tickets[1]), "it is inside");
    }

    #[test]
    fn leaving_an_empty_one_changes_nothing() {
        let mut bulkhead = Bulkhead::new(CONFIG);
        let before = bulkhead.clone();
        assert_eq!(bulkhead.leave(at(0)), None);
        assert_eq!(bulkhead, before);
    }

    #[test]
    fn time_that_runs_backwards_shortens_no_wait_and_no_line() {
        let mut bulkhead = full();
        let first = waits(bulkhead.enter(at(50)));
        assert_eq!(bulkhead.turn_away(at(0)), None);
        let second = waits(bulkhead.enter(at(0)));
        assert_eq!(bulkhead.turn_away(at(149)), None, "it came at 50 as well");
        assert_eq!(bulkhead.turn_away(at(150)), Some(first));
        assert_eq!(bulkhead.turn_away(at(0)), Some(second));
    }

    #[test]
    fn settings_out_of_range_count_as_the_nearest() {
        let tightest = BulkheadConfig { concurrency: 0, ..CONFIG };
        assert_eq!(Bulkhead::new(tightest).config, BulkheadConfig { concurrency: 1, ..CONFIG });
        let max_wait = SPAN_MAX.times(2);
        let widest = BulkheadConfig { concurrency: u32::MAX, max_wait, waiting: u32::MAX };
        let most = BulkheadConfig {
            concurrency: CONCURRENCY_MAX,
            max_wait: SPAN_MAX,
            waiting: BULKHEAD_WAITING_MAX,
        };
        assert_eq!(Bulkhead::new(widest).config, most);
    }

    #[test]
    fn everybody_enters_or_is_turned_away_and_never_too_many_are_inside() {
        for seed in 0..100 {
            let mut bulkhead = Bulkhead::new(CONFIG);
            let (mut inside, mut line) = (0, Vec::new());
            let (mut now, mut entered, mut away) = (0, 0, 0);
            for nth in 0..300 {
                let draw = |what: u64, most| Entropy::new(seed).draw_up_to(most, &[nth, what]);
                now += draw(0, 40);
                while let Some(ticket) = bulkhead.turn_away(at(now)) {
                    assert_eq!(ticket, line.remove(0));
                    away += 1;
                }
                if draw(1, 1) == 0 {
                    match bulkhead.enter(at(now)) {
                        Admission::Entered => inside += 1,
                        Admission::Waits { ticket, .. } => line.push(ticket),
                        Admission::Full => assert_eq!((inside, line.len()), (2, 3)),
                    }
                } else if inside > 0 {
                    let next = (!line.is_empty()).then(|| line.remove(0));
                    assert_eq!(bulkhead.leave(at(now)), next, "seed {seed}");
                    inside -= u32::from(next.is_none());
                    entered += u32::from(next.is_some());
                }
                assert!(inside == 2 || line.is_empty(), "seed {seed}: nobody waits in vain");
                assert_eq!((bulkhead.inside(), bulkhead.waiting()), (inside, line.len() as u32));
            }
            assert!(entered > 5 && away > 0, "seed {seed}: {entered} entered, {away} did not");
        }
    }

    fn full() -> Bulkhead {
        let mut bulkhead = Bulkhead::new(CONFIG);
        (0..2).for_each(|_| assert_eq!(bulkhead.enter(at(0)), Admission::Entered));
        bulkhead
    }

    fn waits(admission: Admission) -> Ticket {
        let Admission::Waits { ticket, .. } = admission else { panic!("{admission:?}") };
        ticket
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }
}
