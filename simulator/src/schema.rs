//! The JSON Schema of scenarios.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::{limits::SCENARIO_VERSION, scenario::Scenario, topology::Topology};

/// The JSON Schema (draft 2020-12) of a [`Scenario`] of a [`Topology`], with the description of
/// every field: for editors that complete and check while one writes.
///
/// What a schema cannot say (names that must be there, spans that depend on each other) is checked
/// by [`Scenario::read`] alone.
///
/// # Example: what may stand in a scenario
/// ```
/// let schema = postroom_simulator::scenario_schema();
/// assert!(schema["properties"]["goals"]["description"].is_string());
/// ```
#[must_use]
pub fn scenario_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Scenario<Topology>>().to_value();
    tidy(&mut schema);
    schema["title"] = json!("A scenario of Postroom");
    schema["properties"]["version"] =
        json!({ "description": "The version of the document.", "const": SCENARIO_VERSION });
    schema
}

/// Descriptions are documentation of Rust: without links and examples they are for everybody.
fn tidy(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(tidy),
        Value::Object(fields) => {
            tidy_fields(fields);
            fields.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

fn tidy_fields(fields: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = fields.get_mut("description") {
        *text = plain(text);
    }
    // Whoever knows no `uint64` reads that it is not negative.
    fields.remove("format");
}

fn plain(text: &str) -> String {
    let prose = text.split("\n# Example").next().unwrap_or_default().trim();
    let mut plain = String::new();
    let mut rest = prose;
    // A link is [`name`] or [`name`](place).
    while let Some((before, link)) = rest.split_once("[`") {
        plain += before;
        let Some((name, after)) = link.split_once("`]") else { break };
        plain += "`";
        plain += name;
        plain += "`";
        rest = match after.strip_prefix('(').and_then(|place| place.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain += rest;
    let paragraphs = plain.split("\n\n").map(|paragraph| match paragraph.starts_with('|') {
        true => paragraph.to_owned(),
        false => paragraph.replace('\n', " "),
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
