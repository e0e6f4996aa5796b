//! The same seeds give the same digests natively and in wasm: both are compared with one file.
//!
//! In a browser's engine: `cargo test --target wasm32-unknown-unknown -p postroom-tests --test
//! parity`, with `wasm-bindgen-test-runner` as the runner.

mod documents;

use postroom_tests::parity::{SEEDS, golden, parity_digests};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const GOLDEN: &str = include_str!("golden.txt");

/// After an intended change of outcome: raise the semantics' version if the engine's own outcomes
/// changed, then run this natively with `POSTROOM_BLESS=1`.
#[test]
fn every_seed_has_the_digest_of_the_golden_file() {
    let found = golden(&parity_digests(SEEDS));
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/parity/golden.txt");
        std::fs::write(path, &found).unwrap();
        return;
    }
    for (found, golden) in found.lines().zip(GOLDEN.lines()) {
        assert_eq!(found, golden, "this seed's digest is not the golden file's");
    }
    assert_eq!(found, GOLDEN);
}

#[test]
fn seeds_differ() {
    let digests = parity_digests(0..3);
    assert_eq!(digests, parity_digests(0..3));
    assert!(digests[0] != digests[1] && digests[1] != digests[2], "{digests:x?}");
}
