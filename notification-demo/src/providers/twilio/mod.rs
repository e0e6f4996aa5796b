//! SMS over an HTTP API of Twilio's shape (2010-04-01).

#[cfg(test)]
mod tests;
mod verdict;

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::{FutureExt as _, future::BoxFuture};
use postroom_core::{Outcome, Span, millis};
use postroom_notification::{Content, PhoneNumber};
use serde::Deserialize;

use super::{
    Carrier, Handover, Letter, Secret,
    http::{Client, Reach, Target},
};

/// Characters in a message; the API refuses more.
const TEXT_CHARS_MAX: usize = 1_600;

/// A service that sends SMS over an HTTP API of Twilio's shape.
///
/// The API recognises no resend: after a call of which nobody knows how it ended, a second one may
/// be a second SMS. What happens then is `after_unknown`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioConfig {
    /// Where the API is. Default `https://api.twilio.com`.
    #[serde(default = "url_default")]
    pub url: String,
    /// The account: `AC…`.
    pub account: String,
    /// The account's secret.
    pub token: Secret,
    /// Who writes: a number such as `+447700900001`, or a name that the service knows.
    pub from: String,
    /// The public URL to which the service reports what became of a message; nowhere if absent.
    #[serde(default)]
    pub status_callback: Option<String>,
    /// What happens when nobody knows whether the service took a message. Default `dead_letter`.
    #[serde(default)]
    pub after_unknown: AfterUnknown,
    /// How long a whole call may take. 1 ms to 5 min, default 15 s.
    #[serde(default = "timeout_default", rename = "timeout_ms", with = "millis")]
    pub timeout: Span,
}

/// What happens to a message of which nobody knows whether the service took it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterUnknown {
    /// It waits among the dead letters, reason `unknown`, until somebody looks: for what costs
    /// money or annoys when it comes twice.
    #[default]
    DeadLetter,
    /// It is sent again: for what must not be missed, such as a login code.
    Resend,
}

fn url_default() -> String {
    "https://api.twilio.com".into()
}

fn timeout_default() -> Span {
    Span::from_secs(15)
}

/// Sends SMS through one account.
pub(super) struct Twilio {
    client: Client,
    messages: Target,
    account: String,
    authorization: Secret,
    from: String,
    status_callback: Option<String>,
    after_unknown: AfterUnknown,
    timeout: Duration,
}

impl Twilio {
    /// # Errors
    /// The setting that is wrong, and what to give.
    pub(super) fn new(config: &TwilioConfig) -> Result<Self, String> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric();
        if config.account.is_empty() || !config.account.bytes().all(is_plain) {
            return Err("account: is none: give letters and digits, such as `AC…`".into());
        }
        if config.from.is_empty() {
            return Err("from: is empty: give a number such as `+447700900001`".into());
        }
        if let Some(callback) = &config.status_callback {
            Target::parse(callback).map_err(|error| format!("status_callback: {error}"))?;
        }
        let base = config.url.trim_end_matches('/');
        let messages = format!("{base}/2010-04-01/Accounts/{}/Messages.json", config.account);
        let login = format!("{}:{}", config.account, config.token.reveal());
        Ok(Self {
            messages: Target::parse_confidential(&messages)
                .map_err(|error| format!("url: {error}"))?,
            client: Client::new(Reach::Any).map_err(|error| format!("url: {error}"))?,
            account: config.account.clone(),
            authorization: format!("Basic {}", STANDARD.encode(login)).into(),
            from: config.from.clone(),
            status_callback: config.status_callback.clone(),
            after_unknown: config.after_unknown,
            timeout: super::checked_timeout(config.timeout)?,
        })
    }

    async fn send(&self, to: &PhoneNumber, content: &Content, handover: &Handover) -> Outcome {
        let headers = [
            ("authorization", self.authorization.reveal().to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        let body = self.form(to, content);
        match self.client.post(&self.messages, headers, body, handover).await {
            Ok(answer) => verdict::outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    fn form(&self, to: &PhoneNumber, content: &Content) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("To", to.as_str());
        form.append_pair("From", &self.from);
        form.append_pair("Body", &text(content));
        if let Some(callback) = &self.status_callback {
            form.append_pair("StatusCallback", callback);
        }
        form.finish().into_bytes()
    }
}

/// Title and text, as much as fits.
fn text(content: &Content) -> String {
    let whole = match content.body.as_str() {
        "" => content.title.clone(),
        body => format!("{}\n{body}", content.title),
    };
    match whole.char_indices().nth(TEXT_CHARS_MAX) {
        None => whole,
        Some(_) => whole.chars().take(TEXT_CHARS_MAX - 1).chain(['…']).collect(),
    }
}

impl fmt::Debug for Twilio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Twilio({:?}, {})", self.messages, self.account)
    }
}

impl Carrier for Twilio {
    fn deliver<'a>(&'a self, letter: &'a Letter, handover: &'a Handover) -> BoxFuture<'a, Outcome> {
        async move {
            match letter.content.sms() {
                Some(to) => self.send(to, &letter.content, handover).await,
                None => Outcome::Permanent,
            }
        }
        .boxed()
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    fn may_resend(&self) -> bool {
        self.after_unknown == AfterUnknown::Resend
    }
}
