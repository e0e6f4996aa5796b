//! The Python programs on the other side.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// No wait of a test is longer; what takes so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running peer. It ends with this value.
pub(crate) struct Peer {
    /// What it said first: its port, and what only it knows.
    pub(crate) about: Value,
    /// A folder of its own; `authority.pem` in it vouches for the peer, if it is encrypted.
    pub(crate) folder: PathBuf,
    lines: Lines<BufReader<ChildStdout>>,
    /// What was read already and not asked for.
    left: Vec<Value>,
    program: Child,
}

impl Peer {
    /// Starts one; its libraries are in the folder that `PROVIDER_PEERS` names.
    pub(crate) async fn start(kind: &str) -> Self {
        let libraries = std::env::var_os("PROVIDER_PEERS").unwrap_or_else(|| {
            panic!("PROVIDER_PEERS names no folder: `cargo xtask test --only providers` gets it")
        });
        let folder = own_folder(kind);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/providers/peers.py");
        let mut program = Command::new("python3")
            .arg(script)
            .arg(kind)
            .arg(&folder)
            .env("PYTHONPATH", libraries)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Python 3 starts");
        let mut lines = BufReader::new(program.stdout.take().expect("its output")).lines();
        let about = next(&mut lines).await;
        Self { about, folder, lines, left: Vec::new(), program }
    }

    pub(crate) fn port(&self) -> u64 {
        self.about["port"].as_u64().expect("a port")
    }

    /// Waits until it has said so many things of this kind.
    pub(crate) async fn says(&mut self, count: usize, kind: impl Fn(&Value) -> bool) -> Vec<Value> {
        let (mut found, others) = self.left.drain(..).partition::<Vec<_>, _>(&kind);
        self.left = others;
        while found.len() < count {
            let said = next(&mut self.lines).await;
            if kind(&said) { found.push(said) } else { self.left.push(said) }
        }
        found
    }

    /// Ends it: whatever it said before, and nobody asked for, is a failure.
    pub(crate) async fn says_nothing_more(mut self) {
        self.program.kill().await.expect("it can be ended");
        while let Some(line) = self.lines.next_line().await.expect("its output") {
            self.left.push(line.into());
        }
        assert!(self.left.is_empty(), "{:?}", self.left);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    let line = timeout(PATIENCE, lines.next_line()).await.expect("the peer says something");
    let line = line.expect("its output").expect("the peer goes on: its complaint is above");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// A new one for each call.
pub(crate) fn own_folder(kind: &str) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("postroom-{kind}-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
}
