//! Exercises and knobs, checked against the scenario of their lesson.

use std::collections::BTreeMap;

use postroom_simulator::{Scenario, Topology};
use serde_json::Value;

use super::{
    blocks::{
        BalanceBlock, DeedBlock, Fenced, KnobBlock, PredictBlock, QuizBlock, SolutionBlock,
        TaskBlock,
    },
    mistake::Source,
    prose::line,
    scenario,
};
use crate::{
    document::{
        Act, Answer, Balance, Block, Deed, How, Inline, Predict, Quiz, Setting, Solution, Task,
    },
    knobs::{Choice, Knob, KnobError},
};

/// The last moment that an exercise may name, in seconds.
const END_S_MAX: u32 = 600;

/// What exercises are checked against.
#[derive(Default)]
pub(super) struct Desk {
    /// None if it cannot be read: then that is the mistake to mend first.
    scenario: Option<Scenario<Topology>>,
    document: Value,
    knobs: Vec<Knob>,
    ids: Vec<String>,
}

impl Desk {
    pub(super) fn new(scenario: Option<Scenario<Topology>>, text: &str) -> Self {
        let document = serde_json::from_str(text).unwrap_or_default();
        Self { scenario, document, knobs: Vec::new(), ids: Vec::new() }
    }

    pub(super) fn into_knobs(self) -> Vec<Knob> {
        self.knobs
    }

    pub(super) fn knob(&mut self, fenced: Fenced<'_>, source: &mut Source<'_>) {
        let Some(block) = fenced.read::<KnobBlock>(source) else { return };
        let KnobBlock { id, words, at, choices } = block;
        if self.knobs.iter().any(|each| each.id == id) {
            source.wrong(
                fenced.find(&id),
                format!("there is a knob `{id}` already: name it otherwise"),
            );
        }
        let choices: Vec<_> =
            choices.into_iter().map(|it| Choice { words: it.words, value: it.value }).collect();
        if choices.len() < 2 {
            source.wrong(fenced.find("choices"), "a knob has at least two choices");
        }
        let mut knob = Knob { id, words, at, choices, initial: 0 };
        if self.scenario.is_some() {
            self.place(&mut knob, fenced, source);
        }
        self.knobs.push(knob);
    }

    pub(super) fn predict(&mut self, fenced: Fenced<'_>, source: &mut Source<'_>) -> Option<Block> {
        let block = fenced.read::<PredictBlock>(source)?;
        self.name(&block.id, fenced, source);
        check_end(block.at_s, "at_s", fenced, source);
        let refusal = |it| scenario::metric_refusal(it, &block.of);
        if let Some(why) = self.scenario.as_ref().and_then(refusal) {
            source.wrong(fenced.find("of"), why);
        }
        Some(Block::Predict(Box::new(Predict {
            ask: prose(&block.ask, fenced, source),
            settings: self.settings(block.knobs, fenced, source),
            deeds: self.deeds(&block.deeds, block.at_s, fenced, source),
            why: prose(&block.why, fenced, source),
            id: block.id,
            of: block.of,
            at_s: block.at_s,
            tolerance: block.tolerance,
        })))
    }

    pub(super) fn task(&mut self, fenced: Fenced<'_>, source: &mut Source<'_>) -> Option<Block> {
        let block = fenced.read::<TaskBlock>(source)?;
        self.name(&block.id, fenced, source);
        check_end(block.until_s, "until_s", fenced, source);
        if block.goals.is_empty() {
            source.wrong(fenced.find("goals"), "a task has at least one goal");
        }
        let refusal = |it| scenario::goals_refusal(it, block.goals.clone());
        if let Some(why) = self.scenario.as_ref().and_then(refusal) {
            let named = block.goals.iter().enumerate();
            let named = named.filter(|(n, _)| why.contains(&format!("`goals[{n}]")));
            let at =
                named.map(|(_, goal)| fenced.find(&format!("name = \"{}\"", goal.name))).next();
            source.wrong(at.unwrap_or(fenced.find("goals")), why);
        }
        for knob in &block.knobs {
            self.check_knob(knob, fenced, source);
        }
        let SolutionBlock { knobs, deeds, why } = block.solution;
        for knob in knobs.keys().filter(|knob| !block.knobs.contains(knob)) {
            source.wrong(
                fenced.find("[solution"),
                format!(
                    "the solution turns `{knob}`, which the task does not offer: add it to `knobs`"
                ),
            );
        }
        let solution = Solution {
            settings: self.settings(knobs, fenced, source),
            deeds: self.deeds(&deeds, block.until_s, fenced, source),
            why: prose(&why, fenced, source),
        };
        Some(Block::Task(Box::new(Task {
            ask: prose(&block.ask, fenced, source),
            hints: block.hints.iter().map(|hint| prose(hint, fenced, source)).collect(),
            id: block.id,
            goals: block.goals,
            until_s: block.until_s,
            knobs: block.knobs,
            solution,
        })))
    }

    pub(super) fn quiz(&mut self, fenced: Fenced<'_>, source: &mut Source<'_>) -> Option<Block> {
        let QuizBlock { id, ask, answers } = fenced.read(source)?;
        self.name(&id, fenced, source);
        if answers.len() < 2 || answers.iter().filter(|answer| answer.right).count() != 1 {
            source.wrong(
                fenced.find("answers"),
                "a quiz has at least two answers, and one of them is `right = true`",
            );
        }
        let ask = prose(&ask, fenced, source);
        let answers = answers.into_iter().map(|answer| Answer {
            words: prose(&answer.words, fenced, source),
            right: answer.right,
            why: prose(&answer.why, fenced, source),
        });
        Some(Block::Quiz(Quiz { id, ask, answers: answers.collect() }))
    }

    pub(super) fn balance(&mut self, fenced: Fenced<'_>, source: &mut Source<'_>) -> Option<Block> {
        let BalanceBlock { provider, price_cents } = fenced.read(source)?;
        self.check_provider(&provider, fenced, source);
        Some(Block::Balance(Balance { provider, price_cents }))
    }

    fn place(&self, knob: &mut Knob, fenced: Fenced<'_>, source: &mut Source<'_>) {
        let at = fenced.find("at =");
        let now = match knob.read(&self.document) {
            Ok(now) => now,
            Err(KnobError::NoSuchPlace(part)) => {
                let what =
                    format!("the scenario has no place `{}`: `{part}` is not there", knob.at);
                return source.wrong(at, what);
            }
            Err(_) => return,
        };
        match knob.choices.iter().position(|choice| choice.value.as_ref() == now) {
            Some(initial) => knob.initial = initial,
            None => {
                let now = now.map_or("nothing".to_owned(), Value::to_string);
                let what = format!(
                    "the scenario has {now} at `{}`: make that one of the choices",
                    knob.at
                );
                source.wrong(at, what);
            }
        }
        for choice in &knob.choices {
            let mut document = self.document.clone();
            let set = knob.set(&mut document, choice);
            if let (Ok(()), Some(why)) = (set, scenario::refusal(&document.to_string())) {
                source.wrong(
                    fenced.find(&format!("words = \"{}\"", choice.words)),
                    format!("with this choice the scenario does not run: {why}"),
                );
            }
        }
    }

    fn name(&mut self, id: &str, fenced: Fenced<'_>, source: &mut Source<'_>) {
        let is_plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
        if id.is_empty() || !id.chars().all(is_plain) {
            source.wrong(fenced.find("id"), "an id has small letters, digits and hyphens");
        }
        if self.ids.iter().any(|each| each == id) {
            source.wrong(
                fenced.find("id"),
                format!("there is an exercise `{id}` already: name it otherwise"),
            );
        }
        self.ids.push(id.to_owned());
    }

    fn settings(
        &self,
        knobs: BTreeMap<String, String>,
        fenced: Fenced<'_>,
        source: &mut Source<'_>,
    ) -> Vec<Setting> {
        for (knob, choice) in &knobs {
            let Some(known) = self.check_knob(knob, fenced, source) else { continue };
            if !known.choices.iter().any(|each| each.words == *choice) {
                let choices: Vec<_> =
                    known.choices.iter().map(|it| format!("`{}`", it.words)).collect();
                source.wrong(
                    fenced.find(&format!("\"{choice}\"")),
                    format!(
                        "`{knob}` has no choice `{choice}`: give one of {}",
                        choices.join(", ")
                    ),
                );
            }
        }
        knobs.into_iter().map(|(knob, choice)| Setting { knob, choice }).collect()
    }

    fn check_knob(&self, id: &str, fenced: Fenced<'_>, source: &mut Source<'_>) -> Option<&Knob> {
        let known = self.knobs.iter().find(|each| each.id == id);
        if known.is_none() {
            source.wrong(
                fenced.find(id),
                format!("there is no knob `{id}` above: add a block `knob`"),
            );
        }
        known
    }

    fn check_provider(&self, name: &str, fenced: Fenced<'_>, source: &mut Source<'_>) {
        let Some(scenario) = &self.scenario else { return };
        if !scenario.providers.iter().any(|each| each.name == name) {
            source.wrong(fenced.find(name), format!("the scenario has no provider `{name}`"));
        }
    }

    fn check_queue(&self, name: &str, fenced: Fenced<'_>, source: &mut Source<'_>) {
        let Some(scenario) = &self.scenario else { return };
        let queue = scenario.system.queues.iter().find(|each| each.name == name);
        if queue.is_none_or(|queue| queue.dead_letters.is_none()) {
            source.wrong(
                fenced.find(name),
                format!("the scenario has no queue `{name}` with dead letters"),
            );
        }
    }

    fn deeds(
        &self,
        deeds: &[DeedBlock],
        end_s: u32,
        fenced: Fenced<'_>,
        source: &mut Source<'_>,
    ) -> Vec<Deed> {
        let mut made: Vec<Deed> = Vec::new();
        for deed in deeds {
            let at = fenced.find(&format!("at_s = {}", deed.at_s));
            let act = match (&deed.broken, deed.how, &deed.heal, &deed.redrive) {
                (Some(provider), how, None, None) => {
                    self.check_provider(provider, fenced, source);
                    Act::Break { provider: provider.clone(), how: how.unwrap_or(How::Fail) }
                }
                (None, None, Some(provider), None) => {
                    self.check_provider(provider, fenced, source);
                    Act::Heal { provider: provider.clone() }
                }
                (None, None, None, Some(queue)) => {
                    self.check_queue(queue, fenced, source);
                    Act::Redrive { queue: queue.clone() }
                }
                _ => {
                    source.wrong(
                        at,
                        "a deed has one of `break` (and perhaps `how`), `heal` and `redrive`",
                    );
                    continue;
                }
            };
            if deed.at_s > end_s || made.last().is_some_and(|last| last.at_s > deed.at_s) {
                source
                    .wrong(at, format!("deeds stand in the order of their times, up to {end_s} s"));
            }
            made.push(Deed { at_s: deed.at_s, act });
        }
        made
    }
}

fn check_end(at_s: u32, field: &str, fenced: Fenced<'_>, source: &mut Source<'_>) {
    if !(1..=END_S_MAX).contains(&at_s) {
        source.wrong(fenced.find(field), format!("`{field}` is from 1 to {END_S_MAX}"));
    }
}

fn prose(text: &str, fenced: Fenced<'_>, source: &mut Source<'_>) -> Vec<Inline> {
    line(text.trim(), fenced.find(text.trim()), source)
}
