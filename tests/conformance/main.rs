//! The conformance suite on the engine in virtual time, natively and in wasm.
//!
//! `cargo test -p postroom-tests --test conformance -- --show-output` prints the tables.

use postroom_tests::conformance::{EngineInVirtualTime, ROOMS, Table, cases, run};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Plays all cases of a room.
fn play(room: &str) -> Table {
    let mut table = Table::default();
    for case in cases(room) {
        let mut backend = EngineInVirtualTime::for_case(&case);
        let verdict = run(&case, &mut backend);
        table.count("the engine in virtual time", &case, &verdict);
    }
    println!("{table}");
    assert!(table.failures().is_empty(), "\n{}\n", table.failures().join("\n\n"));
    table
}

#[test]
fn leases() {
    play("leases");
}
