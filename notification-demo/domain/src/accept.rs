//! Accepting a notification: key, copies and answer in one step, or nothing.

use postroom_core::{
    Address, At, Body, Claim, ClaimError, ClaimToken, Command, Error, Event, Machine, NewMessage,
    PlacementOutcome, PublishError, Published, Reply, Sink, Span, StationCommand, StationError,
    Timestamp,
};

use crate::{
    build::YES,
    channel::Channel,
    content::Content,
    error::{AcceptError, NotificationError},
    id::{NotificationId, TenantId},
    machine::{Accepted, Notifications},
    notification::{Idempotency, NewNotification},
    view::DeliveryState,
};

/// The attribute that says whose notification a message carries.
pub(crate) const TENANT: &str = "tenant";

impl Notifications {
    /// [`NotificationCommand::Accept`](crate::NotificationCommand::Accept).
    pub(crate) fn accept(
        &mut self,
        at: At,
        new: NewNotification,
        sink: &mut impl Sink,
    ) -> Result<Accepted, NotificationError> {
        let channels = new.validate()?;
        let Some(idempotency) = &new.idempotency else {
            return self.publish(at, new, &channels, sink);
        };
        // First what time brings about: all that follows is this command's doing.
        self.drive(at, StationCommand::Tick, sink)?;
        let mut told = Vec::new();
        let accepted = match self.claim(at, &new.tenant, idempotency, &mut told) {
            Ok(Claimed::Now(token)) => self.publish_once(at, new, &channels, token, &mut told),
            Ok(Claimed::Before(accepted)) => Ok(accepted),
            Err(refused) => Err(refused),
        };
        told.into_iter().for_each(|(at, event)| sink.record(at, event));
        accepted
    }

    fn publish_once(
        &mut self,
        at: At,
        new: NewNotification,
        channels: &[Channel],
        token: ClaimToken,
        told: &mut Vec<(Timestamp, Event)>,
    ) -> Result<Accepted, NotificationError> {
        let ledger = self.wiring.ledger;
        match self.publish(at, new, channels, told) {
            Ok(accepted) => {
                let result = kept(&accepted);
                self.engine(at, Command::CompleteClaim { ledger, token, result }, told)?;
                Ok(accepted)
            }
            Err(refused) => {
                // Nobody is told of a claim that is given up in the same step.
                told.retain(|(_, event)| !matches!(event, Event::Claimed { .. }));
                self.engine(at, Command::AbandonClaim { ledger, token }, &mut ())?;
                Err(refused)
            }
        }
    }

    fn publish(
        &mut self,
        at: At,
        new: NewNotification,
        channels: &[Channel],
        sink: &mut impl Sink,
    ) -> Result<Accepted, NotificationError> {
        let tenant = new.tenant.clone();
        let content = Content::of(new);
        let mut message = NewMessage::new(content.to_body());
        for channel in channels {
            message.attributes.insert(channel.name().to_owned(), YES.to_owned());
        }
        message.attributes.insert(TENANT.to_owned(), tenant.to_string());
        let to = Address::Topic(self.wiring.topic);
        let Published { message, placements, .. } =
            match self.engine(at, Command::Publish { to, message }, sink) {
                Ok(Reply::Published(published)) => published,
                Ok(_) => unreachable!("publishing answered something else"),
                Err(StationError::Engine(Error::Publish(PublishError::AllRejected))) => {
                    return Err(self.all_rejected().into());
                }
                Err(error) => return Err(error.into()),
            };
        let id = NotificationId { tenant, message };
        self.book.describe(&id, content.event, content.severity);
        let deliveries = Channel::ALL.into_iter().filter_map(|channel| {
            let mut placements = placements.iter();
            let placement =
                placements.find(|to| self.wiring.channel_of(to.queue) == Some(channel))?;
            let state = match placement.outcome {
                PlacementOutcome::Queued => DeliveryState::Queued,
                PlacementOutcome::Diverted => DeliveryState::DeadLettered,
                PlacementOutcome::Rejected => DeliveryState::Rejected,
            };
            Some((channel, state))
        });
        let deliveries = deliveries.collect();
        Ok(Accepted { id, deliveries, replayed: false })
    }

    fn claim(
        &mut self,
        at: At,
        tenant: &TenantId,
        Idempotency { key, fingerprint }: &Idempotency,
        sink: &mut impl Sink,
    ) -> Result<Claimed, NotificationError> {
        let (ledger, fingerprint) = (self.wiring.ledger, *fingerprint);
        let key = format!("{tenant}/{key}");
        let reply = match self.engine(at, Command::Claim { ledger, key, fingerprint }, sink) {
            Err(StationError::Engine(Error::Claim(ClaimError::Full { frees_at, .. }))) => {
                let retry_after = whole_seconds(frees_at.since(self.station.engine().now()));
                return Err(AcceptError::IdempotencyFull { retry_after }.into());
            }
            reply => reply?,
        };
        match reply {
            Reply::Claim(Claim::Started(token)) => Ok(Claimed::Now(token)),
            Reply::Claim(Claim::Done(result)) => {
                match serde_json::from_slice::<Accepted>(result.as_bytes()) {
                    Ok(accepted) => Ok(Claimed::Before(Accepted { replayed: true, ..accepted })),
                    Err(error) => unreachable!("the ledger held no answer of ours: {error}"),
                }
            }
            Reply::Claim(Claim::InProgress { until }) => {
                Err(AcceptError::IdempotencyInFlight { until }.into())
            }
            Reply::Claim(Claim::PayloadMismatch) => Err(AcceptError::IdempotencyMismatch.into()),
            _ => unreachable!("claiming answered something else"),
        }
    }

    /// Room comes when something happens by itself; nobody is sent away for less than a second or
    /// for more than a minute.
    fn all_rejected(&self) -> AcceptError {
        let now = self.station.engine().now();
        let wait = self.next_deadline().map_or(Span::ZERO, |next| next.since(now));
        let retry_after = whole_seconds(wait).min(Span::from_secs(60));
        AcceptError::AllRejected { retry_after }
    }
}

/// At least one.
fn whole_seconds(span: Span) -> Span {
    Span::from_secs(span.as_micros().div_ceil(1_000_000).max(1))
}

/// What the ledger keeps of an answer.
fn kept(accepted: &Accepted) -> Body {
    match serde_json::to_vec(accepted) {
        Ok(bytes) => bytes.into(),
        Err(error) => unreachable!("an answer did not serialise: {error}"),
    }
}

enum Claimed {
    Now(ClaimToken),
    Before(Accepted),
}
