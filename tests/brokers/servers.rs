//! Starts the real servers, each on a free port of the loopback and in a folder of its own.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{sleep, timeout};

/// How long a server may take until it answers.
const START_MAX: Duration = Duration::from_secs(90);

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(100);

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("postroom-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A program that ends with this value.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running nats-server with JetStream.
pub(crate) struct NatsServer {
    pub(crate) port: u16,
    pub(crate) version: String,
    // In the order in which they go.
    program: Program,
    folder: Folder,
}

impl NatsServer {
    /// Starts the one that `NATS_SERVER` names, else the one on PATH.
    pub(crate) async fn start() -> Self {
        let program = nats_program();
        let said = Command::new(&program).arg("--version").output().unwrap_or_else(|error| {
            panic!(
                "{} does not start: {error}; `cargo xtask test --only brokers` gets it",
                program.display()
            )
        });
        let version = String::from_utf8_lossy(&said.stdout).trim().replace("nats-server: ", "");
        let port = free_port();
        let folder = Folder::new(&format!("nats-{port}"));
        let program = run_nats(port, &folder).await;
        Self { port, version, program, folder }
    }

    /// Kills it and starts it again, with what it has on disk.
    pub(crate) async fn kill_and_restart(&mut self) {
        drop(self.program.0.kill());
        drop(self.program.0.wait());
        self.program = run_nats(self.port, &self.folder).await;
    }
}

fn nats_program() -> std::ffi::OsString {
    std::env::var_os("NATS_SERVER").unwrap_or_else(|| "nats-server".into())
}

async fn run_nats(port: u16, folder: &Folder) -> Program {
    let log = fs::File::create(folder.0.join("log")).expect("a log file");
    let child = Command::new(nats_program())
        .args(["--jetstream", "--addr", "127.0.0.1", "--port", &port.to_string()])
        .arg("--store_dir")
        .arg(&folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    let mut program = Program(child.expect("nats-server starts"));
    answers("nats-server", port, &mut program, &folder.0.join("log")).await;
    program
}

/// A running RabbitMQ, with a name, a cookie and a port mapper of its own.
pub(crate) struct RabbitServer {
    pub(crate) port: u16,
    // In the order in which they go.
    _program: Program,
    _mapper: Program,
    folder: Folder,
}

impl RabbitServer {
    /// Starts the one that `RABBITMQ_SERVER` names, else the one of Debian's package.
    pub(crate) async fn start() -> Self {
        // The script on PATH would want to become another user.
        let program = std::env::var_os("RABBITMQ_SERVER")
            .unwrap_or_else(|| "/usr/lib/rabbitmq/bin/rabbitmq-server".into());
        let folder = Folder::new("rabbitmq");
        let home = |name: &str| folder.0.join(name);
        let [port, distribution, mapper_port] = [free_port(), free_port(), free_port()];
        fs::write(home("plugins"), "[].").expect("a file for the plugins");
        fs::write(
            home("rabbitmq.conf"),
            "listeners.tcp.local = 127.0.0.1:".to_owned() + &port.to_string() + "\n",
        )
        .expect("a file for the settings");
        let own = [("HOME", folder.0.as_os_str()), ("ERL_EPMD_ADDRESS", "127.0.0.1".as_ref())];
        let mapper = Command::new("epmd")
            .args(["-port", &mapper_port.to_string()])
            .envs(own)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mapper = Program(mapper.expect("epmd starts: it comes with Erlang"));
        let log = fs::File::create(home("output")).expect("a file for the output");
        let child = Command::new(program)
            .envs(own)
            .env("ERL_EPMD_PORT", mapper_port.to_string())
            .env("RABBITMQ_NODENAME", format!("postroom-{}@localhost", std::process::id()))
            .env("RABBITMQ_DIST_PORT", distribution.to_string())
            .env("RABBITMQ_CONFIG_FILE", home("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", home("plugins"))
            .env("RABBITMQ_MNESIA_BASE", home("data"))
            .env("RABBITMQ_LOG_BASE", home("log"))
            .env("RABBITMQ_PID_FILE", home("pid"))
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "+sbwt none")
            // Without a shell in between, so that it ends with its process.
            .env("RABBITMQ_ALLOW_INPUT", "true")
            .env("RUNNING_UNDER_SYSTEMD", "true")
            .arg("-noinput")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn();
        let mut program =
            Program(child.expect("RabbitMQ starts: `cargo xtask test --only brokers` gets it"));
        answers("RabbitMQ", port, &mut program, &home("output")).await;
        Self { port, _program: program, _mapper: mapper, folder }
    }

    /// What it says of itself when it has started.
    pub(crate) fn version(&self) -> String {
        let said = fs::read_to_string(self.folder.0.join("output")).unwrap_or_default();
        let version = said.split_whitespace().skip_while(|word| !word.contains("RabbitMQ")).nth(1);
        version.map_or_else(|| format!("does not say its version: {said}"), Into::into)
    }
}

/// Waits until somebody listens on the port.
async fn answers(name: &str, port: u16, program: &mut Program, log: &Path) {
    let listening = async {
        loop {
            let ended = program.0.try_wait().ok().flatten();
            if ended.is_some() || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return ended.is_none();
            }
            sleep(PAUSE).await;
        }
    };
    if !timeout(START_MAX, listening).await.unwrap_or(false) {
        panic!("{name} does not answer:\n{}", fs::read_to_string(log).unwrap_or_default());
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}
