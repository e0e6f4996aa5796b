//! What a screen reader is told of the faults that the scenario names: that they begin and end.

use postroom_core::Timestamp;
use postroom_simulator::Fault;

use crate::panels::{ANNOUNCEMENT_GAP_MS, words::capitalised};

/// Of so many faults that begin or end at about the same time, each has a sentence.
pub const FAULTS_TOLD_MAX: usize = 3;

/// Says which faults have begun and ended while time went on, and nothing when it went back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultWatch {
    /// Up to then, all was told.
    told: Timestamp,
    said: String,
    silent_until_ms: u64,
}

impl FaultWatch {
    /// What was said last.
    #[must_use]
    pub fn said(&self) -> &str {
        &self.said
    }

    /// The run is at `now`, at real time `now_ms`. Whether there is something to say, and it is too
    /// soon after the last.
    pub fn follow(&mut self, faults: &[Fault], now: Timestamp, now_ms: u64) -> bool {
        if now <= self.told {
            self.told = now;
            return false;
        }
        let passed = passed(faults, self.told, now);
        let is_silent = !passed.is_empty() && now_ms < self.silent_until_ms;
        if is_silent {
            return true;
        }
        self.told = now;
        if !passed.is_empty() {
            self.silent_until_ms = now_ms + ANNOUNCEMENT_GAP_MS;
            self.said = in_one_breath(&passed);
        }
        false
    }
}

/// What has begun, or ended, after `from` and up to `to`, in the order of time.
fn passed(faults: &[Fault], from: Timestamp, to: Timestamp) -> Vec<(&Fault, bool)> {
    let is_within = |ms: u64| {
        let at = Timestamp::from_millis(ms);
        // What begins with the run is there from the first moment on.
        (at > from || (at == from && from == Timestamp::ZERO)) && at <= to
    };
    let begins = faults.iter().map(|fault| (fault.at_ms, fault, false));
    let ends = faults.iter().filter_map(|fault| Some((fault.until_ms?, fault, true)));
    let mut passed: Vec<_> = begins.chain(ends).filter(|(ms, ..)| is_within(*ms)).collect();
    passed.sort_by_key(|(ms, ..)| *ms);
    passed.into_iter().map(|(_, fault, is_over)| (fault, is_over)).collect()
}

fn in_one_breath(passed: &[(&Fault, bool)]) -> String {
    let told = passed.len().min(FAULTS_TOLD_MAX);
    let sentences = passed[..told].iter().map(|(fault, is_over)| {
        let what = capitalised(&fault.what.to_string());
        if *is_over { format!("Over: {what}.") } else { format!("{what}.") }
    });
    let rest = match passed.len() - told {
        0 => String::new(),
        rest => format!(" And {rest} more faults that began or ended."),
    };
    sentences.collect::<Vec<_>>().join(" ") + &rest
}

#[cfg(test)]
mod tests {
    use postroom_simulator::{Mode, Trouble};

    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn a_fault_is_told_when_it_begins_and_when_it_ends() {
        let faults = [Fault::mode(10_000, "SMS", Mode::Hanging).until(40_000)];
        let mut watch = FaultWatch::default();
        watch.follow(&faults, at(9_000), 0);
        assert_eq!(watch.said(), "");
        watch.follow(&faults, at(10_000), 1_000);
        assert_eq!(watch.said(), "Provider SMS hangs.");
        watch.follow(&faults, at(41_000), 10_000);
        assert_eq!(watch.said(), "Over: Provider SMS hangs.");
    }

    #[test]
    fn what_comes_too_soon_after_the_last_is_told_later() {
        let faults = [
            Fault::mode(0, "SMS", Mode::Hanging),
            Fault::new(1_000, Trouble::Burst { producer: "shop".into(), count: 7 }),
        ];
        let mut watch = FaultWatch::default();
        watch.follow(&faults, at(500), 0);
        assert_eq!(watch.said(), "Provider SMS hangs.");
        assert!(watch.follow(&faults, at(1_500), ANNOUNCEMENT_GAP_MS - 1));
        assert_eq!(watch.said(), "Provider SMS hangs.");
        assert!(!watch.follow(&faults, at(1_500), ANNOUNCEMENT_GAP_MS));
        assert_eq!(watch.said(), "Producer shop sends 7 at once.");
    }

    #[test]
    fn going_back_says_nothing_and_many_are_one_sentence_more() {
        let faults: Vec<_> =
            (1..=5).map(|second| Fault::mode(second * 1_000, "SMS", Mode::Failing)).collect();
        let mut watch = FaultWatch::default();
        watch.follow(&faults, at(60_000), 0);
        let once = "Provider SMS fails. ".repeat(FAULTS_TOLD_MAX);
        let all = format!("{once}And 2 more faults that began or ended.");
        assert_eq!(watch.said(), all);
        watch.follow(&faults, at(500), 10_000);
        assert_eq!(watch.said(), all);
        watch.follow(&faults, at(1_000), 20_000);
        assert_eq!(watch.said(), "Provider SMS fails.");
    }
}
