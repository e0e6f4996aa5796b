//! Reading JSON strictly: every mistake is found, named by its field, and none is swallowed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::http::problem::{FieldError, Kind, Problem};

/// A JSON document as it was written: an object keeps its members in order, the doubled ones too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool,
    /// An integer from 0.
    Integer(u64),
    /// Any other number.
    Number,
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            let detail = "The body is empty: send a JSON object.";
            return Err(Problem::with(Kind::MalformedJson, detail));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            let detail = format!("{error}. Send one complete JSON object in UTF-8.");
            Problem::with(Kind::MalformedJson, detail)
        })
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Integer(_) | Self::Number => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Bool)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Integer(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<FieldError>);

/// Mistakes that one answer names.
const MISTAKES_MAX: usize = 20;
/// Characters of an unknown field's name that an answer repeats.
const NAME_CHARS_MAX: usize = 80;

impl Mistakes {
    pub(crate) fn add(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        if self.0.len() < MISTAKES_MAX {
            self.0.push(FieldError { field: field.into(), problem: problem.into() });
        }
    }

    /// `value`, if there was no mistake.
    pub(crate) fn none_or<T>(self, value: Option<T>) -> Result<T, Problem> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

/// The members of one object, taken one by one.
#[derive(Debug)]
pub(crate) struct Fields {
    /// What the object is called, with a dot after it; empty for the whole body.
    prefix: String,
    members: Vec<(String, Json)>,
}

impl Fields {
    /// The whole body.
    pub(crate) fn of_body(json: Json, mistakes: &mut Mistakes) -> Option<Self> {
        Self::of("", json, mistakes)
    }

    /// The object that the field `name` holds; no name for the whole body.
    pub(crate) fn of(name: &str, json: Json, mistakes: &mut Mistakes) -> Option<Self> {
        let Json::Object(members) = json else {
            let field = if name.is_empty() { "body" } else { name };
            mistakes.add(field, format!("is {}: give an object", json.what()));
            return None;
        };
        let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
        Some(Self { prefix, members })
    }

    /// The name of a member, from the body's top.
    pub(crate) fn path(&self, name: &str) -> String {
        let clipped = match name.char_indices().nth(NAME_CHARS_MAX) {
            Some((end, _)) => &format!("{}…", &name[..end]),
            None => name,
        };
        format!("{}{clipped}", self.prefix)
    }

    /// A member that may be absent; `null` counts as absent.
    pub(crate) fn optional(&mut self, name: &str, mistakes: &mut Mistakes) -> Option<Json> {
        let place = self.members.iter().position(|(member, _)| member == name)?;
        let (_, value) = self.members.remove(place);
        let others = self.members.len();
        self.members.retain(|(member, _)| member != name);
        if self.members.len() < others {
            mistakes.add(self.path(name), "is given more than once: give it once");
            return None;
        }
        (value != Json::Null).then_some(value)
    }

    pub(crate) fn required(&mut self, name: &str, mistakes: &mut Mistakes) -> Option<Json> {
        let doubled = self.members.iter().filter(|(member, _)| member == name).count() > 1;
        let value = self.optional(name, mistakes);
        if value.is_none() && !doubled {
            mistakes.add(self.path(name), "is missing: give it");
        }
        value
    }

    pub(crate) fn string(&mut self, name: &str, mistakes: &mut Mistakes) -> Option<String> {
        let value = self.required(name, mistakes)?;
        self.as_string(name, value, mistakes)
    }

    pub(crate) fn optional_string(
        &mut self,
        name: &str,
        mistakes: &mut Mistakes,
    ) -> Option<String> {
        let value = self.optional(name, mistakes)?;
        self.as_string(name, value, mistakes)
    }

    /// An integer from 1 to `max`, if it is given.
    pub(crate) fn optional_count(
        &mut self,
        name: &str,
        max: u32,
        mistakes: &mut Mistakes,
    ) -> Option<u32> {
        let value = self.optional(name, mistakes)?;
        let count = match value {
            Json::Integer(number) => u32::try_from(number).ok().filter(|n| (1..=max).contains(n)),
            _ => None,
        };
        if count.is_none() {
            mistakes.add(self.path(name), format!("must be an integer from 1 to {max}"));
        }
        count
    }

    /// Whatever was not taken is unknown.
    pub(crate) fn finish(self, known: &str, mistakes: &mut Mistakes) {
        for (name, _) in &self.members {
            mistakes.add(self.path(name), format!("is unknown: leave it out; known are {known}"));
        }
    }

    fn as_string(&self, name: &str, value: Json, mistakes: &mut Mistakes) -> Option<String> {
        match value {
            Json::String(text) => Some(text),
            other => {
                mistakes.add(self.path(name), format!("is {}: give a string", other.what()));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        for wrong in [
            "",
            "{",
            "{\"a\":1,}",
            "{'a':1}",
            "{\"a\":1} {}",
            "NaN",
            "1e999",
            "\"\\ud800\"",
            "\u{feff}{}",
            &deep,
        ] {
            let problem = Json::parse(wrong.as_bytes()).unwrap_err();
            assert_eq!(problem.kind, Kind::MalformedJson, "{wrong}");
        }
        assert_eq!(Json::parse(b"\"\xff\"").unwrap_err().kind, Kind::MalformedJson);
    }

    #[test]
    fn every_mistake_is_named() {
        let text = r#"{"a": 1, "b": "x", "b": "y", "c": -1, "e": "ok", "x": {}, "y\nz": 0}"#;
        let mut mistakes = Mistakes::default();
        let json = Json::parse(text.as_bytes()).unwrap();
        let mut fields = Fields::of("in", json, &mut mistakes).unwrap();
        assert_eq!(fields.string("a", &mut mistakes), None);
        assert_eq!(fields.string("b", &mut mistakes), None);
        assert_eq!(fields.optional_count("c", 9, &mut mistakes), None);
        assert_eq!(fields.string("d", &mut mistakes), None);
        assert_eq!(fields.optional_string("e", &mut mistakes).as_deref(), Some("ok"));
        fields.finish("`a`", &mut mistakes);
        let found: Vec<_> =
            mistakes.0.iter().map(|m| format!("{} {}", m.field, m.problem)).collect();
        assert_eq!(
            found,
            [
                "in.a is a number: give a string",
                "in.b is given more than once: give it once",
                "in.c must be an integer from 1 to 9",
                "in.d is missing: give it",
                "in.x is unknown: leave it out; known are `a`",
                "in.y\nz is unknown: leave it out; known are `a`",
            ]
        );
    }

    #[test]
    fn null_is_absent() {
        let mut mistakes = Mistakes::default();
        let json = Json::parse(br#"{"a": null, "b": null}"#).unwrap();
        let mut fields = Fields::of_body(json, &mut mistakes).unwrap();
        assert_eq!(fields.optional_string("a", &mut mistakes), None);
        assert!(mistakes.0.is_empty());
        fields.string("b", &mut mistakes);
        assert_eq!(mistakes.0[0].problem, "is missing: give it");
    }

    #[test]
    fn counts_have_both_limits() {
        for (text, count) in
            [("1", Some(1)), ("9", Some(9)), ("0", None), ("10", None), ("1.5", None)]
        {
            let mut mistakes = Mistakes::default();
            let json = Json::parse(format!("{{\"n\": {text}}}").as_bytes()).unwrap();
            let mut fields = Fields::of_body(json, &mut mistakes).unwrap();
            assert_eq!(fields.optional_count("n", 9, &mut mistakes), count, "{text}");
            assert_eq!(mistakes.0.is_empty(), count.is_some());
        }
    }

    #[test]
    fn an_answer_stays_small_whatever_is_sent() {
        let members: Vec<_> =
            (0..1_000).map(|n| format!("\"{n}{}\": 0", "ü".repeat(500))).collect();
        let json = Json::parse(format!("{{{}}}", members.join(",")).as_bytes()).unwrap();
        let mut mistakes = Mistakes::default();
        Fields::of_body(json, &mut mistakes).unwrap().finish("none", &mut mistakes);
        assert_eq!(mistakes.0.len(), MISTAKES_MAX);
        assert_eq!(mistakes.0[0].field.chars().count(), NAME_CHARS_MAX + 1);
    }
}
