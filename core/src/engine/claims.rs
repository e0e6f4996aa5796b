//! Idempotency claims: who does the work of a key, and what came of it.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
};

use serde::{Deserialize, Serialize};

use super::{Context, Engine, configure::is_setting, error::NoSuchLedger};
use crate::{
    event::Event,
    id::LedgerId,
    limits::{self, CLAIMS_MAX, KEY_BYTES_MAX, RESULT_BYTES_MAX},
    machine::Sink,
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
    /// A claim that is neither completed nor abandoned frees its key after this long, so that no
    /// crash locks it for ever. Choose it longer than the work may take: who comes later than that
    /// finds the claim void, and somebody else may have begun. Default 60 s; from 1 ms to 366 days.
    #[serde(rename = "in_progress_ms", with = "millis")]
    pub in_progress: Span,
    /// A result is kept this long after it was given. Zero keeps none: the key then only tells two
    /// apart that work at once. Default 24 h; at most 366 days.
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

/// The right to complete one claim. Void once the claim runs out: nobody who comes late can
/// overwrite the result of whoever claimed the key next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClaimToken {
    pub(crate) key: String,
    pub(crate) number: u64,
}

/// How a claim stands.
///
/// # Example: a payment that is made once, however often it is asked for
/// ```
/// use postroom_core::{At, Claim, Engine, LedgerConfig, Timestamp};
///
/// let at = |secs: u64| At::time(Timestamp::from_millis(secs * 1_000));
/// let mut engine = Engine::new();
/// let payments = engine.create_ledger(at(0), "payments", LedgerConfig::default(), &mut ())?;
/// let request = [7; 32]; // a hash of what is asked for
/// let Claim::Started(token) = engine.claim(at(1), payments, "order 17", request, &mut ())? else {
///     unreachable!("nobody has asked before")
/// };
/// let second = engine.claim(at(2), payments, "order 17", request, &mut ())?;
/// assert!(matches!(second, Claim::InProgress { .. }));
/// // … the payment is made …
/// engine.complete_claim(at(3), payments, token, "paid", &mut ())?;
/// let third = engine.claim(at(4), payments, "order 17", request, &mut ())?;
/// assert_eq!(third, Claim::Done("paid".into()));
/// let other = engine.claim(at(4), payments, "order 17", [8; 32], &mut ())?;
/// assert_eq!(other, Claim::PayloadMismatch);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    #[error("{capacity} keys are remembered here, the most: try again after {frees_at:?}")]
    Full {
        /// The ledger's capacity.
        capacity: u64,
        /// When the next key becomes free.
        frees_at: Timestamp,
    },
    /// The claim ran out, was abandoned, or was completed with another result: somebody else may
    /// have done the work. Claim the key again to learn how it stands.
    #[error(
        "the claim has ended, its key may be somebody else's now: claim it again to learn how it stands"
    )]
    Stale,
    /// Keep a shorter result, or its id.
    #[error("the result has {actual} bytes, more than {max}: keep a shorter one, or its id",
        max = limits::RESULT_BYTES_MAX)]
    ResultTooLarge {
        /// Its size in bytes.
        actual: u64,
    },
}

/// The claims of one ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Ledger {
    id: LedgerId,
    pub(super) name: String,
    config: LedgerConfig,
    entries: BTreeMap<String, Entry>,
    /// Every key with the time at which it becomes free.
    free_at: BTreeSet<(Timestamp, String)>,
    next_number: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    /// The claim that made it.
    number: u64,
    free_at: Timestamp,
    result: Option<Body>,
}

impl Ledger {
    pub(super) fn new(id: LedgerId, name: String, config: LedgerConfig) -> Self {
        let (entries, free_at) = (BTreeMap::new(), BTreeSet::new());
        Self { id, name, config, entries, free_at, next_number: 0 }
    }

    pub(super) fn claim(
        &mut self,
        key: String,
        fingerprint: Fingerprint,
        cx: &mut Context<impl Sink>,
    ) -> Result<Claim, ClaimError> {
        let bytes = key.len() as u64;
        if !(1..=u64::from(KEY_BYTES_MAX)).contains(&bytes) {
            return Err(ClaimError::KeyLength { bytes });
        }
        self.free_expired(cx);
        if let Some(entry) = self.entries.get(&key) {
            return Ok(match &entry.result {
                _ if entry.fingerprint != fingerprint => Claim::PayloadMismatch,
                Some(result) => Claim::Done(result.clone()),
                None => Claim::InProgress { until: entry.free_at },
            });
        }
        if self.entries.len() as u64 >= self.config.capacity {
            let frees_at = self.free_at.first().map_or(cx.now, |(at, _)| *at);
            return Err(ClaimError::Full { capacity: self.config.capacity, frees_at });
        }

        let number = self.next_number;
        self.next_number += 1;
        let free_at = cx.now + self.config.in_progress;
        self.free_at.insert((free_at, key.clone()));
        self.entries.insert(key.clone(), Entry { fingerprint, number, free_at, result: None });
        cx.emit(Event::Claimed { ledger: self.id });
        Ok(Claim::Started(ClaimToken { key, number }))
    }

    pub(super) fn complete(
        &mut self,
        token: &ClaimToken,
        result: Body,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), ClaimError> {
        let actual = result.as_bytes().len() as u64;
        if actual > u64::from(RESULT_BYTES_MAX) {
            return Err(ClaimError::ResultTooLarge { actual });
        }
        self.free_expired(cx);
        let keep_until = cx.now + self.config.keep;
        let entry = held(&mut self.entries, token)?;
        match &entry.result {
            // Who missed the answer may say it again.
            Some(kept) if *kept == result => return Ok(()),
            Some(_) => return Err(ClaimError::Stale),
            None => {}
        }
        self.free_at.remove(&(entry.free_at, token.key.clone()));
        self.free_at.insert((keep_until, token.key.clone()));
        entry.free_at = keep_until;
        entry.result = Some(result);
        cx.emit(Event::ClaimCompleted { ledger: self.id });
        Ok(())
    }

    pub(super) fn abandon(
        &mut self,
        token: &ClaimToken,
        cx: &mut Context<impl Sink>,
    ) -> Result<(), ClaimError> {
        self.free_expired(cx);
        let entry = held(&mut self.entries, token)?;
        if entry.result.is_some() {
            return Err(ClaimError::Stale);
        }
        self.free_at.remove(&(entry.free_at, token.key.clone()));
        self.entries.remove(&token.key);
        cx.emit(Event::ClaimFreed { ledger: self.id });
        Ok(())
    }

    /// Whether it could have come about as the ledger of this number, having counted to less than
    /// `most`.
    pub(super) fn is_possible(&self, number: u32, most: u64) -> bool {
        let LedgerConfig { in_progress, keep, capacity } = self.config;
        let fits = |key: &String, entry: &Entry| {
            let result = entry.result.as_ref().map_or(0, |result| result.as_bytes().len());
            (1..=KEY_BYTES_MAX as usize).contains(&key.len()) && result <= RESULT_BYTES_MAX as usize
        };
        self.id.number() == number
            && is_setting(in_progress)
            && is_setting(keep)
            && (1..=CLAIMS_MAX).contains(&capacity)
            && self.entries.len() as u64 <= capacity
            && self.next_number < most
            && self.entries.iter().all(|(key, entry)| fits(key, entry))
    }

    /// False for a damaged document.
    pub(super) fn is_sound(&self) -> bool {
        self.entries.len() as u64 <= self.config.capacity
            && self.entries.len() == self.free_at.len()
            && self
                .free_at
                .iter()
                .all(|(at, key)| self.entries.get(key).is_some_and(|entry| entry.free_at == *at))
            && self.entries.values().all(|entry| entry.number < self.next_number)
    }

    fn free_expired(&mut self, cx: &mut Context<impl Sink>) {
        while self.free_at.first().is_some_and(|(at, _)| *at <= cx.now)
            && let Some((_, key)) = self.free_at.pop_first()
        {
            self.entries.remove(&key);
            cx.emit(Event::ClaimFreed { ledger: self.id });
        }
    }
}

/// The claim for which a token stands, while its key is not free.
fn held<'a>(
    entries: &'a mut BTreeMap<String, Entry>,
    token: &ClaimToken,
) -> Result<&'a mut Entry, ClaimError> {
    entries
        .get_mut(&token.key)
        .filter(|entry| entry.number == token.number)
        .ok_or(ClaimError::Stale)
}

impl Engine {
    pub(super) fn ledger(&mut self, ledger: LedgerId) -> Result<&mut Ledger, ClaimError> {
        let found = self.ledgers.get_mut(ledger.number() as usize);
        found.ok_or(ClaimError::NoSuchLedger(NoSuchLedger(ledger)))
    }
}
