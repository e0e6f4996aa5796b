//! Producers at work: when the next message comes.

use std::sync::Arc;

use postroom_core::{Entropy, Span, Timestamp};

use crate::{
    scenario::{Arrivals, Producer},
    stream::{Stream, exponential},
};

/// A producer in a world, to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProducerState {
    name: Arc<str>,
    arrivals: Arrivals,
    limit: Option<u64>,
    /// The even and the bursty count their intervals from here, so that nothing drifts.
    since: Timestamp,
    /// Arrivals since then.
    arrived: u64,
    next: Option<Timestamp>,
    sent: u64,
    refused: u64,
    gaps: Stream,
    gaps_drawn: u64,
    entropy: Stream,
}

impl ProducerState {
    pub(crate) fn new(producer: &Producer, seed: u64) -> Self {
        let mut this = Self {
            name: producer.name.as_str().into(),
            arrivals: producer.arrivals.clone(),
            limit: producer.limit,
            since: Timestamp::ZERO,
            arrived: 0,
            next: None,
            sent: 0,
            refused: 0,
            gaps: Stream::new(seed, producer.stream_name(), "arrival"),
            gaps_drawn: 0,
            entropy: Stream::new(seed, &producer.name, "command"),
        };
        this.schedule(Timestamp::ZERO);
        this
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When its messages come.
    #[must_use]
    pub fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    /// Messages that it has sent, refused ones included: the number of the next one.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Messages that the system refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// When its next message comes; none if it has stopped.
    #[must_use]
    pub fn next_at(&self) -> Option<Timestamp> {
        self.next.filter(|_| self.limit.is_none_or(|limit| self.sent < limit))
    }

    pub(crate) fn set_arrivals(&mut self, arrivals: Arrivals, now: Timestamp) {
        self.arrivals = arrivals;
        self.since = now;
        self.arrived = 0;
        self.schedule(now);
    }

    /// Its next message is due: the number of it is returned, and the next one is scheduled.
    pub(crate) fn arrive(&mut self, now: Timestamp) -> (u64, Entropy) {
        self.arrived += 1;
        self.schedule(now);
        self.send()
    }

    /// It sends a message out of turn.
    pub(crate) fn send(&mut self) -> (u64, Entropy) {
        let number = self.sent;
        self.sent += 1;
        (number, self.entropy.draw(number))
    }

    pub(crate) fn note_refused(&mut self) {
        self.refused += 1;
    }

    fn schedule(&mut self, now: Timestamp) {
        self.next = match self.arrivals {
            Arrivals::Constant { per_minute: 0 } => None,
            Arrivals::Constant { per_minute } => {
                let passed = u128::from(self.arrived + 1) * 60_000_000 / u128::from(per_minute);
                Some(self.since + Span::from_micros(passed as u64))
            }
            Arrivals::Poisson { per_minute } => {
                let draw = self.gaps.draw(self.gaps_drawn).value();
                self.gaps_drawn += 1;
                exponential(draw, per_minute).map(|gap| now + gap)
            }
            Arrivals::Burst { count, every_ms } => {
                let burst = self.arrived / u64::from(count) + 1;
                Some(self.since + Span::from_millis(every_ms).times(burst))
            }
            Arrivals::Recorded { ref at_ms } => {
                let moment = at_ms.get(self.arrived as usize);
                moment.map(|millis| self.since + Span::from_millis(*millis))
            }
        };
    }
}
