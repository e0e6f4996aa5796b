//! `cargo xtask soak`: many more seeds than a test run has time for, other ones for each commit.

use std::time::Duration;

use crate::failure::Failure;
use crate::steps::Stopwatch;
use crate::tally::{Tally, run_counting};
use crate::workspace::{cargo, root};

/// Seeds of one round; without a time there is one round.
const SEEDS: u64 = 40_000;

/// Seeds that every test run checks anyway come before this one.
const FIRST: u64 = 1_000_000;

/// How long to go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Round after round for so long; one round if absent.
    minutes: Option<u64>,
}

impl Options {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        match arguments {
            [] => Ok(Self::default()),
            ["--minutes", text] => match text.parse() {
                Ok(minutes @ 1..) => Ok(Self { minutes: Some(minutes) }),
                _ => Err(Failure::new(
                    format!("`--minutes {text}` is no time"),
                    "give whole minutes, from 1 on",
                )),
            },
            _ => Err(Failure::new(
                format!("`soak` does not know `{}`", arguments.join(" ")),
                "`cargo xtask help` says what it takes",
            )),
        }
    }
}

/// What is run with the seeds: the model and the swarm, what comes in links and as scenarios, and
/// the longer table of the queueing theory.
const TESTS: [&str; 3] = [
    "test --package postroom-tests --test prove -- agreement swarm",
    "test --package postroom-web --test hostile",
    "test --package postroom-tests --test queueing -- the_engine_agrees_with_the_theory",
];

/// Runs [`TESTS`] over seeds that follow from the commit.
pub(crate) fn soak(options: Options) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let mut from = base();
    let mut tally = Tally::default();
    loop {
        let to = from + SEEDS;
        println!("==> seeds {from}..{to}");
        for test in TESTS {
            let seeds = format!("{from}..{to}");
            run_counting(cargo(test).env("POSTROOM_SEEDS", seeds), &mut tally)?;
            println!("    so far {}", watch.elapsed());
        }
        from = to;
        let over = |minutes| watch.elapsed().0 >= Duration::from_secs(60 * minutes);
        if options.minutes.is_none_or(over) {
            return Ok(());
        }
    }
}

/// The first seed: another for each commit, and the same for everybody who has that commit.
fn base() -> u64 {
    let hash = std::process::Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(root())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    FIRST + hash.map_or(0, |hash| from_hash(&hash))
}

/// Ten digits of a commit's hash, as a number.
fn from_hash(hash: &str) -> u64 {
    hash.get(..10).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_whole_minutes() {
        assert_eq!(Options::parse(&[]), Ok(Options { minutes: None }));
        assert_eq!(Options::parse(&["--minutes", "25"]), Ok(Options { minutes: Some(25) }));
        assert!(Options::parse(&["--minutes", "0"]).is_err());
        assert!(Options::parse(&["--minutes"]).is_err());
        assert!(Options::parse(&["--hours", "1"]).is_err());
    }

    #[test]
    fn a_commit_has_its_own_seeds() {
        assert_eq!(from_hash("00000000ff3eda42c0"), 0xff);
        assert!(from_hash("c021375abc") != from_hash("5d71692abc"));
        assert_eq!(from_hash("no hash at all"), 0);
    }
}
