//! Why a command is refused. Each error says what to do; nothing is half done.

use postroom_core::{RedriveError, Span, StationError, Timestamp};

/// Why a command was refused: nothing but the time has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// Accepting a notification.
    #[error(transparent)]
    Accept(#[from] AcceptError),
    /// Redriving dead letters.
    #[error(transparent)]
    Redrive(#[from] RedriveError),
    /// The machine underneath refused what it never should: a defect, please report it.
    #[error("the engine refused: {0}")]
    Engine(#[from] StationError),
}

/// Why a notification was not accepted. Nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// Mend the field.
    #[error("`{field}` {problem}")]
    Invalid {
        /// The field, as in the request: `title`, `to.sms`, `idempotency_key`.
        field: &'static str,
        /// What is wrong with it and what to give; goes on from "`field` …".
        problem: String,
    },
    /// Choose another key for another request.
    #[error("this idempotency key was used for another request: choose a new key")]
    IdempotencyMismatch,
    /// Ask again a little later.
    #[error("a request with this idempotency key is under way: ask again later")]
    IdempotencyInFlight {
        /// By then it is done, or the key is free.
        until: Timestamp,
    },
    /// Send it again later, or without a key.
    #[error("no more idempotency keys can be remembered: try again in {} s, or without a key",
        retry_after.as_millis() / 1_000)]
    IdempotencyFull {
        /// Until the next key is forgotten: whole seconds.
        retry_after: Span,
    },
    /// Send it again later.
    #[error("every channel and its dead letters are full: try again in {} s",
        retry_after.as_millis() / 1_000)]
    AllRejected {
        /// When it may be worth trying: whole seconds, from 1 to 60.
        retry_after: Span,
    },
}
