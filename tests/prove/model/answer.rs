//! Answers of the engine and of the model in the same terms: what only the engine can make
//! (receipts, tokens) is left out.

use postroom_core::{
    Body, Claim, CopyState, CopyView, Delivery, Error, Hop, LeaseId, Message, MessageId, Reply,
    Timestamp,
};

use super::queue::Copy;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Plain(Result<Reply, Error>),
    Received(Vec<Handed>),
    ClaimStarted,
}

impl Answer {
    pub(super) fn plain<E: Into<Error>>(result: Result<Reply, E>) -> Self {
        Self::Plain(result.map_err(Into::into))
    }
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handed {
    pub(crate) message: Letter,
    pub(crate) lease: u64,
    pub(crate) delivery: u32,
    pub(crate) lease_until: Option<Timestamp>,
    pub(crate) deadline: Option<Timestamp>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) id: MessageId,
    pub(crate) body: Body,
    pub(crate) priority: u8,
    pub(crate) group: Option<String>,
    pub(crate) published_at: Timestamp,
    pub(crate) correlation: MessageId,
}

impl From<&Message> for Letter {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id,
            body: message.body.clone(),
            priority: message.priority.level(),
            group: message.group().map(Into::into),
            published_at: message.published_at,
            correlation: message.correlation(),
        }
    }
}

/// A copy in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) message: Letter,
    pub(crate) enqueued_at: Timestamp,
    pub(crate) deliveries: u32,
    pub(crate) state: CopyState,
    pub(crate) history: Vec<Hop>,
}

impl From<&Copy> for View {
    fn from(copy: &Copy) -> Self {
        Self {
            message: copy.letter(),
            enqueued_at: copy.enqueued_at,
            deliveries: copy.deliveries,
            state: copy.state,
            history: copy.history.clone(),
        }
    }
}

pub(crate) fn view_of(copy: &CopyView) -> View {
    View {
        message: Letter::from(&copy.message),
        enqueued_at: copy.enqueued_at,
        deliveries: copy.deliveries,
        state: copy.state,
        history: copy.history.clone(),
    }
}

pub(crate) fn answer_of(result: &Result<Reply, Error>) -> Answer {
    match result {
        Ok(Reply::Received(deliveries)) => {
            Answer::Received(deliveries.iter().map(handed).collect())
        }
        Ok(Reply::Claim(Claim::Started(_))) => Answer::ClaimStarted,
        other => Answer::Plain(other.clone()),
    }
}

fn handed(delivery: &Delivery) -> Handed {
    Handed {
        message: Letter::from(&delivery.message),
        lease: LeaseId::number(delivery.receipt.lease()),
        delivery: delivery.delivery,
        lease_until: delivery.lease_until,
        deadline: delivery.deadline,
    }
}
