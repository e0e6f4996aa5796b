//! Inbox and outbox by what they answer, and by what is left after crashes.

mod crash;
mod inbox;
mod outbox;
mod world;

use std::{collections::BTreeMap, format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    id::{Address, QueueId},
    machine::{At, Machine},
    message::NewMessage,
    time::{Span, Timestamp},
};

fn at(millis: u64) -> At {
    At::time(Timestamp::from_millis(millis))
}

/// Charges orders, sends a receipt for each charge, and refuses order 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Shop {
    /// How often each order was charged.
    charges: BTreeMap<u32, u32>,
    /// In the order of the charges.
    receipts: Vec<String>,
    receipts_per_order: u32,
    to: Address,
}

/// A charge, and its receipts.
#[derive(Debug)]
struct Charge {
    order: u32,
    receipts: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no order 0")]
struct NoSuchOrder;

impl Shop {
    fn new(receipts_per_order: u32) -> Self {
        let to = Address::Queue(QueueId::new(0));
        Self { charges: BTreeMap::new(), receipts: Vec::new(), receipts_per_order, to }
    }

    fn charged(&self, order: u32) -> u32 {
        self.charges.get(&order).copied().unwrap_or_default()
    }
}

impl Decider for Shop {
    type Command = u32;
    type Change = Charge;
    type Reply = u32;
    type Error = NoSuchOrder;

    fn decide(&self, _: At, order: u32) -> Result<Decision<Charge, u32>, NoSuchOrder> {
        if order == 0 {
            return Err(NoSuchOrder);
        }
        let receipts: Vec<_> =
            (0..self.receipts_per_order).map(|n| format!("{order}.{n}")).collect();
        let outgoing = receipts.iter().map(|text| Outgoing::new(self.to, text.as_str())).collect();
        Ok(Decision { change: Charge { order, receipts }, reply: order, outgoing })
    }

    fn evolve(&mut self, change: Charge) {
        *self.charges.entry(change.order).or_default() += 1;
        self.receipts.extend(change.receipts);
    }
}
