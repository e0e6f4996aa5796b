//! What is wrong with a text, and at which word.

use std::ops::Range;

use super::tokens::tokens;

/// What is wrong, for the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// In words, without a full stop.
    pub words: String,
    /// The word that it is about, where one is known.
    pub spot: Option<Spot>,
}

/// A word in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its line; the first is 1.
    pub line: usize,
    /// The place of its first character in the line; the first is 1.
    pub column: usize,
}

impl Spot {
    /// The spot of these bytes; they are as in `text`, on the bounds of characters.
    #[must_use]
    pub fn new(text: &str, range: Range<usize>) -> Self {
        let before = &text[..range.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        Self { range, line, column }
    }

    /// The word at the place where a reader of bytes stopped: `line` counts from 1, and `column`
    /// says how many bytes of that line it had read.
    pub(super) fn at(text: &str, line: usize, column: usize) -> Option<Self> {
        let before = text.split_inclusive('\n').take(line.checked_sub(1)?);
        let line_start: usize = before.map(str::len).sum();
        let place = line_start + column.saturating_sub(1);
        let found = tokens(text).into_iter().take_while(|token| token.start <= place).last();
        found.map(|token| Self::new(text, token.range()))
    }

    /// The word's place in UTF-16 units, as browsers count.
    #[must_use]
    pub fn in_utf16(&self, text: &str) -> Range<usize> {
        let units = |end: usize| text[..end].encode_utf16().count();
        units(self.range.start)..units(self.range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_counted_as_people_count() {
        let text = "{\n  \"ü\": x }";
        let place = text.find('x').unwrap();
        let spot = Spot::new(text, place..place + 1);
        assert_eq!((spot.line, spot.column), (2, 8));
        assert_eq!(spot.in_utf16(text), 9..10);
    }

    #[test]
    fn the_word_is_found_from_any_of_its_bytes() {
        let text = "{\n  \"name\": nonsense }";
        for column in 11..=18 {
            let spot = Spot::at(text, 2, column).unwrap();
            assert_eq!(&text[spot.range], "nonsense", "{column}");
        }
        assert_eq!(Spot::at(text, 9, 9).map(|spot| text[spot.range].to_owned()), Some("}".into()));
        assert_eq!((Spot::at("", 1, 0), Spot::at(" ", 0, 0)), (None, None));
    }
}
