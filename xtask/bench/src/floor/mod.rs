//! The least that could do the work: no names, no limits, no reasons, no events, one queue.

mod heap;
mod lane;
mod slots;

pub(crate) use heap::HeapFloor;
pub(crate) use lane::LaneFloor;
