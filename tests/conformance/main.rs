//! The conformance suite on the engine in virtual time, natively and in wasm.
//!
//! `cargo test -p postroom-tests --test conformance -- --show-output` prints the tables.

use postroom_tests::conformance::{EngineInVirtualTime, Need, ROOMS, Table, cases, run};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The suite shall not shrink unnoticed.
const CASES_MIN: usize = 300;

/// Cases that hold of another broker alone.
const ELSEWHERE: u32 = 1;

#[test]
fn every_case_holds_on_the_engine() {
    let mut table = Table::default();
    for case in ROOMS.iter().flat_map(|(room, _)| cases(room)) {
        let mut backend = EngineInVirtualTime::for_case(&case);
        let verdict = run(&case, &mut backend);
        table.count(EngineInVirtualTime::NAME, &case, &verdict);
    }
    println!("{table}");
    assert!(table.failures().is_empty(), "\n{}\n", table.failures().join("\n\n"));
    assert_eq!(table.not_offered(EngineInVirtualTime::NAME), ELSEWHERE, "see Need::ELSEWHERE");
}

#[test]
fn the_suite_is_as_large_as_it_says() {
    let count: usize = ROOMS.iter().map(|(room, _)| cases(room).len()).sum();
    assert!(count >= CASES_MIN, "{count} cases");
}

/// A need that no case has would be a fact that nobody checks.
#[test]
fn every_need_is_some_cases() {
    let all: Vec<_> = ROOMS.iter().flat_map(|(room, _)| cases(room)).collect();
    for need in Need::ALL {
        assert!(all.iter().any(|case| case.needs.contains(need)), "no case needs {need}");
    }
}
