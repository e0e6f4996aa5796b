//! An application, apart from how its state is kept.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{id::Address, machine::At, message::NewMessage};

/// An application in two halves: one decides and changes nothing, the other changes and decides
/// nothing. Between them stands whoever keeps the state: it commits the change and the outgoing
/// messages as one, or neither.
///
/// Both halves must be pure: time and randomness come with [`At`], and what they know of the world
/// is in `self` and the command.
///
/// # Example: an account that is never overdrawn
/// ```
/// use postroom_core::{At, patterns::{Decider, Decision}};
///
/// struct Account {
///     cents: u64,
/// }
///
/// impl Decider for Account {
///     type Command = u64;
///     type Change = u64;
///     type Reply = u64;
///     type Error = &'static str;
///
///     fn decide(&self, _: At, take: u64) -> Result<Decision<u64, u64>, &'static str> {
///         let left = self.cents.checked_sub(take).ok_or("there is not enough: take less")?;
///         Ok(Decision { change: left, reply: left, outgoing: Vec::new() })
///     }
///
///     fn evolve(&mut self, left: u64) {
///         self.cents = left;
///     }
/// }
///
/// let account = Account { cents: 100 };
/// assert!(account.decide(At::default(), 101).is_err());
/// ```
pub trait Decider {
    /// What it can be told.
    type Command;
    /// How its state changes.
    type Change;
    /// What it answers.
    type Reply;
    /// Why it refuses.
    type Error;

    /// What is to come of a command.
    ///
    /// # Errors
    /// The application's own. Nothing has changed, and nothing is sent.
    fn decide(
        &self,
        at: At,
        command: Self::Command,
    ) -> Result<Decision<Self::Change, Self::Reply>, Self::Error>;

    /// Carries out what was decided on this very state. Must not fail or panic.
    fn evolve(&mut self, change: Self::Change);
}

/// What is to come of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision<C, R> {
    /// How the state changes.
    pub change: C,
    /// The answer.
    pub reply: R,
    /// What is published, in this order: at most
    /// [`OUTGOING_MAX`](crate::limits::OUTGOING_MAX) messages.
    pub outgoing: Vec<Outgoing>,
}

/// A message on its way out. Its `delay` and `ttl` count from when it is published.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// Where to. It must exist by the time it is published.
    pub to: Address,
    /// What. Without a dedup key of its own it gets the outbox's.
    pub message: NewMessage,
}

impl Outgoing {
    /// A message to this address.
    #[must_use]
    pub fn new(to: Address, message: impl Into<NewMessage>) -> Self {
        Self { to, message: message.into() }
    }
}
