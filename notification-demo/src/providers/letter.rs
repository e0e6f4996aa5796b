//! What a carrier is given.

use std::sync::atomic::{AtomicBool, Ordering};

use postroom_core::{Message, Timestamp};
use postroom_notification::{Content, ContentError, NotificationId, TenantId};

/// One channel's copy of a notification, ready to be sent.
pub(super) struct Letter {
    /// The same for every attempt, and no other letter's: by it the other side can recognise a
    /// resend. Letters, digits, dots and hyphens.
    pub(super) key: String,
    /// What it says, and to whom.
    pub(super) content: Content,
    /// When the notification was accepted.
    pub(super) accepted_at: Timestamp,
}

impl Letter {
    /// Reads a message.
    ///
    /// # Errors
    /// [`ContentError`] when it is no notification.
    pub(super) fn of(message: &Message) -> Result<Self, ContentError> {
        let id = NotificationId { tenant: TenantId::DEFAULT, message: message.id };
        let accepted_at = message.published_at;
        Ok(Self {
            // A service that keeps nothing numbers its messages anew when it is started.
            key: format!("{id}.{}", accepted_at.as_micros()),
            content: Content::from_body(&message.body)?,
            accepted_at,
        })
    }
}

/// Whether the other side may have taken a letter.
#[derive(Debug, Default)]
pub(super) struct Handover(AtomicBool);

impl Handover {
    /// From here on the other side may have taken it.
    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use postroom_core::{Address, MessageId, NewMessage, TopicId};
    use postroom_notification::demo_notification;

    use super::*;

    #[test]
    fn its_key_is_the_same_for_every_attempt_and_another_after_a_new_start() {
        assert_eq!(letter(17).key, "demo.t0.17.5000000");
        assert_eq!(letter(17).key, letter(17).key);
        let mut later = message(17);
        later.published_at = Timestamp::from_millis(6_000);
        assert_ne!(Letter::of(&later).unwrap().key, letter(17).key);
        later.body = "order 17".into();
        assert!(Letter::of(&later).is_err());
    }

    /// The nth made-up notification, accepted 5 s after the epoch.
    pub(in crate::providers) fn letter(number: u64) -> Letter {
        Letter::of(&message(number)).unwrap()
    }

    fn message(number: u64) -> Message {
        let id = MessageId { address: Address::Topic(TopicId::new(0)), number };
        let new = demo_notification(number);
        let content = Content {
            to: new.to,
            event: new.event,
            severity: new.severity,
            title: new.title,
            body: new.body,
        };
        let body = serde_json::to_vec(&content).unwrap();
        Message::new(id, Timestamp::from_millis(5_000), NewMessage::new(body))
    }
}
