//! Whether a consumer that was read from a document holds together.

use super::Consumer;
use crate::{
    resilience::{Breaker, Limiter, Permit},
    time::Timestamp,
};

impl Consumer {
    /// Whether every part fits the settings and the other parts, nothing is asked for, and neither it
    /// nor a part is ahead of its time: what is handed to such a one it would hand back for ever, or
    /// wait for ever to take.
    pub(crate) fn is_sound(&self, now: Timestamp) -> bool {
        self.config.check().is_ok()
            && self.asked == 0
            && self.now <= now
            && (!self.crashed || self.calls.is_empty())
            && self.next_call >> 62 == 0
            && self.limiter.as_ref().map(Limiter::rate) == self.config.rate
            && self.limiter.as_ref().is_none_or(|limiter| limiter.is_sound(self.now))
            && self.breaker.as_ref().map(Breaker::config) == self.config.breaker
            && self.breaker.as_ref().is_none_or(|breaker| breaker.is_sound(self.now))
            && self.calls.keys().all(|call| call.number() < self.next_call)
            && self.calls.values().all(|under_way| {
                self.has_permit(under_way.permit)
                    && under_way.deadline <= self.now + self.config.call_timeout
            })
            && self.deadlines_fit()
    }

    /// Whether the deadlines that are listed are those of calls, and all others are in the order of
    /// the calls.
    fn deadlines_fit(&self) -> bool {
        let (mut listed, mut latest) = (0, Timestamp::ZERO);
        for (call, under_way) in &self.calls {
            let deadline = under_way.deadline;
            if self.deadlines.contains(deadline, call.number()) {
                listed += 1;
            } else if deadline < latest {
                return false;
            }
            latest = latest.max(deadline);
        }
        listed == self.deadlines.len()
    }

    /// Whether a call under way has a permit exactly if there is a breaker that could have given it.
    fn has_permit(&self, permit: Option<Permit>) -> bool {
        match (&self.breaker, permit) {
            (Some(breaker), Some(permit)) => breaker.could_have_given(permit),
            (breaker, permit) => breaker.is_none() && permit.is_none(),
        }
    }
}
