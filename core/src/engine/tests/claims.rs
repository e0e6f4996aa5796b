#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{Body, LedgerId, limits};

struct Desk {
    engine: Engine,
    ledger: LedgerId,
}

impl Desk {
    fn new(config: LedgerConfig) -> Self {
        let mut engine = Engine::new();
        let command = Command::CreateLedger { name: "payments".into(), config };
        let Ok(Reply::Ledger(ledger)) = engine.apply(at(0), command, &mut ()) else { panic!() };
        Self { engine, ledger }
    }

    fn claim(&mut self, ms: u64, key: &str, work: u8) -> Result<Claim, Error> {
        let (ledger, key) = (self.ledger, key.into());
        let command = Command::Claim { ledger, key, fingerprint: [work; 32] };
        match self.engine.apply(at(ms), command, &mut ())? {
            Reply::Claim(claim) => Ok(claim),
            other => panic!("{other:?}"),
        }
    }

    fn start(&mut self, ms: u64, key: &str) -> ClaimToken {
        match self.claim(ms, key, 1) {
            Ok(Claim::Started(token)) => token,
            other => panic!("{other:?}"),
        }
    }

    fn complete(&mut self, ms: u64, token: ClaimToken, result: &str) -> Result<Reply, Error> {
        let (ledger, result) = (self.ledger, result.into());
        self.engine.apply(at(ms), Command::CompleteClaim { ledger, token, result }, &mut ())
    }

    fn abandon(&mut self, ms: u64, token: ClaimToken) -> Result<Reply, Error> {
        let ledger = self.ledger;
        self.engine.apply(at(ms), Command::AbandonClaim { ledger, token }, &mut ())
    }
}

fn at(ms: u64) -> At {
    At::time(Timestamp::from_millis(ms))
}

const STALE: Result<Reply, Error> = Err(Error::Claim(ClaimError::Stale));

#[test]
fn one_does_the_work_and_the_others_get_its_result() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    let until = Timestamp::from_millis(60_000);
    assert_eq!(desk.claim(1, "k", 1), Ok(Claim::InProgress { until }));
    assert_eq!(desk.claim(1, "k", 2), Ok(Claim::PayloadMismatch));
    assert_eq!(desk.complete(2, token, "paid"), Ok(Reply::Done));
    assert_eq!(desk.claim(3, "k", 1), Ok(Claim::Done("paid".into())));
    assert_eq!(desk.claim(3, "k", 2), Ok(Claim::PayloadMismatch));
}

#[test]
fn a_claim_that_runs_out_frees_its_key_and_its_token_is_void() {
    let mut desk = Desk::new(LedgerConfig::default());
    let late = desk.start(0, "k");
    assert!(matches!(desk.claim(59_999, "k", 1), Ok(Claim::InProgress { .. })));
    let next = desk.start(60_000, "k");
    assert_eq!(desk.complete(60_001, late.clone(), "twice"), STALE);
    assert_eq!(desk.abandon(60_001, late), STALE);
    assert_eq!(desk.complete(60_002, next.clone(), "once"), Ok(Reply::Done));
    assert_eq!(desk.complete(60_003, next, "again"), STALE);
}

#[test]
fn an_abandoned_key_is_free_at_once() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    assert_eq!(desk.abandon(1, token), Ok(Reply::Done));
    desk.start(2, "k");
}

#[test]
fn a_result_is_kept_for_its_time() {
    let mut desk = Desk::new(LedgerConfig { keep: Span::from_secs(1), ..LedgerConfig::default() });
    let token = desk.start(0, "k");
    desk.complete(500, token, "paid").unwrap();
    assert_eq!(desk.claim(1_499, "k", 1), Ok(Claim::Done("paid".into())));
    desk.start(1_500, "k");
}

#[test]
fn keys_results_and_their_number_are_bounded() {
    let mut desk = Desk::new(LedgerConfig { capacity: 2, ..LedgerConfig::default() });
    for bytes in [0, 256] {
        let refused = desk.claim(0, &"k".repeat(bytes), 1);
        let bytes = bytes as u64;
        assert_eq!(refused, Err(Error::Claim(ClaimError::KeyLength { bytes })));
    }
    let token = desk.start(0, &"k".repeat(255));
    desk.start(0, "b");
    let frees_at = Timestamp::from_millis(60_000);
    let full = Err(Error::Claim(ClaimError::Full { capacity: 2, frees_at }));
    assert_eq!(desk.claim(0, "c", 1), full);
    let result = |bytes: u32| "r".repeat(bytes as usize);
    let refused = desk.complete(1, token.clone(), &result(limits::RESULT_BYTES_MAX + 1));
    let actual = u64::from(limits::RESULT_BYTES_MAX) + 1;
    assert_eq!(refused, Err(Error::Claim(ClaimError::ResultTooLarge { actual })));
    assert_eq!(desk.complete(1, token, &result(limits::RESULT_BYTES_MAX)), Ok(Reply::Done));
    desk.start(60_000, "c");
    let nowhere = LedgerId::new(5);
    let command = Command::CompleteClaim {
        ledger: nowhere,
        token: ClaimToken { key: "k".into(), number: 0 },
        result: Body::default(),
    };
    let refused = desk.engine.apply(at(60_000), command, &mut ());
    assert_eq!(refused, Err(Error::Claim(ClaimError::NoSuchLedger(NoSuchLedger(nowhere)))));
}
