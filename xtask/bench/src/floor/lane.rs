//! Slots and one lane of lease ends: all leases last equally long.

use std::collections::VecDeque;

use super::slots::{Key, Slots};
use crate::contender::{BODY_BYTES, Contender, LEASE_MICROS};

/// Leases end in the order in which they began, so the next one to end is at the front.
#[derive(Default)]
pub(crate) struct LaneFloor {
    slots: Slots,
    waiting: VecDeque<Key>,
    ends: VecDeque<(u64, Key)>,
}

impl LaneFloor {
    /// Also drops what has become void at the front: the lane is as long as its oldest lease is
    /// old.
    fn expire(&mut self, now: u64) {
        while let Some((until, key)) = self.ends.front().copied() {
            match self.slots.get_mut(key).filter(|stored| stored.until == until) {
                Some(_) if until > now => break,
                Some(stored) => {
                    stored.until = 0;
                    self.waiting.push_front(key);
                }
                None => {}
            }
            self.ends.pop_front();
        }
    }
}

impl Contender for LaneFloor {
    /// The message, and the end of its lease: that tells one delivery from the next.
    type Receipt = (Key, u64);

    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]) {
        self.expire(now);
        let key = self.slots.insert(body);
        self.waiting.push_back(key);
    }

    fn receive(&mut self, now: u64, _lease: Option<u64>) -> (Self::Receipt, u8) {
        self.expire(now);
        let key = self.waiting.pop_front().expect("the caller knows that a message waits");
        let stored = self.slots.get_mut(key).expect("what waits is stored");
        let until = now + LEASE_MICROS;
        stored.until = until;
        let byte = stored.body[0];
        self.ends.push_back((until, key));
        ((key, until), byte)
    }

    fn ack(&mut self, now: u64, (key, until): Self::Receipt) {
        self.expire(now);
        assert!(self.slots.ack(key, until), "the caller knows that the lease lasts");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_acknowledged_comes_again_when_the_lease_ends() {
        let mut floor = LaneFloor::default();
        floor.publish(1, &[1; BODY_BYTES]);
        floor.publish(1, &[2; BODY_BYTES]);
        let (first, _) = floor.receive(1, None);
        let (second, _) = floor.receive(2, None);
        floor.ack(3, first);
        let (again, byte) = floor.receive(2 + LEASE_MICROS, None);
        assert_eq!((again.0, byte), (second.0, 2));
        floor.ack(3 + LEASE_MICROS, again);
        assert!(floor.ends.len() <= 1);
    }
}
