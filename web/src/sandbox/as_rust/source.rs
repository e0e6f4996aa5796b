//! Pieces of Rust source: names, strings, struct literals.

use std::collections::BTreeMap;

/// Fields of a struct literal.
#[derive(Default)]
pub(super) struct Fields {
    given: Vec<(&'static str, String)>,
    /// How many are left as they are by default.
    left: usize,
}

impl Fields {
    /// This field, whatever it is.
    pub(super) fn with(&mut self, name: &'static str, value: String) {
        self.given.push((name, value));
    }

    /// This field, if it is not as it is by default.
    pub(super) fn unless<T: PartialEq>(
        &mut self,
        default: T,
        name: &'static str,
        value: T,
        say: impl FnOnce(T) -> String,
    ) {
        if value == default {
            self.left += 1;
        } else {
            self.with(name, say(value));
        }
    }
}

/// A struct that is like `base` but for these fields.
pub(super) fn literal_like(name: &str, fields: Fields, base: &str) -> String {
    if fields.given.is_empty() {
        return base.to_owned();
    }
    let rest = format!("    ..{}\n", indented(base));
    format!("{}{rest}}}", opened(name, fields))
}

/// A struct that is like its default but for these fields.
pub(super) fn literal(name: &str, fields: Fields) -> String {
    if fields.left == 0 {
        return opened(name, fields) + "}";
    }
    literal_like(name, fields, &format!("{name}::default()"))
}

fn opened(name: &str, fields: Fields) -> String {
    let mut source = format!("{name} {{\n");
    for (field, value) in fields.given {
        let field = if field == value { value } else { format!("{field}: {}", indented(&value)) };
        source.push_str(&format!("    {field},\n"));
    }
    source
}

/// The same, one step to the right, but for its first line.
pub(super) fn indented(source: &str) -> String {
    source.replace('\n', "\n    ")
}

/// A string of this text.
pub(super) fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// A string of a JSON document, readable if it can be.
pub(super) fn raw(json: &str) -> String {
    let is_plain = !json.contains("\"#") && !json.contains(turns_the_text);
    if is_plain { format!("r#\"{json}\"#") } else { quoted(json) }
}

/// `format!` of this text, a space and a variable.
pub(super) fn formatted(text: &str, variable: &str) -> String {
    format!("format!({})", quoted(&format!("{} {{{variable}}}", escaped(text))))
}

/// The text as it has to stand in `format!`.
pub(super) fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// Whether a word stands in the source.
pub(super) fn is_named(source: &str, word: &str) -> bool {
    let is_part = |each: char| each.is_alphanumeric() || each == '_';
    source.match_indices(word).any(|(at, _)| {
        let (before, after) = (&source[..at], &source[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// One line of a comment.
pub(super) fn remark(text: &str) -> String {
    let is_out = |each: char| each.is_control() || turns_the_text(each);
    text.chars().map(|each| if is_out(each) { ' ' } else { each }).collect()
}

/// Whether a character makes a text read otherwise than it is: the compiler refuses those in comments
/// and in plain strings.
fn turns_the_text(each: char) -> bool {
    matches!(each, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Names of variables and functions for the parts, each unlike the others.
#[derive(Default)]
pub(super) struct Idents<'s> {
    given: BTreeMap<(&'static str, &'s str), String>,
}

/// Words that mean something else in the program or in Rust.
const TAKEN: &str = " abstract as async await become box break const continue crate digest_of do \
    drop dyn else enum extern false final fn for gen host if impl in let loop macro main match message_key mod move mut \
    number override priv publishes pub ref return self static std struct super thread trait true \
    try type typeof union unsafe unsized use virtual where while work yield ";

impl<'s> Idents<'s> {
    /// The name for this part; `kind` sets it apart from parts of other kinds.
    pub(super) fn name(&mut self, kind: &'static str, part: &'s str) -> String {
        if let Some(given) = self.given.get(&(kind, part)) {
            return given.clone();
        }
        let plain = plain(part);
        let is_free = |name: &str| {
            !TAKEN.contains(&format!(" {name} ")) && !self.given.values().any(|it| it == name)
        };
        let begins_well = plain.starts_with(|it: char| it.is_ascii_lowercase());
        let long = if plain.is_empty() { kind.to_owned() } else { format!("{kind}_{plain}") };
        let numbered = (2..).map(|number| format!("{long}_{number}"));
        let mut names =
            begins_well.then_some(plain).into_iter().chain([long.clone()]).chain(numbered);
        let name = names.find(|name| is_free(name)).expect("there is no end to numbers");
        self.given.insert((kind, part), name.clone());
        name
    }
}

/// Letters and digits, with one line between words.
fn plain(part: &str) -> String {
    let mut plain = String::new();
    for each in part.chars() {
        if each.is_ascii_alphanumeric() {
            plain.push(each.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_a_name_of_its_own() {
        let mut idents = Idents::default();
        let named: Vec<String> = [
            ("queue", "e-mail"),
            ("queue", "E mail"),
            ("topic", "e-mail"),
            ("queue", "type"),
            ("queue", "2nd"),
            ("queue", "…"),
            ("queue", "e-mail"),
        ]
        .into_iter()
        .map(|(kind, part)| idents.name(kind, part))
        .collect();
        let expected = ["e_mail", "queue_e_mail", "topic_e_mail", "queue_type", "queue_2nd"];
        assert_eq!(named[..5], expected);
        assert_eq!(named[5..], ["queue", "e_mail"]);
    }

    #[test]
    fn a_name_is_text_and_never_code() {
        assert_eq!(formatted("a{b}\"", "number"), r#"format!("a{{b}}\" {number}")"#);
        assert_eq!(raw(r#"{"a":"b"}"#), r##"r#"{"a":"b"}"#"##);
        assert_eq!(raw(r##"["#"]"##), r##""[\"#\"]""##);
        assert_eq!(remark("a\n// b\u{202e}c"), "a // b c");
        assert_eq!(raw("[\"\u{2066}\"]"), "\"[\\\"\\u{2066}\\\"]\"");
    }
}
