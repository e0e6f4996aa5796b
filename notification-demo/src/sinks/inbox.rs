//! What a sink took.

use std::collections::BTreeMap;

use postroom_core::{Message, MessageId, Timestamp};
use postroom_notification::{Channel, Content, NotificationId, Severity, TenantId};
use serde::Serialize;

/// The messages that a sink took, each once, with the copies it took of it.
///
/// Bounded: the message that came first is forgotten first. A copy that comes after its message
/// was forgotten counts as a message of its own.
#[derive(Debug)]
pub struct Inbox {
    max: usize,
    /// By the order in which they came.
    messages: BTreeMap<u64, InboxMessage>,
    places: BTreeMap<MessageId, u64>,
    taken: u64,
    forgotten: u64,
    duplicates: u64,
    answers_lost: u64,
}

/// A message as its recipient sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InboxMessage {
    /// Which notification it is.
    pub notification: NotificationId,
    /// How it came.
    pub channel: Channel,
    /// Whom it is for.
    pub user: String,
    /// The address it came to.
    pub to: String,
    /// What happened.
    pub event: String,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
    /// When the notification was accepted.
    #[serde(rename = "accepted_at_us")]
    pub accepted_at: Timestamp,
    /// When the sink took it first.
    #[serde(rename = "received_at_us")]
    pub received_at: Timestamp,
    /// How often the sink took it. More than once only where an answer was lost.
    pub copies: u64,
    /// How often it was taken and the answer was lost.
    pub answers_lost: u64,
}

impl InboxMessage {
    pub(crate) fn new(
        channel: Channel,
        to: String,
        content: Content,
        message: &Message,
        received_at: Timestamp,
    ) -> Self {
        Self {
            notification: NotificationId { tenant: TenantId::DEFAULT, message: message.id },
            channel,
            user: content.to.user.as_str().to_owned(),
            to,
            event: content.event,
            severity: content.severity,
            title: content.title,
            body: content.body,
            accepted_at: message.published_at,
            received_at,
            copies: 0,
            answers_lost: 0,
        }
    }
}

impl Inbox {
    /// An empty one for at most `max` messages.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            max,
            messages: BTreeMap::new(),
            places: BTreeMap::new(),
            taken: 0,
            forgotten: 0,
            duplicates: 0,
            answers_lost: 0,
        }
    }

    /// Messages in it, each counted once.
    #[must_use]
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// Copies that were taken of messages which it held already.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// How often a message was taken and the answer was lost.
    #[must_use]
    pub fn answers_lost(&self) -> u64 {
        self.answers_lost
    }

    /// Messages that had to make room for newer ones.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The messages that came last, newest first: at most `limit`.
    #[must_use]
    pub fn newest(&self, limit: usize) -> Vec<InboxMessage> {
        self.messages.values().rev().take(limit).cloned().collect()
    }

    pub(crate) fn take(&mut self, id: MessageId, message: InboxMessage, answer_lost: bool) {
        let place = *self.places.entry(id).or_insert(self.taken);
        if place == self.taken {
            self.taken += 1;
        } else {
            self.duplicates += 1;
        }
        let held = self.messages.entry(place).or_insert(message);
        held.copies += 1;
        held.answers_lost += u64::from(answer_lost);
        self.answers_lost += u64::from(answer_lost);
        while self.messages.len() > self.max {
            let Some((_, oldest)) = self.messages.pop_first() else { return };
            self.places.remove(&oldest.notification.message);
            self.forgotten += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Address, TopicId};
    use postroom_notification::demo_notification;

    use super::*;

    #[test]
    fn the_oldest_is_forgotten_and_said_to_be() {
        let mut inbox = Inbox::new(2);
        for number in [0, 1, 1, 2] {
            take(&mut inbox, number);
        }
        assert_eq!((inbox.count(), inbox.forgotten(), inbox.duplicates()), (2, 1, 1));
        let numbers: Vec<_> =
            inbox.newest(9).iter().map(|m| (m.notification.message.number, m.copies)).collect();
        assert_eq!(numbers, [(2, 1), (1, 2)]);
        assert_eq!(inbox.newest(1).len(), 1);
    }

    fn take(inbox: &mut Inbox, number: u64) {
        let id = MessageId { address: Address::Topic(TopicId::new(0)), number };
        let new = demo_notification(number);
        let message = InboxMessage {
            notification: NotificationId { tenant: TenantId::DEFAULT, message: id },
            channel: Channel::Sms,
            user: String::new(),
            to: String::new(),
            event: new.event,
            severity: new.severity,
            title: new.title,
            body: new.body,
            accepted_at: Timestamp::ZERO,
            received_at: Timestamp::ZERO,
            copies: 0,
            answers_lost: 0,
        };
        inbox.take(id, message, false);
    }
}
