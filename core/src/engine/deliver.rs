//! Handing out, settling, extending, and what comes up by itself.

use alloc::vec::Vec;

use super::{Context, Engine, ExtendError, ReceiveError, Settle, SettleError};
use crate::{
    event::Event,
    id::QueueId,
    limits::{LEASE_MAX, LEASE_MIN, RECEIVE_MAX, SPAN_MAX},
    machine::Sink,
    message::{CopyState, DeadReason, Delivery, FailReason, Receipt},
    planted::Bug,
    queue::{Poison, Profile, Settlement, TimerKind},
    time::{Span, Timestamp},
};

impl Engine {
    pub(super) fn do_receive(
        &mut self,
        queue: QueueId,
        max: u32,
        lease: Option<Span>,
        cx: &mut Context<impl Sink>,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        let from = self.queue_mut(queue).ok_or(ReceiveError::NoSuchQueue { queue })?;
        if !(1..=RECEIVE_MAX).contains(&max) {
            return Err(ReceiveError::Max { max });
        }
        if lease.is_some_and(|lease| !(LEASE_MIN..=LEASE_MAX).contains(&lease)) {
            return Err(ReceiveError::Lease);
        }
        let deliveries = match from.config.settlement {
            Settlement::Explicit => from.receive(cx.now, max, lease),
            Settlement::OnDelivery => self.receive_settled(queue, max, cx),
        };
        for Delivery { receipt, message, delivery, lease_until, .. } in &deliveries {
            if lease_until.is_some() {
                let (message, lease, delivery) = (message.id, receipt.lease, *delivery);
                cx.emit(Event::Delivered { queue, message, lease, delivery });
            }
        }
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(deliveries)
    }

    /// Hands out one by one: each is settled as it goes, and then it may be the turn of the next
    /// of its ordered group.
    fn receive_settled(
        &mut self,
        queue: QueueId,
        max: u32,
        cx: &mut Context<impl Sink>,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < max as usize
            && let Some(one) =
                self.queue_mut(queue).and_then(|from| from.receive(cx.now, 1, None).pop())
        {
            let (message, receipt) = (one.message.id, one.receipt);
            let (lease, delivery) = (receipt.lease, one.delivery);
            cx.emit(Event::Delivered { queue, message, lease, delivery });
            self.ack(receipt, cx);
            deliveries.push(one);
        }
        deliveries
    }

    pub(super) fn do_settle(
        &mut self,
        receipt: Receipt,
        how: Settle,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), SettleError> {
        let Receipt { queue, slot, lease, .. } = receipt;
        let from = self.queue(queue).ok_or(SettleError::Unknown)?;
        if matches!(how, Settle::Retry { delay: Some(delay), .. } if delay > SPAN_MAX) {
            return Err(SettleError::DelayTooLong);
        }
        let found =
            from.held(receipt).or_else(|| from.acked_late(receipt).filter(|_| how == Settle::Ack));
        let Some(copy) = found else {
            return match () {
                () if from.was_settled(lease) => Ok(()),
                () if !from.knows(receipt) => Err(SettleError::Unknown),
                () if how == Settle::Ack && from.forgives(receipt) => Ok(()),
                () => Err(SettleError::Stale),
            };
        };
        let message = copy.message.id;
        match how {
            Settle::Ack => self.ack(receipt, cx),
            Settle::Retry { delay, reason } => self.retry(queue, slot, delay, reason, cx),
            Settle::Release => {
                let counts = from.config.profile == Profile::Sqs;
                cx.emit(Event::Released { queue, message });
                if counts && self.is_exhausted(queue, slot) {
                    self.die(queue, slot, DeadReason::Exhausted, cx);
                } else {
                    if let Some(from) = self.queue_mut(queue).filter(|_| !counts) {
                        from.uncount_delivery(slot);
                    }
                    self.put_back(queue, slot, cx.now, cx);
                }
            }
            Settle::Reject { reason } if from.planted.is(Bug::RejectRetries) => {
                self.retry(queue, slot, None, reason, cx);
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
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(())
    }

    pub(super) fn do_extend(
        &mut self,
        receipt: Receipt,
        by: Span,
        cx: &mut Context<impl Sink>,
    ) -> Result<Timestamp, ExtendError> {
        let Receipt { queue, slot, .. } = receipt;
        let from = self.queue_mut(queue).ok_or(ExtendError::Unknown)?;
        let Some(copy) = from.held(receipt) else {
            let known = from.knows(receipt);
            return Err(if known { ExtendError::Stale } else { ExtendError::Unknown });
        };
        let CopyState::InFlight { lease, since, until } = copy.state else {
            return Err(ExtendError::Stale);
        };
        let message = copy.message.id;
        let from_then = if from.planted.is(Bug::ExtendFromOldEnd) { until } else { cx.now };
        let (until, most) = (from_then + by, (since + LEASE_MAX).since(cx.now));
        if by > most && !from.planted.is(Bug::ExtendForEver) {
            return Err(ExtendError::TooLong { most });
        }
        if by == Span::ZERO {
            self.end_lease(queue, slot, cx);
        } else {
            from.extend(slot, until);
            cx.emit(Event::LeaseExtended { queue, message, lease, until });
        }
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(until)
    }

    /// Carries out the next thing that has come up in a queue.
    pub(super) fn come_up(&mut self, queue: QueueId, at: Timestamp, cx: &mut Context<impl Sink>) {
        let from = &mut self.queues[queue.number() as usize];
        // What comes up later has to wait for what comes up in other queues before it.
        let Some(timer) = from.pop_timer(at) else {
            if from.task.as_ref().is_some_and(|task| task.next_at <= at) {
                self.advance_redrive(queue, cx);
            }
            return;
        };
        let slot = timer.slot;
        let Some(copy) = from.copy(slot) else { return };
        let (message, state, ends) = (copy.message.id, copy.state, copy.ends);
        match timer.kind {
            TimerKind::Matures => {
                from.mature(slot);
                cx.emit(Event::Matured { queue, message });
            }
            TimerKind::LeaseOver => {
                from.awake |= from.planted.is(Bug::LeaseEndWakesNobody);
                self.end_lease(queue, slot, cx);
            }
            // A delivery under way is not torn away, but SQS's retention does.
            TimerKind::Ends
                if matches!(state, CopyState::InFlight { .. })
                    && !(from.config.profile == Profile::Sqs && ends.is_expiry()) => {}
            TimerKind::Ends => {
                let reason = copy.over(cx.now).unwrap_or(DeadReason::Expired);
                self.die(queue, slot, reason, cx);
            }
        }
    }

    /// Removes a copy that was settled well.
    fn ack(&mut self, receipt: Receipt, cx: &mut Context<impl Sink>) {
        let Receipt { queue, slot, lease, .. } = receipt;
        let Some(from) = self.queue_mut(queue) else { return };
        let Some(copy) = from.copy(slot) else { return };
        let (message, in_group) = (copy.message.id, copy.message.group().is_some());
        // What is acknowledged late is not remembered: its lease may be made up.
        if copy.is_held_under(lease) {
            from.remember_settled(lease);
        }
        // Nobody else needs to know of a copy without a group.
        if in_group {
            self.take(queue, slot, cx);
        } else {
            from.discard(slot);
        }
        cx.emit(Event::Acked { queue, message, lease });
    }

    /// A lease is over: the copy is ready again, or dead after its last delivery.
    fn end_lease(&mut self, queue: QueueId, slot: u32, cx: &mut Context<impl Sink>) {
        let Some(copy) = self.queue(queue).and_then(|from| from.copy(slot)) else { return };
        let CopyState::InFlight { lease, .. } = copy.state else { return };
        cx.emit(Event::LeaseExpired { queue, message: copy.message.id, lease });
        if self.is_exhausted(queue, slot) {
            self.die(queue, slot, DeadReason::Exhausted, cx);
        } else {
            self.put_back(queue, slot, cx.now, cx);
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
        if let Some(reason) = self.must_die(queue, slot, cx.now) {
            return self.die(queue, slot, reason, cx);
        }
        let Some(from) = self.queue(queue) else { return };
        let Some(copy) = from.copy(slot) else { return };
        let (message, deliveries) = (copy.message.id, copy.deliveries);
        let nothing = from.planted.is(Bug::BackoffIgnored).then_some(Span::ZERO);
        let delay = delay.or(nothing).unwrap_or_else(|| {
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

    /// Makes a delivered copy ready again at `due`, unless its time is over.
    fn put_back(&mut self, queue: QueueId, slot: u32, due: Timestamp, cx: &mut Context<impl Sink>) {
        if let Some(reason) = self.must_die(queue, slot, cx.now) {
            self.die(queue, slot, reason, cx);
        } else if let Some(from) = self.queue_mut(queue) {
            from.put_back(slot, due, cx.now);
        }
    }

    /// Why a copy that comes back from a delivery does not wait for another one, if so.
    fn must_die(&self, queue: QueueId, slot: u32, now: Timestamp) -> Option<DeadReason> {
        let from = self.queue(queue)?;
        let copy = from.copy(slot)?;
        // An earlier one of its group may have died meanwhile, in the profile `Sqs`.
        let is_parked = !copy.history.is_back()
            && copy.message.group().is_some_and(|group| from.parked.contains(group));
        let over = copy.over(now).filter(|_| !from.planted.is(Bug::EndedComesBack));
        over.or_else(|| is_parked.then_some(DeadReason::GroupParked))
    }

    /// Whether a copy has had all its deliveries.
    fn is_exhausted(&self, queue: QueueId, slot: u32) -> bool {
        self.queue(queue).is_some_and(|from| {
            from.copy(slot).is_some_and(|copy| {
                let endless = from.config.poison == Poison::Block && copy.message.group().is_some();
                let more = u32::from(from.planted.is(Bug::OneDeliveryMore));
                copy.deliveries >= from.config.max_deliveries + more && !endless
            })
        })
    }
}
