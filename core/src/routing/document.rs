//! Filters as documents. Reading makes a small tree first, so that what it means is decided in one
//! place, and so that no document takes the reader deeper than a filter goes.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Unexpected, Visitor},
    ser::SerializeMap,
};

use super::{AnythingBut, Condition, Filter, Number, NumberRange, compile::compile, filter::OR};
use crate::limits::FILTER_DEPTH_MAX;

/// Objects, lists and values inside each other, from the outermost object to the innermost value:
/// two for each level of alternatives; below them a list, a condition, what it negates, and a list
/// of values.
const LEVELS_MAX: u32 = 1 + 2 * FILTER_DEPTH_MAX + 5;

/// What stands in the document of a filter.
pub(super) enum Node {
    Text(String),
    Whole(i64),
    Truth(bool),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Reader { levels: LEVELS_MAX }.deserialize(deserializer)?;
        compile(node).map_err(D::Error::custom)
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let or = (!self.alternatives.is_empty()).then_some(&self.alternatives);
        let entries = self.attributes.len() + usize::from(or.is_some());
        let mut map = serializer.serialize_map(Some(entries))?;
        for (name, conditions) in &self.attributes {
            map.serialize_entry(name, conditions)?;
        }
        if let Some(alternatives) = or {
            map.serialize_entry(OR, alternatives)?;
        }
        map.end()
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Equals(text) => serializer.serialize_str(text),
            Self::EqualsIgnoreCase(text) => member(serializer, "equals-ignore-case", text),
            Self::Prefix(text) => member(serializer, "prefix", text),
            Self::Suffix(text) => member(serializer, "suffix", text),
            Self::Numeric(range) => match range.single().and_then(Number::whole) {
                Some(whole) => serializer.serialize_i64(whole),
                None => member(serializer, "numeric", range),
            },
            Self::AnythingBut(what) => member(serializer, "anything-but", what),
            Self::Exists(there) => member(serializer, "exists", there),
        }
    }
}

impl Serialize for AnythingBut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Texts(texts) => OneOrMany(texts).serialize(serializer),
            Self::Numbers(numbers) => OneOrMany(numbers).serialize(serializer),
            Self::TextsIgnoreCase(texts) => {
                member(serializer, "equals-ignore-case", &OneOrMany(texts))
            }
            Self::Prefixes(texts) => member(serializer, "prefix", &OneOrMany(texts)),
            Self::Suffixes(texts) => member(serializer, "suffix", &OneOrMany(texts)),
        }
    }
}

impl Serialize for NumberRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Alternately an operator and its number: a flat list, so each part is one or the other.
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Part {
            Operator(&'static str),
            Number(Number),
        }
        let parts = self.operators().flat_map(|(name, n)| [Part::Operator(name), Part::Number(n)]);
        serializer.collect_seq(parts)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.collect_str(self),
        }
    }
}

/// A list of one is written without brackets.
struct OneOrMany<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for OneOrMany<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

fn member<S: Serializer>(
    serializer: S,
    name: &'static str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, value)?;
    map.end()
}

/// Reads a node, and below it at most so many levels.
#[derive(Clone, Copy)]
struct Reader {
    levels: u32,
}

impl Reader {
    fn below<E: Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self { levels }),
            None => Err(E::custom(format_args!(
                "a filter has `$or` at most {FILTER_DEPTH_MAX} deep, and no objects in objects"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a whole number, a list or an object (decimals in quotes)")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Truth(truth))
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Node, E> {
        Ok(Node::Whole(whole))
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Node, E> {
        let expected = &"a whole number below 2^63 (larger ones in quotes)";
        let whole = i64::try_from(whole)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(whole), expected))?;
        Ok(Node::Whole(whole))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let (below, mut nodes) = (self.below()?, Vec::new());
        while let Some(node) = list.next_element_seed(below)? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
        let (below, mut members) = (self.below()?, Vec::new());
        while let Some(name) = object.next_key::<String>()? {
            let node = object
                .next_value_seed(below)
                .map_err(|error| A::Error::custom(format_args!("`{name}`: {error}")))?;
            members.push((name, node));
        }
        Ok(Node::Object(members))
    }
}
