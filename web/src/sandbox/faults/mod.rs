//! Faults as sentences: put together, begun now, or written into the scenario.

mod card;
pub mod draft;
pub mod watch;

pub(super) use self::card::Faults;
pub use self::draft::{Draft, Kind, Whom, with_fault, without_fault};
pub use self::watch::FaultWatch;
