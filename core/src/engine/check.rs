//! A sweep over the whole engine: does all that must hold, hold?

use super::{Engine, moves::WAITS_IN_VAIN};
use crate::id::QueueId;

/// Something that must never be, and is: a fault of the engine, not of whoever uses it. Report it
/// with the commands that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, in {queue:?}: this is a fault of the engine, please report it")]
pub struct Violation {
    /// What is wrong.
    pub what: &'static str,
    /// Where; none if it is not about one queue.
    pub queue: Option<QueueId>,
}

impl Engine {
    /// Looks at everything: counters against a recount, each copy's appointments, the turns of
    /// ordered groups, parked groups, what can be received, what is due, and what waits for room that
    /// is there. Changes nothing, and takes as long as there are copies: for tests, and for a host
    /// that has time.
    ///
    /// What can be seen at a change itself is checked there, always.
    ///
    /// # Errors
    /// The first [`Violation`] found.
    ///
    /// # Example: all is well
    /// ```
    /// use postroom_core::{Address, At, Engine, NewMessage, QueueConfig, Timestamp};
    ///
    /// let at = At::time(Timestamp::ZERO);
    /// let mut engine = Engine::new();
    /// let queue = engine.create_queue(at, "orders", QueueConfig::default(), &mut ())?;
    /// engine.publish(at, Address::Queue(queue), NewMessage::new("order 17"), &mut ())?;
    /// assert_eq!(engine.check_invariants(), Ok(()));
    /// # Ok::<(), postroom_core::Error>(())
    /// ```
    pub fn check_invariants(&self) -> Result<(), Violation> {
        if let Some(what) = self.damage() {
            return Err(Violation { what, queue: None });
        }
        for (index, queue) in self.queues.iter().enumerate() {
            // Looking for what comes next drops what is void.
            let mut looked_at = queue.clone();
            let id = Some(queue.id);
            if let Some(what) = looked_at.violation(self.now) {
                return Err(Violation { what, queue: id });
            }
            if self.waits_in_vain(queue.id) {
                return Err(Violation { what: WAITS_IN_VAIN, queue: id });
            }
            let next = looked_at.next_due();
            let noted = self.scheduled[index];
            let listed = noted.is_none_or(|at| self.due.contains(at, u64::from(queue.id.number())));
            if noted != next || !listed {
                return Err(Violation { what: "it is not looked at when it is due", queue: id });
            }
        }
        let listed = self.scheduled.iter().flatten().count();
        if self.due.len() != listed {
            return Err(Violation { what: "something is due nowhere", queue: None });
        }
        Ok(())
    }
}
