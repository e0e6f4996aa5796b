//! RabbitMQ as a backend: quorum queues, and a classic one where a case asks for priorities.

use std::{collections::BTreeMap, time::Duration};

use amqprs::{
    Ack, BasicProperties, Cancel, CloseChannel, FieldTable, FieldValue, Nack, Return,
    callbacks::ChannelCallback,
    channel::{
        BasicAckArguments, BasicGetArguments, BasicNackArguments, BasicPublishArguments,
        BasicRejectArguments, Channel, ConfirmSelectArguments, ExchangeDeclareArguments,
        QueueBindArguments, QueueDeclareArguments, QueuePurgeArguments, QueueUnbindArguments,
    },
    connection::{Connection, OpenConnectionArguments},
    error::Error,
};
use postroom_tests::conformance::{
    Answer, Backend, Case, Got, How, Need, Options, Refused, Step, Time, Verb,
};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{now, real};

pub(crate) const NAME: &str = "RabbitMQ";

/// How long a receive waits for what is there: dead letters arrive a moment after their death.
const AT_ONCE: Duration = Duration::from_millis(400);

/// How often an empty queue is looked at again.
const PAUSE: Duration = Duration::from_millis(40);

/// Whether a case is played on classic queues, which have priorities.
pub(crate) fn is_classic(case: &Case) -> bool {
    case.needs.contains(&Need::Priority)
}

/// What it can do. Classic queues and quorum queues differ, and so do versions:
///
/// - Before 4.0 whatever comes back to a quorum queue counts; since then a release does not.
/// - Before 4.0 there is no limit to deliveries unless one is set; since then it is 20.
/// - Where a limit is set, what comes back goes ahead; without one, before 4.0, to the end.
/// - Quorum queues have two priorities since 4.0, and strict ones since 4.3.
pub(crate) fn offers(major_version: u32, classic: bool, need: Need) -> bool {
    use Need as N;
    match need {
        // A classic queue counts neither deliveries nor tries.
        N::Priority => classic,
        N::Count | N::MaxDeliveries | N::ReturnsFirst | N::Ttl | N::Release => !classic,
        N::ReleaseCounted => !classic && major_version < 4,
        _ => matches!(
            need,
            N::Poll
                | N::MessageTtl
                | N::Retry
                | N::Reject
                | N::AtMostOnce
                | N::Order
                | N::Capacity
                | N::DropOldest
                | N::DeadLetterOldest
                | N::LeaseBeatsTtl
                | N::DeadLetters
                | N::ExpiredToDeadLetters
                | N::EagerMove
                | N::KeepsId
                | N::Purge
                | N::Topics
                | N::Wildcards
                | N::WildcardAny
                | N::Unsubscribe
                | N::UnsubscribedKeeps
        ),
    }
}

/// One case on a server that others use too: its names begin with its number.
pub(crate) struct Rabbit {
    connection: Connection,
    /// Publishes, each message confirmed: RabbitMQ may look into a queue before what was published
    /// a moment ago is in it.
    publisher: Channel,
    /// Whether each message in turn was taken.
    confirmed: mpsc::UnboundedReceiver<bool>,
    /// Everything else.
    channel: Channel,
    prefix: String,
    major_version: u32,
    /// Whether the case's queues are classic ones with priorities.
    classic: bool,
    queues: BTreeMap<String, Options>,
    topics: Vec<String>,
    /// Topic, queue and pattern of each binding.
    bound: Vec<[String; 3]>,
}

impl Rabbit {
    pub(crate) fn connect(at: (u16, u32), number: usize, case: &Case) -> Self {
        Handle::current().block_on(Self::open(at, number, case))
    }

    async fn open((port, major_version): (u16, u32), number: usize, case: &Case) -> Self {
        let arguments = OpenConnectionArguments::new("127.0.0.1", port, "guest", "guest");
        let connection = Connection::open(&arguments).await.expect("RabbitMQ takes the connection");
        let channel = connection.open_channel(None).await.expect("RabbitMQ opens a channel");
        let (confirms, confirmed) = mpsc::unbounded_channel();
        let publisher = connection.open_channel(None).await.expect("RabbitMQ opens a channel");
        publisher.register_callback(Confirms(confirms)).await.expect("a channel takes a callback");
        let confirm = ConfirmSelectArguments::default();
        publisher.confirm_select(confirm).await.expect("RabbitMQ confirms");
        let classic = is_classic(case);
        let (queues, bound) = (BTreeMap::new(), Vec::new());
        let prefix = format!("c{number}");
        Self {
            connection,
            publisher,
            confirmed,
            channel,
            prefix,
            major_version,
            classic,
            queues,
            topics: Vec::new(),
            bound,
        }
    }

    fn named(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    async fn get(&self, queue: &str) -> Answer<Option<Got<u64>>> {
        let mut arguments = BasicGetArguments::new(&self.named(queue));
        arguments.no_ack(self.queues.get(queue).is_some_and(at_most_once));
        let message = self.channel.basic_get(arguments.finish()).await.map_err(refused)?;
        Ok(message.map(|(got, properties, body)| {
            let headers = properties.headers();
            let redeliveries = match headers.and_then(|table| table.get(&short("x-delivery-count")))
            {
                Some(FieldValue::l(count)) => *count,
                Some(FieldValue::I(count)) => i64::from(*count),
                _ => 0,
            };
            Got {
                body: String::from_utf8_lossy(&body).into(),
                delivery: (!self.classic).then_some(redeliveries as u32 + 1),
                id: properties.message_id().cloned(),
                carries: attributes(headers),
                receipt: got.delivery_tag(),
            }
        }))
    }

    async fn take(&self, queue: &str, max: usize, patience: Duration) -> Answer<Vec<Got<u64>>> {
        let end = now() + patience;
        let mut gathered = Vec::new();
        loop {
            match self.get(queue).await? {
                Some(got) => gathered.push(got),
                None if gathered.is_empty() && now() < end => tokio::time::sleep(PAUSE).await,
                None => break,
            }
            if gathered.len() >= max {
                break;
            }
        }
        Ok(gathered)
    }
}

impl Backend for Rabbit {
    type Receipt = u64;

    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self, need: Need) -> bool {
        offers(self.major_version, self.classic, need)
    }

    fn queue(&mut self, name: &str, options: &Options) -> Answer {
        let mut table = FieldTable::new();
        let mut set = |key: &str, value: FieldValue| drop(table.insert(short(key), value));
        if self.classic {
            set("x-max-priority", FieldValue::I(9));
        } else {
            set("x-queue-type", text("quorum"));
        }
        if let Some(max) = options.number::<i32>("max_deliveries") {
            // Redeliveries are limited here, not deliveries.
            set("x-delivery-limit", FieldValue::I(max - 1));
        }
        if let Some(dead) = options.text("dead") {
            set("x-dead-letter-exchange", text(""));
            set("x-dead-letter-routing-key", text(&self.named(dead)));
        }
        if let Some(ttl) = options.time("ttl") {
            set("x-message-ttl", FieldValue::I(real(ttl).as_millis() as i32));
        }
        if let Some(capacity) = options.number::<i32>("capacity") {
            set("x-max-length", FieldValue::I(capacity));
            set("x-overflow", text("drop-head"));
        }
        let mut arguments = QueueDeclareArguments::durable_client_named(&self.named(name));
        arguments.arguments(table);
        let declared = self.channel.queue_declare(arguments.finish());
        Handle::current().block_on(declared).map_err(refused)?;
        self.queues.insert(name.into(), options.clone());
        Ok(Vec::new())
    }

    fn send(&mut self, to: &str, body: &str, options: &Options) -> Answer {
        let is_topic = self.topics.iter().any(|topic| topic == to);
        let mut properties = BasicProperties::default();
        // Its publisher names a message here.
        properties.with_message_id(&format!("{}.{body}", self.prefix));
        if let Some(priority) = options.number("priority") {
            properties.with_priority(priority);
        }
        if let Some(ttl) = options.time("ttl") {
            properties.with_expiration(&real(ttl).as_millis().to_string());
        }
        let mut headers = FieldTable::new();
        for (key, value) in options.attributes() {
            headers.insert(short(key), text(value));
        }
        properties.with_headers(headers);
        let arguments = if is_topic {
            let subject = options.text("subject").unwrap_or("_");
            BasicPublishArguments::new(&self.named(to), subject)
        } else {
            BasicPublishArguments::new("", &self.named(to))
        };
        let body = body.as_bytes().to_vec();
        Handle::current().block_on(async {
            let published = self.publisher.basic_publish(properties.finish(), body, arguments);
            published.await.map_err(refused)?;
            match self.confirmed.recv().await {
                Some(true) => Ok(()),
                _ => Err(Refused("full".into())),
            }
        })?;
        Ok(if is_topic { Vec::new() } else { vec!["queued".into()] })
    }

    fn receive(&mut self, queue: &str, options: &Options) -> Answer<Vec<Got<u64>>> {
        let max = options.number("max").unwrap_or(10);
        Handle::current().block_on(self.take(queue, max, AT_ONCE))
    }

    fn poll(&mut self, queue: &str, patience: Time) -> Answer<Vec<Got<u64>>> {
        Handle::current().block_on(self.take(queue, 1, real(patience)))
    }

    fn settle(&mut self, tag: &u64, how: How) -> Answer<()> {
        let channel = &self.channel;
        Handle::current().block_on(async {
            match how {
                How::Ack => channel.basic_ack(BasicAckArguments::new(*tag, false)).await,
                // Since version 4 this is what counts, and handing back unused is what does not.
                How::Retry(_) => channel.basic_reject(BasicRejectArguments::new(*tag, true)).await,
                How::Release => {
                    channel.basic_nack(BasicNackArguments::new(*tag, false, true)).await
                }
                How::Reject => channel.basic_reject(BasicRejectArguments::new(*tag, false)).await,
                How::Extend(_) => return Err(Refused("is not offered".into())),
            }
            .map_err(refused)
        })
    }

    fn made_up(&self) -> u64 {
        u64::MAX
    }

    fn wait(&mut self, time: Time) {
        Handle::current().block_on(tokio::time::sleep(real(time)));
    }

    /// There are no leases: what a channel holds comes back when it closes.
    fn vanish(&mut self, _: &str) {
        Handle::current().block_on(async {
            let next = self.connection.open_channel(None).await.expect("RabbitMQ opens a channel");
            let gone = std::mem::replace(&mut self.channel, next);
            gone.close().await.expect("RabbitMQ closes a channel");
        });
    }

    fn ack_batch(&mut self, _: &[u64]) -> Answer {
        Err(Refused("is not offered".into()))
    }

    fn perform(&mut self, step: &Step) -> Answer {
        let word = |index: usize| step.words[index].as_str();
        let (channel, handle) = (&self.channel, Handle::current());
        match step.verb {
            Verb::Topic => {
                let arguments = ExchangeDeclareArguments::new(&self.named(word(0)), "topic");
                handle.block_on(channel.exchange_declare(arguments)).map_err(refused)?;
                self.topics.push(word(0).into());
            }
            Verb::Subscribe => {
                let (topic, queue) = (self.named(word(0)), self.named(word(1)));
                for pattern in step.options.text("subject").unwrap_or("#").split(',') {
                    let arguments = QueueBindArguments::new(&queue, &topic, pattern);
                    handle.block_on(channel.queue_bind(arguments)).map_err(refused)?;
                    self.bound.push([topic.clone(), queue.clone(), pattern.into()]);
                }
            }
            Verb::Unsubscribe => {
                let (topic, queue) = (self.named(word(0)), self.named(word(1)));
                for [of, to, pattern] in &self.bound {
                    if *of == topic && *to == queue {
                        let arguments = QueueUnbindArguments::new(&queue, &topic, pattern);
                        handle.block_on(channel.queue_unbind(arguments)).map_err(refused)?;
                    }
                }
            }
            Verb::Purge => {
                let arguments = QueuePurgeArguments::new(&self.named(word(0)));
                let purged = handle.block_on(channel.queue_purge(arguments)).map_err(refused)?;
                return Ok(vec![purged.unwrap_or_default().to_string()]);
            }
            _ => return Err(Refused("is not offered".into())),
        }
        Ok(Vec::new())
    }
}

/// Passes on what RabbitMQ says of published messages.
struct Confirms(mpsc::UnboundedSender<bool>);

#[async_trait::async_trait]
impl ChannelCallback for Confirms {
    async fn close(&mut self, _: &Channel, _: CloseChannel) -> Result<(), Error> {
        Ok(())
    }

    async fn cancel(&mut self, _: &Channel, _: Cancel) -> Result<(), Error> {
        Ok(())
    }

    async fn flow(&mut self, _: &Channel, active: bool) -> Result<bool, Error> {
        Ok(active)
    }

    async fn publish_ack(&mut self, _: &Channel, _: Ack) {
        let _ = self.0.send(true);
    }

    async fn publish_nack(&mut self, _: &Channel, _: Nack) {
        let _ = self.0.send(false);
    }

    async fn publish_return(&mut self, _: &Channel, _: Return, _: BasicProperties, _: Vec<u8>) {}
}

fn attributes(headers: Option<&FieldTable>) -> Vec<(String, String)> {
    let Some(headers) = headers else { return Vec::new() };
    let texts = headers.as_ref().iter().filter_map(|(key, value)| match value {
        FieldValue::S(value) => Some((key.to_string(), value.to_string())),
        _ => None,
    });
    texts.collect()
}

fn at_most_once(settings: &Options) -> bool {
    settings.text("settlement") == Some("on_delivery")
}

fn short(text: &str) -> amqprs::FieldName {
    text.try_into().expect("a short name")
}

fn text(text: &str) -> FieldValue {
    FieldValue::S(text.try_into().expect("a short text"))
}

fn refused(error: impl std::fmt::Display) -> Refused {
    Refused(error.to_string())
}
