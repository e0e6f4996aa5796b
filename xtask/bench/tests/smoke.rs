//! The program measures everything and says so, whatever the figures.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn a_quick_run_writes_every_row_with_its_figures() {
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).join("core.json");
    let output = Command::new(env!("CARGO_BIN_EXE_xtask-bench"))
        .args(["core", "--quick", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let names: BTreeSet<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), rows.len(), "each row has a name of its own");
    for part in ["any lease", "equal leases", "fewest to the most", "copy received", "listener"] {
        assert!(names.iter().any(|name| name.contains(part)), "a row about `{part}` in {names:?}");
    }
    let keys: BTreeSet<&str> = ["name", "unit", "ours", "floor", "ratio", "peers"].into();
    for row in &rows {
        let found: BTreeSet<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, keys);
        for figure in ["ours", "floor", "ratio"] {
            assert!(row[figure].as_f64().is_some_and(|value| value > 0.0), "{figure} of {row}");
        }
        for peer in row["peers"].as_array().unwrap() {
            let source = peer["source"].as_str().unwrap();
            assert!(source.starts_with("measured elsewhere"), "whose figure this is: {source}");
        }
    }
}

#[test]
fn a_quick_run_of_the_simulator_stands_beside_its_floor() {
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sim.json");
    let output = Command::new(env!("CARGO_BIN_EXE_xtask-bench"))
        .args(["sim", "--quick", "--json"])
        .arg(&json)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("NeXosim is not here"), "what is missing is named: {said}");

    let rows: Vec<Value> = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(matches!(names[..], [one, four] if one.contains("M/M/1") && four.contains("M/M/4")));
    for row in &rows {
        for figure in ["ours", "floor", "ratio"] {
            assert!(row[figure].as_f64().is_some_and(|value| value > 0.0), "{figure} of {row}");
        }
    }
}

#[test]
fn an_option_that_does_not_exist_is_refused_with_those_that_do() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_xtask-bench")).args(["core", "--fast"]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`--fast`") && said.contains("--quick"), "{said}");
}
