//! What can go wrong, and what to do then.

use std::io;

use postroom_core::RecordError;

use crate::limits::{SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SNAPSHOT_BYTES_MAX};

/// Data that was durable once is not what was written. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{file} is damaged at byte {offset}: {what}. Nothing was changed: restore the folder from a \
    copy, or look with `postroom-journal inspect` at what is left"
)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// Where in it, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub what: &'static str,
}

/// Why a journal's files are not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Restore the folder from a copy; the disk may be failing.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// Open it with a release that reads this format.
    #[error("{file} has format version {found}: open it with a release that reads that")]
    OtherFormat {
        /// The file.
        file: String,
        /// Its version.
        found: u32,
    },
    /// Stop the service that uses it, or wait until it has ended.
    #[error("another process has this journal open: stop it first")]
    Locked,
    /// Mend what the system says.
    #[error("the folder was not read: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    pub(crate) fn of_lock(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock => Self::Locked,
            _ => Self::Io(error),
        }
    }
}

/// Why a journal is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// As [`ReadError`] says.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its commands may lead elsewhere here: do as the text says.
    #[error(transparent)]
    Semantics(#[from] RecordError),
    /// Choose a length within the bounds.
    #[error("a segment of {bytes} bytes: choose from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}")]
    SegmentBytes {
        /// What was asked for.
        bytes: u64,
    },
    /// Free some space; the rest of the text says how it failed.
    #[error("the journal was read but cannot be written: {0}")]
    Io(#[source] io::Error),
}

/// Why a command was not taken. Do not apply it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// Refuse the command, or open the journal with longer segments.
    #[error("a command of {bytes} bytes does not fit in a segment: choose longer segments")]
    TooLarge {
        /// The command's length.
        bytes: usize,
    },
    /// Commit, then append again.
    #[error("the group has as much as one commit can write: commit, then append again")]
    GroupFull,
    /// Refuse the command for now; it is taken again when there is space.
    #[error("the disk is full: free some space, and the journal goes on by itself")]
    DiskFull,
    /// As [`Failed`] says.
    #[error(transparent)]
    Failed(#[from] Failed),
}

/// Why no snapshot was written. The journal goes on without it, unless it has failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Commit first: the state must be what the durable commands lead to.
    #[error("commands wait to be committed: commit first")]
    Uncommitted,
    /// Free some space, and try again.
    #[error("the disk is full: free some space, then write the snapshot again")]
    DiskFull,
    /// Keep less in the machine; until then every start replays more.
    #[error("a snapshot of {bytes} bytes would not be read back: at most {SNAPSHOT_BYTES_MAX} are")]
    TooLarge {
        /// The length of the state.
        bytes: u64,
    },
    /// As [`Failed`] says.
    #[error(transparent)]
    Failed(#[from] Failed),
}

/// The journal has failed for good: release nothing more, end the process and start it again.
///
/// What it tried may be durable or not, and a second try would not tell: the system may have
/// dropped the data and say yes. Recovery finds out.
#[derive(Debug, thiserror::Error)]
#[error("the journal failed {doing}; end this process and start it again: {source}")]
pub struct Failed {
    /// What it was doing.
    pub doing: &'static str,
    /// What the system said; "other" on every later call.
    #[source]
    pub source: io::Error,
}

pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
