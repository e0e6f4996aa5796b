//! The arrows between packages, and what the pure ones may reach.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree::root;

/// Who may depend on whom among ourselves: exactly this, no less and no more.
/// `postroom-tests` is missing because it may see all.
const ARROWS: [(&str, &[&str]); 11] = [
    ("notification-demo", &["postroom-core", "postroom-notification", "postroom-runtime"]),
    ("postroom-core", &[]),
    ("postroom-course", &["postroom-simulator"]),
    ("postroom-journal", &["postroom-core"]),
    ("postroom-notification", &["postroom-core"]),
    ("postroom-runtime", &["postroom-core", "postroom-journal"]),
    ("postroom-simulator", &["postroom-core"]),
    (
        "postroom-web",
        &["postroom-core", "postroom-course", "postroom-notification", "postroom-simulator"],
    ),
    ("xtask", &[]),
    ("xtask-bench", &["postroom-core", "postroom-runtime", "postroom-simulator"]),
    ("xtask-page", &[]),
];

const PURE: [&str; 3] = ["postroom-core", "postroom-notification", "postroom-simulator"];

/// All that a pure package may reach, at any depth. Each was looked at: none asks a clock, starts
/// a thread, opens a socket or a file, draws a random number or calls a browser.
const PURE_MAY_REACH: [&str; 13] = [
    // Documents: traits and data formats over memory.
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "itoa",
    "memchr",
    "zmij",
    // Error messages.
    "thiserror",
    "thiserror-impl",
    // What those derive with, when they are compiled.
    "proc-macro2",
    "quote",
    "syn",
    "unicode-ident",
];

#[test]
fn arrows_point_one_way() {
    let metadata = metadata(&["--no-deps"]);
    let ours: BTreeMap<&str, &Value> =
        list(&metadata, "packages").map(|package| (text(package, "name"), package)).collect();
    let mut drawn: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, package) in &ours {
        let arrows = drawn.entry(name).or_default();
        for dependency in list(package, "dependencies") {
            let target = text(dependency, "name");
            if !ours.contains_key(target) || target == *name {
                continue;
            }
            if dependency["kind"] == "dev" {
                let allowed = ARROWS.iter().any(|(from, to)| from == name && to.contains(&target));
                assert!(
                    allowed || *name == "postroom-tests",
                    "even tests of {name} must not reach {target}"
                );
            } else {
                arrows.insert(target);
            }
        }
    }
    drawn.remove("postroom-tests").expect("the package of these tests");
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    assert_eq!(drawn, allowed, "ARCHITECTURE.md draws the arrows on the right");
}

#[test]
fn pure_packages_reach_neither_clock_nor_system_nor_browser() {
    for platform in [host(), "wasm32-unknown-unknown".to_owned()] {
        let metadata = metadata(&["--filter-platform", &platform]);
        let graph = Graph::of(&metadata);
        for pure in PURE {
            for reached in graph.reached_from(pure) {
                let allowed = PURE.contains(&reached) || PURE_MAY_REACH.contains(&reached);
                assert!(
                    allowed,
                    "{pure} reaches {reached} on {platform}: is it pure? Then say so in PURE_MAY_REACH"
                );
            }
        }
    }
}

#[test]
fn every_package_keeps_the_lints_of_the_house() {
    for package in list(&metadata(&["--no-deps"]), "packages") {
        let path = text(package, "manifest_path");
        let manifest = std::fs::read_to_string(path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{path} misses [lints] workspace = true"
        );
    }
}

/// Who uses whom in a build without tests.
struct Graph<'a> {
    names: BTreeMap<&'a str, &'a str>,
    edges: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Graph<'a> {
    fn of(metadata: &'a Value) -> Self {
        let names = list(metadata, "packages")
            .map(|package| (text(package, "id"), text(package, "name")))
            .collect();
        let edges = list(&metadata["resolve"], "nodes")
            .map(|node| {
                let used = list(node, "deps")
                    .filter(|edge| list(edge, "dep_kinds").any(|kind| kind["kind"] != "dev"));
                (text(node, "id"), used.map(|edge| text(edge, "pkg")).collect())
            })
            .collect();
        Self { names, edges }
    }

    fn reached_from(&self, name: &str) -> BTreeSet<&'a str> {
        let start = self.names.iter().find(|(_, n)| **n == name).expect("a package of ours").0;
        let mut reached = BTreeSet::new();
        let mut open = vec![*start];
        while let Some(id) = open.pop() {
            for next in &self.edges[id] {
                if reached.insert(*next) {
                    open.push(next);
                }
            }
        }
        reached.into_iter().map(|id| self.names[id]).collect()
    }
}

fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--quiet"])
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").current_dir(root()).output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("cargo's metadata has a text `{key}`"))
}
