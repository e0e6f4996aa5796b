//! A run on the stage that is judged meanwhile.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use postroom_core::{MessageId, Recorded, Timestamp};
use postroom_simulator::{BranchId, Run, RunUpdate, Scenario, ScenarioError, Topology, Trial};

use super::{Session, session::Simulated};
use crate::{
    picture::Layout,
    player::Order,
    stage::{Direct, Mode},
};

/// A run that several look at: the stage, and who asks what has become of it.
#[derive(Clone)]
pub struct Watched(Rc<RefCell<Simulated<Topology>>>);

impl Watched {
    /// Opens a scenario.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn open(scenario: Arc<Scenario<Topology>>) -> Result<Self, ScenarioError> {
        Ok(Self(Rc::new(RefCell::new(Simulated { run: Run::new(scenario)? }))))
    }

    /// All that has happened, once more, with what was done; it can be run on and judged.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn trial(&self) -> Result<Trial<Topology>, ScenarioError> {
        self.0.borrow().run.trial()
    }

    /// The time of the run.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.borrow().run.now()
    }

    /// Copies that a provider took, and those of them that it took for the first time.
    #[must_use]
    pub fn taken(&self, provider: &str) -> (u64, u64) {
        let simulated = self.0.borrow();
        let provider = simulated.run.world().provider(provider);
        provider.map_or((0, 0), |it| (it.taken().total(), it.taken().distinct()))
    }
}

impl Session for Watched {
    fn carry_out(&mut self, order: Order, clock: &dyn Fn() -> f64) -> Vec<RunUpdate> {
        self.0.borrow_mut().carry_out(order, clock)
    }

    fn replay(&mut self) -> RunUpdate {
        self.0.borrow_mut().replay()
    }

    fn apart(&self, branch: BranchId) -> Option<Box<dyn Session>> {
        self.0.borrow().apart(branch)
    }

    fn find(&self, is_wanted: &dyn Fn(&Recorded) -> bool) -> Vec<Recorded> {
        self.0.borrow().find(is_wanted)
    }

    fn latest(&self, most: usize) -> Vec<Recorded> {
        self.0.borrow().latest(most)
    }

    fn modes(&self) -> Vec<(String, Mode)> {
        self.0.borrow().modes()
    }

    fn direct(&self) -> Direct {
        self.0.borrow().direct()
    }

    fn groups(&self) -> Vec<(MessageId, String)> {
        self.0.borrow().groups()
    }

    fn fingerprint(&self) -> (u64, u64) {
        self.0.borrow().fingerprint()
    }

    fn is_overfull(&self) -> bool {
        self.0.borrow().is_overfull()
    }

    fn layout(&self) -> Layout {
        self.0.borrow().layout()
    }
}
