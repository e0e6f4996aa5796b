//! The calls by which a closed breaker judges: counted as they come, never looked through.

use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::config::BreakerWindow;
use crate::time::{Span, Timestamp};

/// So many calls, and how they went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tally {
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) slow: u64,
}

/// How one call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Good,
    Slow,
    Failed,
    FailedSlowly,
}

/// The calls that count, and their sum.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    sum: Tally,
    kept: Kept,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    /// Call by call, oldest first.
    Calls(VecDeque<Verdict>),
    /// By tenths of the time, oldest first. The last one began at `newest_from`.
    Tenths { tallies: VecDeque<Tally>, newest_from: Timestamp },
}

const TENTHS: u64 = 10;

impl Tally {
    pub(super) fn add(&mut self, verdict: Verdict) {
        self.calls += 1;
        self.failed += u64::from(verdict.has_failed());
        self.slow += u64::from(verdict.was_slow());
    }

    fn merge(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failed = self.failed.saturating_add(other.failed);
        self.slow = self.slow.saturating_add(other.slow);
    }

    fn subtract(&mut self, other: Self) {
        self.calls -= other.calls;
        self.failed -= other.failed;
        self.slow -= other.slow;
    }

    /// Whether no more failed or were slow than there were.
    pub(super) fn is_sound(&self) -> bool {
        self.failed <= self.calls && self.slow <= self.calls
    }
}

impl Verdict {
    pub(super) fn new(failed: bool, slow: bool) -> Self {
        match (failed, slow) {
            (false, false) => Self::Good,
            (false, true) => Self::Slow,
            (true, false) => Self::Failed,
            (true, true) => Self::FailedSlowly,
        }
    }

    fn has_failed(self) -> bool {
        matches!(self, Self::Failed | Self::FailedSlowly)
    }

    fn was_slow(self) -> bool {
        matches!(self, Self::Slow | Self::FailedSlowly)
    }
}

impl Window {
    pub(super) fn new(config: BreakerWindow) -> Self {
        let kept = match config {
            BreakerWindow::Calls(_) => Kept::Calls(VecDeque::new()),
            BreakerWindow::Time { .. } => {
                Kept::Tenths { tallies: VecDeque::new(), newest_from: Timestamp::ZERO }
            }
        };
        Self { sum: Tally::default(), kept }
    }

    /// Takes one more call in, forgets those that no longer count, and says what is left.
    pub(super) fn add(&mut self, verdict: Verdict, now: Timestamp, config: BreakerWindow) -> Tally {
        self.sum.add(verdict);
        match (&mut self.kept, config) {
            (Kept::Calls(calls), BreakerWindow::Calls(most)) => {
                calls.push_back(verdict);
                if calls.len() > most as usize
                    && let Some(oldest) = calls.pop_front()
                {
                    let mut gone = Tally::default();
                    gone.add(oldest);
                    self.sum.subtract(gone);
                }
            }
            (Kept::Tenths { tallies, newest_from }, BreakerWindow::Time { time }) => {
                let gone = move_on(tallies, newest_from, now, time);
                self.sum.subtract(gone);
                if let Some(newest) = tallies.back_mut() {
                    newest.add(verdict);
                }
            }
            _ => unreachable!("a window is made for its settings"),
        }
        self.sum
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sum.calls == 0
    }

    pub(super) fn is_sound(&self, config: BreakerWindow, now: Timestamp) -> bool {
        let mut sum = Tally::default();
        let fits = match (&self.kept, config) {
            (Kept::Calls(calls), BreakerWindow::Calls(most)) => {
                calls.iter().for_each(|verdict| sum.add(*verdict));
                calls.len() <= most as usize
            }
            (Kept::Tenths { tallies, newest_from }, BreakerWindow::Time { .. }) => {
                tallies.iter().for_each(|tally| sum.merge(*tally));
                tallies.len() as u64 <= TENTHS
                    && tallies.iter().all(Tally::is_sound)
                    && *newest_from <= now
            }
            _ => false,
        };
        // Far more than can be called in an hour, and far from where sums overflow.
        fits && sum == self.sum && sum.calls <= u64::from(u32::MAX)
    }
}

/// Makes the tenth in which `now` lies the newest one, and says what is forgotten. The first call
/// after a whole window begins a new tenth, so that it does not matter when the epoch was.
fn move_on(
    tallies: &mut VecDeque<Tally>,
    newest_from: &mut Timestamp,
    now: Timestamp,
    time: Span,
) -> Tally {
    let tenth = time.as_micros() / TENTHS;
    let passed = now.since(*newest_from).as_micros() / tenth;
    let mut gone = Tally::default();
    if tallies.is_empty() || passed >= TENTHS {
        for tally in tallies.drain(..) {
            gone.merge(tally);
        }
        tallies.push_back(Tally::default());
        *newest_from = now.max(*newest_from);
        return gone;
    }
    for _ in 0..passed {
        tallies.push_back(Tally::default());
        if tallies.len() as u64 > TENTHS
            && let Some(tally) = tallies.pop_front()
        {
            gone.merge(tally);
        }
    }
    *newest_from = *newest_from + Span::from_micros(passed * tenth);
    gone
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn a_time_window_counts_what_a_list_of_all_calls_counts() {
        let tenth = 1_000;
        let time = Span::from_micros(10 * tenth * 1_000);
        for seed in 0..50 {
            let draw = |what: u64, most| Entropy::new(seed).draw_up_to(most, &[what]);
            let mut window = Window::new(BreakerWindow::Time { time });
            let (mut now, mut from) = (draw(0, 5_000), 0);
            let mut calls: Vec<(u64, Verdict)> = Vec::new();
            for nth in 1..400 {
                now += if draw(nth, 30) == 0 { draw(nth + 1_000, 25_000) } else { draw(nth, 300) };
                // Tenths are counted from the first call, and anew after a pause as long as all ten.
                if calls.is_empty() || (now - from) / tenth >= 10 {
                    calls.clear();
                    from = now;
                }
                from += (now - from) / tenth * tenth;
                let verdict = Verdict::new(draw(nth, 1) == 1, draw(nth + 2_000, 1) == 1);
                calls.push((now, verdict));
                calls.retain(|(at, _)| at + 9 * tenth >= from);
                let said =
                    window.add(verdict, Timestamp::from_millis(now), BreakerWindow::Time { time });
                let mut tally = Tally::default();
                calls.iter().for_each(|(_, verdict)| tally.add(*verdict));
                assert_eq!(said, tally, "seed {seed}, call {nth}");
                let now = Timestamp::from_millis(now);
                assert!(window.is_sound(BreakerWindow::Time { time }, now));
            }
        }
    }
}
