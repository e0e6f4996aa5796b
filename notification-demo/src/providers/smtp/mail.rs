//! A letter as an e-mail (RFC 5322).

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::providers::Letter;

/// An e-mail, as it goes over the wire.
pub(super) struct Draft {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) bytes: Vec<u8>,
}

impl Draft {
    /// The same bytes for every attempt; none if the letter has no address for e-mail.
    pub(super) fn new(from: &Mailbox, letter: &Letter) -> Option<Self> {
        let to: Address = letter.content.email()?.as_str().parse().ok()?;
        let date = UNIX_EPOCH + Duration::from_micros(letter.accepted_at.as_micros());
        let message = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(letter.content.title.as_str())
            .date(date)
            .message_id(Some(format!("<{}.email@{}>", letter.key, from.email.domain())))
            // Keeps holiday messages from being sent in answer (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.content.body.clone())
            .ok()?;
        Some(Self { from: from.email.clone(), to, bytes: message.formatted() })
    }
}
