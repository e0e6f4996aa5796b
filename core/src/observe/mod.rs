//! What the events tell, in bounded memory: paths of messages, latencies, rates.
//!
//! Each is a plain value that listens as a [`Sink`]. None decides anything, so one can be thrown
//! away and folded anew from the same events; copied, it is a snapshot. Feed it from the first
//! event on: of what came before, it knows nothing.
//!
//! # Example: three listeners at one engine
//! ```
//! use postroom_core::{
//!     Address, At, Engine, QueueConfig, Settle, Span, Timestamp,
//!     observe::{Latency, Lineage, Rates, RatesConfig},
//! };
//!
//! let at = |millis| At::time(Timestamp::from_millis(millis));
//! let rates = Rates::new(RatesConfig::default()).expect("the defaults are in range");
//! let mut watch = (Lineage::default(), (Latency::default(), rates));
//! let mut engine = Engine::new();
//! let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut watch)?;
//! let order = engine.publish(at(0), Address::Queue(orders), "order 17".into(), &mut watch)?;
//! let delivery = engine.receive(at(30), orders, 1, &mut watch)?.remove(0);
//! engine.settle(at(50), delivery.receipt, Settle::Ack, &mut watch)?;
//!
//! let (lineage, (latency, rates)) = &watch;
//! let path = lineage.of(order.message).expect("it was just published");
//! assert_eq!(path.copies()[0].steps().len(), 3, "it came in, was delivered, and acknowledged");
//! let figures = latency.of(orders).expect("it has had a message");
//! assert_eq!(figures.waiting.max(), Some(Span::from_millis(30)));
//! assert_eq!(figures.sojourn.max(), Some(Span::from_millis(50)));
//! let flow = rates.window(Address::Queue(orders), Timestamp::from_millis(60));
//! assert_eq!((flow.published, flow.acked), (1, 1));
//! # Ok::<(), postroom_core::Error>(())
//! ```

mod histogram;
mod latency;
mod lineage;
mod pairs;
mod path;
mod rates;
#[cfg(test)]
mod tests;

pub use self::{
    histogram::{Histogram, HistogramBucket},
    latency::{Latency, QueueLatency},
    lineage::Lineage,
    path::{CopyPath, MessagePath, PathStep},
    rates::{Flow, Rates, RatesConfig},
};
use crate::{machine::Sink, time::Timestamp};

/// Two listeners at one stream, the first first.
impl<E: Clone, A: Sink<E>, B: Sink<E>> Sink<E> for (A, B) {
    fn record(&mut self, at: Timestamp, event: E) {
        self.0.record(at, event.clone());
        self.1.record(at, event);
    }
}
