//! The text on the desk: its versions, and which of them is shown. The one place where it changes.

use super::text::{Mistake, Opened, open};

/// Versions that can be gone back to.
pub const VERSIONS_MAX: usize = 200;
/// Bytes of all the versions that can be gone back to.
pub const VERSIONS_BYTES_MAX: usize = 4 << 20;
/// Keystrokes that follow each other faster than this, in real milliseconds, are one version.
pub const TYPING_GAP_MS: f64 = 700.0;

/// What happens to the text.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskCommand {
    /// The reader typed; the text is now this.
    Type {
        /// All of it.
        text: String,
        /// The real time.
        now_ms: f64,
    },
    /// Another document takes its place.
    Load {
        /// All of it.
        text: String,
        /// What it is, in one sentence.
        lead: String,
    },
    /// Go back to the version before.
    Undo,
    /// Go on to the version that was undone.
    Redo,
    /// Read the text as it is: the reader has paused.
    Read,
}

/// The text and its versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    text: String,
    lead: String,
    past: Vec<Version>,
    future: Vec<Version>,
    typed_ms: Option<f64>,
    /// Whether the text has been read as it is.
    is_read: bool,
    mistake: Option<Mistake>,
}

/// A text with its sentence.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    text: String,
    lead: String,
}

impl Desk {
    /// The text as it is.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is, in one sentence; the sentence of a document that the reader has changed since
    /// still says where it came from.
    #[must_use]
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// What is wrong with the text, as far as it has been read.
    #[must_use]
    pub fn mistake(&self) -> Option<&Mistake> {
        self.mistake.as_ref().filter(|_| self.is_read)
    }

    /// Whether the text has changed since it was read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !self.is_read
    }

    /// Whether there is a version to go back to.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether a version was undone.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Carries out a command. Reading a text that is a scenario gives it, to be shown instead of
    /// the one before; reading any other changes nothing of what is shown.
    pub fn apply(&mut self, command: DeskCommand) -> Option<Opened> {
        match command {
            DeskCommand::Type { text, now_ms } => self.type_text(text, now_ms),
            DeskCommand::Load { text, lead } => self.load(text, lead),
            DeskCommand::Undo => self.undo(),
            DeskCommand::Redo => self.redo(),
            DeskCommand::Read => return self.read(),
        }
        None
    }

    fn type_text(&mut self, text: String, now_ms: f64) {
        if text == self.text {
            return;
        }
        let goes_on = self.typed_ms.is_some_and(|typed_ms| now_ms - typed_ms < TYPING_GAP_MS);
        if !goes_on {
            self.keep();
        }
        self.future.clear();
        self.typed_ms = Some(now_ms);
        self.text = text;
        self.is_read = false;
    }

    fn load(&mut self, text: String, lead: String) {
        if text != self.text {
            if !self.text.is_empty() {
                self.keep();
            }
            self.future.clear();
        }
        self.put(Version { text, lead });
    }

    fn undo(&mut self) {
        if let Some(version) = self.past.pop() {
            let undone = self.put(version);
            self.future.push(undone);
        }
    }

    fn redo(&mut self) {
        if let Some(version) = self.future.pop() {
            let before = self.put(version);
            self.past.push(before);
        }
    }

    fn read(&mut self) -> Option<Opened> {
        self.is_read = true;
        match open(&self.text) {
            Ok(opened) => {
                self.mistake = None;
                Some(opened)
            }
            Err(mistake) => {
                self.mistake = Some(mistake);
                None
            }
        }
    }

    /// Puts a version on the desk, and gives the one that lay there.
    fn put(&mut self, version: Version) -> Version {
        self.typed_ms = None;
        self.is_read = false;
        let text = std::mem::replace(&mut self.text, version.text);
        let lead = std::mem::replace(&mut self.lead, version.lead);
        Version { text, lead }
    }

    /// Remembers the text as a version to go back to.
    fn keep(&mut self) {
        self.past.push(Version { text: self.text.clone(), lead: self.lead.clone() });
        let mut bytes: usize = self.past.iter().map(|version| version.text.len()).sum();
        while self.past.len() > VERSIONS_MAX || bytes > VERSIONS_BYTES_MAX {
            bytes -= self.past.remove(0).text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::templates::TEMPLATES;

    #[test]
    fn typing_in_one_go_is_one_version() {
        let mut desk = with("a");
        for (text, now_ms) in [("ab", 1_000.0), ("abc", 1_200.0), ("abcd", 5_000.0)] {
            desk.apply(DeskCommand::Type { text: text.into(), now_ms });
        }
        let mut back = Vec::new();
        while desk.can_undo() {
            desk.apply(DeskCommand::Undo);
            back.push(desk.text().to_owned());
        }
        assert_eq!(back, ["abc", "a"]);
        desk.apply(DeskCommand::Redo);
        assert_eq!(desk.text(), "abc");
        desk.apply(DeskCommand::Type { text: "x".into(), now_ms: 9_000.0 });
        assert!(!desk.can_redo(), "another way was taken");
        desk.apply(DeskCommand::Undo);
        assert_eq!(desk.text(), "abc");
    }

    #[test]
    fn what_a_template_replaces_comes_back() {
        let mut desk = with("mine");
        desk.apply(DeskCommand::Load { text: "theirs".into(), lead: "Theirs.".into() });
        assert_eq!((desk.text(), desk.lead()), ("theirs", "Theirs."));
        desk.apply(DeskCommand::Undo);
        assert_eq!((desk.text(), desk.lead()), ("mine", "Mine."));
        desk.apply(DeskCommand::Load { text: "mine".into(), lead: "Mine.".into() });
        assert!(!desk.can_undo(), "the same again is no version");
    }

    #[test]
    fn a_mistake_is_told_when_the_text_is_read_and_not_while_it_changes() {
        let mut desk = with(TEMPLATES[0].document);
        assert!(desk.apply(DeskCommand::Read).is_some() && desk.mistake().is_none());
        desk.apply(DeskCommand::Type { text: "{".into(), now_ms: 0.0 });
        assert!(desk.is_unread() && desk.mistake().is_none());
        assert!(desk.apply(DeskCommand::Read).is_none(), "what was shown stays");
        assert!(desk.mistake().is_some());
        desk.apply(DeskCommand::Undo);
        assert_eq!(desk.mistake(), None, "that was about another text");
        assert!(desk.apply(DeskCommand::Read).is_some());
    }

    #[test]
    fn old_versions_go_when_there_are_too_many_or_too_large_ones() {
        let mut desk = with("");
        for n in 0..=VERSIONS_MAX {
            let now_ms = n as f64 * 2.0 * TYPING_GAP_MS;
            desk.apply(DeskCommand::Type { text: format!("x{n}"), now_ms });
        }
        assert_eq!(desk.past.len(), VERSIONS_MAX);
        assert_eq!(desk.past[0].text, "x0", "the oldest, empty one is gone");
        let large = VERSIONS_BYTES_MAX / 2;
        for (n, more) in [(1, 0), (2, 0), (3, 1)] {
            let text = "y".repeat(large + more);
            desk.apply(DeskCommand::Load {
                text: format!("{n}{}", &text[1..]),
                lead: String::new(),
            });
        }
        let text = "z".to_owned();
        desk.apply(DeskCommand::Load { text, lead: String::new() });
        assert_eq!(desk.past.len(), 1, "two halves and a byte are too much");
    }

    fn with(text: &str) -> Desk {
        let mut desk = Desk::default();
        desk.apply(DeskCommand::Load { text: text.into(), lead: "Mine.".into() });
        desk
    }
}
