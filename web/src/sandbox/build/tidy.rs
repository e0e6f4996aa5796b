//! A scenario as a person would write it: short things on one line, and nothing that goes without
//! saying.

use postroom_core::{BreakerConfig, ConsumerConfig, Filter, OnFull, QueueConfig, TopicConfig};
use postroom_simulator::{Scenario, Topology};
use serde::Serialize;

use crate::sandbox::text::{Kind, tokens};

/// Characters on a line, where it can be broken.
const WIDTH: usize = 80;

/// A document, its members in the order in which they are written.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    /// Each key as it is written, in quotes.
    Object(Vec<(String, Tree)>),
    List(Vec<Tree>),
    /// As it is written.
    Leaf(String),
}

/// The text of a scenario. Read again, it is the same scenario.
#[must_use]
pub fn text_of(scenario: &Scenario<Topology>) -> String {
    let full = Tree::of(scenario);
    let mut short = full.clone();
    short.leave_out_defaults();
    let short = short.text();
    let again: Result<Scenario<Topology>, _> = serde_json::from_str(&short);
    if again.is_ok_and(|again| again == *scenario) { short } else { full.text() }
}

impl Tree {
    fn of(value: &impl Serialize) -> Self {
        let text = serde_json::to_string(value).unwrap_or_default();
        let mut words = tokens(&text).into_iter().map(|token| (token.kind, &text[token.range()]));
        Self::read(&mut words).unwrap_or_else(|| Self::List(Vec::new()))
    }

    /// None at the end of a list. The text was just written: it has no mistakes.
    fn read(words: &mut dyn Iterator<Item = (Kind, &str)>) -> Option<Self> {
        loop {
            return match words.next()?.1 {
                "," | ":" => continue,
                "]" => None,
                "[" => Some(Self::List(std::iter::from_fn(|| Self::read(words)).collect())),
                "{" => {
                    let mut members = Vec::new();
                    while let Some((kind, word)) = words.next().filter(|(_, word)| *word != "}") {
                        if kind == Kind::Key
                            && let Some(value) = Self::read(words)
                        {
                            members.push((word.to_owned(), value));
                        }
                    }
                    Some(Self::Object(members))
                }
                word => Some(Self::Leaf(word.to_owned())),
            };
        }
    }

    fn member(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        let found = members.iter_mut().find(|(each, _)| each.trim_matches('"') == key);
        found.map(|(_, value)| value)
    }

    fn entries(&mut self, key: &str) -> impl Iterator<Item = &mut Self> {
        let entries = match self.member(key) {
            Some(Self::List(entries)) => entries.as_mut_slice(),
            _ => &mut [],
        };
        entries.iter_mut()
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Object(members) => members.is_empty(),
            Self::List(entries) => entries.is_empty(),
            Self::Leaf(_) => false,
        }
    }

    fn leave_out_defaults(&mut self) {
        let leaf = |word: &str| Self::Leaf(word.to_owned());
        for provider in self.entries("providers") {
            provider.leave_out("mode", &leaf("\"healthy\""));
            if let Some(flaky) = provider.member("mode").and_then(|mode| mode.member("flaky")) {
                flaky.leave_out("answer_lost", &leaf("\"never\""));
            }
        }
        for scaler in self.entries("scalers") {
            scaler.leave_out("every_ms", &leaf("5000"));
            scaler.leave_out("start_ms", &leaf("0"));
            scaler.leave_out("down_after_ms", &leaf("60000"));
        }
        for caller in self.entries("callers") {
            caller.leave_out("timeout_ms", &leaf("30000"));
        }
        for waits in ["callers", "services"] {
            self.entries(waits).for_each(|each| each.leave_out("concurrency", &leaf("100")));
        }
        if let Some(system) = self.member("system") {
            for consumer in system.entries("consumers") {
                let breaker = consumer.member("config").and_then(|config| config.member("breaker"));
                if let Some(breaker) = breaker {
                    breaker.leave_out_all(&Self::of(&BreakerConfig::default()));
                }
            }
            let lists: [(&str, &[(&str, Self)]); 4] = [
                ("queues", &[("config", Self::of(&QueueConfig::default()))]),
                ("topics", &[("config", Self::of(&TopicConfig::default()))]),
                ("consumers", &[("config", Self::of(&ConsumerConfig::default()))]),
                (
                    "subscriptions",
                    &[
                        ("filter", Self::of(&Filter::default())),
                        ("on_full", Self::of(&OnFull::default())),
                    ],
                ),
            ];
            for (list, defaults) in lists {
                for entry in system.entries(list) {
                    defaults.iter().for_each(|(key, default)| entry.leave_out(key, default));
                }
            }
            system.leave_out_empty();
        }
        self.leave_out_empty();
    }

    /// Takes out of a member what is as in `default`, and the member if nothing is left of it.
    fn leave_out(&mut self, key: &str, default: &Self) {
        if let Some(value) = self.member(key) {
            value.leave_out_all(default);
            if value.is_empty() || value == default {
                let Self::Object(members) = self else { return };
                members.retain(|(each, _)| each.trim_matches('"') != key);
            }
        }
    }

    fn leave_out_all(&mut self, default: &Self) {
        let (Self::Object(members), Self::Object(defaults)) = (self, default) else { return };
        if !members.iter().map(|(key, _)| key).eq(defaults.iter().map(|(key, _)| key)) {
            return;
        }
        let mut defaults = defaults.iter();
        members.retain_mut(|(_, value)| {
            let Some((_, default)) = defaults.next() else { return true };
            let is_default = value == default;
            if !is_default {
                value.leave_out_all(default);
            }
            !is_default
        });
    }

    /// Takes out the members that hold nothing; a system remains, whatever is in it.
    fn leave_out_empty(&mut self) {
        if let Self::Object(members) = self {
            members.retain(|(key, value)| key == "\"system\"" || !value.is_empty());
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0, 0);
        text.push('\n');
        text
    }

    /// Writes it `depth` objects and lists deep; `used` characters stand before it on its line.
    fn write(&self, text: &mut String, depth: usize, used: usize) {
        let line = self.line();
        let is_broken = !self.is_empty() && self.is_always_broken(depth);
        if !is_broken && used + line.chars().count() < WIDTH {
            text.push_str(&line);
            return;
        }
        let indent = "  ".repeat(depth + 1);
        let close = |text: &mut String, sign: char| {
            text.push('\n');
            text.push_str(&indent[2..]);
            text.push(sign);
        };
        match self {
            Self::Object(members) => {
                text.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    text.push_str(if index > 0 { ",\n" } else { "\n" });
                    text.push_str(&indent);
                    text.push_str(key);
                    text.push_str(": ");
                    value.write(text, depth + 1, indent.len() + key.chars().count() + 2);
                }
                close(text, '}');
            }
            Self::List(entries) => {
                text.push('[');
                // Numbers and names fill their lines; anything larger has lines of its own.
                let mut used = WIDTH;
                for (index, entry) in entries.iter().enumerate() {
                    let width = entry.line().chars().count() + 2;
                    let fills = matches!(entry, Self::Leaf(_)) && used + width < WIDTH;
                    text.push_str(if index > 0 { "," } else { "" });
                    if fills {
                        text.push(' ');
                        used += width;
                    } else {
                        text.push('\n');
                        text.push_str(&indent);
                        used = indent.len() + width;
                    }
                    entry.write(text, depth + 1, indent.len());
                }
                close(text, ']');
            }
            Self::Leaf(word) => text.push_str(word),
        }
    }

    /// The document, its system and their lists: what is added to them does not move the rest.
    fn is_always_broken(&self, depth: usize) -> bool {
        match self {
            Self::Object(_) => depth <= 1,
            Self::List(entries) => {
                depth <= 2 && entries.iter().any(|entry| matches!(entry, Self::Object(_)))
            }
            Self::Leaf(_) => false,
        }
    }

    fn line(&self) -> String {
        match self {
            Self::Leaf(word) => word.clone(),
            Self::List(entries) => {
                let entries: Vec<_> = entries.iter().map(Self::line).collect();
                format!("[{}]", entries.join(", "))
            }
            Self::Object(members) if members.is_empty() => "{}".to_owned(),
            Self::Object(members) => {
                let member = |(key, value): &(String, Self)| format!("{key}: {}", value.line());
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{ {} }}", members.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::templates::TEMPLATES;

    #[test]
    fn a_template_is_written_as_it_was_and_reads_the_same() {
        for template in &TEMPLATES {
            let scenario: Scenario<Topology> =
                serde_json::from_str(template.document).expect("a template");
            let text = text_of(&scenario);
            assert_eq!(serde_json::from_str::<Scenario<Topology>>(&text).ok(), Some(scenario));
            let words = |text: &str| tokens(text).len();
            assert!(words(&text) <= words(template.document), "{text}");
        }
    }

    #[test]
    fn lines_are_short_and_names_are_kept_as_they_are() {
        let name = "\"quotes\", {brackets}: [ü\n\u{0}]";
        let mut scenario = Scenario::new(name, 7, Topology::default());
        let moments: Vec<u64> = (0..200).map(|n| n * 1_000).collect();
        let arrivals = postroom_simulator::Arrivals::Recorded { at_ms: moments.into() };
        scenario.producers.push(postroom_simulator::Producer::new("a", arrivals));
        let text = text_of(&scenario);
        assert_eq!(serde_json::from_str::<Scenario<Topology>>(&text).ok(), Some(scenario));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().count() < 45, "{text}");
        let empty = Scenario::new("New", 1, Topology::default());
        assert_eq!(
            text_of(&empty),
            "{\n  \"version\": 1,\n  \"name\": \"New\",\n  \"seed\": 1,\n  \"system\": {}\n}\n"
        );
    }
}
