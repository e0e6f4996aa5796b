//! The service as a program.

use std::{path::PathBuf, process::Stdio, time::Duration};

use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{interval, timeout},
};

use crate::peer::{PATIENCE, Peer, own_folder};

/// A running service. It ends with this value.
pub(crate) struct Service {
    address: String,
    _program: Child,
}

impl Service {
    /// Starts it with these providers; it trusts the authority that vouches for the peer.
    pub(crate) async fn start(providers: &Value, peer: &Peer) -> Self {
        let mut command = command(providers);
        let authority = peer.folder.join("authority.pem");
        if authority.exists() {
            command.env("SSL_CERT_FILE", authority);
        }
        let mut program = command.stdout(Stdio::piped()).spawn().expect("the service starts");
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.expect("it gets ready");
        let line = line.expect("its output").expect("it goes on: its complaint is above");
        let address = line.strip_prefix("ready http://").expect("its address").to_owned();
        Self { address, _program: program }
    }

    /// What it complains about instead of starting.
    pub(crate) async fn refuses(providers: &Value) -> String {
        let output = timeout(PATIENCE, command(providers).output()).await.expect("it ends");
        let output = output.expect("the service starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    /// Sends a notification to these addresses; its id.
    pub(crate) async fn notify(&self, addresses: &Value) -> String {
        let mut to = addresses.clone();
        to["user"] = "ada".into();
        let body = json!({
            "to": to, "event": "books_arrived", "severity": "normal", "title": "Zwölf Bücher sind da",
            "body": "Komm vorbei.\n– Dein Laden",
        });
        let (status, answer) = self.ask(Method::POST, "/v1/notifications", &body).await;
        assert_eq!(status, 202, "{answer}");
        answer["id"].as_str().expect("an id").to_owned()
    }

    /// Waits until a notification's only delivery has ended: its state, and how its calls ended.
    pub(crate) async fn settled(&self, id: &str) -> Value {
        let delivery = self.delivery(id, |delivery| {
            ["sent", "dead_lettered"].contains(&delivery["state"].as_str().unwrap_or(""))
        });
        let delivery = delivery.await;
        let attempts = delivery["attempts"].as_array().expect("attempts");
        let outcomes = attempts.iter().map(|attempt| attempt["outcome"].clone());
        json!([delivery["state"], outcomes.collect::<Vec<_>>()])
    }

    /// Waits until the first call has ended: how.
    pub(crate) async fn first_attempt(&self, id: &str) -> Value {
        let ended = |delivery: &Value| delivery["attempts"][0]["outcome"].is_string();
        self.delivery(id, ended).await["attempts"][0]["outcome"].clone()
    }

    async fn delivery(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let waiting = async {
            let mut pause = interval(Duration::from_millis(20));
            loop {
                pause.tick().await;
                let view = self.get(&format!("/v1/notifications/{id}")).await;
                if is_so(&view["deliveries"][0]) {
                    return view["deliveries"][0].clone();
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("the delivery gets there")
    }

    /// Id and reason of each, the oldest first.
    pub(crate) async fn dead_letters(&self, channel: &str) -> Value {
        let all = self.get(&format!("/v1/channels/{channel}/dead-letters")).await;
        let all = all["dead_letters"].as_array().expect("dead letters");
        all.iter().map(|dead| json!([dead["notification"], dead["reason"]])).collect()
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let stream = TcpStream::connect(&self.address).await.expect("a connection");
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.address)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        let answered = async {
            let response = sender.send_request(request).await.expect("an answer");
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.expect("its body").to_bytes();
            (status, serde_json::from_slice(&body).expect("JSON"))
        };
        tokio::select! {
            answer = answered => answer,
            error = connection => panic!("the connection ended: {error:?}"),
        }
    }
}

/// The program that was built beside this test, with a file of providers.
fn command(providers: &Value) -> Command {
    let test = std::env::current_exe().expect("this program's place");
    let program: PathBuf = test.ancestors().nth(2).expect("its folder").join("notification-demo");
    assert!(
        program.with_extension(std::env::consts::EXE_EXTENSION).exists(),
        "{} is not built: `cargo xtask test --only providers` builds it",
        program.display()
    );
    let file = own_folder("providers").join("providers.json");
    std::fs::write(&file, providers.to_string()).expect("a file of providers");
    let mut command = Command::new(program);
    command.args(["--port", "0", "--providers"]).arg(file);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}
