//! A case: what is given, what is done, what is expected, and who says so.

use std::{collections::BTreeMap, str::FromStr};

use postroom_core::Span;

use super::{language::Verb, need::Need};

/// One case of the suite.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file it stands in.
    pub room: String,
    /// Unique within its room.
    pub name: String,
    /// Whose fact it is: a suite and its test, or a document and its section.
    pub source: String,
    /// All that a backend must offer, declared or following from the steps.
    pub needs: Vec<Need>,
    /// In the order in which they are taken.
    pub steps: Vec<Step>,
}

/// One line of a case.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its line in the file, from 1.
    pub line: usize,
    /// As it is written.
    pub text: String,
    /// What is done.
    pub verb: Verb,
    /// What it is done to.
    pub words: Vec<String>,
    /// How.
    pub options: Options,
    /// The answer that must come; where there is none, that it is not refused.
    pub expected: Option<Vec<String>>,
}

/// The words `key=value` of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(pub(super) BTreeMap<String, String>);

impl Options {
    /// The value of a key, where it is given.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The value as a number.
    ///
    /// # Panics
    /// When it is none: the case is written wrong.
    #[must_use]
    pub fn number<T: FromStr>(&self, key: &str) -> Option<T> {
        self.text(key).map(|value| {
            value.parse().unwrap_or_else(|_| panic!("`{key}={value}` should give a number"))
        })
    }

    /// The value as a time.
    ///
    /// # Panics
    /// When it is none: the case is written wrong.
    #[must_use]
    pub fn time(&self, key: &str) -> Option<Time> {
        self.text(key).map(|value| {
            Time::parse(value).unwrap_or_else(|| panic!("`{key}={value}` should give a time"))
        })
    }

    /// The attributes: the keys that begin with `with.`, without that.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| Some((key.strip_prefix("with.")?, value.as_str())))
    }

    /// The keys that are given.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// In thousandths of a lease: `1.1L` is 1,100.
    Leases(u64),
    /// As clocks have it: `100ms`, `30s`, `5min`, `12h`. Needs [`Need::ExactTime`].
    Exact(Span),
}

impl Time {
    /// Reads `1.1L`, `100ms`, `30s`, `5min` or `12h`; `0` is no time at all.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "0" {
            return Some(Self::Leases(0));
        }
        let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = text.split_at(unit);
        let exact =
            |millis| Some(Self::Exact(Span::from_millis(millis * number.parse::<u64>().ok()?)));
        match unit {
            "L" => Some(Self::Leases(thousandths(number)?)),
            "ms" => exact(1),
            "s" => exact(1_000),
            "min" => exact(60_000),
            "h" => exact(3_600_000),
            _ => None,
        }
    }

    /// How long that is where a lease is `lease`.
    #[must_use]
    pub fn of_lease(self, lease: Span) -> Span {
        match self {
            Self::Leases(thousandths) => Span::from_micros(lease.as_micros() * thousandths / 1_000),
            Self::Exact(span) => span,
        }
    }
}

/// Reads `2` or `1.25` as thousandths: no float is needed for it.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 {
        return None;
    }
    let padded = format!("{rest:0<3}");
    Some(whole.parse::<u64>().ok()? * 1_000 + padded.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_without_floats() {
        assert_eq!(Time::parse("1.1L"), Some(Time::Leases(1_100)));
        assert_eq!(Time::parse("12h"), Some(Time::Exact(Span::from_secs(43_200))));
        assert_eq!(Time::parse("1.1234L"), None);
        assert_eq!(Time::parse("soon"), None);
        let lease = Span::from_secs(30);
        assert_eq!(Time::Leases(1_100).of_lease(lease), Span::from_secs(33));
    }
}
