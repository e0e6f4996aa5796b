//! What a provider remembers of the messages it took, so that it recognises a repetition.

use std::hash::{Hash, Hasher};

use postroom_core::{
    At, Claim, ClaimToken, Engine, LedgerConfig, LedgerId, Message, Span, Timestamp,
    limits::CLAIMS_MAX, patterns::message_key,
};

/// An engine of the provider's own, for its claims alone: the provider is another system, and what
/// it recognises it recognises as the engine does.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    engine: Engine,
    ledger: LedgerId,
}

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
        let mut engine = Engine::new();
        let ledger = engine.create_ledger(At::default(), "taken", config, &mut ());
        Self { engine, ledger: ledger.expect("the settings are in their ranges") }
    }

    pub(crate) fn meet(&mut self, message: &Message, now: Timestamp) -> Known {
        let key = message_key(message);
        match self.engine.claim(At::time(now), self.ledger, &key, [0; 32], &mut ()) {
            Ok(Claim::Started(token)) => Known::New(token),
            Ok(Claim::Done(_)) => Known::Taken,
            Ok(Claim::InProgress { .. } | Claim::PayloadMismatch) | Err(_) => Known::Busy,
        }
    }

    /// It was taken, or not after all. A claim that ran out meanwhile is void: the message may be
    /// taken again.
    pub(crate) fn end(&mut self, token: ClaimToken, taken: bool, now: Timestamp) {
        let (at, ledger) = (At::time(now), self.ledger);
        let _ = if taken {
            self.engine.complete_claim(at, ledger, token, "", &mut ())
        } else {
            self.engine.abandon_claim(at, ledger, token, &mut ())
        };
    }
}

impl PartialEq for Memory {
    fn eq(&self, other: &Self) -> bool {
        self.engine.digest() == other.engine.digest()
    }
}

impl Eq for Memory {}

impl Hash for Memory {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.engine.digest().hash(state);
    }
}
