//! The end of a call, and what a service publishes when its work is done.

use postroom_core::{
    Blueprint, ConsumerChange, Hosted, Message, Outcome, Sink, digest_of, patterns::message_key,
};

use super::World;
use crate::{provider::Answer, stream::Stream};

impl<S: Blueprint> World<S> {
    /// The first of a provider's calls ends.
    ///
    /// A service publishes what it made in the same step, before it acknowledges: a publication that
    /// is refused fails the call, so that the work is done again, and one whose acknowledgement is
    /// lost is made twice. No order of the two is safe; this one loses nothing.
    pub(super) fn end_call(&mut self, provider: usize, sink: &mut impl Sink) {
        let Some(ended) = self.providers[provider].finish() else { return };
        let mut done = true;
        if let Some(message) = ended.worked_on {
            done = self.publish_for(provider, &message, sink);
        }
        if let Some(claim) = ended.claim {
            self.providers[provider].end_claim(claim, done, self.now);
        }
        let Some(Answer { call, outcome, entropy, settled_in_vain }) = ended.answer else { return };
        let outcome = if done { outcome } else { Outcome::Transient };
        let command = if settled_in_vain {
            S::Machine::consumer_change(ConsumerChange::SettlementLost { call, outcome })
        } else {
            S::Machine::call_finished(call, outcome)
        };
        // A machine that no longer waits for the call may refuse its end.
        let _ = self.apply(entropy, command, sink);
    }

    /// Publishes all that a service makes of a message; whether all of it was stored.
    fn publish_for(&mut self, service: usize, cause: &Message, sink: &mut impl Sink) -> bool {
        let seed = self.scenario.seed;
        let name = self.scenario.providers[service].name.clone();
        // The same work makes the same, however often it is done.
        let chance = Stream::new(seed, &name, "made").draw(digest_of(&message_key(cause)));
        for nth in 0..self.scenario.system.emissions(&name) {
            let system = &self.scenario.system;
            let command = system.emission(&self.machine, &name, cause, nth, chance);
            let Some(command) = command else { continue };
            let number = self.providers[service].publish();
            let entropy = Stream::new(seed, &name, "publish").draw(number);
            if self.apply(entropy, command, sink).is_err() {
                return false;
            }
        }
        true
    }
}
