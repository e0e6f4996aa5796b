//! What is in one lane: the letters of a queue, with its workers and its dead letters.

use postroom_core::{CallId, MessageId};

use super::{
    Counters,
    journey::{Journey, Look, Spot},
    shelf::{Key, Shelf},
};
use crate::row::Row;

/// Spans of travel in microseconds of virtual time.
pub(crate) mod spans {
    pub(crate) const TO_TOPIC: u64 = 360_000;
    pub(crate) const TO_QUEUE: u64 = 420_000;
    pub(crate) const TO_DESK: u64 = 280_000;
    pub(crate) const TO_PROVIDER: u64 = 280_000;
    pub(crate) const TO_SHELF: u64 = 460_000;
    pub(crate) const TO_TRAY: u64 = 560_000;
    pub(crate) const BACK_TO_QUEUE: u64 = 380_000;
    /// A call is seen for this long at most, when it was over before the letter was seen to arrive.
    pub(crate) const CALL_MAX: u64 = 600_000;
    /// A call is seen for this long at least.
    pub(crate) const CALL_MIN: u64 = 150_000;
    /// How long the end of a letter is seen.
    pub(crate) const END: u64 = 500_000;
}

/// One lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LaneState {
    pub(crate) letters: Row<MessageId, Letter>,
    /// In the order in which the queue hands out: what comes back first, by age; then the fresh.
    pub(crate) ready: Shelf,
    /// In the order in which they come up.
    pub(crate) waiting: Shelf,
    pub(crate) dead: Row<u64, MessageId>,
    /// Those that may be on their way, for whoever draws: a superset, in no order.
    pub(crate) moving: Vec<MessageId>,
    moving_limit: usize,
    held: u64,
    delivered: u64,
    pub(crate) is_paused: bool,
    /// Grows with every arrival and every readiness.
    ticket: u64,
}

/// One copy of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Letter {
    pub(crate) place: Place,
    pub(crate) deliveries: u32,
    pub(crate) journey: Journey,
    /// The order of arrival in the queue.
    arrival: u64,
    listed_as_moving: bool,
}

/// What a copy waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// A worker.
    Ready(Key),
    /// Its time, or room among the dead letters.
    Waiting { key: Key, since: u64, due: Option<u64> },
    /// Whoever holds it.
    Held(Option<Work>),
    /// A redrive.
    Dead(u64),
    /// On its way from a tray to a queue, within one command.
    Redriven,
}

/// A call under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Work {
    pub(crate) call: CallId,
    pub(crate) worker: u16,
    /// None where there are more calls than desks drawn.
    pub(crate) desk: Option<u16>,
    pub(crate) since: u64,
    pub(crate) deadline: u64,
}

impl LaneState {
    /// Letters in it.
    pub(crate) fn len(&self) -> usize {
        self.letters.len()
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters {
            ready: self.ready.len(),
            in_flight: self.held,
            waiting: self.waiting.len(),
            dead: self.dead.len() as u64,
            delivered: self.delivered,
            is_paused: self.is_paused,
        }
    }

    /// A copy comes in, new or redriven, from `from`.
    pub(crate) fn enter(&mut self, lane: u16, now: u64, message: MessageId, birth: Journey) {
        self.ticket += 1;
        let arrival = self.ticket;
        self.leave_place(lane, now, message);
        let journey = self.letters.remove(message).map_or(birth, |letter| letter.journey);
        let place = Place::Redriven;
        let letter = Letter { place, deliveries: 0, journey, arrival, listed_as_moving: false };
        self.letters.insert(message, letter);
    }

    /// A copy is ready from now on.
    pub(crate) fn make_ready(&mut self, lane: u16, now: u64, message: MessageId, span: u64) {
        self.leave_place(lane, now, message);
        self.ticket += 1;
        let ticket = self.ticket;
        let Some(letter) = self.letters.get_mut(message) else { return };
        let returned = letter.deliveries > 0;
        let key = if returned { (0, letter.arrival) } else { (1, ticket) };
        letter.place = Place::Ready(key);
        letter.journey.go(now, Spot::Slot { lane, index: 0.0 }, span, Look::Plain);
        self.ready.insert(now, key, message);
        self.list_as_moving(now, message);
    }

    /// A copy waits until `due`, or for room among the dead letters.
    pub(crate) fn make_wait(
        &mut self,
        lane: u16,
        now: u64,
        message: MessageId,
        due: Option<u64>,
        look: Look,
    ) {
        self.leave_place(lane, now, message);
        let Some(letter) = self.letters.get_mut(message) else { return };
        let key = (due.unwrap_or(u64::MAX), letter.arrival);
        letter.place = Place::Waiting { key, since: now, due };
        letter.journey.go(now, Spot::Shelf { lane, index: 0.0 }, spans::TO_SHELF, look);
        self.waiting.insert(now, key, message);
        self.list_as_moving(now, message);
    }

    /// Somebody holds a copy from now on.
    pub(crate) fn hold(&mut self, lane: u16, now: u64, message: MessageId, delivery: u32) {
        self.leave_place(lane, now, message);
        let Some(letter) = self.letters.get_mut(message) else { return };
        letter.place = Place::Held(None);
        letter.deliveries = delivery;
        self.held += 1;
    }

    /// A call about a held copy begins.
    pub(crate) fn work(&mut self, now: u64, message: MessageId, work: Work) {
        let Some(letter) = self.letters.get_mut(message) else { return };
        letter.place = Place::Held(Some(work));
        let desk = work.desk.unwrap_or(0);
        let to = Spot::Desk { worker: work.worker, desk };
        letter.journey.go(now, to, spans::TO_DESK, Look::Plain);
        self.list_as_moving(now, message);
    }

    /// The call of a held copy ended. If the letter is only now seen to arrive at its desk, it is
    /// seen there for a while.
    pub(crate) fn end_work(&mut self, now: u64, message: MessageId) -> Option<Work> {
        let letter = self.letters.get_mut(message)?;
        let Place::Held(work) = &mut letter.place else { return None };
        let work = work.take()?;
        let took = now.saturating_sub(work.since);
        if letter.journey.end() + spans::CALL_MIN > now {
            let share = took as f64 / work.deadline.saturating_sub(work.since).max(1) as f64;
            letter.journey.stay(now, took.clamp(spans::CALL_MIN, spans::CALL_MAX), share);
        }
        Some(work)
    }

    /// Moves a copy among the dead.
    pub(crate) fn bury(&mut self, lane: u16, now: u64, message: MessageId) {
        self.leave_place(lane, now, message);
        self.ticket += 1;
        let ticket = self.ticket;
        let Some(letter) = self.letters.get_mut(message) else { return };
        letter.place = Place::Dead(ticket);
        letter.journey.go(now, Spot::Tray(lane), spans::TO_TRAY, Look::Plain);
        self.dead.insert(ticket, message);
        self.list_as_moving(now, message);
    }

    /// A copy leaves the lane for good, or for another lane.
    pub(crate) fn take(&mut self, lane: u16, now: u64, message: MessageId) -> Option<Letter> {
        self.leave_place(lane, now, message);
        self.letters.remove(message)
    }

    /// When the next waiting letter comes up.
    pub(crate) fn next_due(&self) -> Option<u64> {
        self.waiting.head().map(|(due, _)| due).filter(|due| *due < u64::MAX)
    }

    /// A copy was settled well.
    pub(crate) fn count_delivered(&mut self) {
        self.delivered += 1;
    }

    /// Frees whatever place a copy has, and lets its journey go on from there.
    fn leave_place(&mut self, lane: u16, now: u64, message: MessageId) {
        let Some(letter) = self.letters.get_mut(message) else { return };
        match letter.place {
            Place::Ready(key) => {
                let index = self.ready.remove(now, key);
                letter.journey.leave(Spot::Slot { lane, index });
            }
            Place::Waiting { key, .. } => {
                let index = self.waiting.remove(now, key);
                letter.journey.leave(Spot::Shelf { lane, index });
            }
            Place::Held(_) => self.held = self.held.saturating_sub(1),
            Place::Dead(ticket) => {
                self.dead.remove(ticket);
            }
            Place::Redriven => {}
        }
        letter.place = Place::Redriven;
    }

    fn list_as_moving(&mut self, now: u64, message: MessageId) {
        let Some(letter) = self.letters.get_mut(message) else { return };
        if letter.listed_as_moving {
            return;
        }
        letter.listed_as_moving = true;
        self.moving.push(message);
        if self.moving.len() > self.moving_limit {
            let letters = &mut self.letters;
            self.moving.retain(|message| {
                let Some(letter) = letters.get_mut(*message) else { return false };
                letter.listed_as_moving = letter.journey.end() > now;
                letter.listed_as_moving
            });
            self.moving_limit = 64 + 2 * self.moving.len();
        }
    }
}
