//! Crashes, damage and faults, on a disk in memory.

/// Mistakes, planted to see the checks fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// The fourth record is not written.
    SkipRecord,
    /// A commit is confirmed before it is durable.
    EarlyReply,
}
