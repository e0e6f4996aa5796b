//! From a text to a scene, or to what is wrong with it.

use std::{cell::Cell, sync::Arc};

use postroom_simulator::{Scenario, ScenarioError, Topology};
use serde::de::DeserializeOwned;

use super::{
    locate::{find_text, locate},
    mistake::{Mistake, Spot},
};
use crate::scenes::{self, Scene};

/// Characters of a mistake's words: a text may quote itself at any length.
pub const WORDS_MAX: usize = 300;

/// A scenario that can run.
pub struct Opened {
    /// What the text says.
    pub scenario: Arc<Scenario<Topology>>,
    /// It, ready to be shown.
    pub scene: Scene,
}

/// Reads a scenario and builds its system.
///
/// # Errors
/// [`Mistake`] says what is wrong, and at which word.
pub fn open(text: &str) -> Result<Opened, Mistake> {
    let stopped = Cell::new(None);
    let scenario = Scenario::read(text, |text| json(text, &stopped), |text| json(text, &stopped));
    let opened = scenario.and_then(|scenario| {
        scenario.check_drawing()?;
        let scenario = Arc::new(scenario);
        let scene = scenes::of_topology(Arc::clone(&scenario))?;
        Ok(Opened { scenario, scene })
    });
    opened.map_err(|error| match stopped.get() {
        Some((line, column)) => {
            Mistake { words: shortened(&error), spot: Spot::at(text, line, column) }
        }
        None => mistake(text, &error),
    })
}

/// The text with another seed, for one that has a seed.
#[must_use]
pub fn with_seed(text: &str, seed: u64) -> String {
    let mut text = text.to_owned();
    if let Some(range) = locate(&text, "seed") {
        text.replace_range(range, &seed.to_string());
    }
    text
}

/// Reads JSON; an error is its words alone, and `stopped` the line and column where it stands.
fn json<T: DeserializeOwned>(
    text: &str,
    stopped: &Cell<Option<(usize, usize)>>,
) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| {
        stopped.set(Some((error.line(), error.column())));
        let words = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        words.strip_suffix(&place).unwrap_or(&words).to_owned()
    })
}

/// A mistake in what the text means. Its words quote the setting or the name that they are about.
fn mistake(text: &str, error: &ScenarioError) -> Mistake {
    let words = error.to_string();
    let in_system = match error {
        ScenarioError::System { why } => why.split(": ").next(),
        _ => None,
    };
    let in_system = in_system.and_then(|path| locate(text, &format!("system.{path}")));
    let version = matches!(error, ScenarioError::FromTheFuture { .. });
    let range = if version {
        locate(text, "version")
    } else {
        let mut quoted = words.split('`').skip(1).step_by(2);
        let found = || quoted.find_map(|word| find_text(text, word).or_else(|| locate(text, word)));
        in_system.or_else(found)
    };
    Mistake { spot: range.map(|range| Spot::new(text, range)), words: shortened(error) }
}

fn shortened(error: &ScenarioError) -> String {
    let words = error.to_string();
    match words.char_indices().nth(WORDS_MAX) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postroom_simulator::limits::SCENARIO_BYTES_MAX;

    const TEXT: &str = include_str!("../templates/fan_out.json");

    /// The mistake in the template with one thing changed: its words, and the word it is at.
    fn mistake_with(from: &str, to: &str) -> (String, String) {
        assert!(TEXT.contains(from), "{from}");
        let text = TEXT.replacen(from, to, 1);
        let mistake = open(&text).err().unwrap_or_else(|| panic!("{from} may be {to}"));
        let spot = mistake.spot.unwrap_or_else(|| panic!("nowhere: {}", mistake.words));
        (mistake.words, text[spot.range].to_owned())
    }

    #[test]
    fn a_mistake_is_said_at_its_word() {
        let cases = [
            ("\"system\":", "\"sistem\":", "unknown field `sistem`", "\"sistem\""),
            ("\"seed\": 7", "\"seed\": seven", "expected", "seven"),
            ("\"seed\": 7", "\"seed\": -7", "invalid value", "-7"),
            ("\"seed\": 7,", "\"seed\": 7", "expected", "\"system\""),
            ("\"poisson\"", "\"fish\"", "unknown variant `fish`", "\"fish\""),
            ("\"version\": 1", "\"version\": 9", "newer", "9"),
            ("\"per_minute\": 90", "\"per_minute\": 90000000", "out of range", "90000000"),
            ("\"concurrency\": 1", "\"concurrency\": 0", "concurrency", "\"statistics\""),
            ("\"to\": \"order placed\"", "\"to\": \"nobody\"", "no queue or topic", "\"nobody\""),
            ("\"queue\": \"shipping\" }", "\"queue\": \"x\" }", "no queue `x`", "\"x\""),
            (
                "\"name\": \"statistics\",\n      \"lat",
                "\"name\": \"y\",\n      \"lat",
                "nobody answers",
                "\"statistics\"",
            ),
            (
                "\"seed\": 7,",
                "\"seed\": 7, \"drawing\": { \"width\": 800, \"places\": \
                 [{ \"part\": \"queue\", \"name\": \"x\", \"x\": 1, \"y\": 2 }] },",
                "no such queue",
                "\"x\"",
            ),
        ];
        for (from, to, words, word) in cases {
            let (said, at) = mistake_with(from, to);
            assert!(said.contains(words), "{from} -> {to}: {said}");
            assert_eq!(at, word, "{from} -> {to}: {said}");
        }
    }

    #[test]
    fn a_seed_is_changed_where_it_stands() {
        let text = with_seed(TEXT, 12_345);
        assert_eq!(text, TEXT.replace("\"seed\": 7", "\"seed\": 12345"));
        assert_eq!(with_seed("{}", 1), "{}");
    }

    #[test]
    fn hostile_texts_get_an_answer() {
        let nested = "[".repeat(SCENARIO_BYTES_MAX);
        let huge = TEXT.replace("\"seed\": 7", &format!("\"seed\": {}", "9".repeat(10_000)));
        let markup = TEXT.replace("\"billing\"", "\"<script>alert(1)</script>\\u0000\"");
        let long = "x".repeat(SCENARIO_BYTES_MAX + 1);
        let talkative = format!("{{\"version\": 1, \"{}\": 1}}", "ü".repeat(100_000));
        for text in
            ["", " ", "\0", "null", "{}", "\u{feff}{}", "\"", &nested, &huge, &long, &talkative]
        {
            let mistake = open(text).err().unwrap_or_else(|| panic!("{text:.30} opens"));
            assert!(mistake.words.chars().count() <= WORDS_MAX + 1, "{text:.30}");
        }
        assert!(open(&markup).is_ok(), "a name is a name, and is shown as one");
        for end in (0..TEXT.trim_end().len()).filter(|end| TEXT.is_char_boundary(*end)) {
            let mistake = open(&TEXT[..end]).err().expect("cut off");
            assert!(mistake.spot.is_none_or(|spot| spot.range.end <= end), "cut at {end}");
        }
    }
}
