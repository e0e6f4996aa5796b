//! How fast virtual time runs.

use postroom_core::Span;

/// Virtual time against real time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speed {
    /// A quarter.
    Quarter,
    /// Half.
    Half,
    /// As fast as life.
    #[default]
    One,
    /// Twice.
    Two,
    /// Four times.
    Four,
    /// Eight times.
    Eight,
}

impl Speed {
    /// All of them, slowest first.
    pub const ALL: [Self; 6] =
        [Self::Quarter, Self::Half, Self::One, Self::Two, Self::Four, Self::Eight];

    /// How it reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Quarter => "0.25×",
            Self::Half => "0.5×",
            Self::One => "1×",
            Self::Two => "2×",
            Self::Four => "4×",
            Self::Eight => "8×",
        }
    }

    /// The virtual time that passes in this much real time. Whole microseconds: what rounding
    /// loses in a frame is less than the eye or the engine could tell.
    #[must_use]
    pub const fn of(self, real: Span) -> Span {
        Span::from_micros(real.times(self.quarters()).as_micros() / 4)
    }

    /// The next faster one, if there is any.
    #[must_use]
    pub fn faster(self) -> Self {
        Self::ALL.into_iter().find(|speed| *speed > self).unwrap_or(self)
    }

    /// The next slower one, if there is any.
    #[must_use]
    pub fn slower(self) -> Self {
        Self::ALL.into_iter().rev().find(|speed| *speed < self).unwrap_or(self)
    }

    const fn quarters(self) -> u64 {
        match self {
            Self::Quarter => 1,
            Self::Half => 2,
            Self::One => 4,
            Self::Two => 8,
            Self::Four => 16,
            Self::Eight => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_follows_the_speed() {
        let second = Span::from_secs(1);
        let passed = Speed::ALL.map(|speed| speed.of(second).as_millis());
        assert_eq!(passed, [250, 500, 1_000, 2_000, 4_000, 8_000]);
        assert_eq!(Speed::Quarter.of(Span::from_micros(3)), Span::ZERO);
    }

    #[test]
    fn the_speeds_end_at_both_ends() {
        assert_eq!(Speed::Eight.faster(), Speed::Eight);
        assert_eq!(Speed::Quarter.slower(), Speed::Quarter);
        assert_eq!(Speed::One.faster(), Speed::Two);
        assert_eq!(Speed::One.slower(), Speed::Half);
    }
}
