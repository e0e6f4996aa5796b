//! What is drawn of the letters, in pixels.

use postroom_core::{MessageId, Span};

use super::plan::{Point, Rect};

/// One thing on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its middle.
    pub at: Point,
    /// What it looks like.
    pub shape: Shape,
    /// The message it stands for, if it stands for one.
    pub message: Option<MessageId>,
    /// The lane whose stamp it bears.
    pub lane: Option<u16>,
    /// Where it is going, as a step of length 1; none if it rests.
    pub heading: Option<Point>,
    /// How long its work may still take, or how long it still waits; none if neither ends by time.
    pub ends_in: Option<Span>,
}

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A letter. `failed`: it comes from a failed call. `tries`: failed deliveries so far.
    Letter {
        /// Whether a star goes with it.
        failed: bool,
        /// Failed deliveries so far.
        tries: u32,
    },
    /// A letter at a desk; `left` of its time is left, from 1 to 0.
    Working {
        /// From 1 to 0.
        left: f64,
        /// Failed deliveries so far.
        tries: u32,
    },
    /// A letter that waits; `left` of its wait is left, from 1 to 0.
    Waiting {
        /// From 1 to 0.
        left: f64,
        /// Failed deliveries so far.
        tries: u32,
        /// It waits for room, not for a time.
        blocked: bool,
    },
    /// A dead letter, lying at an angle in radians.
    Dead {
        /// The angle.
        tilt: f64,
    },
    /// The end of a letter; `share` of it is over.
    Ending {
        /// How it ends.
        end: End,
        /// From 0 to 1.
        share: f64,
    },
    /// Too many letters to show one by one: a bar, filled to `fill`, with their number.
    Bar {
        /// The whole bar.
        rect: Rect,
        /// From 0 to 1.
        fill: f64,
        /// How many.
        count: u64,
    },
    /// Too many letters on their way to show one by one: a stream, with their number.
    Stream {
        /// How many.
        count: u64,
    },
}

/// How a letter ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well: a smooth disc.
    Delivered,
    /// Badly: a spiked star.
    Failed,
    /// It was published already: a hollow disc.
    Duplicate,
    /// An answer that nobody waits for any more: a small hollow disc.
    Late,
}
