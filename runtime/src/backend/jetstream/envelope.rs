//! What travels with a payload: everything of a message that NATS has no word for.

use async_nats::HeaderMap;
use postroom_core::{
    Address, Attributes, Cause, Hop, Message, MessageId, NewMessage, QueueId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// The header in which it stands, as JSON.
const HEADER: &str = "Postroom";

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Envelope {
    attributes: Attributes,
    subject: Option<String>,
    cause: Option<Cause>,
    /// What the message was before it moved: NATS numbers it anew with each move.
    moved: Option<Moved>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Moved {
    id: MessageId,
    published_at: Timestamp,
    history: Vec<Hop>,
}

impl Envelope {
    pub(super) fn of(message: &NewMessage) -> Self {
        Self {
            attributes: message.attributes.clone(),
            subject: message.subject.clone(),
            cause: message.cause,
            moved: None,
        }
    }

    /// What somebody else published may have none.
    pub(super) fn read(headers: Option<&HeaderMap>) -> Self {
        let header = headers.and_then(|headers| headers.get(HEADER));
        header.and_then(|text| serde_json::from_str(text.as_str()).ok()).unwrap_or_default()
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, serde_json::to_string(self).unwrap_or_default());
        headers
    }

    /// As it is after one more move.
    pub(super) fn moved(mut self, message: &Message, hop: Hop) -> Self {
        let (id, published_at) = (message.id, message.published_at);
        let moved = Moved { id, published_at, history: Vec::new() };
        self.moved.get_or_insert(moved).history.push(hop);
        self
    }

    pub(super) fn history(&self) -> Vec<Hop> {
        self.moved.as_ref().map_or_else(Vec::new, |moved| moved.history.clone())
    }

    /// The queue it left last.
    pub(super) fn source(&self) -> Option<QueueId> {
        self.moved.as_ref()?.history.last().map(|hop| hop.from)
    }

    pub(super) fn message(
        &self,
        address: Address,
        number: u64,
        published_at: Timestamp,
        body: &[u8],
    ) -> Message {
        let (id, published_at) = match &self.moved {
            Some(moved) => (moved.id, moved.published_at),
            None => (MessageId { address, number }, published_at),
        };
        let new = NewMessage {
            attributes: self.attributes.clone(),
            subject: self.subject.clone(),
            cause: self.cause,
            ..NewMessage::new(body)
        };
        Message::new(id, published_at, new)
    }
}
