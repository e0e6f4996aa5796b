//! What befalls a consumer: crash and restart, a broken way to its queue, another size.

use alloc::vec::Vec;

use super::{Action, Backlog, Consumer, ConsumerConfig};
use crate::{
    due::Due,
    event::Event,
    machine::Sink,
    resilience::{Breaker, Limiter},
};

impl Consumer {
    /// Whether its process is gone.
    #[must_use]
    pub fn is_crashed(&self) -> bool {
        self.crashed
    }

    /// Whether it does not reach its queue.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// The host stops its calls: they were made by the process that is gone.
    pub(super) fn crash(&mut self, actions: &mut Vec<Action>, sink: &mut impl Sink) {
        if core::mem::replace(&mut self.crashed, true) {
            return;
        }
        let (consumer, queue) = (self.id, self.queue);
        sink.record(self.now, Event::ConsumerCrashed { consumer, queue });
        for (call, under_way) in core::mem::take(&mut self.calls) {
            let message = under_way.message;
            sink.record(self.now, Event::CallLost { consumer, queue, message, call });
            actions.push(Action::Abandon { call });
        }
        self.deadlines = Due::default();
        self.breaker = self.config.breaker.map(Breaker::new);
        (self.asked, self.backlog, self.throttled_until) = (0, Backlog::Empty, None);
    }

    pub(super) fn restart(&mut self, sink: &mut impl Sink) {
        if !core::mem::replace(&mut self.crashed, false) {
            return;
        }
        self.limiter = self.config.rate.map(|rate| Limiter::new(rate, self.now));
        let (consumer, queue) = (self.id, self.queue);
        sink.record(self.now, Event::ConsumerRestarted { consumer, queue });
    }

    pub(super) fn set_cut_off(&mut self, cut_off: bool, sink: &mut impl Sink) {
        if core::mem::replace(&mut self.cut_off, cut_off) == cut_off {
            return;
        }
        let (consumer, queue) = (self.id, self.queue);
        let event = if cut_off {
            Event::ConsumerCutOff { consumer, queue }
        } else {
            Event::ConsumerReconnected { consumer, queue }
        };
        sink.record(self.now, event);
    }

    pub(super) fn scale(&mut self, concurrency: u32, sink: &mut impl Sink) {
        let config = ConsumerConfig { concurrency, ..self.config };
        if config == self.config || config.check().is_err() {
            return;
        }
        self.config = config;
        let (consumer, queue) = (self.id, self.queue);
        sink.record(self.now, Event::ConsumerScaled { consumer, queue, concurrency });
    }
}
