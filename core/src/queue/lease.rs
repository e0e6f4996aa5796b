//! Handing copies out, and what their receivers may still do with them.

use alloc::vec::Vec;

use super::{Copy, Queue, SETTLED_REMEMBERED, check::check_delivery};
use crate::{
    id::LeaseId,
    message::{CopyState, Delivery, Receipt},
    planted::Bug,
    queue::{Profile, Settlement},
    time::{Span, Timestamp},
};

impl Queue {
    /// Hands out up to `max` copies, for `lease` each.
    pub(crate) fn receive(
        &mut self,
        now: Timestamp,
        max: u32,
        lease: Option<Span>,
    ) -> Vec<Delivery> {
        if self.paused && !self.planted.is(Bug::PauseIgnored) {
            return Vec::new();
        }
        let counts = self.copies.counts();
        let room = self.config.in_flight_max.saturating_sub(counts.in_flight);
        let room = if self.planted.is(Bug::InFlightUnbounded) { u64::MAX } else { room };
        let most = room.min(counts.ready).min(u64::from(max)) as usize;
        let mut deliveries = Vec::with_capacity(most);
        let aging = self.config.aging.filter(|_| !self.planted.is(Bug::AgingIgnored));
        let batches =
            self.config.profile == Profile::Sqs || self.planted.is(Bug::StrictHandsOutBatches);
        while deliveries.len() < most
            && let Some(slot) = self.ready.pop(now, aging, &self.copies)
        {
            self.hand_out(slot, now, lease, &mut deliveries);
            if batches {
                self.hand_out_followers(slot, most, now, lease, &mut deliveries);
            }
        }
        deliveries
    }

    /// The copy for which a receipt stands, while somebody holds it and the receipt may speak.
    #[inline]
    pub(crate) fn held(&self, receipt: Receipt) -> Option<&Copy> {
        self.copies.get(receipt.slot).filter(|copy| {
            matches!(copy.state, CopyState::InFlight { lease, .. }
                if lease == receipt.lease || self.is_lenient(copy, receipt))
        })
    }

    /// The copy that an acknowledgement removes though nobody, or somebody else, holds it.
    pub(crate) fn acked_late(&self, receipt: Receipt) -> Option<&Copy> {
        self.copies.get(receipt.slot).filter(|copy| self.is_lenient(copy, receipt))
    }

    /// Whether acknowledging a copy that is gone is no mistake.
    pub(crate) fn forgives(&self, receipt: Receipt) -> bool {
        let is_here = self.copies.get(receipt.slot).is_some_and(|copy| copy.seq == receipt.seq);
        self.config.profile == Profile::Sqs && !is_here
    }

    pub(crate) fn was_settled(&self, lease: LeaseId) -> bool {
        self.settled.contains(&lease)
    }

    /// Whether this queue ever gave such a lease.
    pub(crate) fn knows(&self, receipt: Receipt) -> bool {
        (1..self.next_lease).contains(&receipt.lease.number()) && receipt.seq < self.next_seq
    }

    /// Remembers that a lease ended well.
    #[inline]
    pub(crate) fn remember_settled(&mut self, lease: LeaseId) {
        if self.settled.len() == SETTLED_REMEMBERED {
            self.settled.pop_front();
        }
        if !self.planted.is(Bug::SettledForgotten) {
            self.settled.push_back(lease);
        }
    }

    /// Makes a delivered copy ready again at `due`.
    pub(crate) fn put_back(&mut self, slot: u32, due: Timestamp, now: Timestamp) {
        if let Some(copy) = self.copies.get(slot) {
            self.none_waits_before = self.none_waits_before.min(copy.seq);
        }
        if due <= now {
            self.set_state(slot, CopyState::Ready);
            self.offer(slot, !self.planted.is(Bug::ReturnedGoLast));
        } else {
            self.set_state(slot, CopyState::Delayed { until: due });
            self.timers.set(slot, false, &self.copies);
        }
    }

    /// Moves the end of a lease under way.
    pub(crate) fn extend(&mut self, slot: u32, until: Timestamp) {
        if let Some(copy) = self.copies.get(slot)
            && let CopyState::InFlight { lease, since, .. } = copy.state
        {
            self.set_state(slot, CopyState::InFlight { lease, since, until });
            self.timers.set(slot, false, &self.copies);
        }
    }

    /// The last delivery does not count.
    pub(crate) fn uncount_delivery(&mut self, slot: u32) {
        if !self.planted.is(Bug::ReleaseCounts) {
            self.copies.uncount_delivery(slot);
        }
    }

    #[inline]
    fn hand_out(
        &mut self,
        slot: u32,
        now: Timestamp,
        lease: Option<Span>,
        deliveries: &mut Vec<Delivery>,
    ) {
        let until = now + lease.unwrap_or(self.config.lease);
        let on_delivery = self.config.settlement == Settlement::OnDelivery;
        let number = LeaseId::new(self.next_lease);
        self.next_lease += 1;
        let state = CopyState::InFlight { lease: number, since: now, until };
        self.timers.disturb(slot);
        let Some(copy) = self.copies.hand_out(slot, state) else { return };
        let delivery = copy.deliveries;
        self.redeliveries += u64::from(delivery > 1);
        check_delivery(&self.config, copy, delivery, now);
        let receipt = Receipt { queue: self.id, slot, seq: copy.seq, lease: number };
        let (message, deadline) = (copy.message.clone(), copy.ends.at());
        let lease_until = (!on_delivery).then_some(until);
        deliveries.push(Delivery { receipt, message, delivery, lease_until, deadline });
        if !on_delivery {
            self.timers.set(slot, lease.is_none(), &self.copies);
        }
    }

    #[inline(never)]
    fn hand_out_followers(
        &mut self,
        slot: u32,
        most: usize,
        now: Timestamp,
        lease: Option<Span>,
        deliveries: &mut Vec<Delivery>,
    ) {
        let mut last = slot;
        while deliveries.len() < most
            && let Some(next) = self.follower(last)
        {
            self.hand_out(next, now, lease, deliveries);
            last = next;
        }
    }

    /// The copy that goes out with one of its group that has just been handed out.
    fn follower(&self, slot: u32) -> Option<u32> {
        let copy = self.copies.get(slot)?;
        let next = self.copies.groups().after(copy.message.group()?, copy.seq)?;
        (self.copies.get(next)?.state == CopyState::Ready).then_some(next)
    }

    /// SQS takes the receipt of a lease that is over, but not for ordered groups.
    fn is_lenient(&self, copy: &Copy, receipt: Receipt) -> bool {
        (self.config.profile == Profile::Sqs || self.planted.is(Bug::StaleReceiptActs))
            && copy.seq == receipt.seq
            && self.knows(receipt)
            && copy.message.group().is_none()
    }
}
