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

    /// When the notification was accepted: `2026-11-25T13:05:00.000017Z`.
    pub(super) fn accepted_at_rfc3339(&self) -> String {
        let micros = self.accepted_at.as_micros();
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let (year, month, day) = date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

/// The Gregorian date of a day, counted from 1970-01-01.
fn date(day: u64) -> (u64, u64, u64) {
    // Years begin in March here, so that the day that comes every four years is the last one.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
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

    #[test]
    fn its_time_is_written_as_a_date() {
        let mut letter = letter(17);
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399_000_001, "2000-02-28T23:59:59.000001Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
            (1_798_761_599_999_999, "2026-12-31T23:59:59.999999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        ] {
            letter.accepted_at = Timestamp::from_micros(micros);
            assert_eq!(letter.accepted_at_rfc3339(), text);
        }
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
