//! The command `postroom-sim`, run as a team runs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use postroom_simulator::{Sweep, scenario_schema};
use serde_json::Value;

const EARLY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/acks_too_early.json");
const OUTAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/outage.json");

fn run(arguments: &[&str]) -> Output {
    let command = Command::new(env!("CARGO_BIN_EXE_postroom-sim")).args(arguments).output();
    command.expect("the command runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it writes text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it writes text")
}

/// A file for one test.
fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).expect("there is room");
    path
}

/// Checks a scenario that is wrong: what is said about it, without the file's name.
fn refusal(name: &str, text: &str) -> String {
    let path = file(name, text);
    let path = path.to_str().expect("a path of text");
    let output = run(&["check", path]);
    let said = stderr(&output);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said.trim().replace(path, "file").replace("postroom-sim: ", "")
}

#[test]
fn a_flaw_is_found_told_and_written_down() {
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).join("early.json");
    let json = json.to_str().expect("a path of text");
    let arguments = ["run", EARLY, "--seeds", "200", "--until", "60s", "--json", json];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let golden = include_str!("../examples/acks_too_early.txt");
    assert_eq!(stdout(&output), golden, "whatever threads it ran on");
    let progress = stderr(&output);
    assert_eq!(progress.lines().count(), 10, "{progress}");
    assert!(progress.ends_with("200 of 200 seeds, 1 of 2 goals unmet\n"), "{progress}");

    let found = fs::read_to_string(json).expect("it was written");
    let sweep: Sweep = serde_json::from_str(&found).expect("it can be read");
    assert_eq!((sweep.seeds, sweep.report.runs, sweep.is_met()), (200, 200, false));
    assert_eq!(sweep.to_string(), golden);
}

#[test]
fn a_failing_seed_fails_again() {
    let one = |seeds: &str| {
        let output = run(&["run", EARLY, "--until", "60s", "--seeds", seeds]);
        (output.status.code(), stdout(&output))
    };
    let (code, text) = one("6..7");
    assert_eq!(code, Some(1));
    assert!(text.contains("UNMET  nothing is lost\n") && text.contains(": seed 6, at "), "{text}");
    assert_eq!(one("2..3").0, Some(0), "the others are met");
}

#[test]
fn without_goals_a_run_is_a_report() {
    let output = run(&["run", OUTAGE]);
    assert_eq!(output.status.code(), Some(0));
    let text = stdout(&output);
    assert!(
        text.starts_with("SMS hangs from the tenth second to the fortieth: 1 seed, 10:00 each\n")
    );
    for says in ["queue ", "p99.9", "Deadline", "duplicates", "refused"] {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_run_that_ends_too_early_says_so() {
    let late = fs::read_to_string(EARLY).expect("it is there").replacen(
        r#""that": { "exactly": { "of": { "measure": "lost" }, "value": 0 } }"#,
        r#""that": { "within": { "from_ms": 700000, "ms": 0, "that": { "all": [] } } }"#,
        1,
    );
    let path = file("late.json", &late);
    let path = path.to_str().expect("a path of text");
    let output = run(&["run", path, "--until", "60s"]);
    assert!(stderr(&output).contains("the run ends before the last moment that its goals name"));
    assert_eq!(output.status.code(), Some(1));
    let output = run(&["run", path]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert!(stdout(&output).contains(" 11:40 each"), "as long as the goals look");
}

#[test]
fn a_sound_scenario_is_sound() {
    let output = run(&["check", OUTAGE]);
    assert_eq!(output.status.code(), Some(0));
    let says = "is sound: 4 queues, 1 topics, 3 consumers, 1 producers, 1 faults, 0 goals\n";
    assert!(stdout(&output).ends_with(says), "{}", stdout(&output));
}

#[test]
fn mistakes_are_named_with_file_line_and_field() {
    let scenario = |more: &str| {
        format!("{{\n\"version\": 1,\n\"name\": \"n\",\n\"seed\": 1,\n\"system\": {{}}{more}\n}}")
    };
    let goal = |that: &str| {
        scenario(&format!(",\n\"goals\": [{{\n\"name\": \"g\",\n\"that\": {that} }}]"))
    };
    for (text, says) in [
        (
            goal(
                "{ \"at_least\": {\n\"of\": { \"measure\": \"depth\",\n\"queue\": \"q\" }, \"value\": 1 } }",
            ),
            "file:10: `goals[0].that.at_least.of.queue` names `q`: there is no such queue",
        ),
        (
            goal("{ \"at_least\": {\n\"of\": {\n\"measure\": \"depth\" }, \"value\": 1 } }"),
            "file:9: `goals[0].that.at_least.of.queue` is missing: this measure needs the name of a queue",
        ),
        (
            scenario(
                ",\n\"faults\": [\n{ \"at_ms\": 1, \"what\": {\n\"crash\": { \"worker\": \"x\" } } }]",
            ),
            "file:8: `faults[0].what.crash.worker` names `x`, which is not among `providers`",
        ),
        (
            scenario("")
                .replace("\"system\": {}", "\"system\": {\n\"topics\": [{ \"name\": \"\" }] }"),
            "file:6: `system`: topics[0]: ",
        ),
        ("{\"version\":\n9}".to_owned(), "file:2: the scenario is of version 9, newer than"),
        (scenario(",\n\"colour\": 1"), "file: the scenario cannot be read: unknown field `colour`"),
        ("[".repeat(1 << 20), "file: the scenario cannot be read: "),
        (" ".repeat((1 << 20) + 1), "file: the scenario is 1048577 bytes long, more than 1048576"),
        (
            scenario("").replace("\"n\"", "\"\u{1b}[2J\""),
            "file: the scenario cannot be read: control",
        ),
    ] {
        let said = refusal("wrong.json", &text);
        assert!(said.starts_with(says), "{said}");
        assert!(said.len() < 400, "{said}");
    }
    let unreadable = refusal("wrong.json", &scenario(",\n\"faults\": 7"));
    assert!(unreadable.contains("line 6 column"), "{unreadable}");
    let steers = scenario(
        ",\n\"faults\": [{ \"at_ms\": 1, \"what\": { \"crash\": { \"worker\": \"\\u001b[2J\" } } }]",
    );
    assert!(refusal("wrong.json", &steers).contains("names `\u{fffd}[2J`"));
}

#[test]
fn what_cannot_be_asked_ends_with_2() {
    for arguments in [
        &["run", "no-such-file.json"][..],
        &["run", EARLY, "--seeds", "0"],
        &["run", EARLY, "--until", "soon"],
        &["run", EARLY, "--json", "/no/such/folder/report.json", "--until", "1s"],
        &["run"],
        &["fly"],
        &["check", "/"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).is_empty());
    }
}

#[test]
fn the_recorded_schema_is_that_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.schema.json");
    let output = run(&["schema"]);
    assert_eq!(output.status.code(), Some(0));
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        fs::write(&path, stdout(&output)).expect("it can be written");
    }
    let recorded = fs::read_to_string(&path).expect("it is recorded");
    let recorded: Value = serde_json::from_str(&recorded).expect("it is JSON");
    assert_eq!(
        recorded,
        scenario_schema(),
        "it is stale: record it with POSTROOM_BLESS=1, and look at the difference"
    );
}

#[test]
fn every_field_and_choice_is_described() {
    fn visit(value: &Value, place: &str, bare: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                let described =
                    |of: &Value| of["description"].is_string() || of["$ref"].is_string();
                for (name, field) in
                    fields.get("properties").and_then(Value::as_object).into_iter().flatten()
                {
                    // What a choice is called is described with the choice.
                    if !described(field) && !described(value) {
                        bare.push(format!("{place}.{name}"));
                    }
                }
                for (i, choice) in
                    fields.get("oneOf").and_then(Value::as_array).into_iter().flatten().enumerate()
                {
                    if !described(choice) {
                        bare.push(format!("{place}|{i}"));
                    }
                }
                fields
                    .iter()
                    .for_each(|(name, value)| visit(value, &format!("{place}.{name}"), bare));
            }
            Value::Array(list) => list.iter().for_each(|value| visit(value, place, bare)),
            _ => {}
        }
    }
    let mut bare = Vec::new();
    let schema = scenario_schema();
    visit(&schema, "", &mut bare);
    assert_eq!(bare, Vec::<String>::new());
    let text = schema.to_string();
    assert!(!text.contains("[`") && !text.contains("# Example"), "links and examples are left out");
    assert!(text.len() > 30_000, "it says much: {}", text.len());
}
