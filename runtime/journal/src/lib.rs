//! A durable journal of commands, for any state machine that `postroom-core` can describe.
//!
//! A record is one command with its time and its entropy; replaying the records gives the same
//! state, bit for bit. Commands are written in groups, one sync for each, and nothing is released
//! before its sync came back. A snapshot bounds how much is replayed.
//!
//! What a crash leaves of a commit that nobody was told of is a torn tail: it is cut, and
//! reported. Everything else that is not as it was written is damage: it is refused, with the file
//! and the place. Which of the two it is follows from one rule: a group is written only when the
//! one before it is durable. A watermark says how far that was; after a loss of power it may lag, and
//! damage to the commits above it, at the very end, reads as a torn tail.
//!
//! - [`Journal`]: append, commit, snapshot.
//! - [`Recovered`]: what was found when it was opened.
//! - [`replay()`]: from its commands to a machine's state.
//! - [`Look`]: a journal that is only read, as `postroom-journal inspect | verify | export` does.
//! - [`disk::Disk`]: all that it does to the outside, for tests that inject faults.
//! - [`limits`]: every bound, by name.

mod error;
mod frame;
mod journal;
pub mod limits;
mod look;
mod marks;
mod names;
mod recover;
mod replay;
mod scan;
mod spare;
mod state;
#[cfg(test)]
mod tests;

pub mod disk;

pub use error::{AppendError, Damage, Failed, OpenError, ReadError, SnapshotError};
pub use frame::{Entry, FORMAT_VERSION};
pub use journal::{Journal, Room, Settings};
pub use look::{Look, SegmentView};
pub use recover::{Recovered, Repair};
pub use replay::replay;
pub use state::Snapshot;
