//! What is asked for: a notification before it is accepted, and its limits.

use postroom_core::Fingerprint;
use serde::{Deserialize, Serialize};

use crate::{
    address::{EmailAddress, PhoneNumber, PushEndpoint, UserId},
    channel::Channel,
    error::AcceptError,
    id::TenantId,
};

/// Bytes in the name of an event.
pub const EVENT_BYTES_MAX: usize = 100;
/// Characters in a title.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters in a body.
pub const BODY_CHARS_MAX: usize = 4_000;
/// Bytes in an idempotency key: with the tenant it fits the engine's key.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 200;

/// A notification to be accepted. Texts are final: templates and time zones were resolved before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNotification {
    /// Whose it is.
    #[serde(default)]
    pub tenant: TenantId,
    /// Lets the sender repeat the request without a second notification.
    #[serde(default)]
    pub idempotency: Option<Idempotency>,
    /// Whom it is for, and where they are reached.
    pub to: Recipient,
    /// What happened, in the sender's words: `order_shipped`. 1 to 100 bytes.
    pub event: String,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
    /// One line of 1 to 200 characters.
    pub title: String,
    /// At most 4,000 characters; may be empty.
    pub body: String,
    /// Where it goes; to every channel for which `to` has an address if absent.
    #[serde(default)]
    pub channels: Option<Vec<Channel>>,
}

/// A request's identity, as its sender sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idempotency {
    /// The sender's key, 1 to 200 bytes of printable ASCII. Kept for 24 h unless configured
    /// otherwise.
    pub key: String,
    /// A hash of the whole request: the same key with another one is refused.
    pub fingerprint: Fingerprint,
}

/// Whom a notification is for, and where they are reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The person.
    pub user: UserId,
    /// Their device.
    #[serde(default)]
    pub push: Option<PushEndpoint>,
    /// Their mailbox.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    /// Their phone.
    #[serde(default)]
    pub sms: Option<PhoneNumber>,
}

impl Recipient {
    /// Whether there is an address for this channel.
    #[must_use]
    pub fn reaches(&self, channel: Channel) -> bool {
        match channel {
            Channel::Push => self.push.is_some(),
            Channel::Email => self.email.is_some(),
            Channel::Sms => self.sms.is_some(),
        }
    }
}

/// How much a notification matters.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must not be missed: a login code, a failed payment.
    Critical,
    /// Good to know.
    #[default]
    Normal,
}

impl NewNotification {
    /// Checks everything that needs no state, and says which channels it goes to, in the order of
    /// [`Channel::ALL`].
    ///
    /// # Errors
    /// [`AcceptError::Invalid`] with the field and what to do about it.
    pub fn validate(&self) -> Result<Vec<Channel>, AcceptError> {
        self.check_texts()?;
        if let Some(Idempotency { key, .. }) = &self.idempotency
            && !(key.bytes().all(|b| b.is_ascii_graphic())
                && (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()))
        {
            return Err(invalid(
                "idempotency_key",
                format!("must be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} printable ASCII characters"),
            ));
        }
        self.chosen_channels()
    }

    fn check_texts(&self) -> Result<(), AcceptError> {
        if !(1..=EVENT_BYTES_MAX).contains(&self.event.len()) || has_control(&self.event, &[]) {
            return Err(invalid(
                "event",
                format!("must be 1 to {EVENT_BYTES_MAX} bytes without control characters"),
            ));
        }
        let title = self.title.chars().count();
        if !(1..=TITLE_CHARS_MAX).contains(&title) || has_control(&self.title, &[]) {
            // A line break in a title would become a second header of an e-mail.
            return Err(invalid(
                "title",
                format!("must be one line of 1 to {TITLE_CHARS_MAX} characters"),
            ));
        }
        if self.body.chars().count() > BODY_CHARS_MAX
            || has_control(&self.body, &['\n', '\r', '\t'])
        {
            return Err(invalid(
                "body",
                format!(
                    "must be at most {BODY_CHARS_MAX} characters, without control characters \
                     other than line breaks and tabs"
                ),
            ));
        }
        Ok(())
    }

    fn chosen_channels(&self) -> Result<Vec<Channel>, AcceptError> {
        let Some(chosen) = &self.channels else {
            let reached: Vec<_> =
                Channel::ALL.into_iter().filter(|channel| self.to.reaches(*channel)).collect();
            if reached.is_empty() {
                let problem = "holds no address: give at least one of `push`, `email`, `sms`";
                return Err(invalid("to", problem));
            }
            return Ok(reached);
        };
        if chosen.is_empty() {
            let problem = "is empty: name at least one channel, or leave it out to use all";
            return Err(invalid("channels", problem));
        }
        for (index, channel) in chosen.iter().enumerate() {
            if chosen[..index].contains(channel) {
                return Err(invalid("channels", format!("names `{channel}` twice: name it once")));
            }
            if !self.to.reaches(*channel) {
                let problem =
                    format!("is missing: `channels` names `{channel}`, so give its address");
                return Err(invalid(channel.address_field(), problem));
            }
        }
        Ok(Channel::ALL.into_iter().filter(|channel| chosen.contains(channel)).collect())
    }
}

fn invalid(field: &'static str, problem: impl Into<String>) -> AcceptError {
    AcceptError::Invalid { field, problem: problem.into() }
}

fn has_control(text: &str, allowed: &[char]) -> bool {
    text.chars().any(|c| c.is_control() && !allowed.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::notification;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn wrong_field(change: impl FnOnce(&mut NewNotification)) -> &'static str {
        let mut new = notification(17);
        change(&mut new);
        match new.validate() {
            Err(AcceptError::Invalid { field, problem }) => {
                assert!(!problem.is_empty());
                field
            }
            other => panic!("expected an invalid field, got {other:?}"),
        }
    }

    #[test]
    fn it_goes_to_every_address_or_to_the_channels_chosen() {
        let mut new = notification(17);
        assert_eq!(new.validate(), Ok(Channel::ALL.to_vec()));
        new.to.email = None;
        assert_eq!(new.validate(), Ok(vec![Channel::Push, Channel::Sms]));
        new.channels = Some(vec![Channel::Sms, Channel::Push]);
        assert_eq!(new.validate(), Ok(vec![Channel::Push, Channel::Sms]), "in the usual order");
        new.channels = Some(vec![Channel::Sms]);
        assert_eq!(new.validate(), Ok(vec![Channel::Sms]));
    }

    #[test]
    fn an_error_names_the_field() {
        assert_eq!(wrong_field(|new| new.channels = Some(vec![])), "channels");
        assert_eq!(
            wrong_field(|new| new.channels = Some(vec![Channel::Sms, Channel::Push, Channel::Sms])),
            "channels"
        );
        assert_eq!(
            wrong_field(|new| {
                new.to.sms = None;
                new.channels = Some(vec![Channel::Push, Channel::Sms]);
            }),
            "to.sms"
        );
        assert_eq!(
            wrong_field(|new| {
                new.to = Recipient { push: None, email: None, sms: None, ..new.to.clone() };
            }),
            "to"
        );
    }

    #[test]
    fn every_text_has_its_limit() {
        let mut new = notification(17);
        new.event = "e".repeat(EVENT_BYTES_MAX);
        new.title = "ü".repeat(TITLE_CHARS_MAX);
        new.body = "ü".repeat(BODY_CHARS_MAX);
        new.idempotency =
            Some(Idempotency { key: "k".repeat(IDEMPOTENCY_KEY_BYTES_MAX), fingerprint: [0; 32] });
        assert!(new.validate().is_ok());
        assert_eq!(wrong_field(|new| new.event = "e".repeat(EVENT_BYTES_MAX + 1)), "event");
        assert_eq!(wrong_field(|new| new.event.clear()), "event");
        assert_eq!(wrong_field(|new| new.title = "t".repeat(TITLE_CHARS_MAX + 1)), "title");
        assert_eq!(wrong_field(|new| new.title.clear()), "title");
        assert_eq!(wrong_field(|new| new.title.push_str("\r\nBcc: eve@example.org")), "title");
        assert_eq!(wrong_field(|new| new.body = "b".repeat(BODY_CHARS_MAX + 1)), "body");
        assert_eq!(wrong_field(|new| new.body.push('\u{1b}')), "body");
        for key in [String::new(), "k".repeat(IDEMPOTENCY_KEY_BYTES_MAX + 1), "ü".into()] {
            let idempotency = Some(Idempotency { key, fingerprint: [0; 32] });
            assert_eq!(wrong_field(|new| new.idempotency = idempotency), "idempotency_key");
        }
        new.body = "two\r\n\tlines".into();
        assert!(new.validate().is_ok());
    }
}
