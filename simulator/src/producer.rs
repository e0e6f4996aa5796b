//! Producers at work: when the next message comes.

use std::{collections::VecDeque, sync::Arc};

use postroom_core::{Entropy, Span, Timestamp};

use crate::{
    limits::RETRIES_MAX,
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
    unanswered: u64,
    retried: u64,
    given_up: u64,
    /// To be sent out of turn, since when.
    burst: (u64, Timestamp),
    retry: Option<Span>,
    /// What is sent again, by when.
    retries: VecDeque<(Timestamp, u64)>,
    cut_off: bool,
    /// So many of a hundred answers are lost.
    answers_lost: u32,
    losses: Stream,
    again: Stream,
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
            unanswered: 0,
            retried: 0,
            given_up: 0,
            burst: (0, Timestamp::ZERO),
            retry: producer.retry_ms.map(Span::from_millis),
            retries: VecDeque::new(),
            cut_off: false,
            answers_lost: 0,
            losses: Stream::new(seed, &producer.name, "loss"),
            again: Stream::new(seed, &producer.name, "retry"),
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

    /// How often the system refused a message.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How often it got no answer: nothing arrived, or the answer was lost.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// How often it sent a message again.
    #[must_use]
    pub fn retried(&self) -> u64 {
        self.retried
    }

    /// Messages that were refused or unanswered and are not sent again.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    /// Whether the network between it and the system is down.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// When it sends next; none if it has stopped.
    #[must_use]
    #[inline]
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.retries.is_empty() && self.burst.0 == 0 {
            return self.next_arrival();
        }
        let again = self.retries.front().map(|(at, _)| *at);
        let burst = Some(self.burst.1).filter(|_| self.burst.0 > 0);
        [again, burst, self.next_arrival()].into_iter().flatten().min()
    }

    pub(crate) fn set_arrivals(&mut self, arrivals: Arrivals, now: Timestamp) {
        self.arrivals = arrivals;
        self.since = now;
        self.arrived = 0;
        self.schedule(now);
    }

    /// It is its turn: what it sends again comes first, then bursts, then what is new.
    #[inline]
    pub(crate) fn arrive(&mut self, now: Timestamp) -> (u64, Entropy) {
        if self.retries.front().is_some_and(|(at, _)| *at <= now)
            && let Some((_, number)) = self.retries.pop_front()
        {
            self.retried += 1;
            return (number, self.again.draw(self.retried));
        }
        if self.burst.0 > 0 && self.burst.1 <= now {
            self.burst.0 -= 1;
        } else {
            self.arrived += 1;
            self.schedule(now);
        }
        self.send()
    }

    /// It sends so many out of turn.
    pub(crate) fn burst(&mut self, count: u64, now: Timestamp) {
        self.burst = (self.burst.0 + count, now);
    }

    pub(crate) fn set_cut_off(&mut self, cut_off: bool) {
        self.cut_off = cut_off;
    }

    pub(crate) fn set_answers_lost(&mut self, percent: u32) {
        self.answers_lost = percent;
    }

    /// Everything that it is about to do comes so much later by the clock of the world.
    pub(crate) fn shift(&mut self, by: Span) {
        self.since = self.since + by;
        self.next = self.next.map(|at| at + by);
        self.burst.1 = self.burst.1 + by;
        self.retries.iter_mut().for_each(|(at, _)| *at = *at + by);
    }

    /// It sends a message out of turn.
    pub(crate) fn send(&mut self) -> (u64, Entropy) {
        let number = self.sent;
        self.sent += 1;
        (number, self.entropy.draw(number))
    }

    /// Message `number` was refused.
    pub(crate) fn note_refused(&mut self, number: u64, now: Timestamp) {
        self.refused += 1;
        self.try_again(number, now);
    }

    /// Message `number` was sent; the answer may be lost.
    pub(crate) fn note_stored(&mut self, number: u64, now: Timestamp) {
        if self.answers_lost > 0 {
            let draw = self.losses.draw(self.sent + self.retried).draw_up_to(99, &[]);
            if draw < u64::from(self.answers_lost) {
                self.note_unanswered(number, now);
            }
        }
    }

    /// Nothing is known of message `number`.
    pub(crate) fn note_unanswered(&mut self, number: u64, now: Timestamp) {
        self.unanswered += 1;
        self.try_again(number, now);
    }

    fn try_again(&mut self, number: u64, now: Timestamp) {
        match self.retry {
            Some(wait) if self.retries.len() < RETRIES_MAX => {
                self.retries.push_back((now + wait, number));
            }
            _ => self.given_up += 1,
        }
    }

    #[inline]
    fn next_arrival(&self) -> Option<Timestamp> {
        self.next.filter(|_| self.limit.is_none_or(|limit| self.sent < limit))
    }

    #[inline]
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
