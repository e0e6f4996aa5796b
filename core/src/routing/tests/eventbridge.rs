//! Filters as EventBridge's event patterns: the cases are in two tables beside this file, each with
//! its source.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::{format, string::ToString, vec::Vec};

use crate::{message::Attributes, routing::Filter};

const MATCHES: &str = include_str!("eventbridge_matches.txt");
const REFUSALS: &str = include_str!("eventbridge_refusals.txt");

fn filter(text: &str) -> Filter {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The rows of a table, without titles, comments and empty lines.
fn rows<const N: usize>(table: &'static str) -> Vec<[&'static str; N]> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let cells = |line: &'static str| -> Vec<&str> { line.split(" | ").collect() };
    lines.map(|line| cells(line).try_into().unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[test]
fn filters_select_as_event_patterns_do() {
    let cases = rows::<4>(MATCHES);
    for [source, pattern, attributes, expected] in &cases {
        let read = filter(pattern);
        let attributes: Attributes = serde_json::from_str(attributes).unwrap();
        let found = if read.matches(&attributes) { "yes" } else { "no" };
        assert_eq!(found, *expected, "{source}: {pattern} on {attributes:?}");

        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(filter(&written), read, "{source}: {written} says the same");
    }
    assert_eq!(cases.len(), 83);
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    let cases = rows::<3>(REFUSALS);
    for [source, text, part] in &cases {
        let refused = serde_json::from_str::<Filter>(text).map_err(|error| error.to_string());
        let said = refused.expect_err(&format!("{source}: {text}"));
        assert!(said.contains(part), "{source}: {said}");
    }
    assert_eq!(cases.len(), 49);
}

#[test]
fn a_filter_is_written_in_its_shortest_form() {
    let cases = [
        ("{}", "{}"),
        (r#"{"sms":["yes"]}"#, r#"{"sms":["yes"]}"#),
        (r#"{"n":[{"numeric":["=",5]}]}"#, r#"{"n":[5]}"#),
        (r#"{"n":[{"numeric":[">=","5.0","<","1e1"]}]}"#, r#"{"n":[{"numeric":[">=",5,"<",10]}]}"#),
        (r#"{"n":[{"numeric":["=","0.50"]}]}"#, r#"{"n":[{"numeric":["=","0.5"]}]}"#),
        (r#"{"n":[{"anything-but":["a"]}]}"#, r#"{"n":[{"anything-but":"a"}]}"#),
        (
            r#"{"n":[{"anything-but":{"suffix":["a","b"]}}]}"#,
            r#"{"n":[{"anything-but":{"suffix":["a","b"]}}]}"#,
        ),
        (
            r#"{"b":["1"],"$or":[{"a":["b"]},{"c":["d"]}]}"#,
            r#"{"b":["1"],"$or":[{"a":["b"]},{"c":["d"]}]}"#,
        ),
    ];
    for (given, written) in cases {
        assert_eq!(serde_json::to_string(&filter(given)).unwrap(), written);
    }
}
