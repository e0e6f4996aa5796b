//! Push to browsers, by the Web Push protocol (RFC 8030).

mod encryption;
mod subscription;
#[cfg(test)]
mod tests;
mod vapid;

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt as _, future::BoxFuture};
use hyper::StatusCode;
use postroom_core::{Outcome, Span, millis};
use postroom_notification::Severity;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use self::{encryption::PLAINTEXT_BYTES_MAX, subscription::Subscription, vapid::Vapid};
use super::{
    Carrier, Handover, Letter, Secret,
    endpoints::Endpoints,
    http::{Answer, Target},
};

/// Pushes to browsers through the push service that each of them chose.
///
/// `to.push` holds the browser's subscription as one URL: its endpoint, and its keys in the
/// fragment, `https://push.example.org/send/…#p256dh=…&auth=…`. The page's service worker receives
/// `{"event", "severity", "title", "body"}`. An endpoint of which the push service says 404 or 410
/// is not asked again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebPushConfig {
    /// The key by which push services know this sender (VAPID): 65 bytes in base64url, which the
    /// page subscribed with.
    pub public_key: String,
    /// Its other half: 32 bytes in base64url.
    pub private_key: Secret,
    /// Whom a push service may write to: a `mailto:` or `https:` URL.
    pub subject: String,
    /// How long a push service keeps a message for a browser that is away. From 0 to 28 days in
    /// whole seconds, default a day.
    #[serde(default = "ttl_default", rename = "ttl_ms", with = "millis")]
    pub ttl: Span,
    /// Whether endpoints may be `http`, and lead to this machine and its neighbours: for development
    /// alone. Default false.
    #[serde(default)]
    pub allow_private: bool,
    /// How long a whole call may take. 1 ms to 5 min, default 15 s.
    #[serde(default = "timeout_default", rename = "timeout_ms", with = "millis")]
    pub timeout: Span,
}

/// What push services keep at most.
const TTL_MAX: Span = Span::from_secs(28 * 86_400);

fn ttl_default() -> Span {
    Span::from_secs(86_400)
}

fn timeout_default() -> Span {
    Span::from_secs(15)
}

/// Pushes under one VAPID key.
pub(super) struct WebPush {
    endpoints: Endpoints,
    vapid: Vapid,
    ttl_seconds: u64,
    timeout: Duration,
}

/// What a service worker reads.
#[derive(Serialize)]
struct Payload<'a> {
    event: &'a str,
    severity: Severity,
    title: &'a str,
    body: &'a str,
}

impl WebPush {
    /// # Errors
    /// The setting that is wrong, and what to give.
    pub(super) fn new(config: &WebPushConfig) -> Result<Self, String> {
        if config.ttl > TTL_MAX {
            return Err("ttl_ms: is out of range: give 0 to 28 days".into());
        }
        Ok(Self {
            vapid: Vapid::new(&config.public_key, &config.private_key, &config.subject)?,
            endpoints: Endpoints::new(config.allow_private)
                .map_err(|error| format!("allow_private: {error}"))?,
            ttl_seconds: config.ttl.as_millis() / 1_000,
            timeout: super::checked_timeout(config.timeout)?,
        })
    }

    async fn send(&self, to: &str, letter: &Letter, handover: &Handover) -> Outcome {
        let Some(subscription) = Subscription::parse(to) else { return Outcome::Permanent };
        let Some(target) = self.endpoints.target(subscription.endpoint) else {
            return Outcome::Permanent;
        };
        let Some(body) = subscription.encrypt(&payload(letter)) else { return Outcome::Permanent };
        let Some(headers) = self.headers(&target, letter) else { return Outcome::Transient };
        let gone = [StatusCode::NOT_FOUND, StatusCode::GONE];
        match self.endpoints.post(&target, headers, body, handover, &gone).await {
            Ok(answer) => outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    fn headers(&self, target: &Target, letter: &Letter) -> Option<[(&'static str, String); 6]> {
        let urgency = match letter.content.severity {
            Severity::Critical => "high",
            Severity::Normal => "normal",
        };
        Some([
            ("authorization", self.vapid.authorization(&target.origin(), super::wall_seconds())?),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", self.ttl_seconds.to_string()),
            ("urgency", urgency.to_owned()),
            ("topic", topic(&letter.key)),
        ])
    }
}

/// A resend replaces what waits under the same topic. 32 characters, as many as there may be.
fn topic(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(key)[..24])
}

/// As JSON, the text cut to what fits one record.
fn payload(letter: &Letter) -> Vec<u8> {
    let content = &letter.content;
    let json = |body: &str| {
        let payload = Payload {
            event: &content.event,
            severity: content.severity,
            title: &content.title,
            body,
        };
        serde_json::to_vec(&payload).unwrap_or_default()
    };
    let whole = json(&content.body);
    if whole.len() <= PLAINTEXT_BYTES_MAX {
        return whole;
    }
    let mut room = PLAINTEXT_BYTES_MAX.saturating_sub(json("…").len());
    // What a character costs inside JSON, whether it is escaped or not.
    let cost = |c: char| serde_json::to_string(&c).map_or(0, |text| text.len() - 2);
    let fits = content.body.chars().take_while(|c| {
        let left = room.checked_sub(cost(*c));
        room = left.unwrap_or(room);
        left.is_some()
    });
    json(&fits.chain(['…']).collect::<String>())
}

fn outcome(answer: &Answer) -> Outcome {
    match answer.status().as_u16() {
        // The key or the token is not what the service wants: no other message would be taken.
        401 | 403 => Outcome::Transient,
        _ => answer.outcome(),
    }
}

impl fmt::Debug for WebPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebPush")
    }
}

impl Carrier for WebPush {
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

    /// A push service replaces what waits under the same topic. A browser that had shown it already
    /// shows it once more, which harms less than none at all.
    fn may_resend(&self) -> bool {
        true
    }
}
