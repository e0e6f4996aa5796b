//! What is told in words: projections of the events, and the components that show them.
//!
//! A projection is a pure fold (`apply`, `clear`) within bounds. None decides anything: what
//! happens is decided in the engine alone.

mod announcer;
mod facts;
mod guide;
mod log;
mod names;
mod paths;
#[cfg(test)]
pub(crate) mod samples;
pub mod words;

pub use announcer::{ANNOUNCEMENT_GAP_MS, Announcer};
pub use facts::{Breaker, Facts, QueueFacts};
pub use guide::{Guide, Sight, Step};
pub use log::{LOG_EVENTS_MAX, LOG_ROWS_MAX, Log, LogFilter, Place};
pub use names::Names;
pub use paths::{PATH_STEPS_MAX, PATHS_MAX, Path, Paths};
