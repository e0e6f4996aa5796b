//! Dead letters: the move in one step, and what waits for room.

use super::{Context, Engine};
use crate::{
    event::Event,
    id::QueueId,
    machine::Sink,
    message::{CopyState, DeadReason, Hop, HopReason},
    planted::Bug,
    queue::{Arrival, Copy, History, Poison, Queue},
};

impl Engine {
    /// The queue for the dead of `queue`.
    pub(super) fn dead_letters_of(&self, queue: QueueId) -> Option<&Queue> {
        self.queue(self.queue(queue)?.config.dead_letters?)
    }

    /// Whether `queue` has dead letters with room for one copy of so many bytes.
    pub(super) fn can_bury(&self, queue: QueueId, bytes: u64) -> bool {
        self.dead_letters_of(queue).is_some_and(|dead| self.can_take(dead.id, 1, bytes))
    }

    /// Takes a copy out of a queue for good. Every copy of a group that leaves does so here.
    pub(super) fn take(
        &mut self,
        queue: QueueId,
        slot: u32,
        cx: &mut Context<impl Sink>,
    ) -> Option<Copy> {
        let copy = self.queue_mut(queue)?.remove(slot)?;
        if let Some(group) = copy.message.group()
            && let Some((source, reason)) = copy.history.death()
            && reason.parks()
            && self.queue_mut(source).is_some_and(|source| {
                !source.planted.is(Bug::ParkedForEver) && source.parked.remove(group)
            })
        {
            cx.emit(Event::GroupReleased { queue: source });
        }
        Some(copy)
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
        let Some(from) = self.queue(queue) else { return };
        let Some(copy) = from.copy(slot) else { return };
        let (message, bytes) = (copy.message.id, copy.message.bytes());
        let buries = from.config.dead_letters.is_some();
        // None overtakes those that wait already: in the dead letters, too, a group is in its order.
        if buries && (from.first_blocked().is_some() || !self.can_bury(queue, bytes)) {
            if let Some(from) = self.queue_mut(queue) {
                from.block(slot, reason);
                cx.emit(Event::Blocked { queue, message, reason });
            }
            return;
        }
        let Some(copy) = self.take(queue, slot, cx) else { return };
        if buries {
            let Copy { message, deliveries, history, .. } = copy;
            let arrival = Arrival { message, due: cx.now, ttl: None, history };
            self.bury(queue, arrival, deliveries, reason, cx);
        } else {
            cx.emit(Event::Discarded { queue, message, reason });
        }
    }

    /// Moves a copy to the dead letters of `queue`, which can take it.
    pub(super) fn bury(
        &mut self,
        queue: QueueId,
        mut arrival: Arrival,
        deliveries: u32,
        reason: DeadReason,
        cx: &mut Context<impl Sink>,
    ) {
        let Some(from) = self.queue_mut(queue) else { return };
        let Some(to) = from.config.dead_letters else { return };
        from.buried += 1;
        let parks = from.config.poison == Poison::ParkGroup && reason.parks();
        let message = arrival.message.clone();
        let group = message.group().filter(|_| parks);
        let stays = from.planted.is(Bug::ParkedGroupStays);
        // Counted before it is there: there it may have to move on at once.
        let is_first = group.is_some_and(|group| from.parked.add(group));
        let why = HopReason::DeadLettered(reason);
        if from.planted.is(Bug::HistoryLost) {
            arrival.history = History::default();
        }
        arrival.history.push(Hop { from: queue, at: cx.now, why, deliveries });
        cx.emit(Event::DeadLettered { queue, to, message: message.id, reason });
        if is_first {
            cx.emit(Event::GroupParked { queue, message: message.id });
        }
        self.enqueue(to, arrival, cx);
        let sweeps = is_first && !stays;
        if let Some(group) = group.filter(|_| sweeps) {
            self.sweep(queue, group, cx);
        }
    }

    /// The dead copy that has waited longest in `queue` moves to the dead letters, which have room.
    pub(super) fn bury_blocked(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        let Some(slot) = self.queue_mut(queue).and_then(Queue::pop_blocked) else { return };
        let Some(copy) = self.take(queue, slot, cx) else { return };
        let Copy { message, deliveries, state, history, .. } = copy;
        if let CopyState::Blocked { reason } = state {
            let arrival = Arrival { message, due: cx.now, ttl: None, history };
            self.bury(queue, arrival, deliveries, reason, cx);
        }
    }

    /// All that wait in a parked group follow its first dead message.
    fn sweep(&mut self, queue: QueueId, group: &str, cx: &mut Context<impl Sink>) {
        let mut from_seq = 0;
        while let Some(from) = self.queue(queue).filter(|from| from.parked.contains(group))
            && let Some((seq, slot)) = from.waiting_in(group, from_seq)
        {
            from_seq = seq + 1;
            self.die(queue, slot, DeadReason::GroupParked, cx);
        }
    }
}
