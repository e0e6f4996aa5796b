//! What sources must not name, and where they must not be.

use std::fs;

use crate::tree::{names, program, read, root, rust_files, shown};

/// A file longer than this does more than one thing.
const LINES_MAX: usize = 600;

const FOLDERS: [&str; 7] =
    ["core", "simulator", "runtime", "notification-demo", "web", "tests", "xtask"];

/// Lessons are data: what runs is elsewhere.
const DATA: &str = "lessons";

/// What builds leave behind in a clone; `.gitignore` names the same.
const BUILT: [&str; 3] = ["target", "dist", "dist.new"];

const PURE: [&str; 3] = ["core/src", "simulator/src", "notification-demo/domain/src"];

#[test]
fn pure_sources_name_no_clock_thread_socket_file_or_hash_map() {
    let banned = [
        "Instant",
        "SystemTime",
        "std::thread",
        "std::net",
        "std::fs",
        "std::env",
        "std::process",
        "HashMap",
        "HashSet",
        "thread_local",
    ];
    for folder in PURE {
        must_not_name(folder, &banned);
    }
}

#[test]
fn the_core_needs_no_standard_library() {
    assert!(read(&root().join("core/src/lib.rs")).contains("\n#![no_std]"), "core is no_std");
    must_not_name("core/src", &["std"]);
}

#[test]
fn nothing_that_decides_holds_a_float() {
    for folder in ["core/src", "notification-demo/domain/src"] {
        must_not_name(folder, &["f32", "f64"]);
    }
}

#[test]
fn browser_apis_are_named_in_one_folder() {
    for line in program("web/src") {
        if line.place.starts_with("web/src/browser/") {
            continue;
        }
        for banned in ["web_sys", "js_sys", "wasm_bindgen", "wasm_bindgen_futures", "gloo_timers"] {
            assert!(
                !names(&line.code, banned),
                "{}: `{banned}` belongs in web/src/browser/",
                line.place
            );
        }
    }
}

#[test]
fn tests_of_what_runs_in_the_page_run_in_wasm_too() {
    for path in PURE.into_iter().flat_map(rust_files) {
        let source = read(&path);
        if source.contains("#[test]") {
            assert!(
                source.contains("wasm_bindgen_test as test"),
                "{}: its tests are silently left out in wasm",
                shown(&path)
            );
        }
    }
}

#[test]
fn files_are_short() {
    for path in FOLDERS.into_iter().flat_map(rust_files) {
        let lines = read(&path).lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines; at most {LINES_MAX}", shown(&path));
    }
}

#[test]
fn top_level_folders_are_the_ones_that_architecture_names() {
    for entry in fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() && !name.starts_with('.') {
            let name = name.as_str();
            let known = FOLDERS.contains(&name) || name == DATA || BUILT.contains(&name);
            assert!(known, "{name}/ needs a reason in ARCHITECTURE.md, and a place in this list");
        }
    }
}

fn must_not_name(folder: &str, banned: &[&str]) {
    for line in program(folder) {
        for word in banned {
            assert!(
                !names(&line.code, word),
                "{} names `{word}`: {}",
                line.place,
                line.code.trim()
            );
        }
    }
}
