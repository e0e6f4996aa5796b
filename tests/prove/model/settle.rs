//! Ending deliveries, and making them longer.

use postroom_core::{
    CopyState, DeadReason, Event, ExtendError, FailReason, LeaseId, Poison, Settle, SettleError,
    Span, Timestamp, limits,
};

use super::{Broker, id};
use crate::script::Which;

/// Acknowledgements that a queue remembers.
const REMEMBERED: usize = 1_024;

/// What a receipt still stands for.
enum Standing {
    /// The copy that it holds, or (in the profile `Sqs`) that somebody else holds since.
    Holds(u64),
    /// It was acknowledged.
    Acked,
    Stale,
    Unknown,
}

impl Broker {
    pub(super) fn settle(&mut self, which: Which, how: Settle) -> Result<(), SettleError> {
        let Some((index, lease)) = self.receipt(which) else { return Err(SettleError::Unknown) };
        if matches!(how, Settle::Retry { delay: Some(delay), .. } if delay > limits::SPAN_MAX) {
            return Err(SettleError::DelayTooLong);
        }
        if how == Settle::Ack && self.queues[index].is_sqs() {
            return self.ack_late(index, lease);
        }
        let seq = match self.standing(index, lease) {
            Standing::Holds(seq) => seq,
            Standing::Acked => return Ok(()),
            Standing::Stale => return Err(SettleError::Stale),
            Standing::Unknown => return Err(SettleError::Unknown),
        };
        let (queue, message) = (id(index), self.queues[index].find(seq).expect("it is held").id);
        match how {
            Settle::Ack => self.ack(index, seq, lease),
            Settle::Retry { delay, reason } => self.retry(index, seq, delay, reason),
            Settle::Release => {
                self.emit(Event::Released { queue, message });
                if self.queues[index].is_sqs() {
                    self.end_delivery(index, seq);
                } else {
                    self.queues[index].find_mut(seq).expect("it is held").deliveries -= 1;
                    self.come_back(index, seq, self.now);
                }
            }
            Settle::Reject { reason } => {
                let reason = match reason {
                    FailReason::Ambiguous | FailReason::Timeout => DeadReason::Unknown,
                    _ => DeadReason::Rejected,
                };
                self.die(index, seq, reason);
            }
        }
        Ok(())
    }

    pub(super) fn extend(&mut self, which: Which, by: Span) -> Result<Timestamp, ExtendError> {
        let Some((index, lease)) = self.receipt(which) else { return Err(ExtendError::Unknown) };
        let seq = match self.standing(index, lease) {
            Standing::Holds(seq) => seq,
            Standing::Acked | Standing::Stale => return Err(ExtendError::Stale),
            Standing::Unknown => return Err(ExtendError::Unknown),
        };
        let (now, queue) = (self.now, id(index));
        let copy = self.queues[index].find_mut(seq).expect("it is held");
        let CopyState::InFlight { lease, since, .. } = copy.state else {
            unreachable!("it is held");
        };
        let most = (since + limits::LEASE_MAX).since(now);
        if by > most {
            return Err(ExtendError::TooLong { most });
        }
        let (message, until) = (copy.id, now + by);
        if by == Span::ZERO {
            self.emit(Event::LeaseExpired { queue, message, lease });
            self.end_delivery(index, seq);
        } else {
            copy.state = CopyState::InFlight { lease, since, until };
            self.emit(Event::LeaseExtended { queue, message, lease, until });
        }
        Ok(until)
    }

    /// A delivery ends without an acknowledgement, and counts.
    pub(super) fn end_delivery(&mut self, index: usize, seq: u64) {
        if self.exhausted(index, seq) {
            self.die(index, seq, DeadReason::Exhausted);
        } else {
            self.come_back(index, seq, self.now);
        }
    }

    /// A copy waits again, unless its time is over.
    pub(super) fn come_back(&mut self, index: usize, seq: u64, due: Timestamp) {
        if let Some(reason) = self.must_die(index, seq) {
            return self.die(index, seq, reason);
        }
        let queue = &mut self.queues[index];
        queue.find_mut(seq).expect("it is there").state = CopyState::Delayed { until: due };
        if due <= self.now {
            queue.make_ready(seq);
        }
    }

    /// Why a copy that comes back is dead: its time is over, or an earlier one of its group died.
    fn must_die(&self, index: usize, seq: u64) -> Option<DeadReason> {
        let queue = &self.queues[index];
        let copy = queue.find(seq).expect("it is there");
        let over = copy.end().filter(|(at, _)| *at <= self.now).map(|(_, reason)| reason);
        let group = copy.message.group.as_ref().filter(|_| !copy.is_back());
        let is_parked = group.is_some_and(|group| queue.parked.contains(group));
        over.or(is_parked.then_some(DeadReason::GroupParked))
    }

    fn ack(&mut self, index: usize, seq: u64, lease: u64) {
        let copy = self.take(index, seq);
        let acked = &mut self.queues[index].acked;
        if copy.lease() == Some(LeaseId::new(lease)) {
            acked.push(lease);
        }
        if acked.len() > REMEMBERED {
            acked.remove(0);
        }
        let (queue, lease) = (id(index), LeaseId::new(lease));
        self.emit(Event::Acked { queue, message: copy.id, lease });
    }

    /// The profile `Sqs` takes an acknowledgement whenever it comes, but for ordered groups.
    fn ack_late(&mut self, index: usize, lease: u64) -> Result<(), SettleError> {
        let queue = &self.queues[index];
        if lease >= queue.next_lease {
            return Err(SettleError::Unknown);
        }
        let Some(copy) = queue.copies.iter().find(|copy| copy.leases.contains(&lease)) else {
            return Ok(());
        };
        let holds = copy.lease().is_some_and(|held| held.number() == lease);
        if copy.group().is_some() && !holds {
            return Err(SettleError::Stale);
        }
        self.ack(index, copy.seq, lease);
        Ok(())
    }

    fn retry(&mut self, index: usize, seq: u64, delay: Option<Span>, reason: FailReason) {
        if self.exhausted(index, seq) {
            return self.die(index, seq, DeadReason::Exhausted);
        }
        if let Some(reason) = self.must_die(index, seq) {
            return self.die(index, seq, reason);
        }
        let now = self.now;
        let copy = self.queues[index].find(seq).expect("it is held");
        let (queue, message, deliveries) = (id(index), copy.id, copy.deliveries);
        let due = now + delay.unwrap_or_else(|| self.backoff(index, seq));
        self.emit(Event::RetryScheduled { queue, message, deliveries, due, reason });
        if due <= now {
            self.emit(Event::Matured { queue, message });
        }
        self.come_back(index, seq, due);
    }

    /// Whether a copy has had all its deliveries, and does not live on to block its group.
    fn exhausted(&self, index: usize, seq: u64) -> bool {
        let queue = &self.queues[index];
        let copy = queue.find(seq).expect("it is there");
        let blocks = copy.group().is_some() && queue.config.poison == Poison::Block;
        copy.deliveries >= queue.config.max_deliveries && !blocks
    }

    fn backoff(&self, index: usize, seq: u64) -> Span {
        let queue = &self.queues[index];
        let copy = queue.find(seq).expect("it is there");
        let key = self.entropy.draw(&[index as u64, seq]);
        queue.config.backoff.delay(copy.deliveries, self.entropy, key)
    }

    fn standing(&self, index: usize, lease: u64) -> Standing {
        let queue = &self.queues[index];
        if lease >= queue.next_lease {
            return Standing::Unknown;
        }
        let holds = |copy: &&super::queue::Copy| match copy.lease() {
            Some(held) if held.number() == lease => true,
            Some(_) => queue.is_sqs() && copy.group().is_none() && copy.leases.contains(&lease),
            None => false,
        };
        match queue.copies.iter().find(holds) {
            Some(copy) => Standing::Holds(copy.seq),
            None if queue.acked.contains(&lease) => Standing::Acked,
            None => Standing::Stale,
        }
    }

    /// The queue and the lease for which a receipt stands, if there is such a queue.
    fn receipt(&self, which: Which) -> Option<(usize, u64)> {
        match which {
            Which::Given(back) => {
                let place = (self.given.len() as u64).checked_sub(u64::from(back) + 1)?;
                self.given.get(place as usize).copied()
            }
            Which::Forged(queue) => self.known(queue).map(|index| (index, u64::MAX)),
        }
    }

    /// Whether this receipt, and every other, can be named at all.
    pub(super) fn can_name(&self, which: Which) -> bool {
        matches!(which, Which::Forged(_)) || self.receipt(which).is_some()
    }
}
