//! One lesson: its Markdown from top to bottom.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag};

use super::{
    blocks::{AboutBlock, Fenced},
    exercise::Desk,
    mistake::{Mistake, Source},
    prose::{Events, events, inlines},
    scenario,
};
use crate::document::{Block, Inline, Lesson, Step};

/// Minutes that a lesson may take.
const MINUTES_MAX: u32 = 60;

/// Reads one lesson: the name of its folder, its `lesson.md` and its `scenario.json`.
///
/// # Errors
/// Everything that is wrong with it, in the order of its lines.
///
/// # Example: a lesson without a heading
/// ```
/// # #[cfg(feature = "compiler")] {
/// let scenario = r#"{ "version": 1, "name": "nothing", "seed": 1, "system": {} }"#;
/// let mistakes = postroom_course::compile_lesson("1-first", "Hello.\n", scenario);
/// let said: Vec<_> = mistakes.expect_err("it is no lesson yet").iter().map(|it| it.to_string()).collect();
/// assert!(said.contains(&"1-first/lesson.md:1: begin with the title: `# Title`".to_owned()));
/// # }
/// ```
pub fn compile_lesson(
    name: &str,
    markdown: &str,
    scenario_text: &str,
) -> Result<Lesson, Vec<Mistake>> {
    let mut document = Source::new(format!("{name}/scenario.json"), scenario_text);
    let mut source = Source::new(format!("{name}/lesson.md"), markdown);
    let mut draft =
        Draft { desk: Desk::new(scenario::read(&mut document), scenario_text), ..Draft::default() };
    let mut events = events(markdown);
    while let Some((event, range)) = events.next() {
        draft.take(event, range, &mut events, &mut source);
    }
    let lesson = draft.finish(name, scenario_text, &mut source);
    let mut mistakes = document.mistakes;
    mistakes.append(&mut source.mistakes);
    mistakes.sort();
    if mistakes.is_empty() { Ok(lesson) } else { Err(mistakes) }
}

/// A lesson as far as it was read.
#[derive(Default)]
struct Draft {
    title: Option<String>,
    minutes: Option<u32>,
    lead: Vec<Inline>,
    steps: Vec<Step>,
    desk: Desk,
}

impl Draft {
    fn take<'t>(
        &mut self,
        event: Event<'t>,
        range: Range<usize>,
        events: &mut Events<'t>,
        source: &mut Source<'_>,
    ) {
        let at = range.start;
        if self.title.is_none()
            && !matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }))
        {
            source.wrong(at, "begin with the title: `# Title`");
            self.title = Some(String::new());
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let words = words(&inlines(events, source, 0));
                self.head(level, words, at, source);
            }
            Event::Start(Tag::Paragraph) => {
                let pieces = inlines(events, source, 0);
                self.say(pieces, at, source);
            }
            Event::Start(Tag::List(_)) => {
                let items = list(events, source);
                self.add(Block::List(items), at, source);
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(kind))) => {
                let fenced = fenced(events, source.text, &range);
                self.fence(&kind, fenced, at, source);
            }
            Event::Html(_) | Event::Start(Tag::HtmlBlock) => {
                skip(&event, events);
                source.wrong(at, "write no HTML: lessons have Markdown alone");
            }
            event => {
                skip(&event, events);
                source.wrong(at, "a lesson has headings, paragraphs, lists and fenced blocks: write one of these");
            }
        }
    }

    fn head(&mut self, level: HeadingLevel, words: String, at: usize, source: &mut Source<'_>) {
        match level {
            HeadingLevel::H1 if self.title.is_none() => self.title = Some(words),
            HeadingLevel::H2 => self.steps.push(Step { title: words, blocks: Vec::new() }),
            HeadingLevel::H1 => {
                source.wrong(at, "a lesson has one title: begin a step with `## Heading`")
            }
            _ => {
                source.wrong(at, "begin a step with `## Heading`; smaller headings there are none")
            }
        }
    }

    fn say(&mut self, pieces: Vec<Inline>, at: usize, source: &mut Source<'_>) {
        if !self.steps.is_empty() {
            self.add(Block::Paragraph(pieces), at, source);
        } else if self.lead.is_empty() {
            self.lead = pieces;
        } else {
            source.wrong(at, "one paragraph leads into the lesson: begin a step with `## Heading`");
        }
    }

    fn fence(&mut self, kind: &str, fenced: Fenced<'_>, at: usize, source: &mut Source<'_>) {
        let block = match kind {
            "lesson" => {
                if let Some(about) = fenced.read::<AboutBlock>(source) {
                    if !(1..=MINUTES_MAX).contains(&about.minutes) {
                        source.wrong(
                            fenced.find("minutes"),
                            format!("`minutes` is from 1 to {MINUTES_MAX}"),
                        );
                    }
                    self.minutes = Some(about.minutes);
                }
                return;
            }
            "knob" => {
                self.desk.knob(fenced, source);
                return;
            }
            "predict" => self.desk.predict(fenced, source),
            "task" => self.desk.task(fenced, source),
            "quiz" => self.desk.quiz(fenced, source),
            "balance" => self.desk.balance(fenced, source),
            _ => {
                source.wrong(
                    at,
                    format!("there is no block `{kind}`: it is one of lesson, knob, predict, task, quiz, balance"),
                );
                return;
            }
        };
        if let Some(block) = block {
            self.add(block, at, source);
        }
    }

    fn add(&mut self, block: Block, at: usize, source: &mut Source<'_>) {
        match self.steps.last_mut() {
            Some(step) => {
                let is_task = |block: &Block| matches!(block, Block::Task(_));
                if is_task(&block) && step.blocks.iter().any(is_task) {
                    source.wrong(at, "a step has one task: begin another step with `## Heading`");
                }
                step.blocks.push(block);
            }
            None => {
                source.wrong(at, "this stands before the first step: begin one with `## Heading`")
            }
        }
    }

    fn finish(self, name: &str, scenario: &str, source: &mut Source<'_>) -> Lesson {
        let Self { title, minutes, lead, steps, desk } = self;
        if minutes.is_none() {
            source.wrong(0, "say how long it takes: a block `lesson` with `minutes = 10`");
        }
        if lead.is_empty() {
            source.wrong(0, "say in a paragraph below the title what the lesson is about");
        }
        if steps.is_empty() {
            source.wrong(0, "a lesson has at least one step: `## Heading`");
        }
        let number = name.split_once('-').filter(|(number, _)| number.parse::<u32>().is_ok());
        if number.is_none() {
            source.wrong(0, "name the folder with its place and a name, such as `4-ordering`");
        }
        Lesson {
            id: number.map_or(name, |(_, id)| id).to_owned(),
            title: title.unwrap_or_default(),
            lead,
            minutes: minutes.unwrap_or_default(),
            steps,
            scenario: scenario.to_owned(),
            knobs: desk.into_knobs(),
        }
    }
}

fn list<'t>(events: &mut Events<'t>, source: &mut Source<'_>) -> Vec<Vec<Inline>> {
    let mut items = Vec::new();
    while let Some((event, range)) = events.next() {
        match event {
            Event::Start(Tag::Item) => {
                let at = range.start;
                let mut pieces = inlines(events, source, 0);
                if pieces.is_empty() {
                    source.wrong(at, "an item of a list is one line");
                }
                items.push(std::mem::take(&mut pieces));
            }
            _ => break,
        }
    }
    items
}

/// The text of a block that has just begun.
fn fenced<'t>(events: &mut Events<'_>, text: &'t str, range: &Range<usize>) -> Fenced<'t> {
    let mut inside: Option<Range<usize>> = None;
    for (event, range) in events.by_ref() {
        match event {
            Event::Text(_) => {
                let start = inside.as_ref().map_or(range.start, |it| it.start);
                inside = Some(start..range.end);
            }
            _ => break,
        }
    }
    let inside = inside.unwrap_or(range.start..range.start);
    Fenced { text: text.get(inside.clone()).unwrap_or_default(), at: inside.start }
}

/// Passes over what has just begun.
fn skip(event: &Event<'_>, events: &mut Events<'_>) {
    let mut depth = usize::from(matches!(event, Event::Start(_)));
    while depth > 0 {
        match events.next() {
            Some((Event::Start(_), _)) => depth += 1,
            Some((Event::End(_), _)) => depth -= 1,
            Some(_) => {}
            None => break,
        }
    }
}

fn words(pieces: &[Inline]) -> String {
    let words = pieces.iter().map(|piece| match piece {
        Inline::Text(words)
        | Inline::Strong(words)
        | Inline::Emphasis(words)
        | Inline::Code(words)
        | Inline::Mark(_, words)
        | Inline::Link(words, _) => words.as_str(),
    });
    words.collect()
}
