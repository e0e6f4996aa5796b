//! Claims about the notification system, tried in simulated worlds over many seeds.
//!
//! Every failure names its seed. A seed always gives the same world: run the one test again.

#![allow(clippy::unwrap_used, reason = "tests, with their helpers")]

mod breaker;
mod conservation;
mod isolation;
mod rewind;
mod scene;
