//! Starts the service and speaks HTTP with it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Body, Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use notification_demo::{AppState, Settings, bind, serve};
use postroom_core::Span;
use postroom_notification::{Channel, NewNotification, NotificationSystem, demo_notification};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use crate::documented;

/// No wait of a test is longer; what takes so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// The demonstration's settings with every time a twentieth or less.
pub(crate) fn scaled() -> Settings {
    let mut system = NotificationSystem::default();
    for channel in Channel::ALL {
        let config = system.channel_mut(channel);
        config.backoff.base = Span::from_millis(20);
        config.backoff.cap = Span::from_millis(200);
        config.deliver_within = Some(Span::from_millis(1_500));
        config.lease = Span::from_millis(1_000);
        config.consumer.call_timeout = Span::from_millis(100);
        if let Some(breaker) = &mut config.consumer.breaker {
            breaker.open = Span::from_millis(150);
        }
    }
    Settings { system, slow: Duration::from_millis(20), ..Settings::default() }
}

/// A running service. It stops when this is dropped.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) state: AppState,
    pub(crate) page: PathBuf,
    end: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<()>>,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let page = std::env::temp_dir().join(format!("postroom-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&page).unwrap();
        let mut settings = Settings { page: page.clone(), ..scaled() };
        change(&mut settings);
        let listener = bind(0).unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::start(settings).unwrap();
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(serve(listener, state.clone(), async {
            let _ = ended.await;
        }));
        Self { address, state, page, end: Some(end), served: Some(served) }
    }

    /// Asks the service to stop, and returns when it has.
    pub(crate) async fn stop(mut self) {
        self.end.take();
        let served = self.served.take().unwrap();
        tokio::time::timeout(PATIENCE, served).await.expect("the service stops").unwrap();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[JSON], &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, &[JSON], &body.to_string()).await
    }

    /// Sends a request and checks that its answer is a documented one.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(&method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let answer = exchange(self.address, request.body(body).unwrap()).await;
        documented::check(&method, path, &answer);
        answer
    }

    /// Sends bytes as they are and returns everything that comes back until the service closes
    /// the connection.
    pub(crate) async fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.expect("the connection closes").unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Sends the nth made-up notification; its id.
    pub(crate) async fn notify(&self, number: u64) -> String {
        let answer = self.post("/v1/notifications", &body(&demo_notification(number))).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn set_fault(&self, channel: Channel, mode: &str) {
        let path = format!("/v1/channels/{channel}/fault");
        assert_eq!(self.put(&path, &json!({ "mode": mode })).await.status, 204);
    }

    pub(crate) async fn redrive(&self, channel: Channel, body: Value) -> Value {
        let path = format!("/v1/channels/{channel}/dead-letters/redrive");
        self.post(&path, &body).await.ok()
    }

    pub(crate) async fn channel(&self, channel: Channel) -> Value {
        let all = self.get("/v1/channels").await.ok();
        let channels = all["channels"].as_array().unwrap();
        channels.iter().find(|c| c["channel"] == channel.name()).unwrap().clone()
    }

    pub(crate) async fn inbox(&self, channel: Channel) -> Value {
        self.get(&format!("/v1/inbox?channel={channel}")).await.ok()
    }

    pub(crate) async fn inbox_count(&self, channel: Channel) -> u64 {
        let path = format!("/v1/inbox?channel={channel}&limit=1");
        self.get(&path).await.ok()["count"].as_u64().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.page);
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body of a 200.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem of this kind, and returns the fields that it names.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Vec<String> {
        assert_eq!(self.status, status, "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems#{kind}"));
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

/// One request on a connection of its own, which closes when this is dropped.
pub(crate) async fn exchange<B>(address: SocketAddr, request: Request<B>) -> Answer
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: std::error::Error + Send + Sync,
{
    let answer = async {
        let opened = open(address, request).await;
        let (parts, body) = opened.response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    };
    tokio::time::timeout(PATIENCE, answer).await.expect("an answer in time")
}

/// An answer that has begun. Its connection closes when this is dropped.
pub(crate) struct Opened {
    pub(crate) response: Response<Incoming>,
    _connection: JoinSet<()>,
}

/// Sends a request and returns as soon as the answer begins.
pub(crate) async fn open<B>(address: SocketAddr, request: Request<B>) -> Opened
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: std::error::Error + Send + Sync,
{
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        // How a connection ends is seen in its answer.
        let _ = connection.await;
    });
    Opened { response: sender.send_request(request).await.unwrap(), _connection: task }
}

/// A notification as a request's body.
pub(crate) fn body(new: &NewNotification) -> Value {
    let mut body = serde_json::to_value(new).unwrap();
    let members = body.as_object_mut().unwrap();
    members.remove("tenant");
    members.remove("idempotency");
    body
}

/// Asks until the answer is yes.
pub(crate) async fn eventually(what: &str, mut ask: impl AsyncFnMut() -> bool) {
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    let waiting = async {
        while !ask().await {
            pause.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}
