//! The connections.

use std::{
    convert::Infallible,
    future::Future,
    io::{Error, ErrorKind},
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

use crate::{http::app, settings::Settings, state::AppState};

/// Bytes of a request's head.
const HEAD_MAX: usize = 32 << 10;
/// Bytes that the system keeps for a client that does not read. Left to itself it keeps megabytes.
const SEND_BUFFER: u32 = 256 << 10;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1_024;
/// After a failure to accept that is not one connection's own (no file descriptors left, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why no port was taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program has it.
    #[error("port {port} is in use: stop the program that uses it, or choose another with --port")]
    InUse {
        /// The port.
        port: u16,
    },
    /// The system's reason.
    #[error("port {port} cannot be used ({error}): choose another with --port")]
    Other {
        /// The port.
        port: u16,
        /// What the system says.
        error: Error,
    },
}

/// Takes a port of this machine's own address, 127.0.0.1; port 0 takes any that is free.
///
/// # Errors
/// As [`BindError`] says.
///
/// # Panics
/// Outside a tokio runtime.
pub fn bind(port: u16) -> Result<TcpListener, BindError> {
    listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => BindError::InUse { port },
        _ => BindError::Other { port, error },
    })
}

fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let socket = TcpSocket::new_v4()?;
    // Elsewhere it would let two programs have the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answers requests until `end`, then lets what is under way finish and stops the system.
pub async fn serve(listener: TcpListener, state: AppState, end: impl Future<Output = ()>) {
    let routes = app(state.clone());
    let places = Arc::new(Semaphore::new(state.settings.connections_max));
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut end => break,
        };
        let Some((stream, place)) = accepted else { break };
        let connection = connection(stream, routes.clone(), &state.settings);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks concerns nobody but its client.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    state.close_streams();
    let _ = tokio::time::timeout(state.settings.shutdown_grace, graceful.shutdown()).await;
    state.shutdown().await;
}

/// The next connection, once there is a place for it; none if there never will be one.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small: waiting to fill a packet would only delay them.
                let _ = stream.set_nodelay(true);
                return Some((stream, place));
            }
            Err(error) if is_the_clients(&error) => {}
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

fn is_the_clients(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

fn connection(
    stream: TcpStream,
    routes: Router,
    settings: &Settings,
) -> impl GracefulConnection + use<> {
    // Who asks and does not read would keep a place for ever.
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(settings.write_timeout));
    let service = service_fn(move |request: Request<Incoming>| {
        let routes = routes.clone();
        async move {
            let Ok(response) = routes.oneshot(request.map(Body::new)).await;
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_timeout)
        .max_header_size(HEAD_MAX)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// More than the system takes in, on both sides, for a client that does not read.
    const LARGE: usize = 32 << 20;
    /// No wait is longer; what takes so long has failed.
    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn a_client_that_asks_and_does_not_read_loses_its_place() {
        let page = std::env::temp_dir().join(format!("postroom-deaf-{}", std::process::id()));
        std::fs::create_dir_all(&page).unwrap();
        std::fs::write(page.join("large"), vec![0; LARGE]).unwrap();
        let settings = Settings {
            page: page.clone(),
            connections_max: 1,
            write_timeout: Duration::from_millis(200),
            ..Settings::default()
        };
        let listener = bind(0).unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::start(settings).unwrap();
        tokio::spawn(serve(listener, state, std::future::pending()));

        let ask = |path: &str| {
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
        };
        let mut deaf = TcpStream::connect(address).await.unwrap();
        deaf.write_all(ask("/large").as_bytes()).await.unwrap();
        deaf.readable().await.unwrap();
        // There is one place, and the client above has it.
        let mut other = TcpStream::connect(address).await.unwrap();
        other.write_all(ask("/healthz").as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = other.read_to_string(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.expect("a place becomes free").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let mut rest = Vec::new();
        // That it was cut off may show as an error.
        let _ = deaf.read_to_end(&mut rest).await;
        assert!(rest.len() < LARGE, "its answer was not sent to the end");
        // What is left in the folder for temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&page);
    }
}
