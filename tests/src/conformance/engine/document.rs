//! The settings of queues and messages, by way of their documents: what cases set is what a
//! document can say.

use postroom_core::{Command, LedgerConfig, NewMessage, Priority, QueueConfig, Span, TopicConfig};
use serde_json::{Value, json};

use super::{EngineInVirtualTime, LEASE};
use crate::conformance::{
    backend::{Answer, Refused},
    case::{Options, Step},
};

impl EngineInVirtualTime {
    pub(super) fn queue_config(&self, options: &Options) -> Answer<QueueConfig> {
        let mut document = json!({
            "lease_ms": LEASE.as_millis(),
            "backoff": { "base_ms": 0, "jitter": "none" },
            "profile": self.profile,
        });
        for key in options.keys() {
            let value = options.text(key).unwrap_or_default();
            let number = || json!(options.number::<u64>(key));
            let (name, value) = match key {
                "lease" => ("lease_ms", millis(options, key)),
                "delay" => ("delay_ms", millis(options, key)),
                "ttl" => ("ttl_ms", millis(options, key)),
                "deadline" => ("deliver_within_ms", millis(options, key)),
                "aging" => ("aging_ms", millis(options, key)),
                "dedup_window" => ("dedup_window_ms", millis(options, key)),
                "alarm_age" => ("alarm_age_ms", millis(options, key)),
                "max_deliveries" | "capacity" | "alarm_depth" => (key, number()),
                "bytes" => ("capacity_bytes", number()),
                "in_flight" => ("in_flight_max", number()),
                "shed" => (key, json!({ "from_percent": options.number::<u64>(key) })),
                "dead" => {
                    ("dead_letters", json!(self.queues.get(value).map_or(9_999, |q| q.number())))
                }
                "backoff" => ("backoff", backoff(options)),
                "backoff_cap" => continue,
                _ => (key, json!(value)),
            };
            document[name] = value;
        }
        read(document)
    }

    pub(super) fn message(&self, body: &str, options: &Options) -> NewMessage {
        let span = |key: &str| options.time(key).map(|time| time.of_lease(LEASE));
        let owned = |key: &str| options.text(key).map(Into::into);
        let level = options.number("priority").and_then(Priority::new);
        let attributes = options.attributes().map(|(key, value)| (key.into(), value.into()));
        NewMessage {
            attributes: attributes.collect(),
            subject: owned("subject"),
            group: owned("group"),
            priority: level.unwrap_or_default(),
            delay: span("delay").unwrap_or(Span::ZERO),
            not_before: span("not_before").map(|span| self.now + span),
            ttl: span("ttl"),
            dedup_key: owned("dedup"),
            ..NewMessage::new(padded(body, options))
        }
    }

    pub(super) fn topic_config(options: &Options) -> Answer<TopicConfig> {
        let mut document = json!({});
        if options.text("dedup_window").is_some() {
            document["dedup_window_ms"] = millis(options, "dedup_window");
        }
        read(document)
    }

    pub(super) fn ledger_config(options: &Options) -> Answer<LedgerConfig> {
        let mut document = json!({});
        for (key, name) in [("in_progress", "in_progress_ms"), ("keep", "keep_ms")] {
            if options.text(key).is_some() {
                document[name] = millis(options, key);
            }
        }
        if let Some(capacity) = options.number::<u64>("capacity") {
            document["capacity"] = capacity.into();
        }
        read(document)
    }

    pub(super) fn subscribe_command(&self, step: &Step) -> Answer<Command> {
        let [topic, queue] = [&step.words[0], &step.words[1]];
        let mut document = json!({ "topic": self.find_topic(topic)?, "queue": self.find(queue)? });
        for key in step.options.keys() {
            let value = step.options.text(key).unwrap_or_default();
            match key {
                "filter" => document[key] = serde_json::from_str(value).map_err(unreadable)?,
                "subject" => document["subjects"] = value.split(',').collect(),
                _ => document[key] = value.into(),
            }
        }
        read(json!({ "subscribe": document }))
    }

    /// A command that names a subscription alone.
    pub(super) fn on_subscription(&self, name: &str, step: &Step) -> Answer<Command> {
        let topic = self.find_topic(&step.words[0])?;
        let queue = self.find(&step.words[1])?;
        read(json!({ name: { "topic": topic, "queue": queue } }))
    }
}

fn backoff(options: &Options) -> Value {
    let mut backoff = json!({ "base_ms": millis(options, "backoff"), "jitter": "none" });
    if options.text("backoff_cap").is_some() {
        backoff["cap_ms"] = millis(options, "backoff_cap");
    }
    backoff
}

fn millis(options: &Options, key: &str) -> Value {
    json!(options.time(key).map(|time| time.of_lease(LEASE).as_millis()))
}

/// The body, filled up to the bytes that the case asks for.
fn padded(body: &str, options: &Options) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    bytes.resize(options.number("size").unwrap_or(bytes.len()), b' ');
    bytes
}

fn read<T: serde::de::DeserializeOwned>(document: Value) -> Answer<T> {
    serde_json::from_value(document).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> Refused {
    Refused(format!("unreadable: {error}"))
}
