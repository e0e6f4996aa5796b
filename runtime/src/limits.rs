//! Every bound of the runtime that is not the engine's.

/// Messages that a stream of deliveries receives at once.
pub const PREFETCH_MAX: u32 = postroom_core::limits::RECEIVE_MAX;
/// Bytes of a handler's panic message that are kept; the rest is cut off.
pub const PANIC_BYTES_MAX: usize = 1 << 10;
/// Operations that wait for the journal at once; whoever comes then waits for room.
pub const ASKS_MAX: usize = 4_096;
/// Operations that share one commit of the journal.
pub const COMMIT_MAX: usize = 4_096;
/// Commands after which the journal gets a snapshot: at most so many are replayed, and one commit.
pub const SNAPSHOT_EVERY: u64 = 250_000;
