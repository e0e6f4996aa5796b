//! Scenarios made to harm: a clear answer, never a panic.

use postroom_core::mix;
use serde_json::{Value, json};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::secs;
use crate::{Scenario, ScenarioError, Topology, Trial, limits::SCENARIO_BYTES_MAX};

fn read(text: &str) -> Result<Scenario<Topology>, ScenarioError> {
    Scenario::read(text, serde_json::from_str, serde_json::from_str)
}

/// Reads a scenario and builds its world: what is wrong with it.
fn answer(text: &str) -> String {
    let built = read(text).and_then(Trial::new);
    built.err().map_or_else(|| "nothing is wrong".to_owned(), |error| error.to_string())
}

fn with(more: &str) -> String {
    format!(r#"{{"version":1,"name":"n","seed":1,"system":{{}}{more}}}"#)
}

fn with_system(system: &str) -> String {
    format!(r#"{{"version":1,"name":"n","seed":1,"system":{{{system}}}}}"#)
}

#[test]
fn nesting_has_an_end() {
    let deep = (SCENARIO_BYTES_MAX - 100) / 8;
    for (start, open) in [
        (r#"{"version":1,"goals":"#, "["),
        (r#"{"version":1,"name":"n","seed":1,"system":"#, r#"{"a":"#),
        (r#"{"version":1,"goals":[{"name":"g","that":"#, r#"{"not":"#),
        (r#"{"version":1,"goals":[{"name":"g","that":"#, r#"{"all":["#),
        (r#"{"name":"#, "[["),
        ("", "["),
    ] {
        let answer = answer(&format!("{start}{}", open.repeat(deep)));
        assert!(answer.starts_with("the scenario cannot be read: "), "{start}{open}: {answer}");
        assert!(answer.len() < 300, "{answer}");
    }
}

#[test]
fn numbers_are_whole_and_fit() {
    for number in ["1e400", "99999999999999999999999999", "-1", "0.5", "1e3", "NaN", "\"1\"", "[]"]
    {
        for text in [
            format!(r#"{{"version":{number},"name":"n","seed":1,"system":{{}}}}"#),
            format!(r#"{{"version":1,"name":"n","seed":{number},"system":{{}}}}"#),
            with(&format!(
                r#","faults":[{{"at_ms":{number},"what":{{"crash":{{"worker":"p"}}}}}}]"#
            )),
            with(&format!(
                r#","producers":[{{"name":"p","arrivals":{{"constant":{{"per_minute":{number}}}}}}}]"#
            )),
            with(&format!(
                r#","goals":[{{"name":"g","that":{{"at_most":{{"of":{{"measure":"acked"}},"value":{number}}}}}}}]"#
            )),
            with_system(&format!(r#""queues":[{{"name":"q","config":{{"lease_ms":{number}}}}}]"#)),
            with_system(&format!(
                r#""queues":[{{"name":"q","config":{{"max_deliveries":{number}}}}}]"#
            )),
        ] {
            let answer = answer(&text);
            assert!(answer.starts_with("the scenario cannot be read: "), "{text}: {answer}");
        }
    }
    for (text, says) in [
        (
            with_system(r#""queues":[{"name":"q","config":{"lease_ms":18446744073709551615}}]"#),
            "lease_ms",
        ),
        (
            with_system(r#""queues":[{"name":"q","config":{"capacity":18446744073709551615}}]"#),
            "capacity",
        ),
        (
            with(
                r#","providers":[{"name":"p","latency_ms": { "uniform": { "min": 0, "max": 18446744073709551615 } }}]"#,
            ),
            "latency_ms",
        ),
        (
            with(
                r#","producers":[{"name":"p","arrivals":{"burst":{"count":4294967295,"every_ms":18446744073709551615}}}]"#,
            ),
            "count",
        ),
    ] {
        let answer = answer(&text);
        assert!(
            answer.contains(says) && answer.contains(" to ") || answer.contains("at most"),
            "{answer}"
        );
    }
    let late = r#","producers":[{"name":"p","limit":18446744073709551615,"arrivals":{"constant":{"per_minute":1}}}]"#;
    assert_eq!(answer(&with(late)), "nothing is wrong");
}

#[test]
fn other_versions_are_told_apart() {
    assert!(answer(r#"{"version":2}"#).contains("load a newer release"));
    assert!(answer(r#"{"version":18446744073709551615,"x":[]}"#).contains("load a newer release"));
    assert!(answer(r#"{"version":0}"#).contains("it must be 1"));
}

#[test]
fn markup_in_names_is_text() {
    let markup = r"<img src=x onerror=alert(1)>";
    let text =
        with(&format!(r#","faults":[{{"at_ms":1,"what":{{"crash":{{"worker":"{markup}"}}}}}}]"#));
    let answer = answer(&text);
    assert_eq!(
        answer,
        format!("`faults[0].what.crash.worker` names `{markup}`, which is not among `providers`"),
        "whoever shows it shows text"
    );
}

#[test]
fn what_an_error_quotes_stays_short() {
    let long = "ñ".repeat(SCENARIO_BYTES_MAX / 4);
    for text in [
        with(&format!(r#","{long}":1"#)),
        with(&format!(r#","faults":[{{"at_ms":1,"what":{{"crash":{{"worker":"{long}"}}}}}}]"#)),
        with(&format!(
            r#","faults":[{{"at_ms":1,"what":{{"mode":{{"provider":"p","mode":"{long}"}}}}}}]"#
        )),
        with(&format!(
            r#","goals":[{{"name":"g","that":{{"at_most":{{"value":1,"of":{{"measure":"depth","queue":"{long}"}}}}}}}}]"#
        )),
        with_system(&format!(r#""queues":[{{"name":"q","dead_letters":"{long}"}}]"#)),
        with_system(&format!(r#""routes":{{"p":{{"to":"{long}"}}}}"#)),
    ] {
        let answer = answer(&text);
        assert!(answer.contains("ñ…") && answer.len() < 1_200, "{}", answer.len());
    }
}

#[test]
fn lists_that_fill_the_document_are_refused() {
    let many = |of: &dyn Fn(usize) -> String, bytes: usize| {
        let entries: Vec<String> = (0..bytes / (of(10_000).len() + 1)).map(of).collect();
        entries.join(",")
    };
    let room = SCENARIO_BYTES_MAX - 200;
    let queue = |i: usize| format!(r#"{{"name":"{i}"}}"#);
    let answers = [
        answer(&with_system(&format!(r#""queues":[{}]"#, many(&queue, room)))),
        answer(&with_system(&format!(r#""topics":[{}]"#, many(&queue, room)))),
    ];
    for answer in answers {
        assert!(answer.contains("nodes") && answer.contains("200"), "{answer}");
    }
    let provider = |i: usize| {
        format!(r#"{{"name":"{i}","latency_ms": {{ "uniform": {{ "min": 1, "max": 1 }} }}}}"#)
    };
    let answer_of = |name, list| answer(&with(&format!(r#","{name}":[{list}]"#)));
    assert!(answer_of("providers", many(&provider, room)).contains("more than 200"));
    let fault = |_: usize| r#"{"at_ms":1,"what":{"crash":{"worker":"p"}}}"#.to_owned();
    assert!(answer_of("faults", many(&fault, room)).contains("more than 1000"));
    let goal = |i: usize| format!(r#"{{"name":"{i}","that":{{"all":[]}}}}"#);
    assert!(answer_of("goals", many(&goal, room)).contains("more than 100"));
    let conditions = many(&|_| r#"{"all":[]}"#.to_owned(), room);
    let answer = answer_of("goals", format!(r#"{{"name":"g","that":{{"any":[{conditions}]}}}}"#));
    assert!(answer.contains("at most 1,000 conditions"), "{answer}");
}

/// Changes of each example, each by itself.
const MUTATIONS: u64 = 400;

#[test]
fn what_is_accepted_runs() {
    let examples = [
        include_str!("../../examples/outage.json"),
        include_str!("../../examples/acks_too_early.json"),
    ];
    let (mut accepted, mut refused) = (0, 0);
    for (i, example) in (0..).zip(examples) {
        let sound: Value = serde_json::from_str(example).expect("an example is JSON");
        for seed in 0..MUTATIONS {
            let mut draw = Draw(mix(seed * 2 + i));
            let mut hostile = sound.clone();
            for _ in 0..1 + draw.below(2) {
                mutate(&mut hostile, &mut draw);
            }
            match read(&hostile.to_string()).and_then(Trial::new) {
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().len() < 500, "{error}");
                }
                Ok(mut trial) => {
                    accepted += 1;
                    trial.run_steps(secs(60), 2_000);
                    assert_eq!(trial.judge().len(), trial.world().scenario().goals.len());
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} {refused}");
}

struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = mix(self.0);
        self.0 % end
    }
}

/// Changes one thing somewhere.
fn mutate(root: &mut Value, draw: &mut Draw) {
    let mut places = 0;
    visit(root, &mut |_| places += 1);
    let mut chosen = draw.below(places);
    visit(root, &mut |value| {
        if chosen == 0 {
            *value = near(value.take(), draw);
        }
        chosen = chosen.wrapping_sub(1);
    });
}

fn visit(value: &mut Value, then: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| visit(value, then)),
        Value::Object(fields) => fields.values_mut().for_each(|value| visit(value, then)),
        _ => {}
    }
    then(value);
}

fn near(value: Value, draw: &mut Draw) -> Value {
    match (value, draw.below(6)) {
        (Value::Number(number), 0) => json!(number.as_u64().unwrap_or_default().wrapping_add(1)),
        (Value::Number(number), 1) => json!(number.as_u64().unwrap_or_default().wrapping_sub(1)),
        (Value::Number(_), 2) => json!(draw.below(1_000)),
        (Value::Number(_), 3) => json!(1_u64 << draw.below(64)),
        (Value::Number(_), _) => {
            json!([0, 1, u64::MAX, u64::from(u32::MAX)][draw.below(4) as usize])
        }
        (Value::String(text), 0..3) => json!(text + "x"),
        (Value::String(_), _) => {
            json!(["", "<b>", "sms", "orders", "healthy"][draw.below(5) as usize])
        }
        (Value::Array(mut list), 0..3) => {
            list.extend(list.clone());
            json!(list)
        }
        (Value::Array(mut list), _) => {
            list.pop();
            json!(list)
        }
        (Value::Object(mut fields), 0..3) => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            if !keys.is_empty() {
                fields.remove(&keys[draw.below(keys.len() as u64) as usize]);
            }
            json!(fields)
        }
        (Value::Object(_), 3) => json!({}),
        (_, _) => Value::Null,
    }
}
