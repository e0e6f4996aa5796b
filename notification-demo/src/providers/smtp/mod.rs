//! E-mail over SMTP (RFC 5321).

mod mail;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use lettre::{
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use postroom_core::{Outcome, Span, millis};
use serde::Deserialize;
use tokio::time::timeout;

use self::mail::Draft;
use super::{Carrier, Handover, Letter, Secret};

/// A relay's port for a connection that is encrypted from its first byte.
const PORT_TLS: u16 = 465;
/// A relay's port for a connection that becomes encrypted (STARTTLS).
const PORT_STARTTLS: u16 = 587;
/// A relay's port for a connection that stays open to read.
const PORT_PLAIN: u16 = 25;
/// A relay that has taken a message is given so long to say goodbye.
const PARTING_MAX: Duration = Duration::from_secs(5);

/// A relay that takes e-mail over SMTP.
///
/// A reply of 4xx is tried again, one of 5xx to the message itself is final. Whatever goes wrong
/// before, such as a refused login, is tried again: it is not the message's fault. An attempt that
/// is repeated carries the same `Message-ID`, by which mailboxes recognise it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// The relay's name or address.
    pub host: String,
    /// Its port. Default 465, 587 or 25, as `tls` says.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted. Default `starttls`.
    #[serde(default)]
    pub tls: SmtpTls,
    /// Who logs in; nobody if absent. Needs a password, and encryption.
    #[serde(default)]
    pub user: Option<String>,
    /// The user's password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Who writes: `shop@example.org` or `The shop <shop@example.org>`.
    pub from: String,
    /// How long a whole call may take. 1 ms to 5 min, default 30 s.
    #[serde(default = "timeout_default", rename = "timeout_ms", with = "millis")]
    pub timeout: Span,
}

/// How a connection to a relay is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// It begins open and must become encrypted; a relay that offers no STARTTLS gets no message.
    #[default]
    Starttls,
    /// From its first byte.
    Implicit,
    /// Not at all: for a relay on the same machine. There is no login over it.
    None,
}

fn timeout_default() -> Span {
    Span::from_secs(30)
}

/// Sends e-mail through one relay, a connection for each.
pub(super) struct Smtp {
    host: String,
    port: u16,
    tls: SmtpTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    hello: ClientId,
    timeout: Duration,
}

impl Smtp {
    /// # Errors
    /// The setting that is wrong, and what to give.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, String> {
        if config.host.is_empty() {
            return Err("host: is empty: give the relay's name".into());
        }
        let from: Mailbox = config.from.parse().map_err(|error| {
            format!("from: is no sender ({error}): give one such as `The shop <shop@example.org>`")
        })?;
        let parameters = match config.tls {
            SmtpTls::None => None,
            SmtpTls::Starttls | SmtpTls::Implicit => {
                let parameters = TlsParameters::new(config.host.clone());
                Some(parameters.map_err(|error| format!("host: allows no encryption: {error}"))?)
            }
        };
        let credentials = match (&config.user, &config.password) {
            (None, None) => None,
            (Some(_), Some(_)) if config.tls == SmtpTls::None => {
                return Err("tls: is `none`, and a password must not travel open: give \
                            `starttls` or `implicit`, or leave out `user` and `password`"
                    .into());
            }
            (Some(user), Some(password)) => {
                Some(Credentials::new(user.clone(), password.reveal().to_owned()))
            }
            _ => return Err("user: needs `password`, and the other way round: give both".into()),
        };
        Ok(Self {
            host: config.host.clone(),
            port: config.port.unwrap_or(match config.tls {
                SmtpTls::Starttls => PORT_STARTTLS,
                SmtpTls::Implicit => PORT_TLS,
                SmtpTls::None => PORT_PLAIN,
            }),
            tls: config.tls,
            parameters,
            credentials,
            hello: ClientId::Domain(from.email.domain().to_owned()),
            from,
            timeout: super::checked_timeout(config.timeout)?,
        })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let implicit = self.parameters.clone().filter(|_| self.tls == SmtpTls::Implicit);
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, implicit, None).await?;
        if let (SmtpTls::Starttls, Some(parameters)) = (self.tls, &self.parameters) {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }

    async fn send(&self, draft: Draft, handover: &Handover) -> Outcome {
        // Whatever fails until here would fail every other message as well.
        let Ok(mut connection) = self.connect().await else { return Outcome::Transient };
        let sent = transfer(&mut connection, draft, handover).await;
        match sent {
            Ok(()) => {
                part(connection);
                Outcome::Delivered
            }
            Err(error) if error.is_permanent() => Outcome::Permanent,
            Err(error) if error.is_transient() => Outcome::Transient,
            Err(_) if handover.has_begun() => Outcome::Ambiguous,
            Err(_) => Outcome::Transient,
        }
    }
}

/// Says goodbye, as the protocol asks. Nobody waits for it: the relay has taken the message, and may
/// be slow to part.
fn part(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move {
        let _ = timeout(PARTING_MAX, connection.quit()).await;
    });
}

async fn transfer(
    connection: &mut AsyncSmtpConnection,
    draft: Draft,
    handover: &Handover,
) -> Result<(), Error> {
    connection.command(Mail::new(Some(draft.from), Vec::new())).await?;
    connection.command(Rcpt::new(draft.to, Vec::new())).await?;
    connection.command(Data).await?;
    handover.begin();
    connection.message(&draft.bytes).await?;
    Ok(())
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.host, self.port)
    }
}

impl Carrier for Smtp {
    fn deliver<'a>(&'a self, letter: &'a Letter, handover: &'a Handover) -> BoxFuture<'a, Outcome> {
        async move {
            match Draft::new(&self.from, letter) {
                Some(draft) => self.send(draft, handover).await,
                None => Outcome::Permanent,
            }
        }
        .boxed()
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Mailboxes recognise it by the `Message-ID`.
    fn may_resend(&self) -> bool {
        true
    }
}
