//! Real providers: what carries a channel's messages out of this process.
//!
//! Each is a folder here and one line in [`ProviderConfig`]; nothing else knows of it. A channel
//! for which none is configured keeps its built-in sink.

mod chain;
mod config;
mod endpoints;
mod http;
mod letter;
mod secret;
mod smtp;
mod twilio;
mod web_push;
mod webhook;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use futures_util::future::BoxFuture;
use postroom_core::{Outcome, Span};

pub(crate) use self::chain::Chain;
use self::letter::{Handover, Letter};
pub use self::{
    config::{ProviderConfig, ProviderError, Providers},
    secret::Secret,
    smtp::{SmtpConfig, SmtpTls},
    twilio::{AfterUnknown, TwilioConfig},
    web_push::WebPushConfig,
    webhook::WebhookConfig,
};

/// Delivers letters in one way.
///
/// Whoever calls it drops the call when [`Carrier::timeout`] has passed, wherever it waits then: a
/// carrier needs no deadline of its own.
trait Carrier: Send + Sync + fmt::Debug {
    /// Delivers one letter. As soon as the other side may have taken it without our knowing, the
    /// carrier says so to `handover`: what fails afterwards is [`Outcome::Ambiguous`], and a
    /// deadline that passes before is [`Outcome::Transient`].
    fn deliver<'a>(&'a self, letter: &'a Letter, handover: &'a Handover) -> BoxFuture<'a, Outcome>;

    /// How long a whole call may take, from looking up a name to the last byte of the answer.
    fn timeout(&self) -> Duration;

    /// Whether a letter is sent again when nobody knows whether the other side took it: because it
    /// recognises a resend, or because somebody said so.
    fn may_resend(&self) -> bool;
}

/// The longest that a provider may be given for a call.
const TIMEOUT_MAX: Span = Span::from_secs(300);

fn checked_timeout(timeout: Span) -> Result<Duration, String> {
    if timeout < Span::from_millis(1) || timeout > TIMEOUT_MAX {
        return Err("timeout_ms: is out of range: give 1 ms to 5 min".into());
    }
    Ok(Duration::from_micros(timeout.as_micros()))
}

/// Seconds since 1970, as others see them: it stands in signatures, which they compare with their
/// own clocks, and nowhere else.
#[expect(clippy::disallowed_methods, reason = "others compare it with their own clocks")]
fn wall_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
