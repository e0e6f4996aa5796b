//! What an operator does to a queue: purge, pause, resume.

use super::{Context, Engine, NoSuchQueue};
use crate::{event::Event, id::QueueId, machine::Sink, message::DeadReason};

impl Engine {
    pub(super) fn do_purge(
        &mut self,
        queue: QueueId,
        forget_dedup: bool,
        cx: &mut Context<impl Sink>,
    ) -> Result<u64, NoSuchQueue> {
        let purged = self.queue_mut(queue).ok_or(NoSuchQueue(queue))?;
        if forget_dedup {
            purged.dedup = crate::queue::Dedup::default();
        }
        // A redrive under way has nothing left to move.
        self.do_cancel_redrive(queue, cx).ok();
        let mut count = 0;
        for slot in self.queue(queue).map(crate::queue::Queue::slots).unwrap_or_default() {
            if let Some(copy) = self.take(queue, slot, cx) {
                let (message, reason) = (copy.message.id, DeadReason::Purged);
                cx.emit(Event::Discarded { queue, message, reason });
                count += 1;
            }
        }
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(count)
    }

    pub(super) fn do_pause(
        &mut self,
        queue: QueueId,
        paused: bool,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), NoSuchQueue> {
        let found = self.queue_mut(queue).ok_or(NoSuchQueue(queue))?;
        if core::mem::replace(&mut found.paused, paused) != paused {
            cx.emit(if paused { Event::Paused { queue } } else { Event::Resumed { queue } });
        }
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(())
    }
}
