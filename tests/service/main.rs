//! The notification service from outside: real sockets, real HTTP, scaled-down times.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accepting;
mod bad_input;
mod channels;
mod connections;
mod contract;
mod documented;
mod events;
mod harness;
mod idempotency;
mod isolation;
mod operation;
mod page;
