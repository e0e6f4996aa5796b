//! Chromedriver, spoken to as the W3C's WebDriver standard says: a request with JSON each.
//!
//! The libraries for this bring some fifty crates, and this is all that the tests need of them.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

/// How long one command may take: opening a page included.
const COMMAND_MAX: Duration = Duration::from_secs(60);

/// A running chromedriver with one browser; both end with this value.
pub(crate) struct Driver {
    process: Child,
    /// Host and port.
    address: String,
    session: String,
}

impl Driver {
    /// Starts chromedriver on a free port, and a headless browser of 1280 by 900 pixels.
    pub(crate) fn start() -> Self {
        let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let output = BufReader::new(process.stdout.take().expect("its output is piped"));
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let address = format!("127.0.0.1:{}", port.expect("chromedriver says its port"));
        let mut driver = Self { process, address, session: String::new() };
        let reply = driver.send("POST", "/session", &capabilities());
        let id = reply["sessionId"].as_str().unwrap_or_else(|| panic!("no browser: {reply}"));
        driver.session = format!("/session/{id}");
        driver
    }

    /// Sends a command of the session; answers its value, or `{"error": …}`.
    pub(crate) fn command(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("{}{path}", self.session), body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.exchange(method, path, &body.to_string());
        let mut reply: Value =
            reply.unwrap_or_else(|error| panic!("chromedriver at {path}: {error}"));
        reply["value"].take()
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(COMMAND_MAX))?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes())?;
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(':') {
                Some(("content-length", value)) => {
                    length = value.trim().parse().unwrap_or_default()
                }
                Some(_) => {}
                None if line.is_empty() => break,
                None => {}
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// A killed driver leaves its browser behind, so the browser is told to go first.
impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.exchange("DELETE", &self.session, "{}");
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn capabilities() -> Value {
    let mut options = json!({
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ]
    });
    if let Some(chromium) = std::env::var_os("CHROMIUM") {
        options["binary"] = json!(chromium.to_string_lossy());
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
    } } })
}
