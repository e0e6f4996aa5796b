//! The virtual time between two reports of the run, for smooth pictures.

use std::cell::Cell;

use postroom_core::{Span, Timestamp};

use crate::player::Speed;

/// A picture runs ahead of the run by at most this much real time.
const AHEAD_MS_MAX: f64 = 40.0;

/// Which virtual time to draw at a real one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameClock {
    now: Timestamp,
    as_of_ms: f64,
    /// None while time stands still.
    speed: Option<Speed>,
}

/// A clock that the run sets and the frames read.
pub(crate) type SharedFrameClock = std::rc::Rc<Cell<FrameClock>>;

impl FrameClock {
    pub(super) fn new(now: Timestamp, as_of_ms: f64, speed: Option<Speed>) -> Self {
        Self { now, as_of_ms, speed }
    }

    /// The virtual time to draw at real time `ms`.
    pub(crate) fn at(&self, ms: f64) -> Timestamp {
        let Some(speed) = self.speed else { return self.now };
        let ahead_ms = (ms - self.as_of_ms).clamp(0.0, AHEAD_MS_MAX);
        self.now + speed.of(Span::from_micros((ahead_ms * 1_000.0) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_between_two_reports_but_not_far() {
        let now = Timestamp::from_millis(1_000);
        let clock = FrameClock::new(now, 50.0, Some(Speed::Two));
        assert_eq!(clock.at(60.0), Timestamp::from_millis(1_020));
        assert_eq!(clock.at(40.0), now, "a frame older than the report");
        assert_eq!(clock.at(9_999.0), Timestamp::from_millis(1_080));
        assert_eq!(FrameClock::new(now, 50.0, None).at(60.0), now, "time stands still");
    }
}
