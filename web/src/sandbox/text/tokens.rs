//! The words of a JSON text, whether or not it is one yet.

use std::ops::Range;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text that names a member of an object.
    Key,
    /// Any other text in quotes.
    Text,
    /// A number, or what begins like one.
    Number,
    /// `true`, `false`, `null`, or what nobody knows.
    Word,
    /// A bracket, a colon, a comma.
    Sign,
}

/// A word of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
}

impl Token {
    /// Where it stands.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// All words, in order. Every byte that is no white space belongs to one.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let kind = match byte {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'"' => {
                at = end_of_text(bytes, at);
                Kind::Text
            }
            byte if is_sign(*byte) => {
                at += 1;
                Kind::Sign
            }
            byte => {
                at += bytes[at..].iter().take_while(|byte| is_in_word(**byte)).count();
                if byte.is_ascii_digit() || *byte == b'-' { Kind::Number } else { Kind::Word }
            }
        };
        if bytes[start] == b':'
            && let Some(before) = found.last_mut()
            && before.kind == Kind::Text
        {
            before.kind = Kind::Key;
        }
        found.push(Token { kind, start, end: at });
    }
    found
}

/// Behind the closing quote, or at the end of a line on which there is none.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            // A character of several bytes is not split: none of its bytes is an ASCII one.
            b'\\' if bytes.get(at + 1).is_some_and(|next| next.is_ascii() && *next != b'\n') => {
                at += 2;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',')
}

fn is_in_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !is_sign(byte) && byte != b'"'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(Kind, &str)> {
        tokens(text).into_iter().map(|token| (token.kind, &text[token.range()])).collect()
    }

    #[test]
    fn a_document_is_told_apart() {
        assert_eq!(
            words(r#"{ "a\"b": [1, -2.5e3, true, "ü"] }"#),
            [
                (Kind::Sign, "{"),
                (Kind::Key, r#""a\"b""#),
                (Kind::Sign, ":"),
                (Kind::Sign, "["),
                (Kind::Number, "1"),
                (Kind::Sign, ","),
                (Kind::Number, "-2.5e3"),
                (Kind::Sign, ","),
                (Kind::Word, "true"),
                (Kind::Sign, ","),
                (Kind::Text, "\"ü\""),
                (Kind::Sign, "]"),
                (Kind::Sign, "}"),
            ]
        );
    }

    #[test]
    fn whatever_is_no_document_has_words_too() {
        assert_eq!(words("\"open\n<b>x"), [(Kind::Text, "\"open"), (Kind::Word, "<b>x")]);
        assert_eq!(words("\"\\"), [(Kind::Text, "\"\\")]);
        assert_eq!(words("\"\\ü"), [(Kind::Text, "\"\\ü")]);
        assert_eq!(words("é\u{a0}💥"), [(Kind::Word, "é\u{a0}💥")]);
        assert_eq!(words(" \n\t"), []);
    }
}
