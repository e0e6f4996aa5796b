//! Why a backend did not do something.

use postroom_core::{Error, ExtendError, PublishError, ReceiveError, RedriveError, SettleError};

/// Why a backend did not do something, or does not know whether it did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The message was not taken, for a reason that says what to do.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Nothing may be handed out.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// The delivery has ended already.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// The lease was not extended.
    #[error(transparent)]
    Extend(#[from] ExtendError),
    /// Nothing was redriven.
    #[error(transparent)]
    Redrive(#[from] RedriveError),
    /// It may have happened. Do it again: with a dedup key a message is stored once all the same, and
    /// a settlement is confirmed.
    #[error("it is not known whether it happened: {why}; do it again")]
    Unknown {
        /// What went wrong.
        why: String,
    },
    /// It did not happen: the backend cannot be reached, or has no room. Try again later.
    #[error("nothing was done: {why}; try again later")]
    Unavailable {
        /// What went wrong.
        why: String,
    },
    /// The program shuts down, or has. Nothing was done.
    #[error("the post room is closed: nothing was done")]
    Closed,
}

impl BackendError {
    /// Whether to do the same again may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::Unavailable { .. })
            || matches!(self, Self::Publish(PublishError::Full { .. } | PublishError::Shed { .. }))
    }
}

/// Why a backend was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Mend the setting that is named.
    #[error("{name}: {error}")]
    Configure {
        /// The queue, or the topic with its queue.
        name: String,
        /// Why it was refused.
        error: Error,
    },
    /// Give the builder its queues and topics in the order in which they were first given, new ones
    /// last.
    #[error("{name} was given in another place before: keep the order, and add new ones last")]
    Order {
        /// Which.
        name: String,
    },
    /// Give it the settings that it was created with, or choose another name.
    #[error("{name} was created with other settings: keep them, or choose another name")]
    Changed {
        /// Which.
        name: String,
    },
    /// As the text says.
    #[error("the journal: {0}")]
    Journal(#[from] postroom_journal::OpenError),
    /// The journal holds what this program cannot read: open it with the release that wrote it.
    #[error("the journal holds what this release cannot read: {why}")]
    Unreadable {
        /// What went wrong.
        why: String,
    },
    /// The system gave no random seed: mend the system.
    #[error("the system gave no random seed: {0}")]
    Entropy(getrandom::Error),
    /// Start what it needs, or mend its address or its settings.
    #[error("{backend}: {why}")]
    Unavailable {
        /// The backend.
        backend: &'static str,
        /// What went wrong.
        why: String,
    },
}
