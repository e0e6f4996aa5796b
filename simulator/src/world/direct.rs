//! Callers and the services that they call directly.

use postroom_core::Blueprint;

use super::World;
use crate::{
    caller::CallerState,
    scenario::Scenario,
    service::{Job, ServiceState},
};

impl<S: Blueprint> World<S> {
    /// The callers, in the order of the scenario.
    #[must_use]
    pub fn callers(&self) -> &[CallerState] {
        &self.callers
    }

    /// The caller of this name.
    #[must_use]
    pub fn caller(&self, name: &str) -> Option<&CallerState> {
        self.callers.iter().find(|caller| caller.name() == name)
    }

    /// The services that are called directly, in the order of the scenario.
    #[must_use]
    pub fn services(&self) -> &[ServiceState] {
        &self.services
    }

    /// The service of this name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&ServiceState> {
        self.services.iter().find(|service| service.name() == name)
    }

    /// A request begins, or one is given up.
    pub(super) fn step_caller(&mut self, caller: usize) {
        if let Some((request, service)) = self.callers[caller].step(self.now) {
            self.call_directly(Job { caller, request }, service);
        }
    }

    /// The first call of a service ends, and the request goes on to the next one.
    pub(super) fn end_direct_call(&mut self, service: usize) {
        let Some(ended) = self.services[service].finish(self.now) else { return };
        let Job { caller, request } = ended.job;
        let next = self.callers[caller].answer(request, ended.succeeded, self.now);
        if let Some(next) = next {
            self.call_directly(ended.job, next);
        }
    }

    fn call_directly(&mut self, job: Job, service: usize) {
        if !self.services[service].call(job, self.now) {
            self.callers[job.caller].answer(job.request, false, self.now);
        }
    }
}

/// The callers at the start, with the places of the services that they call.
pub(super) fn callers<S>(scenario: &Scenario<S>) -> Vec<CallerState> {
    let callers = scenario.callers.iter().map(|caller| {
        let place =
            |name: &String| scenario.services.iter().position(|service| service.name == *name);
        let calls = caller.calls.iter().filter_map(place).map(|place| place as u32).collect();
        CallerState::new(caller, calls, scenario.seed)
    });
    callers.collect()
}
