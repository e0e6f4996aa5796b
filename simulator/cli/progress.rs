//! How far it has come, on standard error: one line that changes in a terminal, a few elsewhere.

use std::io::{IsTerminal, Write, stderr};

use postroom_simulator::Sweep;

/// Lines in a log.
const STEPS: u64 = 10;

pub(crate) struct Progress {
    seeds: u64,
    is_terminal: bool,
    steps: u64,
}

impl Progress {
    pub(crate) fn new(seeds: u64) -> Self {
        Self { seeds, is_terminal: stderr().is_terminal(), steps: 0 }
    }

    pub(crate) fn tell(&mut self, sweep: &Sweep) {
        // A hundred times is often enough for the eye.
        let steps = sweep.seeds * if self.is_terminal { 100 } else { STEPS } / self.seeds;
        if self.seeds == 1 || steps == self.steps {
            return;
        }
        self.steps = steps;
        let unmet = sweep.goals.iter().filter(|goal| !goal.failed.is_empty()).count();
        let goals = match sweep.goals.len() {
            0 => String::new(),
            goals => format!(", {unmet} of {goals} goals unmet"),
        };
        let line = format!("{} of {} seeds{goals}", sweep.seeds, self.seeds);
        let (start, end) = if self.is_terminal { ("\r", "") } else { ("", "\n") };
        let _ = write!(stderr(), "{start}{line}{end}");
    }

    pub(crate) fn end(self) {
        if self.is_terminal && self.steps > 0 {
            let _ = writeln!(stderr());
        }
    }
}
