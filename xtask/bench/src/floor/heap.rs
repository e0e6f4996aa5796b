//! Slots and a heap of lease ends: each lease may last as long as it likes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::slots::{Key, Slots};
use crate::contender::{BODY_BYTES, Contender, LEASE_MICROS};

/// What has become void stays in the heap: an acknowledgement costs nothing there.
#[derive(Default)]
pub(crate) struct HeapFloor {
    slots: Slots,
    waiting: VecDeque<Key>,
    in_flight: usize,
    ends: BinaryHeap<Reverse<(u64, Key)>>,
    compacts: bool,
}

impl HeapFloor {
    /// What is void waits until it comes up.
    pub(crate) fn lazy() -> Self {
        Self::default()
    }

    /// What is void is dropped when it outweighs the rest: less memory, and less work where leases
    /// are much longer than messages are in flight.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn compacting() -> Self {
        Self { compacts: true, ..Self::default() }
    }

    fn expire(&mut self, now: u64) {
        while let Some(Reverse((until, key))) = self.ends.peek().copied()
            && until <= now
        {
            self.ends.pop();
            if let Some(stored) = self.slots.get_mut(key).filter(|stored| stored.until == until) {
                stored.until = 0;
                self.in_flight -= 1;
                self.waiting.push_front(key);
            }
        }
    }

    fn remember(&mut self, until: u64, key: Key) {
        self.ends.push(Reverse((until, key)));
        if self.compacts && self.ends.len() > 64 + 2 * self.in_flight {
            let slots = &self.slots;
            let holds = |until, key| slots.get(key).is_some_and(|stored| stored.until == until);
            self.ends.retain(|Reverse((until, key))| holds(*until, *key));
        }
    }
}

impl Contender for HeapFloor {
    /// The message, and the end of its lease: that tells one delivery from the next.
    type Receipt = (Key, u64);

    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]) {
        self.expire(now);
        let key = self.slots.insert(body);
        self.waiting.push_back(key);
    }

    fn receive(&mut self, now: u64, lease: Option<u64>) -> (Self::Receipt, u8) {
        self.expire(now);
        let key = self.waiting.pop_front().expect("the caller knows that a message waits");
        let stored = self.slots.get_mut(key).expect("what waits is stored");
        let until = now + lease.unwrap_or(LEASE_MICROS);
        stored.until = until;
        let byte = stored.body[0];
        self.in_flight += 1;
        self.remember(until, key);
        ((key, until), byte)
    }

    fn ack(&mut self, now: u64, (key, until): Self::Receipt) {
        self.expire(now);
        assert!(self.slots.ack(key, until), "the caller knows that the lease lasts");
        self.in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_acknowledged_comes_again_when_its_own_lease_ends() {
        let mut floor = HeapFloor::lazy();
        floor.publish(1, &[1; BODY_BYTES]);
        floor.publish(1, &[2; BODY_BYTES]);
        let ((long, _), first) = floor.receive(2, Some(100));
        let ((short, _), second) = floor.receive(2, Some(10));
        assert_eq!((first, second), (1, 2));
        let ((again, until), byte) = floor.receive(12, Some(10));
        assert_eq!((again, byte, until), (short, 2, 22));
        floor.ack(13, (again, until));
        floor.ack(13, (long, 102));
        assert_eq!(floor.in_flight, 0);
    }

    #[test]
    fn what_is_void_does_not_pile_up() {
        let (mut compacting, mut lazy) = (HeapFloor::compacting(), HeapFloor::lazy());
        for floor in [&mut compacting, &mut lazy] {
            for now in 0..1_000 {
                floor.publish(now, &[0; BODY_BYTES]);
                let (receipt, _) = floor.receive(now, Some(100));
                floor.ack(now, receipt);
            }
        }
        assert!(compacting.ends.len() <= 66, "{}", compacting.ends.len());
        assert!((99..=100).contains(&lazy.ends.len()), "{}", lazy.ends.len());
    }
}
