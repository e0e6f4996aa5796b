//! One command, as a journal keeps it.

use serde::{Deserialize, Serialize};

use super::{OtherVersion, SEMANTICS_VERSION, Versioned};
use crate::machine::At;

/// One command with its time and its entropy, as a journal keeps it: all that a machine needs to
/// do again what it did.
///
/// It goes into any serde format that describes itself (JSON, CBOR, MessagePack) and keeps 64-bit
/// integers exactly.
/// Records replay in the order in which their commands were applied, refused ones too: they let
/// time pass. A record says which semantics wrote it, and is replayed by these alone; where it
/// stands in the journal, and whether it came back whole, are for the journal to know.
///
/// `C` is the command of any [`Machine`](crate::Machine), or a reference to one when it is only
/// written: the machine may then still take it.
///
/// # Example: written before it is applied, and replayed
/// ```
/// use postroom_core::{At, Command, Engine, Machine, QueueConfig, Record, Timestamp};
///
/// let at = At::time(Timestamp::from_millis(5));
/// let command = Command::CreateQueue { name: "orders".into(), config: QueueConfig::default() };
/// let journal = serde_json::to_string(&Record::new(at, &command))?;
/// let mut engine = Engine::new();
/// engine.apply(at, command, &mut ())?;
///
/// let (at, command) = serde_json::from_str::<Record<Command>>(&journal)?.open()?;
/// let mut replayed = Engine::new();
/// replayed.apply(at, command, &mut ())?;
/// assert_eq!(replayed.digest(), engine.digest());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound(serialize = "C: Serialize", deserialize = "C: Deserialize<'de>"))]
pub struct Record<C>(Versioned<Entry<C>, SEMANTICS_VERSION>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<C> {
    at: At,
    command: C,
}

/// Why a record is not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Replay it with the release that wrote it, or a newer one of the same semantics.
    #[error(
        "the record is of semantics version {found}, newer than {SEMANTICS_VERSION}: \
        replay it with the release that wrote it"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// Replay it with the release that wrote it, write a snapshot there, and go on from that: this
    /// release reads the snapshot.
    #[error(
        "the record is of semantics version {found}, older than {SEMANTICS_VERSION}: replay it \
        with the release that wrote it, and go on from a snapshot written there"
    )]
    Older {
        /// Its version.
        found: u32,
    },
}

impl<C> Record<C> {
    /// The record of a command that is applied at `at`, of the present semantics.
    #[must_use]
    pub const fn new(at: At, command: C) -> Self {
        Self(Versioned::new(Entry { at, command }))
    }

    /// The version of the semantics that wrote it.
    #[must_use]
    pub const fn semantics_version(&self) -> u32 {
        self.0.version()
    }

    /// The command, and when it is to be applied.
    ///
    /// # Errors
    /// [`RecordError`] if other semantics wrote it: they may have led to other states.
    pub fn open(self) -> Result<(At, C), RecordError> {
        match self.0.open() {
            Ok(Entry { at, command }) => Ok((at, command)),
            Err(OtherVersion::Newer(found)) => Err(RecordError::Newer { found }),
            Err(OtherVersion::Older(found)) => Err(RecordError::Older { found }),
        }
    }
}
