//! What others take for about the same. None of it is measured here.

use std::borrow::Cow::Borrowed;

use super::report::Peer;

const BROKERS: &str = "measured elsewhere, Nov 2026: publish, deliver, acknowledge over loopback, \
                       100 B, client and server on two cores";

/// Brokers that keep messages in memory. Theirs is the cost of sockets and of a client as well.
pub(super) const CYCLE: &[Peer] = &[
    Peer {
        name: Borrowed("Redis Streams without append-only file, batches of 64"),
        version: Borrowed("7.0.15"),
        value: 8_930.0,
        source: Borrowed(BROKERS),
    },
    Peer {
        name: Borrowed("NATS JetStream in memory, work queue"),
        version: Borrowed("2.15.1"),
        value: 12_950.0,
        source: Borrowed(BROKERS),
    },
    Peer {
        name: Borrowed("RabbitMQ classic queue, transient"),
        version: Borrowed("3.10.8"),
        value: 78_100.0,
        source: Borrowed(BROKERS),
    },
];

/// A channel for three receivers. It acknowledges nothing, and what is slow loses messages.
pub(super) const FAN_OUT: &[Peer] = &[Peer {
    name: Borrowed("tokio broadcast channel, 3 receivers"),
    version: Borrowed("1.54.1"),
    value: 288.0,
    source: Borrowed("measured elsewhere, Nov 2026: threads, no acknowledgement"),
}];
