//! A shop that works a queue of orders and sends receipts, and that crashes.
//!
//! Engine and shop are what survives a crash; each `apply` to one of them is one commit. All else
//! a crash forgets.

use super::*;
use crate::{
    engine::{Engine, Redrive, Settle},
    limits::RECEIVE_MAX,
    message::{Delivery, FailReason},
    queue::QueueConfig,
    resilience::{Backoff, Jitter},
};

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It takes place, and its answer comes.
    Well,
    /// The process crashes before it: it never took place.
    LostBefore,
    /// The process crashes after it: it took place, and nobody got the answer.
    LostAfter,
}

pub(super) struct World {
    engine: Engine,
    pub(super) shop: Inbox<Shop>,
    orders: QueueId,
    dead: QueueId,
    receipts: QueueId,
    now: u64,
    workers: Vec<Worker>,
    relays: Vec<Option<Posting>>,
    /// What whoever reads the receipts got, in this order.
    pub(super) read: Vec<String>,
    /// Commits so far, those that were lost included.
    pub(super) commits: u64,
}

/// What a worker knows. A crash forgets it.
#[derive(Clone, Default)]
struct Worker {
    held: Option<Delivery>,
    /// How to settle it, once it was handled.
    how: Option<Settle>,
}

/// What a relay knows. A crash forgets it.
struct Posting {
    relay: Relay,
    told: Option<OutboxCommand<u32>>,
}

impl World {
    /// With room for so many receipts.
    pub(super) fn new(workers: usize, room: u64) -> Self {
        let mut engine = Engine::new();
        let receipts = QueueConfig { capacity: room, ..QueueConfig::default() };
        let receipts = engine.create_queue(at(0), "receipts", receipts, &mut ()).unwrap();
        let dead = engine.create_queue(at(0), "dead", QueueConfig::default(), &mut ()).unwrap();
        let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
        let config = QueueConfig {
            lease: Span::from_secs(5),
            max_deliveries: 3,
            dead_letters: Some(dead),
            backoff,
            ..QueueConfig::default()
        };
        let orders = engine.create_queue(at(0), "orders", config, &mut ()).unwrap();
        let outbox = OutboxConfig { capacity: 4, backoff };
        let shop = Inbox::new("shop", InboxConfig::default(), outbox, Shop::new(2)).unwrap();
        Self {
            engine,
            shop,
            orders,
            dead,
            receipts,
            now: 0,
            workers: std::vec![Worker::default(); workers],
            relays: (0..workers).map(|_| None).collect(),
            read: Vec::new(),
            commits: 0,
        }
    }

    /// A customer sends an order.
    pub(super) fn order(&mut self, order: u32) {
        let message = format!("{order}");
        let to = Address::Queue(self.orders);
        self.engine.publish(self.at(), to, message.as_str().into(), &mut ()).unwrap();
    }

    pub(super) fn pass(&mut self, millis: u64) {
        self.now += millis;
        self.engine.tick(self.at(), &mut ());
        let tick = InboxCommand::Outbox(OutboxCommand::Tick);
        self.shop.apply(self.at(), tick, &mut ()).unwrap();
    }

    /// One step of a worker: receive, handle or settle. False if there was nothing to do.
    pub(super) fn work(&mut self, worker: usize, fate: Fate) -> bool {
        let Worker { held, how } = self.workers[worker].clone();
        let now = self.at();
        let next = match (held, how) {
            (None, _) => {
                let orders = self.orders;
                let received = self.commit_engine(fate, |engine| {
                    engine.receive(now, orders, 1, &mut ()).unwrap().pop()
                });
                if received == Some(None) {
                    return false;
                }
                received.map(|held| Worker { held, how: None })
            }
            (Some(held), None) => {
                let order = body_of(&held).parse().unwrap();
                let handle =
                    InboxCommand::Handle { key: message_key(&held.message), command: order };
                let handled = self.commit_shop(fate, handle);
                let retry = Settle::Retry { delay: None, reason: FailReason::Transient };
                let reject = Settle::Reject { reason: FailReason::Permanent };
                handled.map(|handled| {
                    let how = match handled {
                        Ok(InboxReply::Handled(_) | InboxReply::Duplicate) => Settle::Ack,
                        Err(InboxError::Outbox(OutboxError::Full { .. })) => retry,
                        Err(InboxError::Outbox(OutboxError::Application(_))) => reject,
                        other => panic!("{other:?}"),
                    };
                    Worker { held: Some(held), how: Some(how) }
                })
            }
            (Some(held), Some(how)) => {
                // Stale: the lease ran out meanwhile, and the order comes again.
                let settled = self.commit_engine(fate, |engine| {
                    engine.settle(now, held.receipt, how, &mut ()).ok()
                });
                settled.map(|_| Worker::default())
            }
        };
        self.workers[worker] = next.unwrap_or_default();
        true
    }

    /// One step of a relay: look, publish or tell. False if there was nothing to do.
    pub(super) fn relay(&mut self, relay: usize, fate: Fate) -> bool {
        let now = self.at();
        let next = match self.relays[relay].take() {
            None => match self.shop.outbox().due() {
                None => return false,
                Some(relay) => Some(Posting { relay, told: None }),
            },
            Some(Posting { relay, told: None }) => {
                let (position, publish) = (relay.position, relay.publish.clone());
                let done = self.commit_engine(fate, |engine| engine.apply(now, publish, &mut ()));
                done.map(|done| {
                    let told = match done {
                        Ok(_) => OutboxCommand::Published { position },
                        Err(_) => OutboxCommand::Failed { position },
                    };
                    Posting { relay, told: Some(told) }
                })
            }
            Some(Posting { told: Some(told), .. }) => {
                self.commit_shop(fate, InboxCommand::Outbox(told)).map(|told| told.unwrap());
                None
            }
        };
        self.relays[relay] = next;
        true
    }

    /// Somebody reads what receipts there are.
    pub(super) fn read_receipts(&mut self) {
        let now = self.at();
        for delivery in self.engine.receive(now, self.receipts, RECEIVE_MAX, &mut ()).unwrap() {
            self.read.push(body_of(&delivery));
            self.engine.settle(now, delivery.receipt, Settle::Ack, &mut ()).unwrap();
        }
    }

    /// An operator sends dead orders back to work.
    pub(super) fn redrive(&mut self) {
        self.engine.redrive(self.at(), Redrive::all(self.dead), &mut ()).unwrap();
    }

    /// The weather is calm from now on: everything comes to its end, but for orders that the shop
    /// refuses.
    pub(super) fn settle_down(&mut self) {
        for _ in 0..200 {
            for index in 0..self.workers.len() {
                while self.work(index, Fate::Well) {}
                while self.relay(index, Fate::Well) {}
            }
            self.read_receipts();
            self.redrive_all_but_refused();
            self.pass(2_000);
        }
    }

    /// Each order was charged once, its receipts came once and in the order of the charges, and
    /// nothing is left over.
    pub(super) fn assert_all_well(&self, orders: u32, case: &str) {
        let shop = self.shop.outbox().decider();
        for order in 1..=orders {
            assert_eq!(shop.charged(order), 1, "{case}: order {order}");
        }
        assert_eq!(shop.charged(0), 0, "{case}");
        assert_eq!(self.read, shop.receipts, "{case}");
        assert_eq!(self.shop.outbox().waiting(), 0, "{case}");
        let left = self.engine.queue_stats(self.orders).unwrap();
        assert_eq!(left.depth(), 0, "{case}");
    }

    fn redrive_all_but_refused(&mut self) {
        let refused = |copy: &crate::CopyView| copy.message.body.as_bytes() == b"0";
        if !self.engine.peek(self.dead, 0, 1_000).iter().all(refused) {
            self.redrive();
        }
    }

    /// Changes the engine, and answers unless the process crashes.
    fn commit_engine<T>(&mut self, fate: Fate, change: impl FnOnce(&mut Engine) -> T) -> Option<T> {
        self.commits += 1;
        if fate == Fate::LostBefore {
            return None;
        }
        let answer = change(&mut self.engine);
        (fate == Fate::Well).then_some(answer)
    }

    /// The same for the shop. After a crash it comes back from what was written down.
    fn commit_shop(
        &mut self,
        fate: Fate,
        command: InboxCommand<u32>,
    ) -> Option<Result<InboxReply<u32>, InboxError<NoSuchOrder>>> {
        self.commits += 1;
        let at = self.at();
        let before = serde_json::to_string(&self.shop).unwrap();
        let answer = self.shop.apply(at, command, &mut ());
        let kept = match fate {
            Fate::Well => return Some(answer),
            Fate::LostBefore => before,
            Fate::LostAfter => serde_json::to_string(&self.shop).unwrap(),
        };
        self.shop = serde_json::from_str(&kept).unwrap();
        None
    }

    fn at(&self) -> At {
        at(self.now)
    }
}

fn body_of(delivery: &Delivery) -> String {
    String::from_utf8_lossy(delivery.message.body.as_bytes()).into_owned()
}
