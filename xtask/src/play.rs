//! `cargo xtask play`: the page and the service, from nothing to a running browser tab.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::Failure;
use crate::page::{self, Beside};
use crate::ports;
use crate::steps::Stopwatch;
use crate::workspace::{built_program, cannot_start};

/// The word with which this program starts itself to open the browser later.
pub(crate) const OPEN_WHEN_READY: &str = "open-when-ready";

const OPEN_WAIT_MAX: Duration = Duration::from_secs(30);
const OPEN_POLL: Duration = Duration::from_millis(50);

/// What the command line asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    port: u16,
    open: bool,
}

impl Options {
    pub(crate) fn parse(arguments: &[&str]) -> Result<Self, Failure> {
        let mut options = Self { port: ports::DEFAULT, open: true };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match *argument {
                "--no-open" => options.open = false,
                "--port" => options.port = parse_port(rest.next().copied().unwrap_or_default())?,
                other => match other.strip_prefix("--port=") {
                    Some(port) => options.port = parse_port(port)?,
                    None => {
                        return Err(Failure::new(
                            format!("`play` has no option `{other}`"),
                            "use cargo xtask play [--port N] [--no-open]",
                        ));
                    }
                },
            }
        }
        Ok(options)
    }
}

fn parse_port(text: &str) -> Result<u16, Failure> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
        Failure::new(
            format!("`{text}` is not a port"),
            "give a number from 1 to 65535 after --port",
        )
    })
}

/// Builds what is not built yet, then becomes the service.
pub(crate) fn play(options: &Options) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    ports::check_free(options.port)?;
    let dist = page::build(Beside::Service)?;
    println!("==> starting the service ({} since the start)", watch.elapsed());
    if options.open {
        spawn_opener(options.port);
    }
    let mut service = Command::new(built_program("notification-demo")?);
    service.args(["--port", &options.port.to_string()]).arg("--page").arg(dist);
    become_service(service)
}

/// On Unix the service takes this process over, so that Ctrl-C, `kill` and the exit status are its own.
#[cfg(unix)]
fn become_service(mut service: Command) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt;
    let error = service.exec();
    Err(cannot_start(&service, &error))
}

#[cfg(not(unix))]
fn become_service(mut service: Command) -> Result<(), Failure> {
    crate::workspace::run(&mut service, "the service's own lines above say why")
}

/// Leaves a small process behind that opens the browser as soon as the service answers.
/// A machine without a browser is no reason to fail: the address is on the screen.
fn spawn_opener(port: u16) {
    if let Ok(this_program) = std::env::current_exe() {
        let _ = Command::new(this_program)
            .args([OPEN_WHEN_READY, &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    }
}

/// Waits until the service listens, then opens the page.
#[expect(clippy::disallowed_methods, reason = "it waits for another process")]
pub(crate) fn open_when_ready(port: &str) -> Result<(), Failure> {
    let port = parse_port(port)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let watch = Stopwatch::start();
    while TcpStream::connect_timeout(&address, OPEN_POLL).is_err() {
        if watch.elapsed().0 > OPEN_WAIT_MAX {
            return Ok(());
        }
        std::thread::sleep(OPEN_POLL);
    }
    let url = format!("http://127.0.0.1:{port}");
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let _ = Command::new(program).args(arguments).arg(url).status();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_are_checked() {
        assert_eq!(Options::parse(&[]), Ok(Options { port: 8080, open: true }));
        assert_eq!(
            Options::parse(&["--no-open", "--port", "9000"]),
            Ok(Options { port: 9000, open: false })
        );
        assert_eq!(Options::parse(&["--port=65535"]), Ok(Options { port: 65535, open: true }));
        for wrong in [&["--port"] as &[&str], &["--port", "0"], &["--port", "65536"], &["--prot"]] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
