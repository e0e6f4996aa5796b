//! What became of every notification: a bounded projection of the events.

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc};

use postroom_core::{
    Address, CallId, DeadReason, Event, FailReason, MessageId, QueueId, Sink, Timestamp,
};

use crate::{
    channel::Channel,
    id::{NotificationId, TenantId},
    notification::Severity,
    view::{
        Attempt, AttemptOutcome, DeliveryState, DeliveryView, NotificationStatus, NotificationView,
        Wiring,
    },
};

/// Notifications that can be asked for. Beyond it the oldest that has ended is forgotten; if none
/// has ended, the oldest. Only the memory of it goes: its copies stay where they are.
pub const BOOK_MAX: usize = 100_000;
/// Attempts kept per delivery; the oldest is forgotten first.
pub const ATTEMPTS_MAX: usize = 16;

/// What became of every notification, folded from the events of the commands so far.
///
/// It decides nothing: it can be thrown away and folded anew. A copy shares what does not change
/// afterwards, since a simulation keeps many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Book {
    wiring: Wiring,
    /// Commands folded so far.
    position: u64,
    len: usize,
    max: usize,
    /// Message numbers come in order and without gaps: 64 of them share a chunk. Chunks stand in
    /// the order of their numbers; most are forgotten from the start.
    chunks: VecDeque<(u64, Chunk)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Chunk {
    /// A bit for each entry that is there, lowest first.
    present: u64,
    /// A bit for each entry that has ended.
    ended: u64,
    entries: Arc<Vec<Option<Entry>>>,
}

const CHUNK: u64 = u64::BITS as u64;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    tenant: TenantId,
    event: String,
    severity: Severity,
    accepted_at: Timestamp,
    /// In the order of the channels.
    deliveries: Vec<Delivery>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Delivery {
    channel: Channel,
    state: DeliveryState,
    due: Option<Timestamp>,
    dead: Option<DeadReason>,
    /// Of all attempts, also those forgotten.
    attempted: u32,
    attempts: Vec<(CallId, Attempt)>,
}

impl Book {
    pub(crate) fn new(wiring: Wiring) -> Self {
        Self::bounded(wiring, BOOK_MAX)
    }

    fn bounded(wiring: Wiring, max: usize) -> Self {
        Self { wiring, position: 0, len: 0, max, chunks: VecDeque::new() }
    }

    /// What is recorded from now on belongs to the next command.
    pub(crate) fn next_command(&mut self) {
        self.position += 1;
    }

    /// Commands folded so far.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Adds to a notification what events do not carry.
    pub(crate) fn describe(&mut self, id: &NotificationId, event: String, severity: Severity) {
        self.change(id.message, |entry| {
            entry.tenant = id.tenant.clone();
            entry.event = event;
            entry.severity = severity;
        });
    }

    pub(crate) fn notification(&self, id: &NotificationId) -> Option<NotificationView> {
        let message = id.message;
        if message.address != Address::Topic(self.wiring.topic) {
            return None;
        }
        let (_, chunk) = &self.chunks[self.find(message.number / CHUNK).ok()?];
        let entry = chunk.entries.get((message.number % CHUNK) as usize)?.as_ref()?;
        (entry.tenant == id.tenant).then(|| NotificationView {
            id: id.clone(),
            status: entry.status(),
            event: entry.event.clone(),
            severity: entry.severity,
            accepted_at: entry.accepted_at,
            deliveries: entry.deliveries.iter().map(Delivery::view).collect(),
        })
    }

    fn insert(&mut self, message: MessageId, accepted_at: Timestamp) {
        let number = message.number / CHUNK;
        let index = self.find(number).unwrap_or_else(|index| {
            let entries = Arc::new(vec![None; CHUNK as usize]);
            self.chunks.insert(index, (number, Chunk { present: 0, ended: 0, entries }));
            index
        });
        let (_, chunk) = &mut self.chunks[index];
        let place = (message.number % CHUNK) as usize;
        Arc::make_mut(&mut chunk.entries)[place] = Some(Entry {
            tenant: TenantId::DEFAULT,
            event: String::new(),
            severity: Severity::default(),
            accepted_at,
            deliveries: Vec::new(),
        });
        chunk.present |= 1 << place;
        self.len += 1;
        if self.len > self.max {
            self.forget_one();
        }
    }

    fn forget_one(&mut self) {
        let ended = self.chunks.iter().position(|(_, chunk)| chunk.ended != 0);
        let index = ended.unwrap_or(0);
        let Some((_, chunk)) = self.chunks.get_mut(index) else { return };
        let candidates = if ended.is_some() { chunk.ended } else { chunk.present };
        let place = candidates.trailing_zeros();
        chunk.present &= !(1 << place);
        chunk.ended &= !(1 << place);
        self.len -= 1;
        if chunk.present == 0 {
            self.chunks.remove(index);
        } else {
            Arc::make_mut(&mut chunk.entries)[place as usize] = None;
        }
    }

    fn change(&mut self, message: MessageId, change: impl FnOnce(&mut Entry)) {
        if message.address != Address::Topic(self.wiring.topic) {
            return;
        }
        let Ok(index) = self.find(message.number / CHUNK) else { return };
        let (_, chunk) = &mut self.chunks[index];
        let place = (message.number % CHUNK) as usize;
        if chunk.present & (1 << place) == 0 {
            return;
        }
        let Some(entry) = &mut Arc::make_mut(&mut chunk.entries)[place] else { return };
        change(entry);
        if entry.has_ended() {
            chunk.ended |= 1 << place;
        } else {
            chunk.ended &= !(1 << place);
        }
    }

    /// Where a chunk stands, or would.
    fn find(&self, number: u64) -> Result<usize, usize> {
        self.chunks.binary_search_by(|(other, _)| other.cmp(&number))
    }

    fn change_delivery(
        &mut self,
        queue: QueueId,
        message: MessageId,
        change: impl FnOnce(&mut Delivery),
    ) {
        if let Some(channel) = self.wiring.channel_of(queue) {
            self.change(message, |entry| change(entry.delivery(channel)));
        }
    }
}

impl Sink for Book {
    fn record(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Published { to: Address::Topic(topic), message, .. }
                if topic == self.wiring.topic =>
            {
                self.insert(message, at);
            }
            Event::Enqueued { queue, message, due } => {
                self.change_delivery(queue, message, |d| d.is(DeliveryState::Queued, due));
            }
            Event::Matured { queue, message }
            | Event::Released { queue, message }
            | Event::LeaseExpired { queue, message, .. } => {
                self.change_delivery(queue, message, |d| d.is(DeliveryState::Queued, None));
            }
            Event::Delivered { queue, message, .. } => {
                self.change_delivery(queue, message, |d| d.is(DeliveryState::Sending, None));
            }
            Event::Acked { queue, message, .. } => {
                self.change_delivery(queue, message, |d| d.is(DeliveryState::Sent, None));
            }
            Event::RetryScheduled { queue, message, due, .. } => {
                let state = DeliveryState::RetryScheduled;
                self.change_delivery(queue, message, |d| d.is(state, Some(due)));
            }
            Event::DeadLettered { queue, message, reason, .. }
            | Event::Blocked { queue, message, reason }
            | Event::Discarded { queue, message, reason } => {
                self.change_delivery(queue, message, |d| {
                    d.is(DeliveryState::DeadLettered, None);
                    d.dead = Some(reason);
                });
            }
            Event::Refused { queue, message } => {
                self.change_delivery(queue, message, |d| d.is(DeliveryState::Rejected, None));
            }
            Event::CallStarted { queue, message, call, .. } => {
                self.change_delivery(queue, message, |d| d.attempt(call, at));
            }
            Event::CallSucceeded { queue, message, call, .. } => {
                let outcome = AttemptOutcome::Accepted;
                self.change_delivery(queue, message, |d| d.attempt_ended(call, at, outcome));
            }
            Event::CallFailed { queue, message, call, reason, .. } => {
                let outcome = reason.into();
                self.change_delivery(queue, message, |d| d.attempt_ended(call, at, outcome));
            }
            Event::CallLost { queue, message, call, .. } => {
                let outcome = FailReason::Ambiguous.into();
                self.change_delivery(queue, message, |d| d.attempt_ended(call, at, outcome));
            }
            // Topics, ledgers, redrive (an `Enqueued` follows), limiter and breaker: they change
            // no delivery.
            _ => {}
        }
    }
}

impl Entry {
    fn has_ended(&self) -> bool {
        !self.deliveries.is_empty() && self.deliveries.iter().all(|d| d.state.has_ended())
    }

    fn status(&self) -> NotificationStatus {
        let sent = self.deliveries.iter().filter(|d| d.state == DeliveryState::Sent).count();
        if self.has_ended() {
            return match sent {
                0 => NotificationStatus::Failed,
                all if all == self.deliveries.len() => NotificationStatus::Completed,
                _ => NotificationStatus::PartiallyFailed,
            };
        }
        let untouched = |d: &Delivery| d.state == DeliveryState::Queued && d.attempted == 0;
        if self.deliveries.iter().all(untouched) {
            NotificationStatus::Accepted
        } else {
            NotificationStatus::Processing
        }
    }

    fn delivery(&mut self, channel: Channel) -> &mut Delivery {
        let place = self.deliveries.binary_search_by_key(&channel, |d| d.channel);
        let place = place.unwrap_or_else(|place| {
            self.deliveries.insert(place, Delivery::new(channel));
            place
        });
        &mut self.deliveries[place]
    }
}

impl Delivery {
    fn new(channel: Channel) -> Self {
        Self {
            channel,
            state: DeliveryState::Queued,
            due: None,
            dead: None,
            attempted: 0,
            attempts: Vec::new(),
        }
    }

    fn is(&mut self, state: DeliveryState, due: Option<Timestamp>) {
        (self.state, self.due, self.dead) = (state, due, None);
    }

    fn attempt(&mut self, call: CallId, started_at: Timestamp) {
        self.attempted += 1;
        if self.attempts.len() == ATTEMPTS_MAX {
            self.attempts.remove(0);
        }
        let number = self.attempted;
        self.attempts.push((call, Attempt { number, started_at, ended_at: None, outcome: None }));
    }

    fn attempt_ended(&mut self, call: CallId, at: Timestamp, outcome: AttemptOutcome) {
        if let Some((_, attempt)) = self.attempts.iter_mut().rfind(|(id, _)| *id == call) {
            (attempt.ended_at, attempt.outcome) = (Some(at), Some(outcome));
        }
    }

    fn view(&self) -> DeliveryView {
        DeliveryView {
            channel: self.channel,
            state: self.state,
            attempts: self.attempts.iter().map(|(_, attempt)| *attempt).collect(),
            next_attempt_at: self.due,
            dead: self.dead,
        }
    }
}

impl From<FailReason> for AttemptOutcome {
    fn from(reason: FailReason) -> Self {
        match reason {
            FailReason::Transient => Self::Transient,
            FailReason::Throttled => Self::Throttled,
            FailReason::Timeout => Self::Timeout,
            FailReason::Permanent => Self::Permanent,
            FailReason::Ambiguous => Self::Unknown,
        }
    }
}
