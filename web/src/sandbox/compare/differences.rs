//! What differs between two documents, setting by setting.

use crate::sandbox::text::{Kind, Token, tokens};

/// Differences that are told; of more than these only the number is.
pub const DIFFERENCES_TOLD_MAX: usize = 4;

/// The member that says where parts stand.
const DRAWING: &str = "drawing";

/// A setting that two documents do not have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The names that lead to it, from the outside in. An entry of a list goes by its name, or by
    /// its place if it has none.
    pub path: Vec<String>,
    /// What the first document says. None if it says nothing, or more than one word.
    pub from: Option<String>,
    /// What the second document says; none as above.
    pub to: Option<String>,
}

/// What differs between two documents that can be read, in the order of the first; what only the
/// second has comes last. Something that is missing as a whole is one difference.
#[must_use]
pub fn differences(from: &str, to: &str) -> Vec<Difference> {
    let (from, to) = (leaves(from), leaves(to));
    let mut found: Vec<Difference> = Vec::new();
    for leaf in &from {
        match to.iter().find(|other| other.path == leaf.path) {
            Some(other) if other.word == leaf.word => {}
            Some(other) => found.push(Difference {
                path: leaf.path.clone(),
                from: Some(leaf.word.clone()),
                to: Some(other.word.clone()),
            }),
            None => {
                let (path, word) = missing(leaf, &to);
                put(&mut found, Difference { path, from: word, to: None });
            }
        }
    }
    for leaf in &to {
        if !from.iter().any(|other| other.path == leaf.path) {
            let (path, word) = missing(leaf, &from);
            put(&mut found, Difference { path, from: None, to: word });
        }
    }
    found
}

/// A single value, and the way there.
struct Leaf {
    path: Vec<String>,
    word: String,
}

/// The outermost thing around a leaf that the other document has nothing of; and the leaf's word
/// if that is the leaf itself.
fn missing(leaf: &Leaf, other: &[Leaf]) -> (Vec<String>, Option<String>) {
    let is_there = |part: &[String]| other.iter().any(|each| each.path.starts_with(part));
    let length = (1..leaf.path.len()).find(|length| !is_there(&leaf.path[..*length]));
    match length {
        Some(length) => (leaf.path[..length].to_vec(), None),
        None => (leaf.path.clone(), Some(leaf.word.clone())),
    }
}

fn put(found: &mut Vec<Difference>, difference: Difference) {
    if !found.iter().any(|each| each.path == difference.path) {
        found.push(difference);
    }
}

fn leaves(text: &str) -> Vec<Leaf> {
    let tokens = tokens(text);
    let mut walk = Walk { text, tokens: &tokens, at: 0, path: Vec::new(), found: Vec::new() };
    walk.value();
    // Where parts stand in the picture means nothing for the run.
    walk.found.retain(|leaf| leaf.path.first().is_none_or(|first| first != DRAWING));
    walk.found
}

/// Goes through a document that can be read, word by word.
struct Walk<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    path: Vec<String>,
    found: Vec<Leaf>,
}

impl<'t> Walk<'t> {
    fn value(&mut self) {
        match self.word() {
            "{" => self.members(),
            "[" => self.entries(),
            word => {
                self.found.push(Leaf { path: self.path.clone(), word: bare(word) });
                self.at += 1;
            }
        }
    }

    fn members(&mut self) {
        self.at += 1;
        while self.tokens.get(self.at).is_some_and(|token| token.kind == Kind::Key) {
            self.path.push(bare(self.word()));
            // Behind the key and its colon.
            self.at += 2;
            self.value();
            self.path.pop();
            self.at += usize::from(self.word() == ",");
        }
        self.at += 1;
    }

    fn entries(&mut self) {
        self.at += 1;
        for place in 1.. {
            if self.at >= self.tokens.len() || self.word() == "]" {
                break;
            }
            let name = self.name().unwrap_or_else(|| place.to_string());
            self.path.push(name);
            self.value();
            self.path.pop();
            self.at += usize::from(self.word() == ",");
        }
        self.at += 1;
    }

    /// What an entry is called, if its first member says so.
    fn name(&self) -> Option<String> {
        let [open, key, _, name] = self.tokens.get(self.at..self.at + 4)? else { return None };
        let is_named = self.of(open) == "{" && self.of(key) == "\"name\"";
        is_named.then(|| bare(self.of(name)))
    }

    fn word(&self) -> &'t str {
        self.tokens.get(self.at).map_or("", |token| self.of(token))
    }

    fn of(&self, token: &Token) -> &'t str {
        &self.text[token.range()]
    }
}

/// Without its quotes.
fn bare(word: &str) -> String {
    word.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::templates::template;

    #[test]
    fn the_one_setting_is_found_by_name_with_both_values() {
        let text = template("work-queue").expect("it is there").document;
        let other = text.replacen("\"max_deliveries\": 3", "\"max_deliveries\": 5", 1);
        let found = differences(text, &other);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, ["system", "queues", "jobs", "config", "max_deliveries"]);
        assert_eq!((found[0].from.as_deref(), found[0].to.as_deref()), (Some("3"), Some("5")));
        assert_eq!(differences(text, text), []);
    }

    #[test]
    fn spaces_and_the_order_of_members_are_no_difference() {
        assert_eq!(differences(r#"{"a":1,"b":[2]}"#, "{ \"b\": [2],\n \"a\": 1 }"), []);
    }

    #[test]
    fn what_is_missing_as_a_whole_is_one_difference() {
        let more = r#"{"list":[{"name":"x","a":1},{"name":"y","a":1,"b":2}],"n":1}"#;
        let less = r#"{"list":[{"name":"x","a":1}]}"#;
        let told: Vec<_> = differences(less, more)
            .into_iter()
            .map(|each| (each.path.join("."), each.from, each.to))
            .collect();
        let expected =
            [("list.y".to_owned(), None, None), ("n".to_owned(), None, Some("1".to_owned()))];
        assert_eq!(told, expected);
        let back: Vec<_> = differences(more, less).into_iter().map(|each| each.path).collect();
        assert_eq!(back, [vec!["list", "y"], vec!["n"]]);
    }
}
