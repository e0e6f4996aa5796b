//! What a message carries: the one thing a provider reads.

use postroom_core::Body;
use serde::{Deserialize, Serialize};

use crate::{
    address::{EmailAddress, PhoneNumber, PushEndpoint},
    notification::{NewNotification, Recipient, Severity},
};

/// The body of a notification's message, shared by the copies of all its channels.
///
/// Holds addresses: a provider reads its own from it. Events and traces never do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Whom it is for, and where they are reached.
    pub to: Recipient,
    /// What happened: `order_shipped`.
    pub event: String,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The text; may be empty.
    pub body: String,
}

/// The message's body is not a notification's.
#[derive(Debug, thiserror::Error)]
#[error("the message is not a notification: {0}")]
pub struct ContentError(#[from] serde_json::Error);

impl Content {
    /// Reads a message's body.
    ///
    /// # Errors
    /// [`ContentError`] when it is not what [`NotificationCommand::Accept`] published.
    ///
    /// [`NotificationCommand::Accept`]: crate::NotificationCommand::Accept
    pub fn from_body(body: &Body) -> Result<Self, ContentError> {
        Ok(serde_json::from_slice(body.as_bytes())?)
    }

    /// The device.
    #[must_use]
    pub fn push(&self) -> Option<&PushEndpoint> {
        self.to.push.as_ref()
    }

    /// The mailbox.
    #[must_use]
    pub fn email(&self) -> Option<&EmailAddress> {
        self.to.email.as_ref()
    }

    /// The phone.
    #[must_use]
    pub fn sms(&self) -> Option<&PhoneNumber> {
        self.to.sms.as_ref()
    }

    pub(crate) fn of(new: NewNotification) -> Self {
        let NewNotification { to, event, severity, title, body, .. } = new;
        Self { to, event, severity, title, body }
    }

    pub(crate) fn to_body(&self) -> Body {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes.into(),
            // Strings and string enums only: there is nothing that JSON cannot hold.
            Err(error) => unreachable!("content did not serialise: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::limits::BODY_BYTES_MAX;

    use super::*;
    use crate::{demo::notification, notification::BODY_CHARS_MAX};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_provider_reads_its_address_from_the_body() {
        let new = notification(17);
        let content = Content::from_body(&Content::of(new.clone()).to_body()).unwrap();
        assert_eq!(content.push(), new.to.push.as_ref());
        assert_eq!(content.email(), new.to.email.as_ref());
        assert_eq!(content.sms(), new.to.sms.as_ref());
        assert_eq!((content.title, content.body), (new.title, new.body));
        assert!(Content::from_body(&Body::from("order 17")).is_err());
    }

    #[test]
    fn the_largest_notification_fits_a_message() {
        let mut new = notification(17);
        new.body = "\u{1}".repeat(BODY_CHARS_MAX);
        let bytes = Content::of(new).to_body().as_bytes().len();
        assert!(bytes * 2 < BODY_BYTES_MAX as usize, "{bytes} bytes");
    }
}
