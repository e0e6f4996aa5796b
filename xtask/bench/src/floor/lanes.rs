//! Slots and one lane of deadlines: every delivery may take the same time.

use std::collections::VecDeque;

use super::slots::{Key, Slots};
use crate::contender::{BODY_BYTES, Contender};

/// As the floor with a heap, but deadlines come up in the order in which they were set.
#[derive(Default)]
pub struct LanesFloor {
    slots: Slots,
    waiting: VecDeque<Key>,
    leases: VecDeque<(u64, Key)>,
}

impl LanesFloor {
    /// Drops what is void at the head, so that the lane is as long as the oldest lease is old.
    fn expire(&mut self, now: u64) {
        while let Some((until, key)) = self.leases.front().copied() {
            match self.slots.get_mut(key).filter(|stored| stored.until == until) {
                Some(_) if until > now => break,
                Some(stored) => {
                    stored.until = 0;
                    self.waiting.push_front(key);
                }
                None => {}
            }
            self.leases.pop_front();
        }
    }
}

impl Contender for LanesFloor {
    /// The key, and the end of the lease: which delivery it is.
    type Receipt = (Key, u64);

    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]) {
        self.expire(now);
        let key = self.slots.insert(body);
        self.waiting.push_back(key);
    }

    fn receive(&mut self, now: u64, timeout: u64) -> (Self::Receipt, u8) {
        self.expire(now);
        let key = self.waiting.pop_front().expect("a message waits");
        let until = now + timeout;
        let stored = self.slots.get_mut(key).expect("what waits is stored");
        stored.until = until;
        let byte = stored.body[0];
        self.leases.push_back((until, key));
        ((key, until), byte)
    }

    fn ack(&mut self, now: u64, (key, until): Self::Receipt) {
        self.expire(now);
        let held = self.slots.get(key).is_some_and(|stored| stored.until == until);
        assert!(held && self.slots.remove(key), "the lease lasts");
    }
}
