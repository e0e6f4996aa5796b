//! A scenario as a program on the engine: the system as it stands, with the work left to fill in.
//!
//! The system is all of it; who sends becomes an example of what is sent. What only a simulation
//! has (when it is sent, how long work takes, faults, callers, scaling, goals) is left out.

mod messages;
mod settings;
mod source;
mod system;
#[cfg(test)]
mod tests;

use postroom_simulator::{Scenario, Topology};

use self::source::{Idents, is_named, remark};

/// What a program may need of the engine.
const ENGINE: &str = "Address Ambiguous At Attributes Backoff BreakerConfig BreakerWindow Call Command \
    ConsumerConfig DedupScope Effect Entropy Filter Growth Hosted Jitter Machine Message \
    NewMessage OnFull Outcome Overflow Poison Priority Profile QueueConfig QueueId Rate Reply \
    Settlement Shed Span Station StationCommand StationError StationReply Steps Subscribe \
    Timestamp TopicConfig TopicId digest_of";
/// Those of them whose methods it calls without naming them.
const TRAITS: [&str; 2] = ["Hosted", "Machine"];
/// What it may need of the patterns.
const PATTERNS: [&str; 2] = ["OUTBOX_ATTRIBUTE", "message_key"];
/// Characters in a line of imports, apart from the commas and the first blanks.
const LINE_CHARS: usize = 92;

/// The program.
///
/// # Example: a queue, a worker, and what is sent to it
/// ```
/// use postroom_simulator::{Scenario, Topology};
/// use postroom_web::sandbox::as_rust::program;
///
/// let text = r#"{
///     "version": 1, "name": "jobs", "seed": 1,
///     "system": {
///         "queues": [{ "name": "jobs", "config": { "max_deliveries": 3 } }],
///         "consumers": [{ "name": "worker", "queue": "jobs" }],
///         "routes": { "desk": { "to": "jobs" } }
///     },
///     "producers": [{ "name": "desk", "arrivals": { "constant": { "per_minute": 60 } } }],
///     "providers": [{ "name": "worker", "latency_ms": { "fixed": 20 } }]
/// }"#;
/// let scenario = Scenario::<Topology>::read(text, serde_json::from_str, serde_json::from_str)?;
/// let program = program(&scenario);
/// assert!(program.contains("max_deliveries: 3,"));
/// assert!(program.contains("host.attach(\"worker\", jobs, ConsumerConfig::default())?;"));
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[must_use]
pub fn program(scenario: &Scenario<Topology>) -> String {
    let mut idents = Idents::default();
    let main = system::main(scenario, &mut idents);
    let messages = messages::of_producers(scenario, &mut idents);
    let publishes = messages::of_consumers(&scenario.system);
    let work = include_str!("parts/work.txt");
    let host = host(&scenario.system, !messages.is_empty(), publishes.is_some());
    let body = [&*main, &*messages, work, publishes.as_deref().unwrap_or_default(), &*host];
    let body = body.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    format!("{}\n{body}", head(scenario, &body))
}

/// The methods that the program needs, and no others.
fn host(system: &Topology, sends: bool, serves: bool) -> String {
    let parts = [
        (true, include_str!("parts/host.txt")),
        (!system.topics.is_empty(), include_str!("parts/topic.txt")),
        (!system.subscriptions.is_empty(), include_str!("parts/subscribe.txt")),
        (!system.consumers.is_empty(), include_str!("parts/attach.txt")),
        (sends || serves, include_str!("parts/publish.txt")),
        (true, include_str!("parts/run_head.txt")),
        (serves, include_str!("parts/run_publish.txt")),
        (true, include_str!("parts/run_tail.txt")),
    ];
    parts.into_iter().filter_map(|(is_needed, part)| is_needed.then_some(part)).collect()
}

/// What stands above the functions: what it is, what it needs, and the imports.
fn head(scenario: &Scenario<Topology>, body: &str) -> String {
    let mut lines = vec![
        format!("// {}, on the engine of Postroom.", remark(&scenario.name)),
        "//".to_owned(),
        "// Cargo.toml needs, with your path to Postroom:".to_owned(),
        "// [dependencies]".to_owned(),
        "// postroom-core = { path = \"postroom/core\" }".to_owned(),
    ];
    if is_named(body, "serde_json") {
        lines.push("// serde_json = \"1\"".to_owned());
    }
    let left_out = left_out(scenario).join(", ");
    if !left_out.is_empty() {
        lines.push("//".to_owned());
        lines.push(format!("// Left out, since it is the simulation's: {left_out}."));
    }
    lines.push(String::new());
    lines.push(include_str!("parts/imports.txt").to_owned());
    let used = ENGINE.split(' ').filter(|name| is_named(body, name) || TRAITS.contains(name));
    let mut names = used.map(str::to_owned).collect::<Vec<_>>();
    let patterns: Vec<&str> = PATTERNS.into_iter().filter(|name| is_named(body, name)).collect();
    match patterns[..] {
        [] => {}
        [name] => names.push(format!("patterns::{name}")),
        _ => names.push(format!("patterns::{{{}}}", patterns.join(", "))),
    }
    lines.push(format!("use postroom_core::{{\n{}}};\n", wrapped(&names)));
    lines.join("\n")
}

/// Names in lines of a readable length.
fn wrapped(names: &[String]) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for name in names {
        if line.len() + name.len() > LINE_CHARS {
            lines.push_str(&format!("   {line}\n"));
            line.clear();
        }
        line.push_str(&format!(" {name},"));
    }
    format!("{lines}   {line}\n")
}

/// What the program does not have of the scenario, in words.
fn left_out(scenario: &Scenario<Topology>) -> Vec<&'static str> {
    [
        (!scenario.callers.is_empty(), "callers"),
        (!scenario.services.is_empty(), "services that are called directly"),
        (!scenario.scalers.is_empty(), "scaling"),
        (!scenario.faults.is_empty(), "faults"),
        (!scenario.goals.is_empty(), "goals"),
    ]
    .into_iter()
    .filter_map(|(is_there, what)| is_there.then_some(what))
    .collect()
}
