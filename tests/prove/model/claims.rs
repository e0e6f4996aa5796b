//! Idempotency claims.

use postroom_core::{
    Body, Claim, ClaimError, Event, Fingerprint, LedgerId, Reply, Span, Timestamp,
};

use super::{Answer, Broker, done};

/// How long a claim lasts, and a result is kept.
pub(crate) const IN_PROGRESS: Span = Span::from_secs(5);
pub(crate) const KEEP: Span = Span::from_secs(20);

/// What every claim's work comes to.
pub(crate) const RESULT: &str = "done";

#[derive(Clone, Debug)]
pub(super) struct Ledger {
    capacity: u64,
    entries: Vec<Entry>,
    /// Every claim ever made, in order: its key and number.
    claims: Vec<(String, u64)>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: String,
    fingerprint: Fingerprint,
    number: u64,
    free_at: Timestamp,
    completed: bool,
}

impl Ledger {
    pub(super) fn new(capacity: u64) -> Self {
        Self { capacity, entries: Vec::new(), claims: Vec::new() }
    }
}

const LEDGER: LedgerId = LedgerId::new(0);

impl Broker {
    pub(super) fn claim(&mut self, key: String, fingerprint: Fingerprint) -> Answer {
        if self.ledger.is_none() {
            return done();
        }
        if key.is_empty() {
            return Answer::plain(Err(ClaimError::KeyLength { bytes: 0 }));
        }
        self.free_claims();
        let now = self.now;
        let Some(ledger) = &mut self.ledger else { return done() };
        if let Some(entry) = ledger.entries.iter().find(|entry| entry.key == key) {
            let claim = if entry.fingerprint != fingerprint {
                Claim::PayloadMismatch
            } else if entry.completed {
                Claim::Done(Body::from(RESULT))
            } else {
                Claim::InProgress { until: entry.free_at }
            };
            return Answer::Plain(Ok(Reply::Claim(claim)));
        }
        if ledger.entries.len() as u64 >= ledger.capacity {
            let frees_at = ledger.entries.iter().map(|entry| entry.free_at).min();
            let capacity = ledger.capacity;
            let frees_at = frees_at.expect("it is full");
            return Answer::plain(Err(ClaimError::Full { capacity, frees_at }));
        }
        let (number, free_at) = (ledger.claims.len() as u64, now + IN_PROGRESS);
        ledger.claims.push((key.clone(), number));
        ledger.entries.push(Entry { key, fingerprint, number, free_at, completed: false });
        self.emit(Event::Claimed { ledger: LEDGER });
        Answer::ClaimStarted
    }

    pub(super) fn complete_claim(&mut self, back: u32) -> Answer {
        let Some((key, number)) = self.claim_back(back) else { return done() };
        self.free_claims();
        let keep_until = self.now + KEEP;
        match self.entry(&key, number) {
            // The same result again does no harm.
            Some(entry) if entry.completed => done(),
            Some(entry) => {
                entry.completed = true;
                entry.free_at = keep_until;
                self.emit(Event::ClaimCompleted { ledger: LEDGER });
                done()
            }
            None => Answer::plain(Err(ClaimError::Stale)),
        }
    }

    pub(super) fn abandon_claim(&mut self, back: u32) -> Answer {
        let Some((key, number)) = self.claim_back(back) else { return done() };
        self.free_claims();
        if self.entry(&key, number).is_none_or(|entry| entry.completed) {
            return Answer::plain(Err(ClaimError::Stale));
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.entries.retain(|entry| entry.key != key);
        }
        self.emit(Event::ClaimFreed { ledger: LEDGER });
        done()
    }

    fn claim_back(&self, back: u32) -> Option<(String, u64)> {
        let claims = &self.ledger.as_ref()?.claims;
        let place = (claims.len() as u64).checked_sub(u64::from(back) + 1)?;
        claims.get(place as usize).cloned()
    }

    /// The entry of a claim that is not over.
    fn entry(&mut self, key: &str, number: u64) -> Option<&mut Entry> {
        let entries = &mut self.ledger.as_mut()?.entries;
        entries.iter_mut().find(|e| e.key == key && e.number == number)
    }

    fn free_claims(&mut self) {
        let now = self.now;
        let Some(ledger) = &mut self.ledger else { return };
        let before = ledger.entries.len();
        ledger.entries.retain(|entry| entry.free_at > now);
        for _ in ledger.entries.len()..before {
            self.emit(Event::ClaimFreed { ledger: LEDGER });
        }
    }
}
