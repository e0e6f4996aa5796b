//! What comes from strangers, damaged in every way: each link and each scenario gets an answer
//! within bounds. `POSTROOM_SEEDS=FROM..TO` looks at other ways.

use std::ops::Range;

use postroom_core::mix;
use postroom_web::sandbox::{
    share::{self, SHARE_PREFIX, Shared},
    templates::TEMPLATES,
    text::{WORDS_MAX, open},
};

/// Ways to damage that a test run looks at.
const SEEDS: u64 = 3_000;
/// Places that one seed damages.
const PLACES_MAX: u64 = 6;
/// What is put in somewhere: what readers of JSON and of links stumble over.
const THORNS: [&str; 22] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-1",
    "1e400",
    "0.5",
    "true",
    "\u{0}",
    "\u{feff}",
    "ü",
    "18446744073709551616",
    "[[[[[[[[[[[[[[[[",
    "{\"not\":{\"not\":",
    "</script><img src=x>",
    ".",
    "=",
];

#[test]
fn every_damaged_scenario_runs_or_is_answered_at_a_word() {
    let mut refused = 0;
    for seed in seeds() {
        let mut chance = Chance::of(seed);
        let template = &TEMPLATES[chance.below(TEMPLATES.len())];
        let text = damaged(template.document, &mut chance);
        let Err(mistake) = open(&text) else { continue };
        refused += 1;
        assert!(mistake.words.chars().count() <= WORDS_MAX + 1, "seed {seed}: {}", mistake.words);
        if let Some(spot) = mistake.spot {
            assert!(text.get(spot.range.clone()).is_some(), "seed {seed}: {:?}", spot.range);
        }
    }
    assert!(refused > 0, "damage is felt");
}

#[test]
fn every_damaged_link_is_refused_or_says_what_was_shared() {
    let mut refused = 0;
    for seed in seeds() {
        let mut chance = Chance::of(seed);
        let text = TEMPLATES[chance.below(TEMPLATES.len())].document;
        let Some(text) = text.get(..2_000.min(text.len())) else { continue };
        // As if nothing could be compressed.
        let link = share::write(text, text.as_bytes()).expect("it is short");
        let link = damaged(link.strip_prefix(SHARE_PREFIX).expect("it is a link"), &mut chance);
        let read = share::open(&link).and_then(|packed| packed.check(packed.bytes.clone()));
        match read {
            Ok(Shared { text: read, .. }) => assert_eq!(read, text, "seed {seed}: {link}"),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < WORDS_MAX, "seed {seed}: {error}");
            }
        }
    }
    assert!(refused > 0, "damage is felt");
}

/// A text with a few places damaged.
fn damaged(text: &str, chance: &mut Chance) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=chance.below(PLACES_MAX as usize) {
        let (from, to) = (chance.below(chars.len() + 1), chance.below(chars.len() + 1));
        let range = from.min(to)..from.max(to).min(from.min(to) + 40);
        match chance.below(6) {
            0 => drop(chars.drain(range)),
            1 => {
                let thorn = THORNS[chance.below(THORNS.len())];
                drop(chars.splice(from..from, thorn.chars()));
            }
            2 => {
                let again: Vec<char> = chars[range].to_vec();
                drop(chars.splice(to..to, again));
            }
            3 => chars[range].reverse(),
            4 => chars.truncate(from.max(1)),
            _ => {
                // Of the places where a number stands, one gets another.
                let digits: Vec<usize> =
                    (0..chars.len()).filter(|at| chars[*at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    let at = digits[chance.below(digits.len())];
                    let other = chance.next().to_string();
                    drop(chars.splice(at..=at, other.chars()));
                }
            }
        }
    }
    chars.into_iter().collect()
}

/// What is drawn from a seed, one number after the other.
struct Chance(u64);

impl Chance {
    fn of(seed: u64) -> Self {
        Self(mix(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = mix(self.0);
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("POSTROOM_SEEDS") else { return 0..SEEDS };
    let parsed =
        text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    parsed.unwrap_or_else(|| panic!("POSTROOM_SEEDS is `{text}`: give FROM..TO"))
}
