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
        let Some(into) = self.queue(queue) else { return false };
        match into.config.overflow {
            Overflow::Reject => false,
            Overflow::DropOldest => into.to_drop(copies, bytes).is_some(),
            Overflow::DeadLetterOldest => {
                let dead = into.config.dead_letters;
                into.to_drop(copies, bytes)
                    .zip(dead)
                    .is_some_and(|((copies, bytes), dead)| self.can_take(dead, copies, bytes))
            }
        }
    }

    /// Makes room for one copy by the overflow policy; false if that does not help.
    #[inline]
    pub(super) fn make_room(
        &mut self,
        queue: QueueId,
        bytes: u64,
        cx: &mut Context<impl Sink>,
    ) -> bool {
        self.queue(queue).is_some_and(|into| into.fits(1, bytes))
            || self.drop_for_room(queue, bytes, cx)
    }

    #[inline(never)]
    fn drop_for_room(&mut self, queue: QueueId, bytes: u64, cx: &mut Context<impl Sink>) -> bool {
        loop {
            let Some(into) = self.queue(queue) else { return false };
            if into.fits(1, bytes) {
                return true;
            }
            let (overflow, slot) = (into.config.overflow, into.oldest_waiting());
            let Some((slot, oldest)) = slot.and_then(|slot| Some((slot, into.copy(slot)?))) else {
                return false;
            };
            let bytes = oldest.message.bytes();
            match overflow {
                Overflow::Reject => return false,
                Overflow::DropOldest => {
                    if let Some(copy) = self.take(queue, slot, cx) {
                        let (message, reason) = (copy.message.id, DeadReason::Overflow);
                        cx.emit(Event::Discarded { queue, message, reason });
                    }
                }
                Overflow::DeadLetterOldest if !self.can_bury(queue, bytes) => return false,
                Overflow::DeadLetterOldest => {
                    if let Some(copy) = self.take(queue, slot, cx) {
                        let Copy { message, deliveries, history, .. } = copy;
                        let arrival = Arrival { message, due: cx.now, ttl: None, history };
                        self.bury(queue, arrival, deliveries, DeadReason::Overflow, cx);
                    }
                }
            }
        }
    }
}
