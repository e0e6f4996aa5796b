//! Subjects, and the patterns with wildcards that select them.

use alloc::{borrow::ToOwned, string::String};
use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::limits::SUBJECT_BYTES_MAX;

/// Selects messages by their subject: tokens between dots, some of which may be wildcards.
///
/// | token | stands for |
/// |---|---|
/// | `*` | exactly one token, whatever it is |
/// | `>` | one or more tokens; the last token of a pattern only |
/// | `#` | any number of tokens, also none; anywhere |
///
/// `*` and `>` are NATS's. `#` is RabbitMQ's, and so is `*`: a binding key of a topic exchange is a
/// pattern as it stands. Everything else stands for itself; case counts. A message without a
/// subject has no tokens, so that `#` selects it and neither `*` nor `>` does.
///
/// Where NATS and RabbitMQ take a wildcard inside a token (`foo*`) literally, it is refused here,
/// since no subject could match it; likewise empty tokens (RabbitMQ allows them) and the empty
/// pattern. At most [`SUBJECT_BYTES_MAX`] bytes.
///
/// # Example: all orders of any region, and all that comes from the EU
/// ```
/// use postroom_core::SubjectPattern;
///
/// let created: SubjectPattern = "orders.*.created".parse()?;
/// assert!(created.matches(Some("orders.eu.created")));
/// assert!(!created.matches(Some("orders.eu.berlin.created")));
///
/// let from_eu: SubjectPattern = "orders.eu.>".parse()?;
/// assert!(from_eu.matches(Some("orders.eu.berlin.created")));
/// assert!(!from_eu.matches(Some("orders.eu")), "`>` stands for at least one token");
/// # Ok::<(), postroom_core::SubjectError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct SubjectPattern {
    text: String,
    has_wildcards: bool,
}

/// Why a text is not a subject, or not a pattern of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubjectError {
    /// Give 1 to 255 bytes.
    #[error("a subject of {bytes} bytes: give 1 to {SUBJECT_BYTES_MAX}")]
    Length {
        /// Its length.
        bytes: u64,
    },
    /// Leave out the dot at the start, at the end, or after another dot.
    #[error("a subject has something before, between and after its dots: leave out the extra dot")]
    EmptyToken,
    /// Leave out spaces, line breaks and control characters.
    #[error("a subject contains neither spaces nor control characters: leave them out")]
    Space,
    /// In a pattern, put a dot before and after the wildcard. In the subject of a message, leave it
    /// out: wildcards belong to subscriptions.
    #[error(
        "`*`, `>` and `#` are wildcards: whole tokens of a pattern, and not in a message's subject"
    )]
    Wildcard,
    /// End the pattern with `>`, or use `#`, which may stand anywhere.
    #[error("`>` comes last: nothing follows it (`#` may stand anywhere)")]
    NotLast,
}

/// Checks the subject of a message, as publishing does: 1 to [`SUBJECT_BYTES_MAX`] bytes of tokens
/// between dots, none of them empty or `#` alone, without spaces, control characters, `*` and `>`.
///
/// # Errors
/// As [`SubjectError`] says.
///
/// # Example: a subject, and a pattern of subjects
/// ```
/// use postroom_core::{SubjectError, check_subject};
///
/// assert_eq!(check_subject("orders.eu.created"), Ok(()));
/// assert_eq!(check_subject("orders.*.created"), Err(SubjectError::Wildcard));
/// ```
pub fn check_subject(subject: &str) -> Result<(), SubjectError> {
    check_text(subject)?;
    if subject.contains(['*', '>']) || subject.split('.').any(|token| token == "#") {
        return Err(SubjectError::Wildcard);
    }
    Ok(())
}

impl SubjectPattern {
    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a message with this subject, or without one, is selected.
    #[must_use]
    pub fn matches(&self, subject: Option<&str>) -> bool {
        if !self.has_wildcards {
            return subject == Some(&self.text);
        }
        // Without a subject there is no token, and not one empty token.
        let subject = Tokens { rest: subject.map(str::as_bytes) };
        matches_tokens(Tokens { rest: Some(self.text.as_bytes()) }, subject)
    }
}

impl FromStr for SubjectPattern {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for SubjectPattern {
    type Error = SubjectError;

    fn try_from(text: String) -> Result<Self, SubjectError> {
        check_text(&text)?;
        let mut has_wildcards = false;
        let mut tokens = text.split('.').peekable();
        while let Some(token) = tokens.next() {
            match token {
                ">" if tokens.peek().is_some() => return Err(SubjectError::NotLast),
                "*" | ">" | "#" => has_wildcards = true,
                token if token.contains(['*', '>']) => return Err(SubjectError::Wildcard),
                _ => {}
            }
        }
        Ok(Self { text, has_wildcards })
    }
}

impl From<SubjectPattern> for String {
    fn from(pattern: SubjectPattern) -> Self {
        pattern.text
    }
}

impl fmt::Display for SubjectPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn check_text(text: &str) -> Result<(), SubjectError> {
    let bytes = text.len() as u64;
    if !(1..=u64::from(SUBJECT_BYTES_MAX)).contains(&bytes) {
        return Err(SubjectError::Length { bytes });
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(SubjectError::Space);
    }
    if text.split('.').any(str::is_empty) {
        return Err(SubjectError::EmptyToken);
    }
    Ok(())
}

/// Where a `#` is, it first stands for no token; whenever the rest does not fit, the last `#` takes
/// one token more. Earlier ones need not: what they could take, the last one can.
fn matches_tokens(mut pattern: Tokens<'_>, mut subject: Tokens<'_>) -> bool {
    let mut last_many = None;
    loop {
        let fits = match pattern.next() {
            Some(b"#") => {
                last_many = Some((pattern, subject));
                true
            }
            Some(b">") => return subject.next().is_some(),
            Some(b"*") => subject.next().is_some(),
            Some(token) => subject.next() == Some(token),
            None if subject.next().is_none() => return true,
            None => false,
        };
        if !fits {
            let Some((after, from)) = &mut last_many else { return false };
            if from.next().is_none() {
                return false;
            }
            (pattern, subject) = (*after, *from);
        }
    }
}

/// What is between the dots. For tokens as short as these, faster than `split`.
#[derive(Clone, Copy)]
struct Tokens<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let Some(dot) = rest.iter().position(|byte| *byte == b'.') else {
            return self.rest.take();
        };
        self.rest = Some(&rest[dot + 1..]);
        Some(&rest[..dot])
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn parse(text: &str) -> Result<String, SubjectError> {
        text.parse::<SubjectPattern>().map(String::from)
    }

    #[test]
    fn subjects_and_patterns_are_bounded() {
        let text = |bytes: usize| "a".repeat(bytes);
        assert_eq!(check_subject(&text(255)), Ok(()));
        assert_eq!(parse(&text(255)), Ok(text(255)));
        for bytes in [0, 256] {
            let refused = SubjectError::Length { bytes: bytes as u64 };
            assert_eq!(check_subject(&text(bytes)), Err(refused));
            assert_eq!(parse(&text(bytes)), Err(refused));
        }
    }

    #[test]
    fn the_worst_pattern_takes_no_time_worth_naming() {
        let most = std::format!("{}b", "#.".repeat(127));
        let pattern: SubjectPattern = most.parse().unwrap();
        let subject = std::format!("{}c", "a.".repeat(127));
        assert!(!pattern.matches(Some(&subject)));
        assert!(pattern.matches(Some(&subject.replace('c', "b"))));
    }

    #[test]
    fn a_pattern_is_a_text_in_a_document() {
        let pattern: SubjectPattern = serde_json::from_str(r#""orders.*.>""#).unwrap();
        assert_eq!(serde_json::to_string(&pattern).unwrap(), r#""orders.*.>""#);
        let refused = serde_json::from_str::<SubjectPattern>(r#""orders.>.eu""#).unwrap_err();
        assert!(std::string::ToString::to_string(&refused).contains("`>` comes last"), "{refused}");
    }

    #[test]
    fn spaces_and_control_characters_are_refused() {
        for text in ["a b", " a", "a\t", "a\nb", "a\r", "a\u{0}", "a\u{7f}", "a\u{a0}b"] {
            assert_eq!(check_subject(text), Err(SubjectError::Space), "{text:?}");
            assert_eq!(parse(text), Err(SubjectError::Space), "{text:?}");
        }
        assert_eq!(check_subject("bestellung.münchen"), Ok(()));
    }
}
