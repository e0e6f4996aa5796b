//! Which case was played where, as a table.

use std::{collections::BTreeMap, fmt};

use super::{case::Case, need::Need, runner::Verdict};

/// Verdicts counted, by room and backend.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: BTreeMap<(String, String), Counts>,
    lacking: BTreeMap<(String, Need), u32>,
    failures: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    passed: u32,
    failed: u32,
    not_offered: u32,
}

impl Table {
    /// Counts one verdict.
    pub fn count(&mut self, backend: &str, case: &Case, verdict: &Verdict) {
        let counts = self.rows.entry((backend.into(), case.room.clone())).or_default();
        match verdict {
            Verdict::Passed => counts.passed += 1,
            Verdict::NotOffered(needs) => {
                counts.not_offered += 1;
                for need in needs {
                    *self.lacking.entry((backend.into(), *need)).or_default() += 1;
                }
            }
            Verdict::Failed(failure) => {
                counts.failed += 1;
                self.failures.push(failure.to_string());
            }
        }
    }

    /// Every failure in words.
    #[must_use]
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// How many cases a backend passed.
    #[must_use]
    pub fn passed(&self, backend: &str) -> u32 {
        self.of(backend).map(|(_, counts)| counts.passed).sum()
    }

    /// How many cases a backend does not offer what they need for.
    #[must_use]
    pub fn not_offered(&self, backend: &str) -> u32 {
        self.of(backend).map(|(_, counts)| counts.not_offered).sum()
    }

    fn of<'a>(&'a self, backend: &'a str) -> impl Iterator<Item = (&'a str, &'a Counts)> {
        let rows = self.rows.iter().filter(move |((name, _), _)| name == backend);
        rows.map(|((_, room), counts)| (room.as_str(), counts))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut backends: Vec<&str> = self.rows.keys().map(|(name, _)| name.as_str()).collect();
        backends.dedup();
        for backend in backends {
            let (row, line) = ("room", ["passed", "failed", "not offered"]);
            writeln!(f, "{backend}")?;
            writeln!(f, "  {row:<16}{:>8}{:>8}{:>13}", line[0], line[1], line[2])?;
            let mut sum = Counts::default();
            for (room, counts) in self.of(backend) {
                let Counts { passed, failed, not_offered } = *counts;
                writeln!(f, "  {room:<16}{passed:>8}{failed:>8}{not_offered:>13}")?;
                sum.passed += passed;
                sum.failed += failed;
                sum.not_offered += not_offered;
            }
            let Counts { passed, failed, not_offered } = sum;
            writeln!(f, "  {:<16}{passed:>8}{failed:>8}{not_offered:>13}", "together")?;
            let lacking: Vec<String> = self
                .lacking
                .iter()
                .filter(|((name, _), _)| name == backend)
                .map(|((_, need), count)| format!("{need} {count}"))
                .collect();
            if !lacking.is_empty() {
                writeln!(f, "  not offered, with the cases that need it: {}", lacking.join(", "))?;
            }
        }
        Ok(())
    }
}
