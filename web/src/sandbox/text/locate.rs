//! Where in a document a setting stands that an error names: `producers[0].arrivals.per_minute`.

use std::ops::Range;

use super::tokens::{Kind, Token, tokens};

/// The word for the setting at `path`, or for the nearest thing around it that is there.
pub(super) fn locate(text: &str, path: &str) -> Option<Range<usize>> {
    let tokens = tokens(text);
    let search = Search { text, tokens: &tokens };
    let mut place = Place { value: 0, label: None };
    let mut rest = path;
    let mut is_found = false;
    while !rest.is_empty() {
        let Some(step) = search.step(place.value, rest) else { break };
        place = step.place;
        is_found |= step.rest.len() < rest.len();
        rest = step.rest;
    }
    is_found.then(|| search.word(place)).flatten()
}

/// The text in quotes that reads so, wherever it first stands: a value before a key.
pub(super) fn find_text(text: &str, wanted: &str) -> Option<Range<usize>> {
    let tokens = tokens(text);
    let search = Search { text, tokens: &tokens };
    let of_kind = |kind| {
        tokens.iter().find(|token| token.kind == kind && search.content(token) == Some(wanted))
    };
    of_kind(Kind::Text).or_else(|| of_kind(Kind::Key)).map(Token::range)
}

#[derive(Clone, Copy)]
struct Search<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

/// A value, by the number of its first token, and the key that leads to it.
#[derive(Clone, Copy)]
struct Place {
    value: usize,
    label: Option<usize>,
}

/// One step down, and the path that is left.
struct Step<'p> {
    place: Place,
    rest: &'p str,
}

impl<'t> Search<'t> {
    fn step<'p>(&self, value: usize, path: &'p str) -> Option<Step<'p>> {
        match self.sign(value)? {
            "{" => self.enter_object(value, path),
            "[" => self.enter_list(value, path),
            _ => None,
        }
    }

    /// By the longest key that the path begins with, since keys may contain points; else into an
    /// object's only member, which paths leave out where it says which kind of thing this is.
    fn enter_object<'p>(&self, object: usize, path: &'p str) -> Option<Step<'p>> {
        let members = self.members(object);
        let named = members.iter().filter_map(|(key, value)| {
            let rest = path.strip_prefix(self.content(&self.tokens[*key])?)?;
            let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
            is_whole.then_some((*key, *value, rest))
        });
        if let Some((key, value, rest)) = named.min_by_key(|(_, _, rest)| rest.len()) {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            return Some(Step { place: Place { value, label: Some(key) }, rest });
        }
        match members.as_slice() {
            [(key, value)] => {
                Some(Step { place: Place { value: *value, label: Some(*key) }, rest: path })
            }
            _ => None,
        }
    }

    fn enter_list<'p>(&self, list: usize, path: &'p str) -> Option<Step<'p>> {
        let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
        let number: usize = number.parse().ok()?;
        let mut value = list + 1;
        for _ in 0..number {
            value = self.behind(value);
            (self.sign(value)? == ",").then_some(())?;
            value += 1;
        }
        (self.sign(value)? != "]").then_some(())?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        Some(Step { place: Place { value, label: None }, rest })
    }

    /// Key and value of each member.
    fn members(&self, object: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut at = object + 1;
        while self.tokens.get(at).is_some_and(|token| token.kind == Kind::Key) {
            let value = at + 2;
            found.push((at, value));
            at = self.behind(value);
            if self.sign(at) != Some(",") {
                break;
            }
            at += 1;
        }
        found
    }

    /// The number of the token behind a value.
    fn behind(&self, value: usize) -> usize {
        let mut depth = 0_usize;
        for (number, token) in self.tokens.iter().enumerate().skip(value) {
            match &self.text[token.range()] {
                "{" | "[" => depth += 1,
                "}" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return number + 1;
            }
        }
        self.tokens.len()
    }

    /// The word to mark for a value: itself; of something larger its key; of an entry in a list
    /// what its first member says, which mostly is its name.
    fn word(&self, place: Place) -> Option<Range<usize>> {
        let value = self.tokens.get(place.value)?;
        let is_large = value.kind == Kind::Sign;
        let named = place.label.filter(|_| is_large).and_then(|key| self.tokens.get(key));
        let first = || {
            let (_, first) = *self.members(place.value).first()?;
            self.tokens.get(first).filter(|token| token.kind != Kind::Sign)
        };
        let entry = if is_large && place.label.is_none() { first() } else { None };
        Some(named.or(entry).unwrap_or(value).range())
    }

    fn sign(&self, number: usize) -> Option<&'t str> {
        self.tokens.get(number).map(|token| &self.text[token.range()])
    }

    /// What stands in the quotes, escapes as they are written.
    fn content(&self, token: &Token) -> Option<&'t str> {
        let word = &self.text[token.range()];
        word.strip_prefix('"')?.strip_suffix('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
        "system": { "queues": [{ "name": "a" }, { "name": "b", "dead_letters": "x" }],
                    "routes": { "shop. north": { "to": "nowhere" } } },
        "producers": [{ "name": "shop", "arrivals": { "burst": { "count": 0 } } }]
    }"#;

    fn word(path: &str) -> Option<&'static str> {
        locate(TEXT, path).map(|range| &TEXT[range])
    }

    #[test]
    fn a_setting_is_found_by_its_path() {
        assert_eq!(word("system.queues[1].dead_letters"), Some("\"x\""));
        assert_eq!(word("system.routes.shop. north.to"), Some("\"nowhere\""));
        assert_eq!(word("system.queues"), Some("\"queues\""));
        assert_eq!(word("system.queues[1]"), Some("\"b\""), "an entry is known by its name");
    }

    #[test]
    fn a_path_may_leave_out_the_kind_of_thing() {
        assert_eq!(word("producers[0].arrivals.count"), Some("0"));
    }

    #[test]
    fn what_is_not_there_is_its_surroundings() {
        assert_eq!(word("producers[0].limit"), Some("\"shop\""));
        assert_eq!(word("system.queues[7].name"), Some("\"queues\""));
        assert_eq!((word("nothing"), word(""), word("[0]")), (None, None, None));
    }

    #[test]
    fn a_text_is_found_by_what_it_says() {
        assert_eq!(find_text(TEXT, "b").map(|range| &TEXT[range]), Some("\"b\""));
        assert_eq!(find_text(TEXT, "count").map(|range| &TEXT[range]), Some("\"count\""));
        assert_eq!(find_text(TEXT, "c"), None);
    }

    #[test]
    fn any_text_can_be_searched() {
        for end in (0..TEXT.len()).filter(|end| TEXT.is_char_boundary(*end)) {
            for path in ["system.queues[1].name", "producers[0].arrivals.count", "[0]", "a.b"] {
                let found = locate(&TEXT[..end], path);
                assert!(found.is_none_or(|range| range.end <= end));
            }
        }
    }
}
