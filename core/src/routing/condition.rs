//! What a filter asks of one attribute.

use alloc::{string::String, vec::Vec};

use super::{Number, NumberRange};

/// What a filter asks of the value of one attribute; [`Filter`](crate::Filter) says how each is
/// written. All but [`Condition::Exists`] need the attribute to be there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Condition {
    /// The value is this text.
    Equals(String),
    /// The value is this text, with `A` to `Z` and `a` to `z` taken as the same letters.
    EqualsIgnoreCase(String),
    /// The value starts with this text. The empty text starts every value.
    Prefix(String),
    /// The value ends with this text. The empty text ends every value.
    Suffix(String),
    /// The value reads as a number in this range.
    Numeric(NumberRange),
    /// The value is anything but this.
    AnythingBut(AnythingBut),
    /// The attribute is there; or, if false, it is not.
    Exists(bool),
}

/// What the value of an attribute must not be: none of a list, which is not empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnythingBut {
    /// None of these texts.
    Texts(Vec<String>),
    /// None of these numbers, however the value writes them; a value that is no number will do.
    Numbers(Vec<i64>),
    /// None of these texts, with `A` to `Z` and `a` to `z` taken as the same letters.
    TextsIgnoreCase(Vec<String>),
    /// It starts with none of these texts, which are not empty.
    Prefixes(Vec<String>),
    /// It ends with none of these texts, which are not empty.
    Suffixes(Vec<String>),
}

impl Condition {
    pub(super) fn matches(&self, value: Option<&str>) -> bool {
        let Some(value) = value else { return *self == Self::Exists(false) };
        match self {
            Self::Equals(text) => value == text,
            Self::EqualsIgnoreCase(text) => value.eq_ignore_ascii_case(text),
            Self::Prefix(text) => value.starts_with(text),
            Self::Suffix(text) => value.ends_with(text),
            Self::Numeric(range) => value.parse().is_ok_and(|number| range.contains(number)),
            Self::AnythingBut(what) => what.allows(value),
            Self::Exists(there) => *there,
        }
    }

    /// How many values it names, at least one, and how many bytes of text.
    pub(super) fn size(&self) -> (usize, usize) {
        match self {
            Self::Equals(text)
            | Self::EqualsIgnoreCase(text)
            | Self::Prefix(text)
            | Self::Suffix(text) => (1, text.len()),
            Self::Numeric(_) | Self::Exists(_) => (1, 0),
            Self::AnythingBut(AnythingBut::Numbers(numbers)) => (numbers.len(), 0),
            Self::AnythingBut(
                AnythingBut::Texts(texts)
                | AnythingBut::TextsIgnoreCase(texts)
                | AnythingBut::Prefixes(texts)
                | AnythingBut::Suffixes(texts),
            ) => (texts.len(), texts.iter().map(String::len).sum()),
        }
    }
}

impl AnythingBut {
    /// Whether it cannot be meant: it forbids nothing, or what starts or ends every value.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Texts(texts) | Self::TextsIgnoreCase(texts) => texts.is_empty(),
            Self::Numbers(numbers) => numbers.is_empty(),
            Self::Prefixes(texts) | Self::Suffixes(texts) => {
                texts.is_empty() || texts.iter().any(String::is_empty)
            }
        }
    }

    fn allows(&self, value: &str) -> bool {
        match self {
            Self::Texts(texts) => !texts.iter().any(|text| value == text),
            Self::TextsIgnoreCase(texts) => {
                !texts.iter().any(|text| value.eq_ignore_ascii_case(text))
            }
            Self::Prefixes(texts) => !texts.iter().any(|text| value.starts_with(text)),
            Self::Suffixes(texts) => !texts.iter().any(|text| value.ends_with(text)),
            Self::Numbers(numbers) => {
                let number = value.parse::<Number>().ok().and_then(Number::whole);
                number.is_none_or(|number| !numbers.contains(&number))
            }
        }
    }
}
