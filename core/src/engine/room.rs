//! Room for a copy: what there is, and what the overflow policy makes.

use super::{Context, Engine};
use crate::{
    event::Event,
    id::QueueId,
    machine::Sink,
    message::DeadReason,
    queue::{Arrival, Copy, Overflow},
};

impl Engine {
    /// Whether so many copies, of so many bytes in all, fit into a queue, or can be made to fit by
    /// its overflow policy.
    #[inline]
    pub(super) fn can_take(&self, queue: QueueId, copies: u64, bytes: u64) -> bool {
        self.queue(queue).is_some_and(|into| into.fits(copies, bytes))
            || self.can_make_room(queue, copies, bytes)
    }

    #[inline(never)]
    fn can_make_room(&self, queue: QueueId, copies: u64, bytes: u64) -> bool {
        self.must_bury(queue, copies, bytes).is_some_and(|(copies, bytes)| {
            copies == 0
                || self.dead_letters_of(queue).is_some_and(|d| self.can_take(d.id, copies, bytes))
        })
    }

    /// How many of a queue's copies, and bytes, must become dead letters for so many others to come
    /// in; none where there is room, or where the oldest are discarded. `None` if these cannot come
    /// in.
    pub(super) fn must_bury(&self, queue: QueueId, copies: u64, bytes: u64) -> Option<(u64, u64)> {
        let into = self.queue(queue)?;
        match into.config.overflow {
            _ if into.fits(copies, bytes) => Some((0, 0)),
            Overflow::Reject => None,
            Overflow::DropOldest => into.to_drop(copies, bytes).map(|_| (0, 0)),
            Overflow::DeadLetterOldest => into.to_drop(copies, bytes),
        }
    }

    /// Makes room for one copy, which the queue can take.
    #[inline]
    pub(super) fn make_room(&mut self, queue: QueueId, bytes: u64, cx: &mut Context<impl Sink>) {
        if self.queue(queue).is_some_and(|into| !into.fits(1, bytes)) {
            self.drop_for_room(queue, bytes, cx);
        }
    }

    #[inline(never)]
    fn drop_for_room(&mut self, queue: QueueId, bytes: u64, cx: &mut Context<impl Sink>) {
        let reason = DeadReason::Overflow;
        while let Some(into) = self.queue_mut(queue).filter(|into| !into.fits(1, bytes))
            && into.config.overflow != Overflow::Reject
            && let Some(slot) = into.oldest_waiting()
        {
            let buries = into.config.overflow == Overflow::DeadLetterOldest;
            let Some(copy) = self.take(queue, slot, cx) else { return };
            if buries {
                let Copy { message, deliveries, history, .. } = copy;
                let arrival = Arrival { message, due: cx.now, ttl: None, history };
                self.bury(queue, arrival, deliveries, reason, cx);
            } else {
                cx.emit(Event::Discarded { queue, message: copy.message.id, reason });
            }
        }
    }
}
