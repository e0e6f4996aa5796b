//! What is measured: a cycle of publish, receive and acknowledge, the same for all.

use std::hint::black_box;

/// Bytes in every body.
pub(crate) const BODY_BYTES: usize = 100;

/// A lease where all are the same, in microseconds.
pub(crate) const LEASE_MICROS: u64 = 30_000_000;

/// Leases that differ last from 30 s to a minute, by the millisecond.
const LEASE_MILLIS_LEAST: u64 = 30_000;
const LEASE_MILLIS_SPREAD: u64 = 30_000;

/// How long a message is in flight, on average: no lease ever runs out.
const IN_FLIGHT_MICROS: u64 = 1_000_000;

/// A queue that can be measured.
pub(crate) trait Contender {
    /// The right to acknowledge one delivery.
    type Receipt: Copy;

    /// Stores a message.
    fn publish(&mut self, now: u64, body: &[u8; BODY_BYTES]);

    /// Hands out the oldest message that waits, and reads a byte of it. The lease lasts so many
    /// microseconds; the contender's own if absent.
    fn receive(&mut self, now: u64, lease: Option<u64>) -> (Self::Receipt, u8);

    /// Ends a delivery well.
    fn ack(&mut self, now: u64, receipt: Self::Receipt);
}

/// How long deliveries may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leases {
    /// Each as long as it likes.
    Arbitrary,
    /// All equally long.
    Equal,
}

/// A contender in its steady state: so many messages wait, so many are in flight.
pub(crate) struct Steady<C: Contender> {
    contender: C,
    leases: Leases,
    in_flight: Vec<C::Receipt>,
    body: [u8; BODY_BYTES],
    now: u64,
    /// Time between two cycles.
    step: u64,
    random: u64,
}

impl<C: Contender> Steady<C> {
    pub(crate) fn new(contender: C, leases: Leases, waiting: u32, in_flight: u32) -> Self {
        let mut steady = Self {
            contender,
            leases,
            in_flight: Vec::with_capacity(in_flight as usize),
            body: [7; BODY_BYTES],
            now: 1_000_000,
            step: IN_FLIGHT_MICROS / u64::from(in_flight),
            random: 0x9E37_79B9_7F4A_7C15,
        };
        steady.publish(waiting + in_flight);
        for _ in 0..in_flight {
            let receipt = steady.receive();
            steady.in_flight.push(receipt);
        }
        steady
    }

    /// So many times: publish one, receive one, acknowledge one of those in flight at random.
    pub(crate) fn cycle(&mut self, count: u32) {
        for _ in 0..count {
            self.publish(1);
            self.receive_and_ack(1);
        }
    }

    pub(crate) fn publish(&mut self, count: u32) {
        for _ in 0..count {
            self.body[0] = self.body[0].wrapping_add(1);
            self.contender.publish(self.now, &self.body);
        }
    }

    pub(crate) fn receive_and_ack(&mut self, count: u32) {
        for _ in 0..count {
            self.now += self.step;
            let received = self.receive();
            let place = self.draw(self.in_flight.len() as u64) as usize;
            let done = std::mem::replace(&mut self.in_flight[place], received);
            self.contender.ack(self.now, done);
        }
    }

    fn receive(&mut self) -> C::Receipt {
        let lease = match self.leases {
            Leases::Equal => None,
            Leases::Arbitrary => {
                Some((LEASE_MILLIS_LEAST + self.draw(LEASE_MILLIS_SPREAD)) * 1_000)
            }
        };
        let (receipt, byte) = self.contender.receive(self.now, lease);
        black_box(byte);
        receipt
    }

    /// A number below `bound`, by xorshift: so few instructions that no cycle is made of them.
    fn draw(&mut self, bound: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        ((self.random >> 32) * bound) >> 32
    }
}
