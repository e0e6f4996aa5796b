//! A client with one connection.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use postroom_notification::{Channel, demo_notification};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::Instant};

use crate::Outcome;

/// Nothing that is waited for takes longer: what goes into a broken channel is dead in a minute.
const PATIENCE: Duration = Duration::from_secs(75);
/// A wait looks so often.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(crate) struct Client {
    address: SocketAddr,
    sender: http1::SendRequest<Full<Bytes>>,
    sent: u64,
}

/// What a channel's inbox holds.
pub(crate) struct Inbox {
    pub(crate) duplicates: u64,
    pub(crate) answers_lost: u64,
    /// By notification.
    pub(crate) messages: BTreeMap<String, Message>,
}

pub(crate) struct Message {
    pub(crate) copies: u64,
    pub(crate) answers_lost: u64,
    pub(crate) latency: Duration,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Outcome<Self> {
        Ok(Self { address, sender: connect(address).await?, sent: 0 })
    }

    /// Sends the next `count` made-up notifications, one every `pace`; their ids, and how long
    /// each waited for its answer.
    pub(crate) async fn notify(
        &mut self,
        count: u64,
        pace: Duration,
    ) -> Outcome<BTreeMap<String, Duration>> {
        let mut sent = BTreeMap::new();
        let began = Instant::now();
        for number in 0..count {
            tokio::time::sleep_until(began + pace * number as u32).await;
            let mut body = serde_json::to_value(demo_notification(self.sent))?;
            self.sent += 1;
            if let Some(members) = body.as_object_mut() {
                members.remove("tenant");
                members.remove("idempotency");
            }
            let asked = Instant::now();
            let accepted = self.ask(Method::POST, "/v1/notifications", &body, 202).await?;
            sent.insert(text(&accepted, "id")?, asked.elapsed());
        }
        Ok(sent)
    }

    pub(crate) async fn set_fault(&mut self, channel: Channel, mode: &str) -> Outcome {
        let path = format!("/v1/channels/{channel}/fault");
        self.ask(Method::PUT, &path, &json!({ "mode": mode }), 204).await?;
        Ok(())
    }

    pub(crate) async fn redrive(&mut self, channel: Channel) -> Outcome<u64> {
        let path = format!("/v1/channels/{channel}/dead-letters/redrive");
        number(&self.ask(Method::POST, &path, &json!({}), 200).await?, "moved")
    }

    pub(crate) async fn channel(&mut self, channel: Channel) -> Outcome<Value> {
        let all = self.ask(Method::GET, "/v1/channels", &Value::Null, 200).await?;
        let channels = all["channels"].as_array().into_iter().flatten();
        let found = channels.into_iter().find(|one| one["channel"] == channel.name());
        Ok(found.ok_or("the channel is not listed")?.clone())
    }

    pub(crate) async fn inbox(&mut self, channel: Channel) -> Outcome<Inbox> {
        let path = format!("/v1/inbox?channel={channel}");
        let all = self.ask(Method::GET, &path, &Value::Null, 200).await?;
        let mut messages = BTreeMap::new();
        for message in all["messages"].as_array().into_iter().flatten() {
            let micros = number(message, "received_at_us")?
                .saturating_sub(number(message, "accepted_at_us")?);
            let read = Message {
                copies: number(message, "copies")?,
                answers_lost: number(message, "answers_lost")?,
                latency: Duration::from_micros(micros),
            };
            messages.insert(text(message, "notification")?, read);
        }
        crate::check(number(&all, "count")? == messages.len() as u64, || {
            "the inbox lists each message once".to_owned()
        })?;
        let (duplicates, answers_lost) =
            (number(&all, "duplicates")?, number(&all, "answers_lost")?);
        Ok(Inbox { duplicates, answers_lost, messages })
    }

    /// Waits until the inbox holds so many messages.
    pub(crate) async fn holds(&mut self, channel: Channel, count: u64) -> Outcome {
        let path = format!("/v1/inbox?channel={channel}&limit=1");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let held = number(&self.ask(Method::GET, &path, &Value::Null, 200).await?, "count")?;
            if held == count {
                return Ok(());
            }
            crate::check(Instant::now() < deadline, || {
                format!("{channel} holds {count} in the end; it holds {held}")
            })?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until a channel has nothing under way, and `dead` dead letters if that matters.
    pub(crate) async fn settles(&mut self, channel: Channel, dead: Option<u64>) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let state = self.channel(channel).await?;
            let is_dead = dead.is_none_or(|dead| state["dead_letters"] == dead);
            if state["depth"] == 0 && is_dead {
                return Ok(());
            }
            crate::check(Instant::now() < deadline, || format!("{channel} settles: {state}"))?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        expected: u16,
    ) -> Outcome<Value> {
        if self.sender.ready().await.is_err() {
            // The service closes a connection that has nothing to say for a while.
            self.sender = connect(self.address).await?;
        }
        let bytes = if body.is_null() { Vec::new() } else { serde_json::to_vec(body)? };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(bytes)))?;
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await?.to_bytes();
        crate::check(status == expected, || {
            format!("{path} answers {expected}: {status} {}", String::from_utf8_lossy(&bytes))
        })?;
        Ok(if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? })
    }
}

async fn connect(address: SocketAddr) -> Outcome<http1::SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn number(value: &Value, name: &str) -> Outcome<u64> {
    value[name].as_u64().ok_or_else(|| format!("{name} is not a number: {value}").into())
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    let text = value[name].as_str().ok_or_else(|| format!("{name} is not text: {value}"))?;
    Ok(text.to_owned())
}
