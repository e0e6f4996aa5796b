//! Carrying out what goes wrong, and what puts it right again.

use postroom_core::{Blueprint, ConsumerChange, ConsumerId, Entropy, Hosted, Machine, Sink, Span};

use super::{Actor, World};
use crate::{
    fault::{Subject, Trouble, Turn},
    intervention::{ErrorOf, InterventionError},
    stream::Stream,
};

impl<S: Blueprint> World<S> {
    /// Whom a trouble befalls must be there.
    pub(super) fn find_subject(
        &self,
        trouble: &Trouble,
    ) -> Result<(), InterventionError<ErrorOf<S>>> {
        match trouble.subject() {
            Subject::Provider(name) if self.provider(name).is_none() => {
                Err(InterventionError::NoSuchProvider { name: name.to_owned() })
            }
            Subject::Producer(name) if self.producer(name).is_none() => {
                Err(InterventionError::NoSuchProducer { name: name.to_owned() })
            }
            Subject::Provider(_) | Subject::Producer(_) | Subject::System => Ok(()),
        }
    }

    /// The next fault of the scenario begins or ends.
    pub(super) fn take_fault_turn(&mut self, sink: &mut impl Sink) {
        let Turn { begins, fault, .. } = self.faults[self.faults_done];
        let entropy = self.troubles.draw(self.faults_done as u64);
        self.faults_done += 1;
        let scenario = self.scenario.clone();
        self.befall(&scenario.faults[fault].what, begins, entropy, sink);
    }

    /// `trouble` begins, or is over.
    pub(super) fn befall(
        &mut self,
        trouble: &Trouble,
        begins: bool,
        entropy: Entropy,
        sink: &mut impl Sink,
    ) {
        let share = |percent: u32| if begins { percent } else { 0 };
        match trouble {
            Trouble::Mode { provider, mode } => {
                let Some(i) = self.place_of(provider) else { return };
                let mode = if begins { *mode } else { self.scenario.providers[i].mode };
                self.providers[i].set_mode(mode);
            }
            Trouble::AcksLost { worker, percent } => {
                let Some(i) = self.place_of(worker) else { return };
                self.providers[i].set_acks_lost(share(*percent));
            }
            Trouble::Crash { worker } => {
                let change = |consumer| match begins {
                    true => ConsumerChange::Crash { consumer },
                    false => ConsumerChange::Restart { consumer },
                };
                self.change_worker(worker, change, entropy, sink);
            }
            Trouble::WorkerCutOff { worker } => {
                let change = |consumer| match begins {
                    true => ConsumerChange::CutOff { consumer },
                    false => ConsumerChange::Reconnect { consumer },
                };
                self.change_worker(worker, change, entropy, sink);
            }
            Trouble::ProducerCutOff { producer: name }
            | Trouble::AnswersLost { producer: name, .. }
            | Trouble::Burst { producer: name, .. }
            | Trouble::Rate { producer: name, .. } => self.befall_producer(name, trouble, begins),
            Trouble::ClockJump { by_ms } => {
                if begins {
                    self.jump(Span::from_millis(*by_ms));
                }
            }
        }
    }

    fn befall_producer(&mut self, name: &str, trouble: &Trouble, begins: bool) {
        let Some(i) = self.producers.iter().position(|p| p.name() == name) else { return };
        let producer = &mut self.producers[i];
        match trouble {
            Trouble::ProducerCutOff { .. } => producer.set_cut_off(begins),
            Trouble::AnswersLost { percent, .. } => {
                producer.set_answers_lost(if begins { *percent } else { 0 });
            }
            Trouble::Burst { count, .. } if begins => producer.burst(u64::from(*count), self.now),
            Trouble::Rate { arrivals, .. } => {
                let arrivals = if begins { arrivals } else { &self.scenario.producers[i].arrivals };
                producer.set_arrivals(arrivals.clone(), self.now);
            }
            _ => {}
        }
    }

    fn change_worker(
        &mut self,
        worker: &str,
        change: impl FnOnce(ConsumerId) -> ConsumerChange,
        entropy: Entropy,
        sink: &mut impl Sink,
    ) {
        let Some(i) = self.place_of(worker) else { return };
        let Some(consumer) = self.consumer_of(i) else { return };
        self.tick_what_is_due(sink);
        let change = change(consumer);
        if matches!(change, ConsumerChange::Crash { .. }) && self.providers[i].publishes() {
            self.providers[i].drop_calls();
        }
        // A consumer that is there refuses none of these.
        let _ = self.apply(entropy, S::Machine::consumer_change(change), sink);
    }

    /// A scaler looks at its queue, or what it ordered is there.
    pub(super) fn scale(&mut self, scaler: usize, sink: &mut impl Sink) {
        let worker = &self.scenario.scalers[scaler].worker;
        let place = self.place_of(worker);
        let Some(consumer) = place.and_then(|i| self.consumer_of(i)) else { return };
        let Some(state) = self.machine.consumer(consumer) else { return };
        let size = state.config().concurrency;
        let queue = self.machine.queue_stats(state.queue()).unwrap_or_default();
        let Some(concurrency) = self.scalers[scaler].step(self.now, size, &queue) else { return };
        let stream = Stream::new(self.scenario.seed, worker, "scale");
        let entropy = stream.draw(self.scalers[scaler].order());
        let change = ConsumerChange::Scale { consumer, concurrency };
        // The number is within the limits of a consumer.
        let _ = self.apply(entropy, S::Machine::consumer_change(change), sink);
    }

    /// A tick comes before any other command of its time.
    pub(super) fn tick_what_is_due(&mut self, sink: &mut impl Sink) {
        while self.machine.next_deadline().is_some_and(|at| at <= self.now) {
            self.take_turn(self.now, Actor::Machine, sink);
        }
    }

    /// The clock jumps; to those outside the machine nothing has happened.
    fn jump(&mut self, by: Span) {
        self.now = self.now + by;
        self.providers.iter_mut().for_each(|provider| provider.shift(by));
        self.producers.iter_mut().for_each(|producer| producer.shift(by));
        self.scalers.iter_mut().for_each(|scaler| scaler.shift(by));
    }

    /// The consumer whose calls a provider answers.
    fn consumer_of(&self, provider: usize) -> Option<ConsumerId> {
        let number = self.providers_of.iter().position(|place| *place == provider)?;
        Some(ConsumerId::new(number as u32))
    }

    fn place_of(&self, provider: &str) -> Option<usize> {
        self.providers.iter().position(|p| p.name() == provider)
    }
}
