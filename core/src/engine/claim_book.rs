//! A ledger of claims by itself.

use alloc::string::String;

use super::{
    Context,
    claims::{Claim, ClaimError, ClaimToken, Fingerprint, Ledger, LedgerConfig},
    configure::check_ledger,
    error::ConfigureError,
};
use crate::{entropy::Entropy, id::LedgerId, message::Body, time::Timestamp};

/// A ledger of claims by itself, without an engine around it: for one who only has to recognise
/// what was done before. It claims exactly as an engine's ledgers do, and says nothing of it.
///
/// # Example: whoever is called twice works once
/// ```
/// use postroom_core::{Claim, ClaimBook, LedgerConfig, Timestamp};
///
/// let at = Timestamp::from_millis;
/// let mut book = ClaimBook::new(LedgerConfig::default())?;
/// let Claim::Started(token) = book.claim(at(0), "order 17", [7; 32])? else { unreachable!() };
/// book.complete(at(5), &token, "paid")?;
/// assert_eq!(book.claim(at(9), "order 17", [7; 32])?, Claim::Done("paid".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimBook {
    ledger: Ledger,
    now: Timestamp,
}

impl ClaimBook {
    /// A ledger without claims.
    ///
    /// # Errors
    /// [`ConfigureError::OutOfRange`] names the setting.
    pub fn new(config: LedgerConfig) -> Result<Self, ConfigureError> {
        check_ledger(&config)?;
        let ledger = Ledger::new(LedgerId::new(0), String::new(), config);
        Ok(Self { ledger, now: Timestamp::ZERO })
    }

    /// Claims the work of a key. A time before the last counts as the last, here and below.
    ///
    /// # Errors
    /// As [`ClaimError`] says; nothing has changed then but the time.
    pub fn claim(
        &mut self,
        now: Timestamp,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Claim, ClaimError> {
        self.now = self.now.max(now);
        silently(self.now, |cx| self.ledger.claim(key.into(), fingerprint, cx))
    }

    /// The work that was claimed is done, with this result.
    ///
    /// # Errors
    /// As [`ClaimError`] says; nothing has changed then but the time.
    pub fn complete(
        &mut self,
        now: Timestamp,
        token: &ClaimToken,
        result: impl Into<Body>,
    ) -> Result<(), ClaimError> {
        self.now = self.now.max(now);
        silently(self.now, |cx| self.ledger.complete(token, result.into(), cx))
    }

    /// The work that was claimed is not done: the key is free.
    ///
    /// # Errors
    /// As [`ClaimError`] says; nothing has changed then but the time.
    pub fn abandon(&mut self, now: Timestamp, token: &ClaimToken) -> Result<(), ClaimError> {
        self.now = self.now.max(now);
        silently(self.now, |cx| self.ledger.abandon(token, cx))
    }
}

/// Lets `work` be done in a context in which nobody listens.
fn silently<R>(now: Timestamp, work: impl FnOnce(&mut Context<()>) -> R) -> R {
    work(&mut Context { now, entropy: Entropy::default(), sink: &mut () })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::time::Span;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn it_claims_as_a_ledger_does() {
        let config = LedgerConfig {
            in_progress: Span::from_millis(10),
            keep: Span::from_millis(100),
            capacity: 2,
        };
        let mut book = ClaimBook::new(config).unwrap();
        let Ok(Claim::Started(first)) = book.claim(at(0), "a", [0; 32]) else {
            panic!("it is new")
        };
        assert_eq!(book.claim(at(1), "a", [0; 32]), Ok(Claim::InProgress { until: at(10) }));
        assert_eq!(book.claim(at(1), "a", [1; 32]), Ok(Claim::PayloadMismatch));
        assert_eq!(book.abandon(at(2), &first), Ok(()));
        assert_eq!(book.complete(at(2), &first, ""), Err(ClaimError::Stale));
        let Ok(Claim::Started(second)) = book.claim(at(3), "a", [1; 32]) else {
            panic!("it is free")
        };
        assert_eq!(book.complete(at(4), &second, "done"), Ok(()));
        assert_eq!(book.claim(at(103), "a", [1; 32]), Ok(Claim::Done("done".into())));
        assert!(matches!(book.claim(at(104), "a", [1; 32]), Ok(Claim::Started(_))), "forgotten");
        assert!(matches!(book.claim(at(50), "b", [0; 32]), Ok(Claim::Started(_))));
        let frees_at = at(114);
        assert_eq!(
            book.claim(at(104), "c", [0; 32]),
            Err(ClaimError::Full { capacity: 2, frees_at }),
            "time does not run back"
        );
        let none = ClaimBook::new(LedgerConfig { capacity: 0, ..config });
        assert!(matches!(none, Err(ConfigureError::OutOfRange { setting: "capacity", .. })));
    }
}
