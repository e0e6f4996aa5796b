//! Runs tests with their output on the terminal, and counts them.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::workspace::{cannot_start, words};

/// How many tests ran to which end. A check that is not made of tests counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Tally {
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0 };
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Runs tests; what they counted is added to `tally` whether or not they pass.
pub(crate) fn run_counting(command: &mut Command, tally: &mut Tally) -> Result<(), Failure> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let mut ran = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("{line}");
            ran += parse(&line).unwrap_or_default();
        }
    }
    *tally += ran;
    let status = child.wait().map_err(|error| cannot_start(command, &error))?;
    if !status.success() {
        return Err(Failure::new(
            format!("`{}` failed ({status})", words(command)),
            "the lines above name what failed",
        ));
    }
    if ran.passed == 0 {
        return Err(Failure::new(
            format!("`{}` ran no test", words(command)),
            "look for tests that are not compiled for this target",
        ));
    }
    Ok(())
}

/// Reads `test result: ok. 12 passed; 0 failed; …`.
fn parse(line: &str) -> Option<Tally> {
    let counts = line.trim_start().strip_prefix("test result: ")?;
    let count = |word: &str| -> Option<u32> {
        let before = counts.split_once(word)?.0.trim_end();
        before.rsplit(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_a_test_run_is_read() {
        let line =
            "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 7 filtered out";
        assert_eq!(parse(line), Some(Tally { passed: 12, failed: 3 }));
        assert_eq!(parse("test parse::result ... ok"), None);
    }

    #[test]
    fn a_run_without_a_test_is_not_a_pass() {
        let mut tally = Tally::default();
        let failure = run_counting(&mut Command::new("true"), &mut tally).unwrap_err();
        assert!(failure.to_string().contains("ran no test"), "{failure}");
    }
}
