//! Publishing.

use std::{fmt, marker::PhantomData, sync::Arc};

use postroom_core::{Address, Cause, NewMessage, Published, Span};
use serde::Serialize;
use tokio::task::coop::cooperative;

use super::Office;
use crate::backend::{BackendError, Capability};

tokio::task_local! {
    /// The message that is being worked on here: what is published meanwhile answers it.
    pub(crate) static CAUSE: Cause;
}

/// Publishes payloads of one type to one queue or topic.
///
/// In a worker's handler, what is published answers the message that is worked on, unless it names
/// another cause: so a whole chain of messages has one correlation id.
pub struct Publisher<T> {
    office: Arc<Office>,
    to: Address,
    payload: PhantomData<fn(&T)>,
}

/// Why a message was not published, or it is not known whether it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// Make the payload one that serde can write as JSON.
    #[error("the payload cannot be written: {0}")]
    Encode(serde_json::Error),
    /// Ask for it when the program is built, so that a backend without it is refused then.
    #[error("`{0}` was not asked for: add it with `needs` where the program is built")]
    NotAskedFor(Capability),
    /// The backend's reason, which says what to do.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl<T> Publisher<T> {
    pub(super) fn new(office: Arc<Office>, to: Address) -> Self {
        Self { office, to, payload: PhantomData }
    }

    /// Publishes a message that sets more than a payload: see [`message`](Self::message).
    ///
    /// # Errors
    /// As [`SendError`] says.
    pub async fn send(&self, mut message: NewMessage) -> Result<Published, SendError> {
        if let Some(capability) = self.not_asked_for(&message) {
            return Err(SendError::NotAskedFor(capability));
        }
        if message.cause.is_none() {
            message.cause = CAUSE.try_with(|cause| *cause).ok();
        }
        let published = cooperative(self.office.backend.publish(self.to, message)).await?;
        let to = self.office.plan.name_of(self.to);
        tracing::trace!(to, message.id = %published.message, published.duplicate, "published");
        Ok(published)
    }

    /// What the message asks for and the program did not.
    fn not_asked_for(&self, message: &NewMessage) -> Option<Capability> {
        let needs = self.office.plan.needs;
        let asks = [
            (message.priority != postroom_core::Priority::default(), Capability::Priorities),
            (message.group.is_some(), Capability::Groups),
            (message.delay != Span::ZERO || message.not_before.is_some(), Capability::MessageDelay),
            (message.ttl.is_some(), Capability::MessageTtl),
            (message.dedup_key.is_some(), Capability::Dedup),
        ];
        let mut asked = asks.into_iter().filter(|(asks, _)| *asks).map(|(_, what)| what);
        asked.find(|capability| !needs.has(*capability))
    }
}

impl<T: Serialize> Publisher<T> {
    /// Publishes a payload.
    ///
    /// # Errors
    /// As [`SendError`] says.
    pub async fn publish(&self, payload: &T) -> Result<Published, SendError> {
        self.send(Self::message(payload)?).await
    }

    /// A message with this payload, to set more of it before it is sent.
    ///
    /// # Errors
    /// [`SendError::Encode`] if serde cannot write the payload as JSON.
    ///
    /// # Example: an order that must not be stored twice
    /// ```
    /// use postroom_core::NewMessage;
    /// use postroom_runtime::{Capability, Memory, Postroom, Publisher};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let builder = Postroom::builder().queue("orders").needs(Capability::Dedup);
    /// let postroom = builder.start(Memory).await?;
    /// let orders: Publisher<u32> = postroom.publisher("orders")?;
    /// let once = NewMessage { dedup_key: Some("order 17".into()), ..Publisher::message(&17)? };
    /// assert!(!orders.send(once.clone()).await?.duplicate);
    /// assert!(orders.send(once).await?.duplicate);
    /// # Ok(())
    /// # }
    /// ```
    pub fn message(payload: &T) -> Result<NewMessage, SendError> {
        Ok(NewMessage::new(serde_json::to_vec(payload).map_err(SendError::Encode)?))
    }
}

impl<T> Clone for Publisher<T> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.office), self.to)
    }
}

impl<T> fmt::Debug for Publisher<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("to", &self.office.plan.name_of(self.to)).finish()
    }
}
