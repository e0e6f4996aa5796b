//! The calls: how one starts and how it ends.

use alloc::vec::Vec;

use super::{Action, Ambiguous, Backlog, Consumer, UnderWay};
use crate::{
    engine::Settle,
    event::Event,
    id::CallId,
    limits::SPAN_MAX,
    machine::{Outcome, Sink},
    message::{Delivery, FailReason, Receipt},
    time::{Span, Timestamp},
};

impl Consumer {
    /// Starts a call for each delivery that still may have one. Where something changed since it
    /// was asked for (the breaker opened, it was paused), it goes back unused: that spends no delivery.
    pub(super) fn receive(
        &mut self,
        deliveries: Vec<Delivery>,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        let asked = core::mem::take(&mut self.asked);
        if asked > 0 && deliveries.len() >= asked as usize {
            self.backlog = self.backlog.max(Backlog::Possible);
        }
        if self.crashed || self.cut_off {
            // It was handed out to nobody: the leases run out.
            return;
        }
        for delivery in deliveries {
            let Some(lease_until) = delivery.lease_until else {
                // Settled as it was handed out: it is called for now or lost.
                self.take_token();
                self.start(delivery, None, Timestamp::from_micros(u64::MAX), actions, sink);
                continue;
            };
            let receipt = delivery.receipt;
            if self.now < lease_until && !self.paused && self.free() > 0 && self.take_token() {
                self.start(delivery, Some(receipt), lease_until, actions, sink);
            } else {
                self.backlog = Backlog::Certain;
                actions.push(Action::Settle { receipt, how: Settle::Release });
            }
        }
    }

    fn start(
        &mut self,
        delivery: Delivery,
        receipt: Option<Receipt>,
        latest: Timestamp,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        let Delivery { message, delivery, .. } = delivery;
        let call = CallId::new(self.next_call);
        self.next_call += 1;
        let deadline = latest.min(self.now + self.config.call_timeout);
        let now = self.now;
        let permit = self.breaker.as_mut().map(|breaker| breaker.call_started(now));
        let under_way = UnderWay { message: message.id, receipt, deadline, permit };
        let last = self.calls.last_key_value();
        let is_in_order = last.is_none_or(|(_, before)| before.deadline <= deadline);
        if !is_in_order || !self.deadlines.is_empty() {
            self.deadlines.change(call.number(), None, Some(deadline));
        }
        self.calls.insert(call, under_way);
        let (consumer, queue) = (self.id, self.queue);
        let started = Event::CallStarted { consumer, queue, message: message.id, call, deadline };
        sink.record(self.now, started);
        actions.push(Action::Start { call, message, delivery, deadline });
    }

    pub(super) fn finish(
        &mut self,
        call: CallId,
        outcome: Outcome,
        settles: bool,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        if !self.calls.contains_key(&call) {
            let (consumer, queue) = (self.id, self.queue);
            sink.record(self.now, Event::CallAnsweredLate { consumer, queue, call });
            return;
        }
        let (reason, retry_after) = match outcome {
            Outcome::Delivered => return self.succeed(call, false, settles, actions, sink),
            Outcome::Repeated => return self.succeed(call, true, settles, actions, sink),
            Outcome::Transient => (FailReason::Transient, None),
            Outcome::Throttled { retry_after } => (FailReason::Throttled, retry_after),
            Outcome::Permanent => (FailReason::Permanent, None),
            Outcome::Ambiguous => (FailReason::Ambiguous, None),
        };
        self.fail(call, reason, retry_after, settles, actions, sink);
    }

    fn succeed(
        &mut self,
        call: CallId,
        repeated: bool,
        settles: bool,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        let Some(ended) = self.take_call(call) else { return };
        let (consumer, queue, message) = (self.id, self.queue, ended.message);
        if repeated {
            sink.record(self.now, Event::Recognised { consumer, queue, message, call });
        }
        sink.record(self.now, Event::CallSucceeded { consumer, queue, message, call });
        self.settle(call, &ended, Settle::Ack, settles, actions, sink);
        self.tell_breaker(&ended, false, sink);
    }

    pub(super) fn fail(
        &mut self,
        call: CallId,
        reason: FailReason,
        retry_after: Option<Span>,
        settles: bool,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        let Some(ended) = self.take_call(call) else { return };
        let (consumer, queue, message) = (self.id, self.queue, ended.message);
        sink.record(self.now, Event::CallFailed { consumer, queue, message, call, reason });
        let unknown = matches!(reason, FailReason::Ambiguous | FailReason::Timeout);
        let hopeless = reason == FailReason::Permanent
            || (unknown && self.config.ambiguous == Ambiguous::DeadLetter);
        let how = if hopeless {
            Settle::Reject { reason }
        } else {
            // The other side may ask for any pause; the queue takes none that is longer.
            Settle::Retry { delay: retry_after.map(|span| span.min(SPAN_MAX)), reason }
        };
        self.settle(call, &ended, how, settles, actions, sink);
        if reason == FailReason::Permanent {
            if let (Some(breaker), Some(permit)) = (&mut self.breaker, ended.permit) {
                breaker.call_ignored(permit);
            }
        } else {
            self.tell_breaker(&ended, true, sink);
        }
    }

    #[inline]
    fn settle(
        &self,
        call: CallId,
        ended: &UnderWay,
        how: Settle,
        arrives: bool,
        actions: &mut Vec<Action>,
        sink: &mut impl Sink,
    ) {
        let Some(receipt) = ended.receipt else { return };
        if arrives && !self.cut_off {
            actions.push(Action::Settle { receipt, how });
        } else {
            let (consumer, queue, message) = (self.id, self.queue, ended.message);
            sink.record(self.now, Event::SettlementLost { consumer, queue, message, call });
        }
    }

    #[inline]
    fn take_call(&mut self, call: CallId) -> Option<UnderWay> {
        let ended = self.calls.remove(&call)?;
        if !self.deadlines.is_empty() {
            self.deadlines.change(call.number(), Some(ended.deadline), None);
        }
        Some(ended)
    }

    fn tell_breaker(&mut self, ended: &UnderWay, failed: bool, sink: &mut impl Sink) {
        let Some((breaker, permit)) = self.breaker.as_mut().zip(ended.permit) else { return };
        let change = breaker.call_ended(permit, failed, self.now);
        self.say_change(change, sink);
    }
}
