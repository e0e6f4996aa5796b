//! What is told in words: projections of the events, and the components that show them.
//!
//! A projection is a pure fold (`apply`, `clear`) within bounds. None decides anything: what
//! happens is decided in the engine alone.

mod ages;
mod announcer;
mod event_list;
mod event_table;
mod glossary;
mod guide;
mod guide_list;
mod log;
mod message_panel;
mod names;
mod path;
mod queue_panel;
#[cfg(test)]
pub(crate) mod samples;
mod story;
pub mod words;
mod worker_panel;

pub use ages::Ages;
pub use announcer::{ANNOUNCEMENT_GAP_MS, Announcer};
pub use event_list::{EventList, EventListProps};
pub use event_table::{EventTable, EventTableProps, Filter, Kind};
pub use glossary::glossary;
pub use guide::{Guide, Sight, Step};
pub use guide_list::guide_list;
pub use log::{LOG_EVENTS_MAX, LOG_ROWS_MAX, Log, LogFilter, Place, SharedLog};
pub use message_panel::{MessageFacts, message_panel};
pub use names::Names;
pub use path::{EFFECTS_MAX, PATH_STEPS_MAX, Path};
pub use queue_panel::{QueueFacts, queue_panel};
pub use worker_panel::worker_panel;
