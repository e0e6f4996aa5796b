//! Inbox and outbox: an effect, the mark that it happened and the messages it sends, as one.
//!
//! A service that changes its state and then publishes loses the message if it crashes in between;
//! one that publishes first may announce what never happened. One that handles a message and then
//! acknowledges it handles it again after a crash in between. No order of two steps is safe, so
//! here there is one:
//!
//! - [`Outbox`] commits a change of the application's state and its outgoing messages in one
//!   `apply`. A relay publishes them from there, in order, as often as it takes.
//! - [`Inbox`] is an outbox that also keeps a mark for each message handled, in the same `apply`.
//!   A message that comes again meets its mark, and nothing happens.
//! - [`Decider`] is the application: what it decides, apart from how that is kept.
//!
//! All are state machines over the engine's public commands; the engine knows nothing of them.
//! Whoever keeps such a machine must keep it whole: what one `apply` changed is there after a
//! crash, or none of it.
//!
//! # What holds
//!
//! - An effect takes place at most once for each key within [`InboxConfig::keep`], whenever the
//!   process crashes, however often the message is delivered. If the message is acknowledged only
//!   after it was handled, it takes place.
//! - A message is published if, and only if, the change that it announces was kept; in the order
//!   in which the changes took place. Only an operator can drop one
//!   ([`OutboxCommand::Discard`]).
//! - It is stored once if the relay comes back within the dedup window of its address. Later than
//!   that it may be stored twice. Both then carry the same [`OUTBOX_ATTRIBUTE`], by which
//!   [`message_key`] tells an inbox that they are one.
//!
//! # Example: an order service that charges once
//! ```
//! use postroom_core::{
//!     Address, At, Engine, Machine, QueueConfig, Settle, Timestamp,
//!     patterns::{
//!         Decider, Decision, Inbox, InboxCommand, InboxConfig, InboxReply, OutboxCommand,
//!         OutboxConfig, Outgoing, message_key,
//!     },
//! };
//!
//! /// Charges orders, and sends a receipt for each.
//! struct Shop {
//!     charges: u32,
//!     receipts: Address,
//! }
//!
//! impl Decider for Shop {
//!     type Command = String;
//!     type Change = ();
//!     type Reply = ();
//!     type Error = std::convert::Infallible;
//!
//!     fn decide(&self, _: At, order: String) -> Result<Decision<(), ()>, Self::Error> {
//!         let receipt = Outgoing::new(self.receipts, format!("receipt for {order}").as_str());
//!         Ok(Decision { change: (), reply: (), outgoing: vec![receipt] })
//!     }
//!
//!     fn evolve(&mut self, (): ()) {
//!         self.charges += 1;
//!     }
//! }
//!
//! let at = |secs: u64| At::time(Timestamp::from_millis(secs * 1_000));
//! let mut engine = Engine::new();
//! let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut ())?;
//! let receipts = engine.create_queue(at(0), "receipts", QueueConfig::default(), &mut ())?;
//! let shop = Shop { charges: 0, receipts: Address::Queue(receipts) };
//! let (inbox, outbox) = (InboxConfig::default(), OutboxConfig::default());
//! let mut shop = Inbox::new("shop", inbox, outbox, shop)?;
//! engine.publish(at(0), Address::Queue(orders), "order 17".into(), &mut ())?;
//!
//! // The worker crashes after handling the order and before acknowledging it, so that the order
//! // is delivered again when the lease has run out.
//! for (secs, reply) in [(1, InboxReply::Handled(())), (40, InboxReply::Duplicate)] {
//!     let delivery = engine.receive(at(secs), orders, 1, &mut ())?.remove(0);
//!     let order = String::from_utf8_lossy(delivery.message.body.as_bytes()).into_owned();
//!     let handle = InboxCommand::Handle { key: message_key(&delivery.message), command: order };
//!     assert_eq!(shop.apply(at(secs), handle, &mut ())?, reply);
//!     if secs == 40 {
//!         engine.settle(at(secs), delivery.receipt, Settle::Ack, &mut ())?;
//!     }
//! }
//!
//! // The relay crashes after publishing and before saying so: it publishes again, which the dedup
//! // key makes harmless.
//! for crashed in [true, false] {
//!     let relay = shop.outbox().due().expect("a receipt waits");
//!     engine.apply(at(41), relay.publish, &mut ())?;
//!     if !crashed {
//!         let published = OutboxCommand::Published { position: relay.position };
//!         shop.apply(at(41), InboxCommand::Outbox(published), &mut ())?;
//!     }
//! }
//! assert_eq!(shop.outbox().decider().charges, 1);
//! assert_eq!(engine.queue_stats(receipts).map(|stats| stats.depth()), Some(1));
//! assert!(shop.outbox().due().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decider;
mod inbox;
mod marks;
mod outbox;
#[cfg(test)]
mod tests;

pub use self::{
    decider::{Decider, Decision, Outgoing},
    inbox::{Inbox, InboxCommand, InboxConfig, InboxError, InboxReply, message_key},
    outbox::{
        OUTBOX_ATTRIBUTE, Outbox, OutboxCommand, OutboxConfig, OutboxError, OutboxReply, Relay,
    },
};
