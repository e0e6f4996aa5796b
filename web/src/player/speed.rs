//! How fast virtual time runs.

use postroom_core::Span;

/// Virtual time against real time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speed {
    /// A hundredth.
    Hundredth,
    /// A tenth.
    Tenth,
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
    /// A minute a second.
    Sixty,
    /// As fast as it goes: a thousand times, where the machine can.
    Fastest,
}

impl Speed {
    /// Those at which one can watch, slowest first.
    pub const EASY: &'static [Self] =
        &[Self::Quarter, Self::Half, Self::One, Self::Two, Self::Four, Self::Eight];

    /// All of them, slowest first.
    pub const ALL: &'static [Self] = &[
        Self::Hundredth,
        Self::Tenth,
        Self::Quarter,
        Self::Half,
        Self::One,
        Self::Two,
        Self::Four,
        Self::Eight,
        Self::Sixty,
        Self::Fastest,
    ];

    /// How it reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hundredth => "1/100×",
            Self::Tenth => "1/10×",
            Self::Quarter => "0.25×",
            Self::Half => "0.5×",
            Self::One => "1×",
            Self::Two => "2×",
            Self::Four => "4×",
            Self::Eight => "8×",
            Self::Sixty => "60×",
            Self::Fastest => "Fastest",
        }
    }

    /// The virtual time that passes in this much real time. Whole microseconds: what rounding
    /// loses in a frame is less than the eye or the engine could tell.
    #[must_use]
    pub const fn of(self, real: Span) -> Span {
        let (times, part) = self.factor();
        Span::from_micros(real.times(times).as_micros() / part)
    }

    /// Whether pictures may run ahead of the run at this speed: at a higher one they would show
    /// what does not come about.
    #[must_use]
    pub fn is_easy(self) -> bool {
        self <= Self::Eight
    }

    /// So many times, divided by so much.
    const fn factor(self) -> (u64, u64) {
        match self {
            Self::Hundredth => (1, 100),
            Self::Tenth => (1, 10),
            Self::Quarter => (1, 4),
            Self::Half => (1, 2),
            Self::One => (1, 1),
            Self::Two => (2, 1),
            Self::Four => (4, 1),
            Self::Eight => (8, 1),
            Self::Sixty => (60, 1),
            Self::Fastest => (1_000, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_follows_the_speed() {
        let second = Span::from_secs(1);
        let passed: Vec<_> = Speed::ALL.iter().map(|speed| speed.of(second).as_millis()).collect();
        let expected = [10, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 60_000, 1_000_000];
        assert_eq!(passed, expected);
        assert_eq!(Speed::Quarter.of(Span::from_micros(3)), Span::ZERO);
    }

    #[test]
    fn speeds_stand_in_order() {
        assert!(Speed::ALL.is_sorted() && Speed::EASY.is_sorted());
        assert!(Speed::EASY.iter().all(|speed| speed.is_easy()));
        assert!(!Speed::Sixty.is_easy());
    }
}
