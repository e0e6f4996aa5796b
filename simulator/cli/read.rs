//! Scenarios from files, and what is wrong with them.

use std::{fs::File, io::Read, path::Path};

use postroom_simulator::{
    Goals, Scenario, ScenarioError, Topology, World, limits::SCENARIO_BYTES_MAX,
};

use crate::place::line_of;

/// The world of a scenario at its beginning: sound, with goals that name what is there.
///
/// # Errors
/// What is wrong with the file, with its name and, where it is known, the line.
pub(crate) fn world(path: &Path) -> Result<World<Topology>, String> {
    let shown = path.display();
    let text = read(path).map_err(|why| format!("cannot read {shown}: {why}"))?;
    sound(&text).map_err(|error| {
        let line = field_of(&error).and_then(|field| line_of(&text, &field));
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        printable(&format!("{shown}{line}: {error}"))
    })
}

fn sound(text: &str) -> Result<World<Topology>, ScenarioError> {
    let scenario: Scenario<Topology> =
        Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
    scenario.check_drawing()?;
    let world = World::new(scenario, &mut ())?;
    Goals::new(&world)?;
    Ok(world)
}

/// One byte more than is allowed is enough to know.
fn read(path: &Path) -> Result<String, std::io::Error> {
    let mut text = String::new();
    File::open(path)?.take(SCENARIO_BYTES_MAX as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// The field that an error names.
fn field_of(error: &ScenarioError) -> Option<String> {
    match error {
        ScenarioError::OutOfRange { field, .. }
        | ScenarioError::NameTaken { field, .. }
        | ScenarioError::NoSuchProvider { field, .. }
        | ScenarioError::NoSuchProducer { field, .. }
        | ScenarioError::NoSuchService { field, .. }
        | ScenarioError::NoSuchConsumer { field, .. }
        | ScenarioError::NoSuch { field, .. }
        | ScenarioError::Unfit { field, .. } => Some(field.clone()),
        ScenarioError::TooMany { field, .. } => Some((*field).to_owned()),
        ScenarioError::Version { .. } | ScenarioError::FromTheFuture { .. } => {
            Some("version".to_owned())
        }
        ScenarioError::System { why } => {
            let (field, _) = why.split_once(": ")?;
            Some(format!("system.{field}"))
        }
        _ => None,
    }
}

/// A document may hold what steers a terminal; what it names is shown without.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
