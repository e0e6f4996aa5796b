//! Every bound of the runtime that is not the engine's.

/// Messages that a stream of deliveries receives at once.
pub const PREFETCH_MAX: u32 = postroom_core::limits::RECEIVE_MAX;
/// Bytes of a handler's panic message that are kept; the rest is cut off.
pub const PANIC_BYTES_MAX: usize = 1 << 10;
