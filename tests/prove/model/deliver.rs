//! Handing out.

use postroom_core::{
    CopyState, Event, LeaseId, Profile, QueueId, ReceiveError, Settlement, Span, Timestamp, limits,
};

use super::{
    Answer, Broker, Handed, id,
    queue::{Copy, Queue},
};

impl Broker {
    pub(super) fn receive(&mut self, queue: QueueId, max: u32, lease: Option<Span>) -> Answer {
        match self.check_receive(queue, max, lease) {
            Ok(index) => Answer::Received(self.hand_out(index, max, lease)),
            Err(error) => Answer::plain::<ReceiveError>(Err(error)),
        }
    }

    pub(super) fn has_deliverable(&self, index: usize) -> bool {
        let queue = &self.queues[index];
        !queue.paused && in_flight(queue) < queue.config.in_flight_max && self.next(queue).is_some()
    }

    fn check_receive(
        &self,
        queue: QueueId,
        max: u32,
        lease: Option<Span>,
    ) -> Result<usize, ReceiveError> {
        let index = self.known(queue).ok_or(ReceiveError::NoSuchQueue { queue })?;
        if !(1..=limits::RECEIVE_MAX).contains(&max) {
            return Err(ReceiveError::Max { max });
        }
        let leases = limits::LEASE_MIN..=limits::LEASE_MAX;
        if lease.is_some_and(|lease| !leases.contains(&lease)) {
            return Err(ReceiveError::Lease);
        }
        Ok(index)
    }

    fn hand_out(&mut self, index: usize, max: u32, lease: Option<Span>) -> Vec<Handed> {
        let mut handed = Vec::new();
        while handed.len() < max as usize && self.has_deliverable(index) {
            let Some(seq) = self.next(&self.queues[index]) else { break };
            self.hand_one(index, seq, lease, &mut handed);
            let config = self.queues[index].config;
            if config.profile == Profile::Strict || config.settlement == Settlement::OnDelivery {
                continue;
            }
            // The members of a group that follow in a row come with their head.
            let mut last = seq;
            while handed.len() < max as usize
                && in_flight(&self.queues[index]) < self.queues[index].config.in_flight_max
                && let Some(next) = self.follower(index, last)
            {
                self.hand_one(index, next, lease, &mut handed);
                last = next;
            }
        }
        handed
    }

    /// The member of the group of `last` that comes after it, if it is ready.
    fn follower(&self, index: usize, last: u64) -> Option<u64> {
        let queue = &self.queues[index];
        let group = queue.find(last)?.group()?;
        let next =
            queue.copies.iter().find(|copy| copy.seq > last && copy.group() == Some(group))?;
        (next.state == CopyState::Ready).then_some(next.seq)
    }

    fn hand_one(&mut self, index: usize, seq: u64, lease: Option<Span>, handed: &mut Vec<Handed>) {
        let now = self.now;
        let queue = &mut self.queues[index];
        let number = queue.next_lease;
        queue.next_lease += 1;
        let until = now + lease.unwrap_or(queue.config.lease);
        let on_delivery = queue.config.settlement == Settlement::OnDelivery;
        let copy = queue.find_mut(seq).expect("it is there");
        copy.deliveries += 1;
        let again = copy.deliveries > 1;
        copy.returned = true;
        copy.leases.push(number);
        copy.state = CopyState::InFlight { lease: LeaseId::new(number), since: now, until };
        let one = Handed {
            message: copy.letter(),
            lease: number,
            delivery: copy.deliveries,
            lease_until: (!on_delivery).then_some(until),
            deadline: copy.end().map(|(at, _)| at),
        };
        let message = one.message.id;
        queue.redeliveries += u64::from(again);
        self.given.push((index, number));
        let (queue_id, lease) = (id(index), LeaseId::new(number));
        let delivery = one.delivery;
        self.emit(Event::Delivered { queue: queue_id, message, lease, delivery });
        handed.push(one);
        if on_delivery {
            self.emit(Event::Acked { queue: queue_id, message, lease });
            self.queues[index].acked.push(number);
            self.take(index, seq);
        }
    }

    /// The copy that goes next, caps and pauses apart: the first of that priority whose first is
    /// the most urgent; of several such, the highest priority.
    fn next(&self, queue: &Queue) -> Option<u64> {
        let first_of = |level: u8| {
            let deliverable = queue.copies.iter().filter(|copy| queue.is_head(copy));
            let here = deliverable.filter(|copy| copy.message.priority.level() == level);
            here.min_by_key(|copy| order(copy))
        };
        let firsts = (0..=9).filter_map(first_of);
        let most_urgent = firsts.max_by_key(|copy| urgency(queue, copy, self.now));
        most_urgent.map(|copy| copy.seq)
    }
}

pub(super) fn in_flight(queue: &Queue) -> u64 {
    queue.copies.iter().filter(|copy| copy.is_held()).count() as u64
}

/// What comes back before what is fresh, then by arrival or by when their turn came.
fn order(copy: &Copy) -> (bool, u64) {
    (!copy.returned, if copy.returned { copy.seq } else { copy.turn.unwrap_or(u64::MAX) })
}

/// The priority, raised by age.
fn urgency(queue: &Queue, copy: &Copy, now: Timestamp) -> u64 {
    let waited = now.since(copy.enqueued_at).as_micros();
    let raised = queue.config.aging.map_or(0, |aging| waited / aging.as_micros());
    u64::from(copy.message.priority.level()) + raised
}
