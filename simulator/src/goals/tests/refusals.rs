//! Goals that cannot be asked: each mistake is named with its field.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{AGE, DEPTH, Goal, at_least, at_most, shop};
use crate::{
    ScenarioError, Trial,
    limits::{CONDITION_DEPTH_MAX, CONDITIONS_MAX, GOALS_MAX, SPAN_MS_MAX},
};

fn refusal(that: &str) -> String {
    let Goal { name, that } = Goal {
        name: "goal".to_owned(),
        that: serde_json::from_str(that).unwrap_or_else(|error| panic!("{that}: {error}")),
    };
    let mut scenario = shop(&at_most(DEPTH, 0));
    scenario.goals = vec![Goal { name, that }];
    let refused = scenario.validate().err().or_else(|| Trial::new(scenario).err());
    refused.expect("it is wrong").to_string()
}

#[test]
fn a_name_that_is_not_there_is_named_with_its_field() {
    for (what, measure) in [
        ("queue", r#""depth", "queue": "oders""#),
        ("topic", r#""published", "topic": "oders""#),
        ("provider", r#""duplicates", "provider": "oders""#),
        ("producer", r#""sent", "producer": "oders""#),
        ("caller", r#""requests", "caller": "oders""#),
    ] {
        assert_eq!(
            refusal(&at_least(measure, 1)),
            format!("`goals[0].that.at_least.of.{what}` names `oders`: there is no such {what}")
        );
    }
    let nested = format!(
        r#"{{ "all": [{{ "all": [] }}, {{ "not": {} }}] }}"#,
        at_least(r#""depth", "queue": "x""#, 1)
    );
    assert!(refusal(&nested).starts_with("`goals[0].that.all[1].not.at_least.of.queue` names"));
}

#[test]
fn a_measure_takes_what_it_takes() {
    for (measure, says) in [
        (r#""workers""#, "of.provider` is missing: this measure needs the name of a provider"),
        (r#""request_ms""#, "of.caller` is missing: this measure needs the name of a caller"),
        (r#""sent", "caller": "x""#, "of.caller` must be left out"),
        (r#""depth""#, "of.queue` is missing: this measure needs the name of a queue"),
        (r#""lost", "topic": "news""#, "of.topic` must be left out: this measure does not take it"),
        (r#""sent", "queue": "dead""#, "of.queue` must be left out"),
        (r#""acked", "reason": "timeout""#, "of.reason` must be left out"),
        (r#""acked", "per_mille": 5"#, "of.per_mille` must be left out"),
        (r#""calls", "producer": "shop""#, "of.producer` must be left out"),
        (r#""sent", "provider": "bank""#, "of.provider` must be left out"),
        (r#""call_failed", "reason": "exhausted""#, "of.reason` is one of dead copies"),
        (r#""dead_lettered", "reason": "timeout""#, "of.reason` is one of failed calls"),
        (
            r#""latency_ms", "queue": "dead", "per_mille": 0"#,
            "of.per_mille` is out of range: give 1 to 1,000",
        ),
        (r#""latency_ms", "queue": "dead", "per_mille": 1001"#, "of.per_mille` is out of range"),
    ] {
        let refusal = refusal(&at_least(measure, 1));
        assert!(refusal.contains(says), "{measure}: {refusal}");
    }
    let share = |of: &str, whole: &str| {
        refusal(&format!(
            r#"{{ "at_most": {{ "of": {{ "measure": {of} }}, "value": 1, "per_mille_of": {{ "measure": {whole} }} }} }}"#
        ))
    };
    assert!(share(AGE, r#""acked""#).contains("at_most.of.measure` is a time"));
    assert!(share(r#""acked""#, AGE).contains("at_most.per_mille_of.measure` is a time"));
}

#[test]
fn spans_end_at_a_day() {
    let that = at_least(r#""acked""#, 1);
    let day = SPAN_MS_MAX;
    let over = day + 1;
    for (fine, wrong, field) in [
        (
            format!(r#""within": {{ "from_ms": {day}, "ms": {day}"#),
            format!(r#""within": {{ "ms": {over}"#),
            "within.ms",
        ),
        (
            r#""within": { "ms": 0"#.to_owned(),
            format!(r#""within": {{ "from_ms": {over}, "ms": 0"#),
            "within.from_ms",
        ),
        (
            format!(r#""held_for": {{ "ms": {day}"#),
            format!(r#""held_for": {{ "ms": {over}"#),
            "held_for.ms",
        ),
        (
            format!(r#""throughout": {{ "until_ms": {day}"#),
            format!(r#""throughout": {{ "until_ms": {over}"#),
            "throughout.until_ms",
        ),
        (
            r#""throughout": { "from_ms": 5, "until_ms": 5"#.to_owned(),
            r#""throughout": { "from_ms": 5, "until_ms": 4"#.to_owned(),
            "throughout.until_ms",
        ),
    ] {
        let document = |start: &str| format!("{{ {start}, \"that\": {that} }} }}");
        assert_eq!(shop(&document(&fine)).validate(), Ok(()));
        let refusal = refusal(&document(&wrong));
        assert!(
            refusal.starts_with(&format!("`goals[0].that.{field}` is out of range")),
            "{refusal}"
        );
    }
}

#[test]
fn goals_end_at_their_limits() {
    let goal = |i: usize, that: &str| Goal {
        name: format!("goal {i}"),
        that: serde_json::from_str(that).expect("a condition"),
    };
    let leaf = at_least(r#""acked""#, 1);
    let nested = |depth: usize| {
        format!("{}{leaf}{}", r#"{ "not": "#.repeat(depth - 1), " }".repeat(depth - 1))
    };
    let several =
        |count: usize| format!(r#"{{ "all": [{}] }}"#, vec![leaf.as_str(); count - 1].join(","));
    let mut scenario = shop(&leaf);
    scenario.goals = (0..GOALS_MAX).map(|i| goal(i, &nested(CONDITION_DEPTH_MAX))).collect();
    assert_eq!(scenario.validate(), Ok(()));
    scenario.goals.push(goal(GOALS_MAX, &leaf));
    let (field, found, max) = ("goals", GOALS_MAX + 1, GOALS_MAX);
    assert_eq!(scenario.validate(), Err(ScenarioError::TooMany { field, found, max }));

    scenario.goals = vec![goal(0, &nested(CONDITION_DEPTH_MAX + 1))];
    let error = scenario.validate().expect_err("too deep").to_string();
    assert!(error.ends_with("give at most 8 conditions inside each other"), "{error}");

    scenario.goals = vec![goal(0, &several(600)), goal(1, &several(CONDITIONS_MAX - 600))];
    assert_eq!(scenario.validate(), Ok(()));
    scenario.goals[1] = goal(1, &several(CONDITIONS_MAX - 599));
    let error = scenario.validate().expect_err("too many").to_string();
    assert_eq!(error, "`goals` is out of range: give at most 1,000 conditions in all");

    scenario.goals = vec![goal(0, &leaf), goal(0, &leaf)];
    let error = scenario.validate().expect_err("a name twice").to_string();
    assert_eq!(error, "`goals[1].name`: `goal 0` is taken already");
}
