//! Reports and sweeps as plain text.

use std::fmt::{self, Display, Formatter, Write};

use postroom_core::{Span, Timestamp};

use super::{CallerReport, QueueReport, Report, Times};
use crate::{
    goals::Measured,
    sweep::{Failure, GoalOverSeeds, Sweep},
};

/// Seeds that are listed one by one.
const SEEDS_LISTED: usize = 10;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.write_queues(f)?;
        self.write_actors(f)?;
        if self.turned_away > 0 {
            writeln!(
                f,
                "\n{} messages did not reach the system, since too many were alive: \
                 the figures say little",
                count(self.turned_away)
            )?;
        }
        Ok(())
    }
}

impl Report {
    fn write_queues(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let busy = || self.queues.iter().filter(|queue| queue.flow.enqueued > 0);
        table(
            f,
            &["queue", "in", "acked", "acked/min", "again", "peak", "left", "drained in"],
            busy().map(|queue| {
                let QueueReport { name, flow, acked_per_minute, peak, left, .. } = queue;
                let numbers = [flow.acked, *acked_per_minute, flow.redelivered, *peak, *left];
                let mut row = vec![name.clone(), count(flow.enqueued)];
                row.extend(numbers.map(count));
                row.push(drained(queue, self.runs));
                row
            }),
        )?;
        let times = |queue: &QueueReport, what: &str, times: &Times| {
            let Times { p50_us, p90_us, p99_us, p999_us, max_us, .. } = times;
            let mut row = vec![queue.name.clone(), what.to_owned()];
            row.extend([p50_us, p90_us, p99_us, p999_us, max_us].map(|us| span(*us)));
            row
        };
        table(
            f,
            &["queue", "until", "p50", "p90", "p99", "p99.9", "most"],
            busy().filter(|queue| queue.waiting.max_us.is_some()).flat_map(|queue| {
                [times(queue, "delivered", &queue.waiting), times(queue, "acked", &queue.latency)]
            }),
        )?;
        table(
            f,
            &["queue", "calls", "failed", "wasted", "calls/acked"],
            self.queues.iter().filter(|queue| queue.calls > 0).map(|queue| {
                let per_acked = queue.calls_per_acked_per_mille;
                vec![
                    queue.name.clone(),
                    count(queue.calls),
                    count(queue.calls_failed),
                    percent(queue.calls_wasted_per_mille),
                    per_acked.map_or_else(dash, thousandths),
                ]
            }),
        )?;
        let dead = self.queues.iter().flat_map(|queue| {
            queue.dead.iter().map(|dead| {
                vec![queue.name.clone(), count(dead.copies), format!("{:?}", dead.reason)]
            })
        });
        table(f, &["queue", "dead", "reason"], dead)?;
        Ok(())
    }

    fn write_actors(&self, f: &mut Formatter<'_>) -> fmt::Result {
        table(
            f,
            &["provider", "taken", "duplicates"],
            self.providers.iter().map(|provider| {
                let (taken, again) = (provider.taken, provider.duplicates);
                vec![provider.name.clone(), count(taken), count(again)]
            }),
        )?;
        table(
            f,
            &["producer", "sent", "refused"],
            self.producers.iter().map(|producer| {
                vec![producer.name.clone(), count(producer.sent), count(producer.refused)]
            }),
        )?;
        table(
            f,
            &[
                "caller", "requests", "answered", "failed", "too late", "refused", "p50", "p99",
                "most",
            ],
            self.callers.iter().map(|caller| {
                let CallerReport { requests, answered, failed, timed_out, refused, .. } = *caller;
                let Times { p50_us, p99_us, max_us, .. } = caller.latency;
                let mut row = vec![caller.name.clone()];
                row.extend([requests, answered, failed, timed_out, refused].map(count));
                row.extend([p50_us, p99_us, max_us].map(span));
                row
            }),
        )?;
        Ok(())
    }
}

impl Display for Sweep {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let seeds = if self.seeds == 1 { "1 seed" } else { &format!("{} seeds", self.seeds) };
        writeln!(f, "{}: {seeds}, {} each", shown(&self.scenario), moment(self.until_us))?;
        if !self.goals.is_empty() {
            writeln!(f)?;
        }
        for GoalOverSeeds { goal, failed, .. } in &self.goals {
            let (verdict, goal) = (if failed.is_empty() { "met  " } else { "UNMET" }, shown(goal));
            match &failed[..] {
                [] => writeln!(f, "{verdict}  {goal}")?,
                _ if self.seeds == 1 => writeln!(f, "{verdict}  {goal}")?,
                failed => writeln!(
                    f,
                    "{verdict}  {goal}: on {} of {}: {}",
                    failed.len(),
                    self.seeds,
                    listed(failed)
                )?,
            }
        }
        for GoalOverSeeds { goal, first, .. } in &self.goals {
            if let Some(first) = first {
                write_failure(f, goal, first)?;
            }
        }
        let runs = if self.report.runs == 1 { "" } else { ", all runs together" };
        writeln!(f, "\nwhat happened{runs}")?;
        self.report.fmt(f)
    }
}

fn write_failure(f: &mut Formatter<'_>, goal: &str, failure: &Failure) -> fmt::Result {
    let Failure { seed, at_us, found, path } = failure;
    write!(f, "\n{}: seed {seed}, at {}", shown(goal), moment(*at_us))?;
    if let Some(found) = found {
        let Measured { metric, value, whole, message, .. } = found;
        write!(f, ", {}: {}", shown(&metric.to_string()), count(*value))?;
        if let Some(whole) = whole {
            write!(f, " of {}", count(*whole))?;
        }
        if let Some(message) = message {
            write!(f, ", by message {message}")?;
        }
    }
    writeln!(f)?;
    path.iter().try_for_each(|line| writeln!(f, "  {}", shown(line)))
}

/// A table with a blank line before it; nothing if there are no rows. Numbers stand to the right.
fn table(
    f: &mut Formatter<'_>,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> fmt::Result {
    let head: Vec<String> = head.iter().map(|&title| title.to_owned()).collect();
    let rows: Vec<Vec<String>> =
        rows.map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let is_number = |column: usize| {
        let number = |cell: &str| cell == "-" || cell.starts_with(|c: char| c.is_ascii_digit());
        rows.iter().all(|row| number(&row[column])) && column > 0
    };
    let width = |column: usize| {
        let cells = std::iter::once(&head).chain(&rows).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let columns: Vec<(usize, bool)> =
        (0..head.len()).map(|column| (width(column), is_number(column))).collect();
    writeln!(f)?;
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, (width, is_number)) in row.iter().zip(&columns) {
            if *is_number {
                write!(line, "{cell:>width$}  ")?;
            } else {
                write!(line, "{cell:<width$}  ")?;
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn drained(queue: &QueueReport, runs: u64) -> String {
    match (queue.undrained_runs, queue.drained_within_us) {
        (0, within) => span(within),
        (undrained, _) if runs == 1 && undrained == 1 => "never".to_owned(),
        (undrained, None) => format!("never ({undrained} runs)"),
        (undrained, within) => format!("{}, {undrained} runs never", span(within)),
    }
}

fn listed(seeds: &[u64]) -> String {
    let mut text: Vec<String> = seeds.iter().take(SEEDS_LISTED).map(u64::to_string).collect();
    if seeds.len() > SEEDS_LISTED {
        text.push("…".to_owned());
    }
    text.join(", ")
}

/// Names come from a document that anybody may have written: nothing in them steers a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn dash() -> String {
    "-".to_owned()
}

/// A number with its thousands apart.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn percent(per_mille: u64) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn thousandths(number: u64) -> String {
    format!("{}.{:03}", number / 1_000, number % 1_000)
}

fn span(span: Option<Span>) -> String {
    let Some(span) = span else { return dash() };
    let micros = span.as_micros();
    let tenths = (micros + 50) / 100;
    if tenths < 10_000 {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else {
        format!("{} s", thousandths((micros + 500) / 1_000))
    }
}

fn moment(at: Timestamp) -> String {
    let micros = at.as_micros();
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let mut text = format!("{}:{:02}", seconds / 60, seconds % 60);
    if rest > 0 {
        text += &format!(".{rest:06}");
    }
    text
}
