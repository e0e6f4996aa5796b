//! Webhooks signed by the Standard Webhooks specification.

mod signature;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use hyper::StatusCode;
use postroom_core::{Outcome, Span, millis};
use postroom_notification::Severity;
use serde::{Deserialize, Serialize};

use self::signature::Signer;
use super::{Carrier, Handover, Letter, Secret, endpoints::Endpoints, http::Answer};

/// Sends a notification to the URL that `to.push` holds, as a signed request.
///
/// The receiver checks it by the Standard Webhooks specification. `webhook-id` stays the same for
/// every attempt, by which it recognises a resend. A receiver that answers 410 is not asked again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// The secrets to sign with, `whsec_` and 24 to 64 bytes in base64. Every one signs: put the
    /// new one beside the old while receivers change over. 1 to 4.
    pub secrets: Vec<Secret>,
    /// Whether URLs may be `http`, and lead to this machine and its neighbours: for development
    /// alone. Default false.
    #[serde(default)]
    pub allow_private: bool,
    /// How long a whole call may take. 1 ms to 5 min, default 15 s.
    #[serde(default = "timeout_default", rename = "timeout_ms", with = "millis")]
    pub timeout: Span,
}

fn timeout_default() -> Span {
    Span::from_secs(15)
}

/// Sends webhooks with one set of secrets.
pub(super) struct Webhook {
    endpoints: Endpoints,
    signer: Signer,
    timeout: Duration,
}

/// What a receiver reads.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    event: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    user: &'a str,
    severity: Severity,
    title: &'a str,
    body: &'a str,
}

impl Webhook {
    /// # Errors
    /// The setting that is wrong, and what to give.
    pub(super) fn new(config: &WebhookConfig) -> Result<Self, String> {
        Ok(Self {
            signer: Signer::new(&config.secrets)?,
            endpoints: Endpoints::new(config.allow_private)
                .map_err(|error| format!("allow_private: {error}"))?,
            timeout: super::checked_timeout(config.timeout)?,
        })
    }

    async fn send(&self, url: &str, letter: &Letter, handover: &Handover) -> Outcome {
        let Some(target) = self.endpoints.target(url) else { return Outcome::Permanent };
        let Ok(body) = serde_json::to_vec(&payload(letter)) else { return Outcome::Permanent };
        // The attempt's own: receivers refuse what is older than five minutes.
        let seconds = super::wall_seconds();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", letter.key.clone()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", self.signer.sign(&letter.key, seconds, &body)),
        ];
        let gone = [StatusCode::GONE];
        match self.endpoints.post(&target, headers, body, handover, &gone).await {
            Ok(answer) => outcome(&answer),
            Err(outcome) => outcome,
        }
    }
}

fn payload(letter: &Letter) -> Payload<'_> {
    let content = &letter.content;
    Payload {
        event: &content.event,
        timestamp: letter.accepted_at_rfc3339(),
        data: Data {
            user: content.to.user.as_str(),
            severity: content.severity,
            title: &content.title,
            body: &content.body,
        },
    }
}

/// A receiver is a program that somebody is at work on: what it refuses today, be it because it has
/// moved or lost its secret, it may take in an hour. Only what it says of the body itself is final.
fn outcome(answer: &Answer) -> Outcome {
    match (answer.status().as_u16(), answer.outcome()) {
        (400 | 413 | 415 | 422, _) => Outcome::Permanent,
        (_, Outcome::Permanent | Outcome::Ambiguous) => Outcome::Transient,
        (_, outcome) => outcome,
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

impl Carrier for Webhook {
    fn deliver<'a>(&'a self, letter: &'a Letter, handover: &'a Handover) -> BoxFuture<'a, Outcome> {
        async move {
            match letter.content.push() {
                Some(to) => self.send(to.as_str(), letter, handover).await,
                None => Outcome::Permanent,
            }
        }
        .boxed()
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Receivers recognise it by the `webhook-id`.
    fn may_resend(&self) -> bool {
        true
    }
}
