//! The largest documents that are made to take long: an answer comes at once.

use std::time::{Duration, Instant};

use postroom_simulator::{Goals, Scenario, ScenarioError, Topology, World, limits};

/// What a person does not notice; other people's crates are ten times as slow in development builds.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });
/// Of several tries the fastest counts: the machine may have been busy.
const TRIES: usize = 5;

fn answer(text: &str) -> Result<(), ScenarioError> {
    let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str)?;
    let world = World::new(scenario, &mut ())?;
    Goals::new(&world).map(drop)
}

/// As many entries as fit.
fn many(entry: impl Fn(usize) -> String) -> String {
    let (mut text, mut i) = (entry(0), 1);
    while text.len() < limits::SCENARIO_BYTES_MAX - 10_000 {
        text += ",";
        text += &entry(i);
        i += 1;
    }
    text
}

fn with(more: &str) -> String {
    format!(r#"{{"version":1,"name":"n","seed":1,"system":{{}},{more}}}"#)
}

fn with_system(system: &str) -> String {
    format!(r#"{{"version":1,"name":"n","seed":1,"system":{{{system}}}}}"#)
}

#[test]
fn a_mebibyte_of_anything_is_answered_at_once() {
    let recorded = vec!["1"; 2_000].join(",");
    let named = |count: usize, letter: char| {
        let names = (0..count).map(|i| format!(r#"{{"name":"{letter}{i}"}}"#));
        names.collect::<Vec<_>>().join(",")
    };
    let subscribed = (0..100 * 100).map(|i| {
        format!(r#"{{"topic":"t{}","queue":"q{}","filter":{{"a":["b"]}}}}"#, i / 100, i % 100)
    });
    let subscribed = subscribed.collect::<Vec<_>>().join(",");
    for (what, text) in [
        ("brackets", "[".repeat(limits::SCENARIO_BYTES_MAX)),
        ("a name", with(&format!(r#""name":"{}""#, "n".repeat(1_000_000)))),
        (
            "queues",
            with_system(&format!(r#""queues":[{}]"#, many(|i| format!(r#"{{"name":"{i}"}}"#)))),
        ),
        (
            "routes",
            with_system(&format!(r#""routes":{{{}}}"#, many(|i| format!(r#""{i}":{{"to":"q"}}"#)))),
        ),
        (
            "subscriptions",
            with_system(&format!(
                r#""queues":[{}],"topics":[{}],"subscriptions":[{subscribed}]"#,
                named(100, 'q'),
                named(100, 't')
            )),
        ),
        (
            "recordings",
            with(&format!(
                r#""producers":[{}]"#,
                many(|i| format!(
                    r#"{{"name":"{i}","arrivals":{{"recorded":{{"at_ms":[{recorded}]}}}}}}"#
                ))
            )),
        ),
        (
            "faults",
            with(&format!(
                r#""faults":[{}]"#,
                many(|_| r#"{"at_ms":1,"what":{"crash":{"worker":"p"}}}"#.to_owned())
            )),
        ),
        (
            "conditions",
            with(&format!(
                r#""goals":[{{"name":"g","that":{{"any":[{}]}}}}]"#,
                many(|_| r#"{"all":[]}"#.to_owned())
            )),
        ),
    ] {
        let took = (0..TRIES).map(|_| time(|| drop(answer(&text)))).min();
        assert!(took.is_some_and(|took| took < LONGEST), "{what}: {took:?}");
        println!("{what}, {} bytes: {took:?}", text.len());
    }
}

#[expect(clippy::disallowed_methods, reason = "the claim is about real time")]
fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
