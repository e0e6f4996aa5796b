//! The watermark: how far the journal is known to be durable. Pure: no file is touched here.
//!
//! It is written after each sync and is never waited for. So it may lag behind, and is never ahead
//! of what is durable: what is missing below it was lost, and is not a torn tail.

use crate::frame::{checksum, u32_at, u64_at};

pub(crate) const FILE: &str = "watermark";

/// Two slots take turns, a sector each: a torn write leaves the other.
const SLOT_BYTES: u64 = 512;
const USED_BYTES: usize = 12;

/// A new file: it need not grow later, when the disk may be full.
pub(crate) const NONE: [u8; 2 * SLOT_BYTES as usize] = [0; 2 * SLOT_BYTES as usize];

/// Where the mark goes that says `end`, and its bytes; `turn` counts the marks.
pub(crate) fn encode(end: u64, turn: u64) -> (u64, [u8; USED_BYTES]) {
    let mut bytes = [0; USED_BYTES];
    bytes[..8].copy_from_slice(&end.to_le_bytes());
    let sum = checksum(0, 0, &bytes[..8]);
    bytes[8..].copy_from_slice(&sum.to_le_bytes());
    (turn % 2 * SLOT_BYTES, bytes)
}

/// All records before this position were durable once.
pub(crate) fn decode(file: &[u8]) -> u64 {
    let slot = |start: u64| {
        let slot = file.get(start as usize..)?.get(..USED_BYTES)?;
        (checksum(0, 0, &slot[..8]) == u32_at(slot, 8)).then(|| u64_at(slot, 0))
    };
    slot(0).max(slot(SLOT_BYTES)).unwrap_or(0)
}
