#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{LedgerId, limits};

/// A ledger with a clock in milliseconds.
struct Desk {
    engine: Engine,
    ledger: LedgerId,
    events: Vec<(Timestamp, Event)>,
}

impl Desk {
    fn new(config: LedgerConfig) -> Self {
        let (mut engine, mut events) = (Engine::new(), Vec::new());
        let ledger = engine.create_ledger(at(0), "payments", config, &mut events).unwrap();
        Self { engine, ledger, events }
    }

    fn claim(&mut self, ms: u64, key: &str, work: u8) -> Result<Claim, ClaimError> {
        self.engine.claim(at(ms), self.ledger, key, [work; 32], &mut self.events)
    }

    fn start(&mut self, ms: u64, key: &str) -> ClaimToken {
        match self.claim(ms, key, 1) {
            Ok(Claim::Started(token)) => token,
            other => panic!("{other:?}"),
        }
    }

    fn complete(&mut self, ms: u64, token: &ClaimToken, result: &str) -> Result<(), ClaimError> {
        let token = token.clone();
        self.engine.complete_claim(at(ms), self.ledger, token, result, &mut self.events)
    }

    fn abandon(&mut self, ms: u64, token: &ClaimToken) -> Result<(), ClaimError> {
        self.engine.abandon_claim(at(ms), self.ledger, token.clone(), &mut self.events)
    }

    /// What was said since the last time.
    fn said(&mut self) -> Vec<Event> {
        self.events.drain(..).map(|(_, event)| event).collect()
    }
}

fn at(ms: u64) -> At {
    At::time(Timestamp::from_millis(ms))
}

fn brief(in_progress_ms: u64, keep_ms: u64, capacity: u64) -> LedgerConfig {
    let (in_progress, keep) = (Span::from_millis(in_progress_ms), Span::from_millis(keep_ms));
    LedgerConfig { in_progress, keep, capacity }
}

#[test]
fn one_does_the_work_and_the_others_get_its_result() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    let until = Timestamp::from_millis(60_000);
    assert_eq!(desk.claim(1, "k", 1), Ok(Claim::InProgress { until }));
    assert_eq!(desk.claim(1, "k", 2), Ok(Claim::PayloadMismatch));
    assert_eq!(desk.complete(2, &token, "paid"), Ok(()));
    assert_eq!(desk.claim(3, "k", 1), Ok(Claim::Done("paid".into())));
    assert_eq!(desk.claim(3, "k", 2), Ok(Claim::PayloadMismatch));
}

#[test]
fn a_claim_that_runs_out_frees_its_key_and_its_token_is_void() {
    let mut desk = Desk::new(LedgerConfig::default());
    let late = desk.start(0, "k");
    assert!(matches!(desk.claim(59_999, "k", 1), Ok(Claim::InProgress { .. })));
    let next = desk.start(60_000, "k");
    assert_eq!(desk.complete(60_001, &late, "twice"), Err(ClaimError::Stale));
    assert_eq!(desk.abandon(60_001, &late), Err(ClaimError::Stale));
    assert_eq!(desk.complete(60_002, &next, "once"), Ok(()));
    assert_eq!(desk.claim(60_003, "k", 1), Ok(Claim::Done("once".into())));
}

#[test]
fn a_token_is_void_once_time_is_up_though_nobody_else_has_come() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    assert_eq!(desk.complete(60_000, &token, "late"), Err(ClaimError::Stale));
    desk.start(60_000, "k");
}

#[test]
fn completing_again_is_fine_with_the_same_result_and_refused_with_another() {
    let mut desk = Desk::new(brief(1_000, 1_000, 9));
    let token = desk.start(0, "k");
    assert_eq!(desk.complete(500, &token, "paid"), Ok(()));
    assert_eq!(desk.complete(900, &token, "paid"), Ok(()), "the answer was lost");
    assert_eq!(desk.complete(900, &token, "not paid"), Err(ClaimError::Stale));
    assert_eq!(desk.abandon(900, &token), Err(ClaimError::Stale), "done is done");
    assert_eq!(desk.claim(1_499, "k", 1), Ok(Claim::Done("paid".into())));
    desk.start(1_500, "k");
}

#[test]
fn an_abandoned_key_is_free_at_once_for_any_work() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    assert_eq!(desk.abandon(1, &token), Ok(()));
    assert!(matches!(desk.claim(2, "k", 2), Ok(Claim::Started(_))));
    assert_eq!(desk.abandon(2, &token), Err(ClaimError::Stale), "it is another's");
}

#[test]
fn a_ledger_that_keeps_nothing_only_tells_two_apart_that_work_at_once() {
    let mut desk = Desk::new(brief(1_000, 0, 9));
    let token = desk.start(0, "k");
    assert!(matches!(desk.claim(1, "k", 1), Ok(Claim::InProgress { .. })));
    assert_eq!(desk.complete(2, &token, "paid"), Ok(()));
    desk.start(2, "k");
}

#[test]
fn every_change_is_said_and_a_refusal_is_not() {
    let mut desk = Desk::new(brief(1_000, 500, 2));
    let ledger = desk.ledger;
    assert_eq!(desk.said(), [Event::LedgerCreated { ledger }]);
    let (a, b) = (desk.start(0, "a"), desk.start(0, "b"));
    assert_eq!(desk.said(), [Event::Claimed { ledger }; 2]);
    desk.claim(0, "a", 1).unwrap();
    desk.claim(0, "a", 2).unwrap();
    desk.claim(0, "c", 1).unwrap_err();
    assert_eq!(desk.said(), []);
    desk.complete(0, &a, "done").unwrap();
    desk.abandon(0, &b).unwrap();
    assert_eq!(desk.said(), [Event::ClaimCompleted { ledger }, Event::ClaimFreed { ledger }]);
    desk.claim(500, "c", 1).unwrap();
    assert_eq!(desk.said(), [Event::ClaimFreed { ledger }, Event::Claimed { ledger }]);
}

#[test]
fn keys_and_their_number_are_bounded() {
    let mut desk = Desk::new(brief(1_000, 9_000, 2));
    for bytes in [0, limits::KEY_BYTES_MAX as usize + 1] {
        let refused = Err(ClaimError::KeyLength { bytes: bytes as u64 });
        assert_eq!(desk.claim(0, &"k".repeat(bytes), 1), refused);
    }
    desk.start(0, &"k".repeat(limits::KEY_BYTES_MAX as usize));
    let b = desk.start(500, "b");
    let full = |ms| Err(ClaimError::Full { capacity: 2, frees_at: Timestamp::from_millis(ms) });
    assert_eq!(desk.claim(500, "c", 1), full(1_000));
    assert!(matches!(desk.claim(500, "b", 1), Ok(Claim::InProgress { .. })), "known all the same");
    desk.start(1_000, "c");
    desk.complete(1_000, &b, "done").unwrap();
    assert_eq!(desk.claim(1_000, "d", 1), full(2_000));
}

#[test]
fn results_are_bounded() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    let result = |bytes: u32| "r".repeat(bytes as usize);
    let refused = desk.complete(1, &token, &result(limits::RESULT_BYTES_MAX + 1));
    let actual = u64::from(limits::RESULT_BYTES_MAX) + 1;
    assert_eq!(refused, Err(ClaimError::ResultTooLarge { actual }));
    assert_eq!(desk.complete(1, &token, &result(limits::RESULT_BYTES_MAX)), Ok(()));
}

#[test]
fn a_ledger_that_does_not_exist_is_named() {
    let mut desk = Desk::new(LedgerConfig::default());
    let token = desk.start(0, "k");
    let nowhere = LedgerId::new(5);
    let refused = ClaimError::NoSuchLedger(NoSuchLedger(nowhere));
    let engine = &mut desk.engine;
    assert_eq!(engine.claim(at(0), nowhere, "k", [1; 32], &mut ()), Err(refused.clone()));
    let completed = engine.complete_claim(at(0), nowhere, token.clone(), "r", &mut ());
    assert_eq!(completed, Err(refused.clone()));
    assert_eq!(engine.abandon_claim(at(0), nowhere, token, &mut ()), Err(refused));
}

#[test]
fn settings_names_and_the_number_of_ledgers_are_bounded() {
    let year = limits::SPAN_MAX.as_millis();
    for (config, wrong) in [
        (brief(0, 0, 1), Some("in_progress_ms")),
        (brief(1, 0, 1), None),
        (
            LedgerConfig { in_progress: Span::from_micros(1_500), ..brief(1, 0, 1) },
            Some("in_progress_ms"),
        ),
        (brief(year, year, limits::CLAIMS_MAX), None),
        (brief(year + 1, 0, 1), Some("in_progress_ms")),
        (brief(1, year + 1, 1), Some("keep_ms")),
        (brief(1, 0, 0), Some("capacity")),
        (brief(1, 0, limits::CLAIMS_MAX + 1), Some("capacity")),
    ] {
        let refused = Engine::new().create_ledger(at(0), "l", config, &mut ()).err();
        let setting = refused.map(|refused| match refused {
            ConfigureError::OutOfRange { setting, .. } => setting,
            other => panic!("{other:?}"),
        });
        assert_eq!(setting, wrong, "{config:?}");
    }
    let mut engine = Engine::new();
    let mut create =
        |name: &str| engine.create_ledger(at(0), name, LedgerConfig::default(), &mut ());
    assert_eq!(create(""), Err(ConfigureError::NameLength { bytes: 0 }));
    for number in 0..limits::LEDGERS_MAX {
        create(&std::format!("{number}")).unwrap();
    }
    assert_eq!(create("0"), Err(ConfigureError::NameTaken { name: "0".into() }));
    let (what, max) = ("ledgers", limits::LEDGERS_MAX);
    assert_eq!(create("one more"), Err(ConfigureError::TooMany { what, max }));
}

#[test]
fn a_restored_ledger_goes_on_alike() {
    let mut desk = Desk::new(brief(1_000, 5_000, 9));
    let (a, b) = (desk.start(0, "a"), desk.start(0, "b"));
    desk.complete(10, &a, "done").unwrap();
    let text = serde_json::to_string(&desk.engine.snapshot()).unwrap();
    desk.engine = Engine::restore(serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(desk.claim(20, "a", 1), Ok(Claim::Done("done".into())));
    assert_eq!(desk.complete(20, &b, "done"), Ok(()));
    let damaged = text.replacen("\"capacity\":9", "\"capacity\":1", 1);
    assert_ne!(damaged, text);
    assert!(Engine::restore(serde_json::from_str(&damaged).unwrap()).is_err());
}
