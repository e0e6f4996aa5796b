//! NATS JetStream: the work of several processes, on one server or a cluster.
//!
//! All is in one stream that keeps a message until every queue that gets it has settled it; a queue
//! is a durable pull consumer. So a topic reaches all its queues in one step, as in the engine.

mod envelope;
mod inlet;
mod names;

use std::{fmt, sync::Arc, time::Duration};

use async_nats::{
    HeaderMap,
    jetstream::{
        self, AckKind, Context,
        consumer::{AckPolicy, PullConsumer, pull},
        context::PublishErrorKind,
        stream::{DiscardPolicy, RawMessageErrorKind, RetentionPolicy},
    },
};
use postroom_core::{
    Address, CopyState, CopyView, DeadReason, Entropy, ExtendError, FailReason, Hop, HopReason,
    MessageId, NewMessage, Published, QueueConfig, QueueId, QueueStats, ReceiveError, Redrive,
    Redriven, Settle, SettleError, Settlement, Span, Timestamp,
};
use tokio::task::JoinSet;

use self::{envelope::Envelope, inlet::Inlet, names::Names};
use super::{
    Answer, Backend, BackendError, Capabilities, Capability, Incoming, Open, OpenError, Plan,
    Receipt,
};
use crate::{clock::Clock, limits::PREFETCH_MAX};

/// The server is asked so often for what it did not answer: with the same message id, so that it
/// stores once.
const PUBLISH_TRIES: u32 = 3;

/// NATS JetStream, version 2.10 or newer, with the server's own words for what it can do.
///
/// Names of queues and topics hold no dots. Several processes may start with the same queues and
/// share the work. A lost connection is made again, for ever and aloud.
///
/// It differs from the engine in what it does not offer: receipts are not fenced (a late
/// acknowledgement counts), a released delivery counts, a queue has no capacity of its own.
#[derive(Clone, Debug)]
pub struct JetStream {
    url: String,
    prefix: String,
    replicas: usize,
    messages_max: u64,
    syncs_always: bool,
}

impl JetStream {
    /// At the server, or at one of the servers between commas, with this URL.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        let (url, prefix) = (url.into(), "postroom".to_owned());
        Self { url, prefix, replicas: 1, messages_max: 1_000_000, syncs_always: false }
    }

    /// The name of the stream, and what all its subjects begin with. Default `postroom`.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// Servers of a cluster that keep the stream. Default 1.
    #[must_use]
    pub fn replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }

    /// Messages in all queues at once; more are refused. Default 1,000,000.
    #[must_use]
    pub fn messages_max(self, messages: u64) -> Self {
        Self { messages_max: messages, ..self }
    }

    /// Says that the server is set to `sync_interval: always`, which it does not tell its clients.
    /// Only then is what it acknowledged safe from a loss of power, and [`Capability::Durable`]
    /// offered.
    #[must_use]
    pub fn syncs_always(self) -> Self {
        Self { syncs_always: true, ..self }
    }
}

impl Open for JetStream {
    fn name(&self) -> &'static str {
        "JetStream"
    }

    fn capabilities(&self) -> Capabilities {
        use Capability as C;
        let offered = [
            C::Shared,
            C::Dedup,
            C::Topics,
            C::AtomicFanOut,
            C::Subjects,
            C::DeadLetters,
            C::Backoff,
            C::AtMostOnce,
        ];
        let durable = self.syncs_always.then_some(C::Durable);
        offered.into_iter().chain(durable).collect()
    }

    async fn open(self, plan: Plan, clock: Clock) -> Result<Arc<dyn Backend>, OpenError> {
        if !self.syncs_always {
            tracing::warn!(
                durability = "relaxed",
                "JetStream acknowledges before it syncs, by default two minutes: what it \
                acknowledged last can be lost with its power"
            );
        }
        let names = Names::new(self.prefix, plan)?;
        let options = async_nats::ConnectOptions::new().name("postroom");
        let client = options.connect(&self.url).await.map_err(unavailable)?;
        let context = jetstream::new(client);
        let stream = context.create_or_update_stream(jetstream::stream::Config {
            name: names.stream(),
            subjects: names.everything(),
            retention: RetentionPolicy::Interest,
            discard: DiscardPolicy::New,
            max_messages: i64::try_from(self.messages_max).unwrap_or(i64::MAX),
            duplicate_window: Duration::from_micros(
                QueueConfig::default().dedup_window.as_micros(),
            ),
            num_replicas: self.replicas,
            ..Default::default()
        });
        stream.await.map_err(unavailable)?;
        let stream = context.get_stream(names.stream()).await.map_err(unavailable)?;
        let mut queues = Vec::new();
        let mut fetching = JoinSet::new();
        for (number, (name, config)) in (0..).zip(&names.plan.queues) {
            let filters = names.filters(QueueId::new(number))?;
            let created = stream.create_consumer(consumer(name, config, filters));
            let consumer: PullConsumer = created.await.map_err(unavailable)?;
            let (inlet, put) = Inlet::new(PREFETCH_MAX as usize);
            let (inlet, name, config) = (Arc::new(inlet), name.clone(), *config);
            let (fetched, from) = (Arc::clone(&inlet), consumer.clone());
            fetching.spawn(async move { fetched.fetch(from, put, name).await });
            queues.push(Place { consumer, inlet, config });
        }
        let entropy = getrandom::u64().map_err(OpenError::Entropy)?;
        let fetching = tokio::sync::Mutex::new(fetching);
        Ok(Arc::new(Shared { context, stream, names, queues, clock, fetching, entropy }))
    }
}

fn consumer(name: &str, config: &QueueConfig, filters: Vec<String>) -> pull::Config {
    let at_most_once = config.settlement == Settlement::OnDelivery;
    pull::Config {
        durable_name: Some(name.to_owned()),
        ack_policy: if at_most_once { AckPolicy::None } else { AckPolicy::Explicit },
        ack_wait: Duration::from_micros(config.lease.as_micros()),
        // Counted here: what is dead must move, and the server only stops delivering it.
        max_deliver: -1,
        max_ack_pending: i64::try_from(config.in_flight_max).unwrap_or(i64::MAX),
        filter_subjects: filters,
        ..Default::default()
    }
}

fn unavailable(why: impl fmt::Display) -> OpenError {
    OpenError::Unavailable { backend: "JetStream", why: why.to_string() }
}

struct Shared {
    context: Context,
    stream: jetstream::stream::Stream,
    names: Names,
    /// By their numbers.
    queues: Vec<Place>,
    clock: Clock,
    /// Ends with this value.
    fetching: tokio::sync::Mutex<JoinSet<()>>,
    entropy: u64,
}

struct Place {
    consumer: PullConsumer,
    inlet: Arc<Inlet>,
    config: QueueConfig,
}

/// What a delivery is settled with.
struct Held {
    queue: QueueId,
    delivery: u32,
    raw: jetstream::Message,
}

impl Shared {
    fn place(&self, queue: QueueId) -> Result<&Place, BackendError> {
        let place = self.queues.get(queue.number() as usize);
        place.ok_or_else(|| ReceiveError::NoSuchQueue { queue }.into())
    }

    /// Publishes until the server has answered: what has an id is stored once.
    async fn store(
        &self,
        subject: String,
        mut headers: HeaderMap,
        body: Vec<u8>,
        id: Option<String>,
    ) -> Result<jetstream::publish::PublishAck, BackendError> {
        let id = match id {
            Some(id) => id,
            None => {
                let chance = getrandom::u64().unwrap_or(self.entropy);
                let now = self.clock.now().as_micros();
                format!("{:016x}{chance:016x}{now:x}", self.entropy)
            }
        };
        headers.insert("Nats-Msg-Id", id);
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.context.publish_with_headers(
                subject.clone(),
                headers.clone(),
                body.clone().into(),
            );
            let error = match sent.await {
                Ok(acked) => match acked.await {
                    Ok(ack) => return Ok(ack),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let why = error.to_string();
            match error.kind() {
                PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => {
                    if tries == PUBLISH_TRIES {
                        return Err(BackendError::Unknown { why });
                    }
                    tracing::warn!(why, "the server did not answer, will publish again");
                }
                _ => return Err(BackendError::Unavailable { why }),
            }
        }
    }

    fn incoming(&self, queue: QueueId, raw: jetstream::Message) -> Option<Incoming> {
        let info = raw.info().ok()?;
        let delivery = u32::try_from(info.delivered).unwrap_or(u32::MAX);
        let (number, published) = (info.stream_sequence, info.published);
        let published = u64::try_from(published.unix_timestamp_nanos() / 1_000).unwrap_or(0);
        let envelope = Envelope::read(raw.headers.as_ref());
        let address = self.names.address(&raw.subject).unwrap_or(Address::Queue(queue));
        let published = Timestamp::from_micros(published);
        let message = envelope.message(address, number, published, &raw.payload);
        let config = self.place(queue).ok()?.config;
        let explicit = config.settlement == Settlement::Explicit;
        let lease_until = explicit.then(|| self.clock.now() + config.lease);
        let receipt = Receipt::new(Held { queue, delivery, raw });
        Some(Incoming { receipt, message, delivery, lease_until })
    }

    /// To the dead letters, then away. Between the two a crash leaves it in both: the server drops
    /// the second copy, by its id, when it is moved again.
    async fn bury(&self, held: &Held, reason: DeadReason) -> Result<(), BackendError> {
        let Held { queue, delivery, raw } = held;
        if let Some(dead) = self.place(*queue)?.config.dead_letters {
            let incoming = self.incoming(*queue, raw.clone());
            let Some(incoming) = incoming else { return Err(SettleError::Unknown.into()) };
            let (at, why) = (self.clock.now(), HopReason::DeadLettered(reason));
            let hop = Hop { from: *queue, at, why, deliveries: *delivery };
            let envelope = Envelope::read(raw.headers.as_ref()).moved(&incoming.message, hop);
            let number = raw.info().map(|info| info.stream_sequence).unwrap_or_default();
            let id = format!("dead {} {number}", queue.number());
            let (to, body) = (self.names.queue(dead), raw.payload.to_vec());
            self.store(to, envelope.headers(), body, Some(id)).await?;
        }
        confirm(raw, AckKind::Term).await
    }

    async fn end(&self, held: &Held, how: Settle) -> Result<(), BackendError> {
        let config = self.place(held.queue)?.config;
        match how {
            Settle::Ack => confirm(&held.raw, AckKind::Ack).await,
            Settle::Release => confirm(&held.raw, AckKind::Nak(None)).await,
            Settle::Retry { .. } if held.delivery >= config.max_deliveries => {
                self.bury(held, DeadReason::Exhausted).await
            }
            Settle::Retry { delay, .. } => {
                let chance = Entropy::new(getrandom::u64().unwrap_or(self.entropy));
                let key = held.raw.info().map(|info| info.stream_sequence).unwrap_or_default();
                let backoff = || config.backoff.delay(held.delivery, chance, key);
                let delay = Duration::from_micros(delay.unwrap_or_else(backoff).as_micros());
                confirm(&held.raw, AckKind::Nak(Some(delay))).await
            }
            Settle::Reject { reason: FailReason::Ambiguous | FailReason::Timeout } => {
                self.bury(held, DeadReason::Unknown).await
            }
            Settle::Reject { .. } => self.bury(held, DeadReason::Rejected).await,
        }
    }

    /// Takes what can be handed out; what was delivered too often is buried instead.
    async fn take(&self, queue: QueueId, max: u32) -> Result<Vec<Incoming>, BackendError> {
        let place = self.place(queue)?;
        loop {
            let mut incoming = Vec::new();
            for raw in place.inlet.take(max).await? {
                let Some(found) = self.incoming(queue, raw) else { continue };
                let held = found.receipt.get::<Held>().filter(|_| found.lease_until.is_some());
                match held.filter(|held| held.delivery > place.config.max_deliveries) {
                    // Where that fails its lease ends, and it comes by again.
                    Some(held) => {
                        if let Err(error) = self.bury(held, DeadReason::Exhausted).await {
                            tracing::warn!(%error, "what is dead was not moved, will try again");
                        }
                    }
                    None => incoming.push(found),
                }
            }
            if !incoming.is_empty() {
                return Ok(incoming);
            }
        }
    }

    async fn move_back(&self, redrive: &Redrive) -> Result<Redriven, BackendError> {
        let place = self.place(redrive.from)?;
        let mut done = Redriven::default();
        // Given back only at the end: the server would hand them out again at once.
        let mut staying = Vec::new();
        let mut rest = redrive.max;
        while rest > 0 {
            let (inlet, put) = Inlet::new(PREFETCH_MAX as usize);
            let count = rest.min(PREFETCH_MAX);
            let fetched = inlet::fetch_now(&place.consumer, count, &put).await;
            let fetched = fetched.map_err(|why| BackendError::Unavailable { why })?;
            if fetched == 0 {
                break;
            }
            for raw in inlet.take(count).await? {
                rest = rest.saturating_sub(1);
                let envelope = Envelope::read(raw.headers.as_ref());
                let incoming = self.incoming(redrive.from, raw.clone());
                let (Some(source), Some(incoming)) = (envelope.source(), incoming) else {
                    done.stayed += 1;
                    staying.push(raw);
                    continue;
                };
                let (from, at, why) = (redrive.from, self.clock.now(), HopReason::Redriven);
                let hop = Hop { from, at, why, deliveries: incoming.delivery };
                let number = raw.info().map(|info| info.stream_sequence).unwrap_or_default();
                let id = format!("back {} {number}", from.number());
                let headers = envelope.moved(&incoming.message, hop).headers();
                self.store(self.names.queue(source), headers, raw.payload.to_vec(), Some(id))
                    .await?;
                confirm(&raw, AckKind::Ack).await?;
                done.moved += 1;
            }
        }
        for raw in staying {
            confirm(&raw, AckKind::Nak(None)).await?;
        }
        Ok(done)
    }

    async fn look(
        &self,
        queue: QueueId,
        skip: u32,
        max: u32,
    ) -> Result<Vec<CopyView>, BackendError> {
        let (mut number, mut seen, mut views) = (1, 0, Vec::new());
        while views.len() < max as usize {
            let subject = self.names.queue(queue);
            let found = match self.stream.get_first_raw_message_by_subject(subject, number).await {
                Ok(found) => found,
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => break,
                Err(error) => return Err(BackendError::Unavailable { why: error.to_string() }),
            };
            number = found.sequence + 1;
            seen += 1;
            if seen <= skip {
                continue;
            }
            let envelope = Envelope::read(Some(&found.headers));
            let micros = u64::try_from(found.time.unix_timestamp_nanos() / 1_000).unwrap_or(0);
            let (address, enqueued_at) = (Address::Queue(queue), Timestamp::from_micros(micros));
            let message = envelope.message(address, found.sequence, enqueued_at, &found.payload);
            let history = envelope.history();
            views.push(CopyView {
                message,
                enqueued_at,
                deliveries: 0,
                state: CopyState::Ready,
                history,
            });
        }
        Ok(views)
    }
}

/// Settles, and waits until the server has it: without that nobody knows.
async fn confirm(raw: &jetstream::Message, how: AckKind) -> Result<(), BackendError> {
    let settled = raw.double_ack_with(how).await;
    settled.map_err(|error| BackendError::Unknown { why: error.to_string() })
}

impl Backend for Shared {
    fn publish(&self, to: Address, message: NewMessage) -> Answer<'_, Published> {
        Answer::later(async move {
            let subject = self.names.subject(to, message.subject.as_deref());
            let id = message.dedup_key.as_ref().map(|key| {
                let name = self.names.plan.name_of(to);
                // A key may be any text; a header is one line.
                format!("key {name} {}", key.escape_default())
            });
            let headers = Envelope::of(&message).headers();
            let body = message.body.as_bytes().to_vec();
            let ack = self.store(subject, headers, body, id).await?;
            let id = MessageId { address: to, number: ack.sequence };
            let placements = Vec::new().into();
            Ok(Published { message: id, duplicate: ack.duplicate, placements })
        })
    }

    fn receive(&self, queue: QueueId, max: u32) -> Answer<'_, Vec<Incoming>> {
        Answer::later(self.take(queue, max))
    }

    fn settle(&self, receipt: &Receipt, how: Settle) -> Answer<'_, ()> {
        let receipt = receipt.clone();
        Answer::later(async move {
            let held = receipt.get::<Held>().ok_or(SettleError::Unknown)?;
            self.end(held, how).await
        })
    }

    fn extend(&self, receipt: &Receipt, by: Span) -> Answer<'_, Timestamp> {
        let receipt = receipt.clone();
        Answer::later(async move {
            let held = receipt.get::<Held>().ok_or(ExtendError::Unknown)?;
            let lease = self.place(held.queue)?.config.lease;
            if by > lease {
                // The server only begins a lease anew.
                return Err(ExtendError::TooLong { most: lease }.into());
            }
            confirm(&held.raw, AckKind::Progress).await?;
            Ok(self.clock.now() + lease)
        })
    }

    fn dead_letters(&self, queue: QueueId, skip: u32, max: u32) -> Answer<'_, Vec<CopyView>> {
        Answer::later(self.look(queue, skip, max))
    }

    fn redrive(&self, redrive: Redrive) -> Answer<'_, Redriven> {
        Answer::later(async move { self.move_back(&redrive).await })
    }

    fn observe(&self, queue: QueueId) -> Answer<'_, QueueStats> {
        Answer::later(async move {
            let mut consumer = self.place(queue)?.consumer.clone();
            let info = consumer.info().await;
            let info =
                info.map_err(|error| BackendError::Unavailable { why: error.to_string() })?;
            let (ready, in_flight) = (info.num_pending, info.num_ack_pending as u64);
            let redeliveries = info.num_redelivered as u64;
            Ok(QueueStats { ready, in_flight, redeliveries, ..QueueStats::default() })
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Answer::later(async move {
            self.fetching.lock().await.shutdown().await;
            let flushed = self.context.client().flush().await;
            flushed.map_err(|error| BackendError::Unknown { why: error.to_string() })
        })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JetStream").field("stream", &self.names.stream()).finish_non_exhaustive()
    }
}
