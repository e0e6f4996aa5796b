//! Dead letters: the move in one step, what waits for room, and the way back.

use alloc::vec::Vec;

use super::{Context, Engine, Redrive, RedriveError, Redriven};
use crate::{
    event::Event,
    id::QueueId,
    limits::{RATE_MAX, REDRIVE_MAX},
    machine::Sink,
    message::{CopyState, DeadReason, Hop, HopReason},
    queue::{Arrival, Copy, Queue},
    time::Span,
};

impl Engine {
    /// The queue for the dead of `queue`.
    pub(super) fn dead_letters_of(&self, queue: QueueId) -> Option<&Queue> {
        self.queue(self.queue(queue)?.config.dead_letters?)
    }

    /// A copy will not be delivered any more: it moves to the dead letters, waits where it is for
    /// room there, or is discarded where there are none.
    pub(super) fn die(
        &mut self,
        queue: QueueId,
        slot: u32,
        reason: DeadReason,
        cx: &mut Context<impl Sink>,
    ) {
        let has_room = self.dead_letters_of(queue).map(|dead| dead.has_room());
        let Some(from) = self.queue_mut(queue) else { return };
        if has_room == Some(false) {
            if let Some(copy) = from.copy(slot) {
                let message = copy.message.id;
                from.block(slot, reason);
                cx.emit(Event::Blocked { queue, message, reason });
            }
            return;
        }
        let Some(Copy { message, deliveries, history, .. }) = from.remove(slot) else { return };
        if has_room.is_some() {
            let arrival = Arrival { message, due: cx.now, history };
            self.bury(queue, arrival, deliveries, reason, cx);
        } else {
            cx.emit(Event::Discarded { queue, message: message.id, reason });
        }
        self.room_made(queue, cx);
    }

    /// Moves a copy to the dead letters of `queue`; false if there is no room.
    pub(super) fn bury(
        &mut self,
        queue: QueueId,
        mut arrival: Arrival,
        deliveries: u32,
        reason: DeadReason,
        cx: &mut Context<impl Sink>,
    ) -> bool {
        let Some(to) = self.dead_letters_of(queue).filter(|dead| dead.has_room()).map(|d| d.id)
        else {
            return false;
        };
        let why = HopReason::DeadLettered(reason);
        arrival.add_hop(Hop { from: queue, at: cx.now, why, deliveries });
        cx.emit(Event::DeadLettered { queue, to, message: arrival.message.id, reason });
        self.enqueue(to, arrival, cx);
        true
    }

    /// A copy left `dead`: those that waited for room there may move in.
    pub(super) fn room_made(&mut self, dead: QueueId, cx: &mut Context<impl Sink>) {
        let Some(into) = self.queue(dead) else { return };
        if into.feeders.is_empty() || !into.has_room() {
            return;
        }
        for feeder in into.feeders.clone() {
            while self.queue(dead).is_some_and(|into| into.has_room())
                && self.queue(feeder).is_some_and(|from| from.has_blocked())
            {
                self.bury_blocked(feeder, cx);
                self.room_made(feeder, cx);
            }
            self.reschedule(feeder);
        }
    }

    pub(super) fn do_redrive(
        &mut self,
        redrive: Redrive,
        cx: &mut Context<impl Sink>,
    ) -> Result<Redriven, RedriveError> {
        let Redrive { from, to, max, per_second } = redrive;
        let dead = self.queue(from).ok_or(RedriveError::NoSuchQueue { queue: from })?;
        if let Some(queue) = to.filter(|to| self.queue(*to).is_none()) {
            return Err(RedriveError::NoSuchQueue { queue });
        }
        if to == Some(from) {
            return Err(RedriveError::IntoItself { queue: from });
        }
        if !(1..=REDRIVE_MAX).contains(&max) {
            return Err(RedriveError::Max { max });
        }
        if per_second.is_some_and(|rate| !(1..=RATE_MAX).contains(&rate)) {
            return Err(RedriveError::PerSecond);
        }

        let mut redriven = Redriven { moved: 0, stayed: 0 };
        let mut chosen = Vec::new();
        // Those that cannot move now hold up none behind them.
        for (slot, copy) in dead.by_arrival() {
            if chosen.len() == max as usize {
                break;
            }
            if matches!(copy.state, CopyState::Ready | CopyState::Delayed { .. }) {
                let to = to.or_else(|| source(copy)).filter(|to| self.can_take_back(from, *to));
                match to {
                    Some(to) => chosen.push((slot, to)),
                    None => redriven.stayed += 1,
                }
            }
        }
        for (slot, to) in chosen {
            if self.can_take_back(from, to) {
                let pause = per_second.map_or(Span::ZERO, |rate| {
                    Span::from_micros(u64::from(redriven.moved) * 1_000_000 / u64::from(rate))
                });
                self.move_back(from, slot, to, pause, cx);
                redriven.moved += 1;
            } else {
                redriven.stayed += 1;
            }
        }
        self.room_made(from, cx);
        self.reschedule(from);
        Ok(redriven)
    }

    fn move_back(
        &mut self,
        from: QueueId,
        slot: u32,
        to: QueueId,
        pause: Span,
        cx: &mut Context<impl Sink>,
    ) {
        let Some(copy) = self.queue_mut(from).and_then(|dead| dead.remove(slot)) else { return };
        let Copy { message, deliveries, history, .. } = copy;
        cx.emit(Event::Redriven { queue: from, to, message: message.id });
        let mut arrival = Arrival { message, due: cx.now + pause, history };
        arrival.add_hop(Hop { from, at: cx.now, why: HopReason::Redriven, deliveries });
        if self.queue(to).is_some_and(|to| !to.has_room()) {
            self.bury_blocked(to, cx);
        }
        self.enqueue(to, arrival, cx);
    }

    /// Whether a copy of `from` finds room in `to`, or makes it by leaving: a dead copy that waits
    /// in `to` for room in `from` then changes places with it. Otherwise a queue full of such
    /// copies could never be worked again.
    fn can_take_back(&self, from: QueueId, to: QueueId) -> bool {
        self.queue(to).is_some_and(|to| {
            to.has_room() || (to.config.dead_letters == Some(from) && to.has_blocked())
        })
    }

    /// The dead copy that has waited longest in `queue` moves to the dead letters, which have room.
    fn bury_blocked(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        let Some(from) = self.queue_mut(queue) else { return };
        let Some(copy) = from.pop_blocked().and_then(|slot| from.remove(slot)) else { return };
        let Copy { message, deliveries, state, history, .. } = copy;
        if let CopyState::Blocked { reason } = state {
            let arrival = Arrival { message, due: cx.now, history };
            self.bury(queue, arrival, deliveries, reason, cx);
        }
    }
}

/// The queue in which a copy died last.
fn source(copy: &Copy) -> Option<QueueId> {
    let died = |hop: &&Hop| matches!(hop.why, HopReason::DeadLettered(_));
    copy.history.iter().rev().find(died).map(|hop| hop.from)
}
