//! What stands between fences: settings in TOML, as their authors write them.

use std::collections::BTreeMap;

use postroom_simulator::{Goal, goals::Metric};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::mistake::Source;
use crate::document::How;

/// A fenced block: its text and where it begins in the file.
#[derive(Clone, Copy)]
pub(super) struct Fenced<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl Fenced<'_> {
    /// What it says; nothing if it cannot be read.
    pub(super) fn read<T: DeserializeOwned>(self, source: &mut Source<'_>) -> Option<T> {
        match toml::from_str(self.text) {
            Ok(read) => Some(read),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                source.wrong(self.at + at, error.message().trim().replace('\n', ": "));
                None
            }
        }
    }

    /// Where these words stand, or else the block.
    pub(super) fn find(self, words: &str) -> usize {
        let first_line = words.lines().next().unwrap_or(words);
        self.at + self.text.find(first_line).unwrap_or(0)
    }
}

/// `lesson`: what is said of all of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AboutBlock {
    pub(super) minutes: u32,
}

/// `knob`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnobBlock {
    pub(super) id: String,
    pub(super) words: String,
    pub(super) at: String,
    pub(super) choices: Vec<ChoiceBlock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChoiceBlock {
    pub(super) words: String,
    pub(super) value: Option<Value>,
}

/// `predict`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PredictBlock {
    pub(super) id: String,
    pub(super) ask: String,
    pub(super) of: Metric,
    pub(super) at_s: u32,
    #[serde(default)]
    pub(super) tolerance: u64,
    #[serde(default)]
    pub(super) knobs: BTreeMap<String, String>,
    #[serde(default, rename = "do")]
    pub(super) deeds: Vec<DeedBlock>,
    pub(super) why: String,
}

/// `task`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskBlock {
    pub(super) id: String,
    pub(super) ask: String,
    pub(super) until_s: u32,
    pub(super) goals: Vec<Goal>,
    #[serde(default)]
    pub(super) knobs: Vec<String>,
    #[serde(default)]
    pub(super) hints: Vec<String>,
    pub(super) solution: SolutionBlock,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SolutionBlock {
    #[serde(default)]
    pub(super) knobs: BTreeMap<String, String>,
    #[serde(default, rename = "do")]
    pub(super) deeds: Vec<DeedBlock>,
    pub(super) why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeedBlock {
    pub(super) at_s: u32,
    #[serde(rename = "break")]
    pub(super) broken: Option<String>,
    pub(super) how: Option<How>,
    pub(super) heal: Option<String>,
    pub(super) redrive: Option<String>,
}

/// `quiz`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuizBlock {
    pub(super) id: String,
    pub(super) ask: String,
    pub(super) answers: Vec<AnswerBlock>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerBlock {
    pub(super) words: String,
    #[serde(default)]
    pub(super) right: bool,
    pub(super) why: String,
}

/// `balance`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BalanceBlock {
    pub(super) provider: String,
    pub(super) price_cents: u32,
}
