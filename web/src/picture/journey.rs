//! How a letter gets from place to place: a chain of legs in virtual time.

/// The further what is seen falls behind what happened, the shorter the legs become; by this much
/// it never falls behind.
const LAG_MAX: u64 = 2_400_000;

/// A place on the stage, before anybody knows where that is in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spot {
    /// At a source.
    Source(u16),
    /// At a topic.
    Topic(u16),
    /// In the tray of ready letters, so many places from its head; between two while it slides.
    Slot { lane: u16, index: f64 },
    /// Among those that wait, so many places from the next one due.
    Shelf { lane: u16, index: f64 },
    /// Where letters leave the tray of a lane whose receivers are not drawn.
    Exit(u16),
    /// At a desk of a worker.
    Desk { worker: u16, desk: u16 },
    /// At a worker's provider.
    Provider(u16),
    /// Among the dead letters.
    Tray(u16),
}

/// One movement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Leg {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) from: Spot,
    pub(crate) to: Spot,
    /// How it looks on the way.
    pub(crate) look: Look,
}

/// How a letter looks on a leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Look {
    /// As ever.
    Plain,
    /// It carries the mark of a failed call.
    Failed,
    /// It does not move: a call is under way that took this share of its time.
    Called(f64),
}

/// All movements of a letter that are not over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Journey {
    legs: Vec<Leg>,
    at: Spot,
    /// It is not seen before then.
    seen_from: u64,
}

/// Where a letter is at some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Whereabouts {
    /// It has not set out from where it comes from.
    NotYet,
    /// On its way; `share` of the leg is behind it.
    Moving { leg: Leg, share: f64, last: bool },
    /// At the end of its journey.
    There(Spot),
}

impl Journey {
    pub(crate) fn at(spot: Spot) -> Self {
        Self { legs: Vec::new(), at: spot, seen_from: 0 }
    }

    /// It is not seen, and does not set out, before `time`.
    pub(crate) fn wait_until(&mut self, time: u64) {
        self.seen_from = time;
    }

    /// It goes on to `to`, from where it will be by then, not before `now`.
    pub(crate) fn go(&mut self, now: u64, to: Spot, span: u64, look: Look) {
        self.legs.retain(|leg| leg.end > now);
        let start = self.end().max(now);
        let hurry = LAG_MAX.saturating_sub(start - now);
        let end = start + (span * hurry / LAG_MAX).max(span / 8);
        self.legs.push(Leg { start, end, from: self.at, to, look });
        self.at = to;
    }

    /// It leaves `spot`, the place that its last leg turned out to end in.
    pub(crate) fn leave(&mut self, spot: Spot) {
        self.at = spot;
        if let Some(leg) = self.legs.last_mut() {
            leg.to = spot;
        }
    }

    /// It stays where it is for `span`, while a call is seen that took `share` of its time.
    pub(crate) fn stay(&mut self, now: u64, span: u64, share: f64) {
        self.go(now, self.at, span, Look::Called(share));
    }

    /// Where it is once everything is over.
    pub(crate) fn goal(&self) -> Spot {
        self.at
    }

    /// When everything is over; 0 if it never moved.
    pub(crate) fn end(&self) -> u64 {
        self.legs.last().map_or(self.seen_from, |leg| leg.end)
    }

    pub(crate) fn whereabouts(&self, now: u64) -> Whereabouts {
        match self.legs.iter().position(|leg| now < leg.end) {
            _ if now < self.seen_from => Whereabouts::NotYet,
            None => Whereabouts::There(self.at),
            Some(index) => {
                let leg = self.legs[index];
                let passed = now.saturating_sub(leg.start) as f64;
                let share = passed / (leg.end - leg.start).max(1) as f64;
                Whereabouts::Moving { leg, share, last: index + 1 == self.legs.len() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Spot = Spot::Topic(0);
    const B: Spot = Spot::Slot { lane: 0, index: 0.0 };
    const C: Spot = Spot::Desk { worker: 0, desk: 0 };

    #[test]
    fn legs_follow_one_another_and_end() {
        let mut journey = Journey::at(A);
        journey.wait_until(1_000);
        journey.go(1_000, B, 100, Look::Plain);
        journey.go(1_000, C, 100, Look::Plain);
        assert_eq!(journey.whereabouts(999), Whereabouts::NotYet);
        let Whereabouts::Moving { leg, share, last } = journey.whereabouts(1_050) else {
            panic!("it is on its way")
        };
        assert_eq!((leg.from, leg.to, share, last), (A, B, 0.5, false));
        assert_eq!(journey.whereabouts(journey.end()), Whereabouts::There(C));
    }

    #[test]
    fn what_is_seen_never_falls_far_behind() {
        let mut journey = Journey::at(A);
        for _ in 0..1_000 {
            journey.go(0, B, 400_000, Look::Plain);
        }
        assert!(journey.end() < LAG_MAX + 1_000 * 50_000, "{}", journey.end());
        journey.go(journey.end() + 1, C, 400_000, Look::Plain);
        assert_eq!(journey.legs.len(), 1, "legs that are over are forgotten");
    }
}
