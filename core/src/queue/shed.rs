//! Load shedding: what a queue still lets in when it is nearly full.

use serde::{Deserialize, Serialize};

/// From a certain fill on only urgent messages are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shed {
    /// From this share of `capacity` on. From 1 to 99.
    pub from_percent: u32,
}

impl Shed {
    pub(crate) fn lowest_admitted(self, depth: u64, capacity: u64) -> Option<u8> {
        let start = (capacity * u64::from(self.from_percent)).div_ceil(100);
        let over = depth.checked_sub(start)?;
        let room = capacity.saturating_sub(start).max(1);
        Some((1 + over * 9 / room).min(9) as u8)
    }
}
