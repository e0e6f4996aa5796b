//! What a provider remembers of the messages it took, so that it recognises a repetition.

use postroom_core::{
    Claim, ClaimBook, ClaimToken, LedgerConfig, Message, Span, Timestamp, limits::CLAIMS_MAX,
    patterns::message_key,
};

/// A ledger of the provider's own: it is another system, and what it recognises it recognises as
/// the engine does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Memory(ClaimBook);

/// How a message stands with a provider that remembers.
pub(crate) enum Known {
    /// It is new: whoever takes it completes the claim.
    New(ClaimToken),
    /// It is being taken right now, or there is no room to remember it.
    Busy,
    /// It was taken before.
    Taken,
}

impl Memory {
    /// A memory that keeps what was taken for so long.
    pub(crate) fn new(keep: Span) -> Self {
        let config = LedgerConfig { keep, capacity: CLAIMS_MAX, ..LedgerConfig::default() };
        Self(ClaimBook::new(config).expect("the settings are in their ranges"))
    }

    pub(crate) fn meet(&mut self, message: &Message, now: Timestamp) -> Known {
        match self.0.claim(now, &message_key(message), [0; 32]) {
            Ok(Claim::Started(token)) => Known::New(token),
            Ok(Claim::Done(_)) => Known::Taken,
            Ok(Claim::InProgress { .. } | Claim::PayloadMismatch) | Err(_) => Known::Busy,
        }
    }

    /// It was taken, or not after all. A claim that ran out meanwhile is void: the message may be
    /// taken again.
    pub(crate) fn end(&mut self, token: &ClaimToken, taken: bool, now: Timestamp) {
        let _ = if taken { self.0.complete(now, token, "") } else { self.0.abandon(now, token) };
    }
}
