//! Every bound of a journal, by name.

/// The least that a segment may hold: 4 KiB. One commit must fit in a segment.
pub const SEGMENT_BYTES_MIN: u64 = 4 << 10;

/// The most that a segment may hold: 1 GiB. Lengths in a segment fit 32 bits.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// What a segment holds unless told otherwise: 16 MiB.
pub const SEGMENT_BYTES_DEFAULT: u64 = 16 << 20;

/// A snapshot's state: 8 GiB. What claims to be larger is damaged.
pub const SNAPSHOT_BYTES_MAX: u64 = 8 << 30;

/// At most so much of the next segment is prepared at a time, in bytes.
pub(crate) const FILL_BYTES: usize = 64 << 10;
