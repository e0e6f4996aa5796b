//! What the command is asked.

use std::{ops::Range, path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand};
use postroom_core::Timestamp;
use postroom_simulator::{
    Scenario, Topology,
    limits::{SEEDS_MAX, SPAN_MS_MAX},
};

/// Asks the goals of a scenario of many seeds.
#[derive(Debug, Parser)]
#[command(
    name = "postroom-sim",
    version,
    after_help = "It ends with 0 if all is well, \
    with 1 if a goal is not met, and with 2 if it was asked wrongly."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Run a scenario on many seeds and say whether its goals are met, with a report
    Run(Ask),
    /// Check a scenario without running it
    Check {
        /// The scenario, a JSON document
        scenario: PathBuf,
    },
    /// Print the JSON Schema of scenarios, for an editor
    Schema,
}

#[derive(Args, Debug)]
pub(crate) struct Ask {
    /// The scenario, a JSON document
    pub(crate) scenario: PathBuf,
    /// How many seeds, from the scenario's own on; or which, as in 17..18
    #[arg(long, default_value = "1")]
    pub(crate) seeds: Seeds,
    /// How far each run goes, as in 90s, 10m or 1h; at most a day [default: 10m, or the last moment
    /// that the goals name]
    #[arg(long, value_parser = span)]
    until: Option<Timestamp>,
    /// Where to write all that was found, as JSON
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
}

/// Which seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// So many from the scenario's own on.
    Count(u64),
    These(Range<u64>),
}

/// How far a run goes if nobody says.
const UNTIL: Timestamp = Timestamp::from_millis(10 * 60 * 1_000);

impl Ask {
    pub(crate) fn until(&self, scenario: &Scenario<Topology>) -> Timestamp {
        self.until.unwrap_or_else(|| UNTIL.max(scenario.looks_until()))
    }
}

impl Seeds {
    /// The seeds for a scenario whose own is `first`.
    pub(crate) fn of(&self, first: u64) -> Vec<u64> {
        match self {
            Self::Count(count) => (0..*count).map(|i| first.wrapping_add(i)).collect(),
            Self::These(range) => range.clone().collect(),
        }
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u64>().ok();
        let seeds = match text.split_once("..") {
            Some((from, to)) => {
                number(from).zip(number(to)).map(|(from, to)| Self::These(from..to))
            }
            None => number(text).map(Self::Count),
        };
        let count = |seeds: &Self| match seeds {
            Self::Count(count) => *count,
            Self::These(range) => range.end.saturating_sub(range.start),
        };
        let seeds = seeds.filter(|seeds| (1..=SEEDS_MAX).contains(&count(seeds)));
        seeds.ok_or_else(|| {
            "give a number from 1 to 1,000,000, or a range such as 17..18".to_owned()
        })
    }
}

/// A time such as `500ms`, `90s`, `10m` or `1h`.
fn span(text: &str) -> Result<Timestamp, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let millis = digits.parse::<u64>().ok().zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
    let millis = millis.filter(|millis| (1..=SPAN_MS_MAX).contains(millis));
    millis
        .map(Timestamp::from_millis)
        .ok_or_else(|| "give a time such as 90s, 10m or 1h, at most 24h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_counted_or_named() {
        let of = |text: &str| text.parse::<Seeds>().map(|seeds| seeds.of(7));
        assert_eq!(of("3"), Ok(vec![7, 8, 9]));
        assert_eq!(of("17..19"), Ok(vec![17, 18]));
        assert_eq!(Seeds::Count(2).of(u64::MAX), [u64::MAX, 0]);
        assert_eq!(of("1000000").map(|seeds| seeds.len()), Ok(1_000_000));
        for wrong in ["0", "1000001", "5..5", "6..5", "0..1000001", "-1", "x", "1..", "..2", ""] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        let of = |text: &str| span(text).map(|at| at.as_micros() / 1_000);
        assert_eq!(of("500ms"), Ok(500));
        assert_eq!(of("90s"), Ok(90_000));
        assert_eq!(of("10m"), Ok(600_000));
        assert_eq!(of("24h"), Ok(SPAN_MS_MAX));
        for wrong in
            ["25h", "0s", "10", "10 m", "m", "-1s", "1.5h", "1d", "99999999999999999h", "ä"]
        {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
