//! Lines of prose: what Markdown may say in a lesson, and the words that carry signs.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::mistake::Source;
use crate::document::{Inline, Mark};

/// The marks by the names that authors give them.
const MARKS: [(&str, Mark); 9] = [
    ("message", Mark::Message),
    ("queue", Mark::Queue),
    ("topic", Mark::Topic),
    ("worker", Mark::Worker),
    ("dead", Mark::Dead),
    ("retry", Mark::Retry),
    ("lease", Mark::Lease),
    ("done", Mark::Done),
    ("failed", Mark::Failed),
];

/// Events of Markdown, each with its place.
pub(super) type Events<'t> = std::vec::IntoIter<(Event<'t>, Range<usize>)>;

pub(super) fn events(text: &str) -> Events<'_> {
    Parser::new_ext(text, Options::empty()).into_offset_iter().collect::<Vec<_>>().into_iter()
}

/// The pieces up to the end of what has just begun.
pub(super) fn inlines(
    events: &mut Events<'_>,
    source: &mut Source<'_>,
    shift: usize,
) -> Vec<Inline> {
    let mut pieces = Vec::new();
    while let Some((event, range)) = events.next() {
        let at = range.start + shift;
        match event {
            Event::End(_) => break,
            Event::Text(words) => add(&mut pieces, &words),
            Event::SoftBreak => add(&mut pieces, " "),
            Event::Code(words) => pieces.push(Inline::Code(words.into_string())),
            Event::Start(Tag::Strong) => pieces.push(Inline::Strong(plain(events, source, shift))),
            Event::Start(Tag::Emphasis) => {
                pieces.push(Inline::Emphasis(plain(events, source, shift)));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let words = plain(events, source, shift);
                pieces.extend(link(&dest_url, words, at, source));
            }
            Event::Html(_) | Event::InlineHtml(_) => {
                source.wrong(at, "write no HTML: lessons have Markdown alone");
            }
            Event::Start(_) => {
                source.wrong(
                    at,
                    "a line of prose has words, **strong**, *emphasis*, `code` and links",
                );
                inlines(events, source, shift);
            }
            _ => source.wrong(at, "a line of prose ends with its paragraph: leave this out"),
        }
    }
    pieces
}

/// Prose that stands in an exercise.
pub(super) fn line(text: &str, at: usize, source: &mut Source<'_>) -> Vec<Inline> {
    let mut events = events(text);
    let mut found = Source::new(String::new(), text);
    let pieces = match events.next() {
        Some((Event::Start(Tag::Paragraph), _)) => inlines(&mut events, &mut found, 0),
        Some(_) => {
            found.wrong(0, "write one paragraph here");
            Vec::new()
        }
        None => {
            found.wrong(0, "say something here: it is empty");
            Vec::new()
        }
    };
    if events.next().is_some() && found.mistakes.is_empty() {
        found.wrong(0, "write one paragraph here");
    }
    for mistake in found.mistakes {
        source.wrong(at, mistake.what);
    }
    pieces
}

fn link(to: &str, words: String, at: usize, source: &mut Source<'_>) -> Option<Inline> {
    if let Some(name) = to.strip_prefix('#') {
        let mark = MARKS.iter().find(|(each, _)| *each == name);
        if mark.is_none() {
            let names: Vec<_> = MARKS.iter().map(|(name, _)| format!("#{name}")).collect();
            source
                .wrong(at, format!("there is no mark `#{name}`: give one of {}", names.join(", ")));
        }
        return mark.map(|(_, mark)| Inline::Mark(*mark, words));
    }
    if !to.starts_with("https://") {
        source.wrong(
            at,
            format!("`{to}` is neither a mark nor an address: begin it with # or https://"),
        );
        return None;
    }
    Some(Inline::Link(words, to.to_owned()))
}

fn plain(events: &mut Events<'_>, source: &mut Source<'_>, shift: usize) -> String {
    let words = inlines(events, source, shift).into_iter().map(|piece| match piece {
        Inline::Text(words)
        | Inline::Strong(words)
        | Inline::Emphasis(words)
        | Inline::Code(words)
        | Inline::Mark(_, words)
        | Inline::Link(words, _) => words,
    });
    words.collect()
}

fn add(pieces: &mut Vec<Inline>, words: &str) {
    match pieces.last_mut() {
        Some(Inline::Text(text)) => text.push_str(words),
        _ => pieces.push(Inline::Text(words.to_owned())),
    }
}
