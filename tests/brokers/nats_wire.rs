//! The NATS client protocol, as far as these tests speak it: lines of text, and JSON inside.
//!
//! The libraries for this bring some eighty crates with TLS and a C compiler, and this is all that
//! the tests need of them.

use std::{
    io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// How long an answer may take beyond what it was asked to wait.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// One connection.
pub(crate) struct Nats {
    stream: BufReader<TcpStream>,
    /// Answers come to `inbox.N`, where N is the request.
    inbox: String,
    requests: u64,
}

/// A message, or the answer to a request.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    pub(crate) subject: String,
    /// Where to answer; for a delivery, where to acknowledge.
    pub(crate) reply: String,
    /// `404` and such, where the server answers with a status alone.
    pub(crate) status: Option<u32>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) payload: Vec<u8>,
}

impl Nats {
    /// Connects; `name` must differ from every other connection's.
    pub(crate) fn connect(port: u16, name: &str) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        let inbox = format!("_INBOX.{name}");
        let mut nats = Self { stream: BufReader::new(stream), inbox, requests: 0 };
        nats.line()?;
        let options = r#"{"verbose":false,"headers":true,"no_responders":true}"#;
        let hello = format!("CONNECT {options}\r\nSUB {}.* 1\r\nPING\r\n", nats.inbox);
        nats.write(hello.as_bytes())?;
        while nats.line()? != "PONG" {}
        Ok(nats)
    }

    /// Asks, and takes the one answer.
    pub(crate) fn request(
        &mut self,
        subject: &str,
        headers: &[(&str, String)],
        payload: &[u8],
    ) -> Result<Incoming> {
        let inbox = self.ask(subject, headers, payload)?;
        self.answer(&inbox, Duration::ZERO)
    }

    /// Asks, and takes up to `count` messages: fewer if a status comes first.
    pub(crate) fn gather(
        &mut self,
        subject: &str,
        payload: &[u8],
        count: usize,
        patience: Duration,
    ) -> Result<Vec<Incoming>> {
        let inbox = self.ask(subject, &[], payload)?;
        let mut gathered = Vec::new();
        while gathered.len() < count {
            let incoming = self.answer(&inbox, patience)?;
            if incoming.status.is_some() {
                break;
            }
            gathered.push(incoming);
        }
        Ok(gathered)
    }

    /// Asks the JetStream API; its refusal is its code and description.
    pub(crate) fn api(
        &mut self,
        subject: &str,
        body: &Value,
    ) -> std::result::Result<Value, String> {
        let subject = format!("$JS.API.{subject}");
        let answer = self.request(&subject, &[], body.to_string().as_bytes());
        let answer = answer.map_err(|error| error.to_string())?;
        let value: Value = serde_json::from_slice(&answer.payload)
            .map_err(|_| format!("{subject} answers with {:?}", answer.status))?;
        match value.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(value),
        }
    }

    fn ask(&mut self, subject: &str, headers: &[(&str, String)], payload: &[u8]) -> Result<String> {
        self.requests += 1;
        let inbox = format!("{}.{}", self.inbox, self.requests);
        let mut head = String::new();
        if !headers.is_empty() {
            head.push_str("NATS/1.0\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
        }
        let command = if head.is_empty() {
            format!("PUB {subject} {inbox} {}\r\n", payload.len())
        } else {
            let (head, all) = (head.len(), head.len() + payload.len());
            format!("HPUB {subject} {inbox} {head} {all}\r\n")
        };
        self.write(&[command.as_bytes(), head.as_bytes(), payload, b"\r\n"].concat())?;
        Ok(inbox)
    }

    /// The next message that came to `inbox`, or that is a delivery asked for there.
    fn answer(&mut self, inbox: &str, patience: Duration) -> Result<Incoming> {
        self.stream.get_ref().set_read_timeout(Some(patience + ANSWER_MAX))?;
        loop {
            let line = self.line()?;
            let words: Vec<&str> = line.split(' ').collect();
            let (head, incoming) = match words[..] {
                ["PING"] => {
                    self.write(b"PONG\r\n")?;
                    continue;
                }
                ["MSG", subject, sid, size] => (None, [subject, sid, "", size]),
                ["MSG", subject, sid, reply, size] => (None, [subject, sid, reply, size]),
                ["HMSG", subject, sid, head, size] => (Some(head), [subject, sid, "", size]),
                ["HMSG", subject, sid, reply, head, size] => {
                    (Some(head), [subject, sid, reply, size])
                }
                ["-ERR", ..] => return Err(Error::other(line)),
                _ => continue,
            };
            let [subject, _, reply, size] = incoming;
            let mut incoming =
                Incoming { subject: subject.into(), reply: reply.into(), ..Incoming::default() };
            incoming.payload = self.bytes(number(size)?)?;
            if let Some(head) = head {
                let payload = incoming.payload.split_off(number(head)?);
                let head = std::mem::replace(&mut incoming.payload, payload);
                incoming.read_head(&String::from_utf8_lossy(&head));
            }
            // A delivery keeps the subject that it was published to. An answer to an earlier
            // request, for which nobody waits any more, is dropped.
            if incoming.subject == inbox || incoming.reply.starts_with("$JS.ACK.") {
                return Ok(incoming);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().into())
    }

    /// So many bytes, and the line's end behind them.
    fn bytes(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; count + 2];
        self.stream.read_exact(&mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }
}

impl Incoming {
    /// Reads `NATS/1.0 404 No Messages` and the headers behind it.
    fn read_head(&mut self, head: &str) {
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        self.status = status.and_then(|status| status.parse().ok());
        for line in lines {
            if let Some((name, value)) = line.split_once(':') {
                self.headers.push((name.into(), value.trim().into()));
            }
        }
    }
}

fn number(word: &str) -> Result<usize> {
    word.parse().map_err(|_| Error::other(format!("`{word}` is no number")))
}
