//! Settings of a scenario that a lesson offers, and how they are changed in its document.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::{Lesson, Setting};

/// A place in a scenario, with what may stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knob {
    /// Unlike every other knob's of the lesson.
    pub id: String,
    /// What it sets, for people.
    pub words: String,
    /// The way to the place: fields, and in a list the name of an entry, with dots between.
    pub at: String,
    /// What may stand there; at least two.
    pub choices: Vec<Choice>,
    /// How the scenario has it: one of the choices.
    pub initial: usize,
}

/// What may stand at the place of a knob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What it means, for people.
    pub words: String,
    /// What stands there then. None: the field is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// Why a knob cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnobError {
    /// Name a place that is there: this part of the way is not.
    NoSuchPlace(String),
    /// Name one of the lesson's knobs.
    NoSuchKnob(String),
    /// Give one of the knob's choices.
    NoSuchChoice(String),
    /// Mend the document.
    NoScenario,
}

impl Knob {
    /// What stands at its place.
    ///
    /// # Errors
    /// [`KnobError::NoSuchPlace`].
    pub fn read<'v>(&self, scenario: &'v Value) -> Result<Option<&'v Value>, KnobError> {
        let (way, field) = self.place();
        let mut at = scenario;
        for part in way {
            at = match at {
                Value::Array(entries) => entries.iter().find(|each| is_named(each, part)),
                _ => at.get(part),
            }
            .ok_or_else(|| KnobError::NoSuchPlace(part.to_owned()))?;
        }
        if !at.is_object() {
            return Err(KnobError::NoSuchPlace(field.to_owned()));
        }
        Ok(at.get(field))
    }

    /// Puts a choice into its place.
    ///
    /// # Errors
    /// [`KnobError::NoSuchPlace`].
    pub fn set(&self, scenario: &mut Value, choice: &Choice) -> Result<(), KnobError> {
        let (way, field) = self.place();
        let mut at = scenario;
        for part in way {
            at = match at {
                Value::Array(entries) => entries.iter_mut().find(|each| is_named(each, part)),
                _ => at.get_mut(part),
            }
            .ok_or_else(|| KnobError::NoSuchPlace(part.to_owned()))?;
        }
        let Value::Object(fields) = at else {
            return Err(KnobError::NoSuchPlace(field.to_owned()));
        };
        match &choice.value {
            Some(value) => fields.insert(field.to_owned(), value.clone()),
            None => fields.remove(field),
        };
        Ok(())
    }

    fn place(&self) -> (impl Iterator<Item = &str>, &str) {
        let (way, field) = self.at.rsplit_once('.').unwrap_or(("", &self.at));
        (way.split('.').filter(|part| !part.is_empty()), field)
    }
}

impl Lesson {
    /// The scenario with its knobs set so; those that are not named stand as they do.
    ///
    /// # Errors
    /// [`KnobError`] for what a compiled lesson has not.
    pub fn scenario_with(&self, settings: &[Setting]) -> Result<String, KnobError> {
        let parsed: Result<Value, _> = serde_json::from_str(&self.scenario);
        let mut scenario = parsed.map_err(|_| KnobError::NoScenario)?;
        for Setting { knob, choice } in settings {
            let no_knob = || KnobError::NoSuchKnob(knob.clone());
            let knob = self.knobs.iter().find(|each| each.id == *knob).ok_or_else(no_knob)?;
            let no_choice = || KnobError::NoSuchChoice(choice.clone());
            let choice =
                knob.choices.iter().find(|each| each.words == *choice).ok_or_else(no_choice)?;
            knob.set(&mut scenario, choice)?;
        }
        Ok(scenario.to_string())
    }
}

fn is_named(entry: &Value, name: &str) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(name)
}
