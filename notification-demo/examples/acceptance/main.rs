//! The service at work, in full: a thousand notifications at a time, with the demonstration's own
//! times, over real sockets. It takes about four minutes and ends with an error if anything is
//! lost, doubled without cause, or held up.
//!
//! ```text
//! cargo run --package notification-demo --example acceptance            # everything
//! cargo run --package notification-demo --example acceptance -- latency # one part
//! ```

mod client;
mod latency;
mod outage;

use std::error::Error;

use notification_demo::{AppState, Settings, bind, serve};

use crate::client::Client;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let part = std::env::args().nth(1);
    let wants = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if wants("outage") {
        let mut client = start().await?;
        outage::healthy(&mut client).await?;
        for mode in ["hang", "fail"] {
            outage::breaks_and_heals(&mut client, mode).await?;
        }
        outage::flaky(&mut client).await?;
    }
    if wants("latency") {
        latency::measure(&mut start().await?).await?;
    }
    Ok(())
}

/// A service of its own for each part, and a client for it.
async fn start() -> Outcome<Client> {
    let listener = bind(0)?;
    let address = listener.local_addr()?;
    let state = AppState::start(Settings::default())?;
    tokio::spawn(serve(listener, state, std::future::pending()));
    Client::connect(address).await
}

/// Ends the run unless this holds.
fn check(holds: bool, claim: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(format!("this does not hold: {}", claim()).into()) }
}
