//! The names of a journal's files.

pub(crate) const LOCK: &str = "lock";
/// The next segment, while it is prepared. What is found under this name is made anew.
pub(crate) const SPARE: &str = "spare.new";
/// A snapshot, while it is written.
pub(crate) const SNAPSHOT_NEW: &str = "snapshot.new";

const SEGMENT: &str = ".log";
const SNAPSHOT: &str = ".snapshot";

/// The segment whose first record has this position.
pub(crate) fn segment(first: u64) -> String {
    format!("{first:020}{SEGMENT}")
}

pub(crate) fn snapshot(position: u64) -> String {
    format!("{position:020}{SNAPSHOT}")
}

pub(crate) fn segment_first(name: &str) -> Option<u64> {
    number(name, SEGMENT)
}

pub(crate) fn snapshot_position(name: &str) -> Option<u64> {
    number(name, SNAPSHOT)
}

fn number(name: &str, ending: &str) -> Option<u64> {
    let digits = name.strip_suffix(ending)?;
    let are_digits = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| digits.parse().ok())?
}
