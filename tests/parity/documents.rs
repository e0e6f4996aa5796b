//! The scenarios that people are shown take the same course everywhere, and again after a seek.

use std::hash::{Hash, Hasher};

use postroom_core::{Digest, Entropy, Timestamp};
use postroom_simulator::{Run, Scenario, World};
use postroom_tests::{
    documents::{DOCUMENTS, scenario},
    parity::SEEDS,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const GOLDEN: &str = include_str!("documents.txt");

/// What each scenario is followed for: beyond the beginning and the end of its first faults.
const FOLLOWED_MS: u64 = 90_000;
/// As many seeks as each scenario is tried with.
const SEEKS: u64 = 50;

/// After an intended change: as for the other golden file.
#[test]
fn every_document_has_the_digest_of_the_golden_file() {
    let lines = DOCUMENTS.iter().map(|(path, text)| format!("{path} {:016x}\n", of_seeds(text)));
    let found: String = lines.collect();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/parity/documents.txt");
        std::fs::write(path, &found).unwrap();
        return;
    }
    assert_eq!(found, GOLDEN);
}

#[test]
fn seeking_back_leads_to_what_was_there_first() {
    for (seed, (path, text)) in (0..).zip(DOCUMENTS) {
        let place = |n: u64| {
            let drawn = Entropy::new(seed).draw_up_to(FOLLOWED_MS * 1_000, &[n]);
            Timestamp::from_micros(drawn)
        };
        let mut places: Vec<u64> = (0..SEEKS).collect();
        places.sort_by_key(|n| place(*n));
        let mut run = Run::new(scenario(text)).expect(path);
        let mut first = vec![(0, 0); SEEKS as usize];
        for n in places {
            run.advance_to(place(n));
            first[n as usize] = digests(run.world());
        }
        run.advance_to(Timestamp::from_millis(FOLLOWED_MS));
        for n in 0..SEEKS {
            run.seek(place(n));
            let back = digests(run.world());
            assert_eq!(back, first[n as usize], "{path}, draws of {seed}, seek {n}");
        }
    }
}

/// Nobody forgets a new one.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn all_documents_are_listed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for folder in ["simulator/examples", "web/src/sandbox/templates", "lessons"] {
        for path in json_files(&format!("{root}/{folder}")) {
            let name = path.strip_prefix(&format!("{root}/")).expect("it is below the root");
            assert!(DOCUMENTS.iter().any(|(listed, _)| *listed == name), "list {name}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn json_files(folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("a folder can be read to its end").path());
    paths
        .flat_map(|path| {
            let name = path.to_str().expect("paths are text").to_owned();
            match () {
                () if path.is_dir() => json_files(&name),
                () if name.ends_with(".json") => vec![name],
                () => Vec::new(),
            }
        })
        .collect()
}

fn of_seeds(text: &str) -> u64 {
    let scenario = scenario(text);
    let mut all = Digest::default();
    for seed in SEEDS {
        let mut world = World::new(Scenario { seed, ..scenario.clone() }, &mut ()).expect("built");
        world.run_until(Timestamp::from_millis(FOLLOWED_MS), &mut ());
        digests(&world).hash(&mut all);
    }
    all.finish()
}

fn digests<S: postroom_core::Blueprint>(world: &World<S>) -> (u64, u64) {
    (world.trace_digest(), world.digest())
}
