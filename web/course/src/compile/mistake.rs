//! What is wrong with a lesson, and where.

use std::fmt;

/// A mistake of an author's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file, from the folder of the lessons.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What to do about it.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// A file that is read, and what was found to be wrong with it.
pub(super) struct Source<'t> {
    pub(super) file: String,
    pub(super) text: &'t str,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'t> Source<'t> {
    pub(super) fn new(file: String, text: &'t str) -> Self {
        Self { file, text, mistakes: Vec::new() }
    }

    /// Something is wrong at this place in the text.
    pub(super) fn wrong(&mut self, at: usize, what: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.mistakes.push(Mistake { file: self.file.clone(), line, what: what.into() });
    }
}
