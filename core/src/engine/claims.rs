//! Idempotency claims: who does the work of a key, and what came of it.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    engine::error::NoSuchLedger,
    limits,
    message::Body,
    time::{Span, Timestamp, millis},
};

/// What a piece of work is about, hashed by the caller: the same key with another fingerprint is
/// refused.
pub type Fingerprint = [u8; 32];

/// The settings of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerConfig {
    /// A claim that is neither completed nor abandoned frees its key after this long. Default 60 s.
    #[serde(rename = "in_progress_ms", with = "millis")]
    pub in_progress: Span,
    /// A result is kept this long after it was given. Default 24 h.
    #[serde(rename = "keep_ms", with = "millis")]
    pub keep: Span,
    /// Keys remembered at once. Default 100,000; from 1 to a million.
    pub capacity: u64,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        Self {
            in_progress: Span::from_secs(60),
            keep: Span::from_secs(24 * 60 * 60),
            capacity: 100_000,
        }
    }
}

/// The right to complete one claim. Void once the claim runs out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClaimToken {
    pub(crate) key: String,
    pub(crate) number: u64,
}

/// How a claim stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// It is yours: do the work, then complete or abandon it.
    Started(ClaimToken),
    /// Somebody else does the work: ask again later.
    InProgress {
        /// By then it is completed, abandoned or free.
        until: Timestamp,
    },
    /// The work is done: this is its result.
    Done(Body),
    /// The key was used for other work: choose another key.
    PayloadMismatch,
}

/// Why a claim was not made, completed or abandoned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Create the ledger first, or mend the id.
    #[error(transparent)]
    NoSuchLedger(#[from] NoSuchLedger),
    /// Choose a key of 1 to 255 bytes.
    #[error("`key` is {bytes} bytes long: give 1 to {max}", max = limits::KEY_BYTES_MAX)]
    KeyLength {
        /// Its length.
        bytes: u64,
    },
    /// Try again later.
    #[error("{capacity} keys are remembered here, the most: try again later")]
    Full {
        /// The ledger's capacity.
        capacity: u64,
    },
    /// The claim ran out, or ended already: somebody else may have done the work.
    #[error("the claim has ended: its key may be somebody else's now")]
    Stale,
    /// Keep a shorter result, or its id.
    #[error("the result has {actual} bytes, more than {max}", max = limits::RESULT_BYTES_MAX)]
    ResultTooLarge {
        /// Its size in bytes.
        actual: u64,
    },
}
