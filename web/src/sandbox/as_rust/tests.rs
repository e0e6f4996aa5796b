//! The programs of all templates stand in `tests/as_rust`, where they are built and run.
//!
//! `POSTROOM_BLESS=1` writes them anew.

use std::{env, fs, path::PathBuf};

use postroom_simulator::{Scenario, Topology};

use super::program;
use crate::sandbox::templates::TEMPLATES;

#[test]
fn the_programs_that_are_built_and_run_are_those_that_are_written() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/as_rust");
    let every_setting = include_str!("../../../tests/as_rust/every_setting.json");
    let templates = TEMPLATES.iter().map(|it| (it.id.replace('-', "_"), it.document));
    for (name, document) in templates.chain([("every_setting".to_owned(), every_setting)]) {
        let scenario =
            Scenario::<Topology>::read(document, serde_json::from_str, serde_json::from_str)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        let program = program(&scenario);
        let path = folder.join(format!("{name}.rs"));
        if env::var_os("POSTROOM_BLESS").is_some() {
            fs::write(&path, &program).expect("the folder can be written to");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == program, "{name}.rs is not what is written now: look at it, and bless");
        let list = include_str!("../../../tests/as_rust/main.rs");
        assert!(super::source::is_named(list, &name), "add {name} to `programs!`");
    }
}
