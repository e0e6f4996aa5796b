//! NATS JetStream as a backend: a queue is a stream with one consumer, a topic is a stream with a
//! consumer for each subscribed queue.

use std::{collections::BTreeMap, time::Duration};

use postroom_tests::conformance::{
    Answer, Backend, Got, How, Need, Options, Refused, Step, Time, Verb,
};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::{
    nats_wire::{Incoming, Nats},
    real,
};

pub(crate) const NAME: &str = "NATS JetStream";

/// How long a receive waits for what is there: redeliveries are prepared by a timer of the server.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The error of a stream that discards new messages.
const MAXIMUM_MESSAGES: u64 = 10_077;

/// What it can do.
pub(crate) fn offers(need: Need) -> bool {
    use Need as N;
    matches!(
        need,
        N::Lease
            | N::Extend
            | N::Poll
            | N::Ttl
            | N::MessageTtl
            | N::Retry
            | N::RetryDelay
            | N::Release
            | N::ReleaseCounted
            | N::Reject
            | N::LateAck
            | N::AckTwice
            | N::AtMostOnce
            | N::Count
            | N::MaxDeliveries
            | N::ExhaustedStays
            | N::InFlightMax
            | N::Depth
            | N::Order
            | N::ReturnsFirst
            | N::Capacity
            | N::Refuses
            | N::LeasedCount
            | N::DropOldest
            | N::KeepsId
            | N::Purge
            | N::PurgeAll
            | N::Pause
            | N::Dedup
            | N::PurgeKeepsDedup
            | N::Topics
            | N::Wildcards
            | N::WildcardRest
            | N::Unsubscribe
    )
}

/// One case on a server that others use too: its names begin with its number.
pub(crate) struct JetStream {
    nats: Nats,
    prefix: String,
    queues: BTreeMap<String, Queue>,
    topics: Vec<String>,
}

/// Where the deliveries of a queue come from.
struct Queue {
    stream: String,
    consumer: String,
    settings: Options,
}

impl JetStream {
    pub(crate) fn connect(port: u16, number: usize) -> Self {
        let prefix = format!("c{number}");
        let nats = Nats::connect(port, &prefix).expect("nats-server takes the connection");
        Self { nats, prefix, queues: BTreeMap::new(), topics: Vec::new() }
    }

    fn api(&mut self, subject: &str, body: &Value) -> Answer<Value> {
        self.nats.api(subject, body).map_err(Refused)
    }

    fn create_stream(&mut self, name: &str, subject: &str, more: Value) -> Answer {
        let mut body = json!({
            "name": name,
            "subjects": [subject],
            "storage": "memory",
            "allow_msg_ttl": true,
        });
        merge(&mut body, more);
        self.api(&format!("STREAM.CREATE.{name}"), &body).map(|_| Vec::new())
    }

    fn create_consumer(&mut self, queue: &Queue, filters: &[String]) -> Answer {
        let Queue { stream, consumer, settings } = queue;
        let lease = settings.time("lease").unwrap_or(Time::Leases(1_000));
        let mut config = json!({
            "durable_name": consumer,
            "ack_policy": if at_most_once(settings) { "none" } else { "explicit" },
            "ack_wait": nanos(lease),
        });
        if !filters.is_empty() {
            config["filter_subjects"] = filters.into();
            config["deliver_policy"] = "new".into();
        }
        if let Some(max) = settings.number::<u64>("max_deliveries") {
            config["max_deliver"] = max.into();
        }
        if let Some(max) = settings.number::<u64>("in_flight") {
            config["max_ack_pending"] = max.into();
        }
        let body = json!({ "stream_name": stream, "config": config });
        self.api(&format!("CONSUMER.DURABLE.CREATE.{stream}.{consumer}"), &body).map(|_| Vec::new())
    }

    fn find(&self, queue: &str) -> Answer<&Queue> {
        self.queues.get(queue).ok_or_else(|| Refused(format!("no queue `{queue}`")))
    }

    fn fetch(&mut self, queue: &str, max: usize, patience: Duration) -> Answer<Vec<Got<String>>> {
        let Queue { stream, consumer, .. } = self.find(queue)?;
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let expires = patience.as_nanos() as u64;
        let body = json!({ "batch": max, "expires": expires }).to_string();
        let gathered = self.nats.gather(&subject, body.as_bytes(), max, patience);
        Ok(gathered.map_err(|error| Refused(error.to_string()))?.into_iter().map(got).collect())
    }
}

impl Backend for JetStream {
    type Receipt = String;

    fn name(&self) -> &'static str {
        NAME
    }

    fn offers(&self, need: Need) -> bool {
        offers(need)
    }

    fn queue(&mut self, name: &str, options: &Options) -> Answer {
        let stream = format!("{}-{name}", self.prefix);
        let subject = format!("{}.q.{name}", self.prefix);
        // A stream for work keeps nothing that was acknowledged; it takes no other kind of consumer.
        let retention = if at_most_once(options) { "limits" } else { "workqueue" };
        let mut more = json!({ "retention": retention });
        if let Some(window) = options.time("dedup_window") {
            more["duplicate_window"] = nanos(window).into();
        }
        if let Some(ttl) = options.time("ttl") {
            more["max_age"] = nanos(ttl).into();
            more["duplicate_window"] = nanos(ttl).into();
        }
        if let Some(capacity) = options.number::<u64>("capacity") {
            more["max_msgs"] = capacity.into();
            let drops = options.text("overflow") == Some("drop_oldest");
            more["discard"] = if drops { "old" } else { "new" }.into();
        }
        self.create_stream(&stream, &subject, more)?;
        let queue = Queue { stream, consumer: "c".into(), settings: options.clone() };
        self.create_consumer(&queue, &[])?;
        self.queues.insert(name.into(), queue);
        Ok(Vec::new())
    }

    fn send(&mut self, to: &str, body: &str, options: &Options) -> Answer {
        let is_topic = self.topics.iter().any(|topic| topic == to);
        let subject = if is_topic {
            format!("{}.t.{to}.{}", self.prefix, options.text("subject").unwrap_or("_"))
        } else {
            format!("{}.q.{to}", self.prefix)
        };
        let mut headers = Vec::new();
        if let Some(key) = options.text("dedup") {
            headers.push(("Nats-Msg-Id", key.to_owned()));
        }
        if let Some(ttl) = options.time("ttl") {
            headers.push(("Nats-TTL", format!("{}ms", real(ttl).as_millis())));
        }
        headers.extend(options.attributes().map(|(key, value)| (key, value.to_owned())));
        let answer = self.nats.request(&subject, &headers, body.as_bytes());
        let answer = answer.map_err(|error| Refused(error.to_string()))?;
        let answer: Value = serde_json::from_slice(&answer.payload)
            .map_err(|_| Refused(format!("status {:?}", answer.status)))?;
        match &answer["error"] {
            Value::Null => {}
            error if error["err_code"] == MAXIMUM_MESSAGES => return Err(Refused("full".into())),
            error => return Err(Refused(error.to_string())),
        }
        if answer["duplicate"] == true {
            return Ok(vec!["duplicate".into()]);
        }
        // It says that a topic took it, not whom it reached.
        Ok(if is_topic { Vec::new() } else { vec!["queued".into()] })
    }

    fn receive(&mut self, queue: &str, options: &Options) -> Answer<Vec<Got<String>>> {
        self.fetch(queue, options.number("max").unwrap_or(10), AT_ONCE)
    }

    fn poll(&mut self, queue: &str, patience: Time) -> Answer<Vec<Got<String>>> {
        self.fetch(queue, 1, real(patience))
    }

    fn settle(&mut self, receipt: &String, how: How) -> Answer<()> {
        let payload = match how {
            How::Ack => "+ACK".into(),
            How::Retry(Some(delay)) => format!("-NAK {}", json!({ "delay": nanos(delay) })),
            How::Retry(None) | How::Release => "-NAK".into(),
            How::Reject => "+TERM".into(),
            How::Extend(_) => "+WPI".into(),
        };
        let answer = self.nats.request(receipt, &[], payload.as_bytes());
        answer.map(|_| ()).map_err(|error| Refused(error.to_string()))
    }

    fn made_up(&self) -> String {
        "$JS.ACK.none".into()
    }

    fn wait(&mut self, time: Time) {
        Handle::current().block_on(tokio::time::sleep(real(time)));
    }

    fn vanish(&mut self, _: &str) {
        self.wait(Time::Leases(1_200));
    }

    fn ack_batch(&mut self, _: &[String]) -> Answer {
        Err(Refused("is not offered".into()))
    }

    fn perform(&mut self, step: &Step) -> Answer {
        let word = |index: usize| step.words[index].as_str();
        match step.verb {
            Verb::Topic => {
                let (name, subject) = (word(0), format!("{}.t.{}.>", self.prefix, word(0)));
                let mut more = json!({ "retention": "interest" });
                if let Some(window) = step.options.time("dedup_window") {
                    more["duplicate_window"] = nanos(window).into();
                }
                self.create_stream(&format!("{}-{name}", self.prefix), &subject, more)?;
                self.topics.push(name.into());
                Ok(Vec::new())
            }
            Verb::Subscribe => {
                let (topic, name) = (word(0), word(1));
                let pattern = step.options.text("subject").unwrap_or(">");
                let filters: Vec<String> = pattern
                    .split(',')
                    .map(|pattern| format!("{}.t.{topic}.{pattern}", self.prefix))
                    .collect();
                let queue = Queue {
                    stream: format!("{}-{topic}", self.prefix),
                    consumer: name.into(),
                    settings: self.find(name)?.settings.clone(),
                };
                self.create_consumer(&queue, &filters)?;
                self.queues.insert(name.into(), queue);
                Ok(Vec::new())
            }
            Verb::Unsubscribe => {
                let Queue { stream, consumer, .. } = self.find(word(1))?;
                let subject = format!("CONSUMER.DELETE.{stream}.{consumer}");
                self.api(&subject, &json!({})).map(|_| Vec::new())
            }
            Verb::Depth => {
                let stream = self.find(word(0))?.stream.clone();
                let info = self.api(&format!("STREAM.INFO.{stream}"), &json!({}))?;
                Ok(vec![info["state"]["messages"].to_string()])
            }
            Verb::Purge => {
                let stream = self.find(word(0))?.stream.clone();
                let answer = self.api(&format!("STREAM.PURGE.{stream}"), &json!({}))?;
                Ok(vec![answer["purged"].to_string()])
            }
            Verb::Pause | Verb::Resume => {
                let queue = step.words.last().map_or("", String::as_str);
                let Queue { stream, consumer, .. } = self.find(queue)?;
                let subject = format!("CONSUMER.PAUSE.{stream}.{consumer}");
                let until = if step.verb == Verb::Pause {
                    "2100-01-01T00:00:00Z"
                } else {
                    "0001-01-01T00:00:00Z"
                };
                self.api(&subject, &json!({ "pause_until": until })).map(|_| Vec::new())
            }
            _ => Err(Refused("is not offered".into())),
        }
    }
}

fn got(incoming: Incoming) -> Got<String> {
    // $JS.ACK.stream.consumer.delivered.stream sequence.consumer sequence.time.pending
    let words: Vec<&str> = incoming.reply.split('.').collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    Got {
        body: String::from_utf8_lossy(&incoming.payload).into(),
        delivery: word(4).parse().ok(),
        id: Some(format!("{}.{}", word(2), word(5))),
        carries: incoming.headers,
        receipt: incoming.reply,
    }
}

fn at_most_once(settings: &Options) -> bool {
    settings.text("settlement") == Some("on_delivery")
}

fn nanos(time: Time) -> u64 {
    real(time).as_nanos() as u64
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
