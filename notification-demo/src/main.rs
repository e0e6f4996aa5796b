//! Starts the notification service on this machine's own address.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use notification_demo::{AppState, Settings, bind, providers::Providers, serve};
use postroom_runtime::Stop;

/// A notification service in which a failing channel never blocks the others.
///
/// It listens on 127.0.0.1 only, delivers to built-in sinks unless it is given providers, and keeps
/// everything in memory.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder with the page's files.
    #[arg(long, default_value = "dist")]
    page: PathBuf,
    /// A JSON file with the real providers of each channel. It holds secrets: keep it from others.
    #[arg(long)]
    providers: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let listener = bind(arguments.port)?;
    let port = listener.local_addr()?.port();
    let providers = match &arguments.providers {
        None => Providers::default(),
        Some(file) => read_providers(file)?,
    };
    let settings = Settings { page: arguments.page, providers, ..Settings::default() };
    let state = AppState::start(settings)?;
    println!("ready http://127.0.0.1:{port}");
    let watched = state.clone();
    serve(listener, state.clone(), async move {
        tokio::select! {
            () = asked_to_stop() => {}
            _ = watched.stopped() => {}
        }
    })
    .await;
    match state.stopped().await {
        Stop::Shutdown => Ok(()),
        Stop::Panicked => Err("the notification system broke: start the service again".into()),
    }
}

fn read_providers(file: &Path) -> Result<Providers, String> {
    let problem = |error: &dyn Display| format!("--providers {}: {error}", file.display());
    let text = std::fs::read(file).map_err(|error| problem(&error))?;
    serde_json::from_slice(&text).map_err(|error| problem(&error))
}

/// Returns on Ctrl-C, and on SIGTERM where there is such a thing.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
