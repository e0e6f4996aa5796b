//! Handing out, settling, and what comes up by itself.

use alloc::vec::Vec;

use super::{Context, Engine, ReceiveError, Settle, SettleError};
use crate::{
    event::Event,
    id::QueueId,
    limits::{RECEIVE_MAX, SPAN_MAX},
    machine::Sink,
    message::{CopyState, DeadReason, Delivery, FailReason, Receipt},
    queue::TimerKind,
    time::{Span, Timestamp},
};

impl Engine {
    pub(super) fn do_receive(
        &mut self,
        queue: QueueId,
        max: u32,
        cx: &mut Context<impl Sink>,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        if !(1..=RECEIVE_MAX).contains(&max) {
            return Err(ReceiveError::Max { max });
        }
        let from = self.queue_mut(queue).ok_or(ReceiveError::NoSuchQueue { queue })?;
        let mut deliveries = Vec::new();
        while deliveries.len() < max as usize
            && let Some(delivery) = from.deliver(cx.now)
        {
            let (message, lease) = (delivery.message.id, delivery.receipt.lease);
            cx.emit(Event::Delivered { queue, message, lease, delivery: delivery.delivery });
            if delivery.lease_until.is_none() {
                cx.emit(Event::Acked { queue, message, lease });
            }
            deliveries.push(delivery);
        }
        if deliveries.iter().any(|delivery| delivery.lease_until.is_none()) {
            self.room_made(queue, cx);
        }
        self.reschedule(queue);
        Ok(deliveries)
    }

    pub(super) fn do_settle(
        &mut self,
        receipt: Receipt,
        how: Settle,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), SettleError> {
        let Receipt { queue, slot, lease } = receipt;
        let from = self.queue_mut(queue).ok_or(SettleError::Unknown)?;
        let Some(copy) = from.held(receipt) else {
            return match () {
                () if from.was_settled(lease) => Ok(()),
                () if from.knows(lease) => Err(SettleError::Stale),
                () => Err(SettleError::Unknown),
            };
        };
        let message = copy.message.id;
        match how {
            Settle::Ack => {
                from.ack(slot, lease);
                cx.emit(Event::Acked { queue, message, lease });
                self.room_made(queue, cx);
            }
            Settle::Retry { delay: Some(delay), .. } if delay > SPAN_MAX => {
                return Err(SettleError::DelayTooLong);
            }
            Settle::Retry { delay, reason } => self.retry(queue, slot, delay, reason, cx),
            Settle::Release => {
                from.uncount_delivery(slot);
                cx.emit(Event::Released { queue, message });
                self.put_back(queue, slot, cx.now, cx);
            }
            Settle::Reject { reason } => {
                let reason = match reason {
                    FailReason::Ambiguous | FailReason::Timeout => DeadReason::Unknown,
                    FailReason::Transient | FailReason::Throttled | FailReason::Permanent => {
                        DeadReason::Rejected
                    }
                };
                self.die(queue, slot, reason, cx);
            }
        }
        self.reschedule(queue);
        Ok(())
    }

    /// Carries out the next thing that has come up in a queue.
    pub(super) fn come_up(&mut self, queue: QueueId, cx: &mut Context<impl Sink>) {
        let from = &mut self.queues[queue.number() as usize];
        let Some(timer) = from.pop_timer(cx.now) else { return };
        let slot = timer.slot;
        let Some(copy) = from.copy(slot) else { return };
        let (message, state) = (copy.message.id, copy.state);
        match timer.kind {
            TimerKind::Matures => {
                from.mature(slot);
                cx.emit(Event::Matured { queue, message });
            }
            TimerKind::LeaseEnds(lease) => {
                cx.emit(Event::LeaseExpired { queue, message, lease });
                if self.is_exhausted(queue, slot) {
                    self.die(queue, slot, DeadReason::Exhausted, cx);
                } else {
                    self.put_back(queue, slot, cx.now, cx);
                }
            }
            // A delivery under way is not torn away.
            TimerKind::Deadline if matches!(state, CopyState::InFlight { .. }) => {}
            TimerKind::Deadline => self.die(queue, slot, DeadReason::Deadline, cx),
        }
    }

    fn retry(
        &mut self,
        queue: QueueId,
        slot: u32,
        delay: Option<Span>,
        reason: FailReason,
        cx: &mut Context<impl Sink>,
    ) {
        if self.is_exhausted(queue, slot) {
            return self.die(queue, slot, DeadReason::Exhausted, cx);
        }
        let Some(from) = self.queue(queue) else { return };
        let Some(copy) = from.copy(slot) else { return };
        if copy.deadline.is_some_and(|deadline| deadline <= cx.now) {
            return self.die(queue, slot, DeadReason::Deadline, cx);
        }
        let (message, deliveries) = (copy.message.id, copy.deliveries);
        let delay = delay.unwrap_or_else(|| {
            // Keyed by queue and place, so that no other queue's luck changes this one's.
            let key = cx.entropy.draw(&[u64::from(queue.number()), copy.seq]);
            from.config.backoff.delay(deliveries, cx.entropy, key)
        });
        let due = cx.now + delay;
        cx.emit(Event::RetryScheduled { queue, message, deliveries, due, reason });
        self.put_back(queue, slot, due, cx);
        if due <= cx.now {
            cx.emit(Event::Matured { queue, message });
        }
    }

    /// Makes a delivered copy ready again at `due`, unless its deadline has passed.
    fn put_back(&mut self, queue: QueueId, slot: u32, due: Timestamp, cx: &mut Context<impl Sink>) {
        let Some(from) = self.queue_mut(queue) else { return };
        let deadline = from.copy(slot).and_then(|copy| copy.deadline);
        if deadline.is_some_and(|deadline| deadline <= cx.now) {
            self.die(queue, slot, DeadReason::Deadline, cx);
        } else {
            from.put_back(slot, due, cx.now);
        }
    }

    fn is_exhausted(&self, queue: QueueId, slot: u32) -> bool {
        self.queue(queue).is_some_and(|from| {
            from.copy(slot).is_some_and(|copy| copy.deliveries >= from.config.max_deliveries)
        })
    }
}
