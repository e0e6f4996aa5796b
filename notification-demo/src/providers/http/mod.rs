//! Requests to other services: no redirect is followed, and no more is read than was agreed.

mod answer;
mod reach;
mod target;

use std::{io, net::SocketAddr, sync::Arc};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use postroom_core::Outcome;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

pub(super) use self::{answer::Answer, reach::Reach, target::Target};
use super::Handover;

/// Bytes of an answer's head, and of its body: who sends more is cut off.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Makes requests, each on a connection of its own, which ends when the request is dropped.
pub(super) struct Client {
    tls: TlsConnector,
    reach: Reach,
}

impl Client {
    /// # Errors
    /// Text that says what this machine lacks.
    pub(super) fn new(reach: Reach) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("has no root certificates to check others by: install the system's \
                        package `ca-certificates`, or name a file in SSL_CERT_FILE"
                .into());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("has no protocol to encrypt with: {error}"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), reach })
    }

    /// Posts `body` to `target`.
    ///
    /// # Errors
    /// [`Outcome::Permanent`] when the target is out of reach, [`Outcome::Transient`] when the
    /// request was certainly not made, [`Outcome::Ambiguous`] when it may have been.
    pub(super) async fn post(
        &self,
        target: &Target,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        body: Vec<u8>,
        handover: &Handover,
    ) -> Result<Answer, Outcome> {
        let mut request = Request::post(target.path())
            .header("host", target.authority())
            .header("connection", "close");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| Outcome::Permanent)?;
        let stream = self.connect(target).await?;
        if !target.is_encrypted() {
            return exchange(stream, request, handover).await;
        }
        let name = ServerName::try_from(target.host().to_owned());
        let name = name.map_err(|_| Outcome::Permanent)?;
        let stream = self.tls.connect(name, stream).await.map_err(|_| Outcome::Transient)?;
        exchange(stream, request, handover).await
    }

    /// Looks a name up once, and connects to nothing but what it was found to be.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Outcome> {
        let found = lookup_host((target.host(), target.port())).await;
        let found: Vec<SocketAddr> = found.map_err(|_| Outcome::Transient)?.collect();
        if !found.iter().all(|address| self.reach.allows(address.ip())) {
            return Err(Outcome::Permanent);
        }
        let stream = TcpStream::connect(found.as_slice()).await;
        let no_delay = |stream: TcpStream| -> io::Result<TcpStream> {
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        stream.and_then(no_delay).map_err(|_| Outcome::Transient)
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    handover: &Handover,
) -> Result<Answer, Outcome> {
    let mut builder = http1::Builder::new();
    let shaken = builder.max_buf_size(ANSWER_BYTES_MAX).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|_| Outcome::Transient)?;
    let mut task = JoinSet::new();
    task.spawn(async move {
        // How a connection ends is seen in its answer.
        let _ = connection.await;
    });
    handover.begin();
    let response = sender.send_request(request).await.map_err(|_| Outcome::Ambiguous)?;
    let (head, body) = response.into_parts();
    if head.status.is_success() {
        // Nobody asks for more, and who drips here cannot make a success of it doubtful.
        return Ok(Answer { head, body: Bytes::new() });
    }
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    // The status says enough where the text is too long, or breaks off.
    Ok(Answer { head, body: body.map(|body| body.to_bytes()).unwrap_or_default() })
}

#[cfg(test)]
pub(super) mod tests;
