//! Which providers a channel has, as a document.

use std::{collections::BTreeMap, sync::Arc};

use postroom_core::{Ambiguous, Span};
use postroom_notification::{Channel, NotificationSystem};
use serde::Deserialize;

use super::{
    Carrier, Chain, SmtpConfig, TwilioConfig, WebPushConfig, WebhookConfig, smtp::Smtp,
    twilio::Twilio, web_push::WebPush, webhook::Webhook,
};

/// Providers of one channel at most.
const PROVIDERS_MAX: usize = 4;
/// The machine gives up a call this much later than the providers themselves would.
const CALL_MARGIN: Span = Span::from_secs(1);
/// A lease lasts this much longer than a call.
const LEASE_MARGIN: Span = Span::from_secs(10);
/// A delivery that real providers make is dead when it was not sent within this time.
const DELIVER_WITHIN: Span = Span::from_secs(3_600);

/// The providers of every channel, the preferred one first. A channel without any keeps its
/// built-in sink. Default: none.
///
/// # Example: e-mail over two relays
/// ```
/// use notification_demo::providers::Providers;
///
/// let providers: Providers = serde_json::from_str(
///     r#"{ "email": [
///         { "smtp": { "host": "mail.example.org", "from": "shop@example.org",
///                     "user": "shop", "password": "open sesame" } },
///         { "smtp": { "host": "spare.example.org", "from": "shop@example.org" } }
///     ] }"#,
/// )?;
/// assert!(!format!("{providers:?}").contains("sesame"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Providers(BTreeMap<Channel, Vec<ProviderConfig>>);

/// One provider's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProviderConfig {
    /// E-mail over SMTP.
    Smtp(SmtpConfig),
    /// SMS over an HTTP API of Twilio's shape.
    Twilio(TwilioConfig),
    /// Push to a browser, by the Web Push protocol.
    WebPush(WebPushConfig),
    /// Push to another program: a signed request to its URL.
    Webhook(WebhookConfig),
}

impl ProviderConfig {
    /// The channel that it serves.
    fn channel(&self) -> Channel {
        match self {
            Self::Smtp(_) => Channel::Email,
            Self::Twilio(_) => Channel::Sms,
            Self::WebPush(_) | Self::Webhook(_) => Channel::Push,
        }
    }

    fn build(&self) -> Result<Arc<dyn Carrier>, String> {
        Ok(match self {
            Self::Smtp(config) => Arc::new(Smtp::new(config)?),
            Self::Twilio(config) => Arc::new(Twilio::new(config)?),
            Self::WebPush(config) => Arc::new(WebPush::new(config)?),
            Self::Webhook(config) => Arc::new(Webhook::new(config)?),
        })
    }
}

/// Why a channel's providers cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// Leave some out.
    #[error("providers.{channel}: has {given} providers: give at most {PROVIDERS_MAX}")]
    TooMany {
        /// The channel.
        channel: Channel,
        /// How many there are.
        given: usize,
    },
    /// Move it to the channel that it serves.
    #[error("providers.{channel}[{place}]: serves {serves}: move it there")]
    OtherChannel {
        /// The channel under which it stands.
        channel: Channel,
        /// Its place there, from 0.
        place: usize,
        /// The channel to which it belongs.
        serves: Channel,
    },
    /// Mend the setting that the text names.
    #[error("providers.{channel}[{place}].{problem}")]
    Setting {
        /// The channel.
        channel: Channel,
        /// Its place there, from 0.
        place: usize,
        /// What is wrong, and what to give.
        problem: String,
    },
}

impl Providers {
    /// Adds a provider, after those that its channel has.
    #[must_use]
    pub fn with(mut self, provider: ProviderConfig) -> Self {
        self.0.entry(provider.channel()).or_default().push(provider);
        self
    }

    /// Whether the channel has a provider of its own, instead of the built-in sink.
    #[must_use]
    pub fn serve(&self, channel: Channel) -> bool {
        self.0.get(&channel).is_some_and(|providers| !providers.is_empty())
    }

    /// The channel's providers as one, and its settings made to fit them: a call lasts as long as
    /// all of them together may take, a delivery is dead after an hour, and after a call of which
    /// nobody knows how it ended there is a resend only if that does no harm at any provider.
    pub(crate) fn chain(
        &self,
        channel: Channel,
        system: &mut NotificationSystem,
    ) -> Result<Option<Chain>, ProviderError> {
        let Some(configs) = self.0.get(&channel).filter(|configs| !configs.is_empty()) else {
            return Ok(None);
        };
        let given = configs.len();
        if given > PROVIDERS_MAX {
            return Err(ProviderError::TooMany { channel, given });
        }
        let carriers = configs.iter().enumerate().map(|(place, config)| {
            let serves = config.channel();
            if serves != channel {
                return Err(ProviderError::OtherChannel { channel, place, serves });
            }
            let setting = |problem| ProviderError::Setting { channel, place, problem };
            config.build().map_err(setting)
        });
        let chain = Chain::new(carriers.collect::<Result<_, _>>()?);
        let settings = system.channel_mut(channel);
        let call = u64::try_from(chain.timeout().as_millis()).unwrap_or(u64::MAX);
        settings.consumer.call_timeout = sum(Span::from_millis(call), CALL_MARGIN);
        settings.lease = sum(settings.consumer.call_timeout, LEASE_MARGIN);
        settings.deliver_within = Some(DELIVER_WITHIN);
        settings.consumer.ambiguous =
            if chain.may_resend() { Ambiguous::Resend } else { Ambiguous::DeadLetter };
        Ok(Some(chain))
    }
}

fn sum(one: Span, other: Span) -> Span {
    Span::from_micros(one.as_micros().saturating_add(other.as_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channels_settings_fit_its_providers() {
        let providers = providers(
            r#"{"email":[{"smtp":{"host":"a","from":"a@b"}},{"smtp":{"host":"b","from":"a@b","timeout_ms":5000}}]}"#,
        );
        let mut system = NotificationSystem::default();
        assert!(providers.chain(Channel::Email, &mut system).unwrap().is_some());
        let email = system.email;
        assert_eq!(email.consumer.call_timeout, Span::from_secs(30 + 5 + 1));
        assert_eq!(email.lease, Span::from_secs(46));
        assert_eq!(email.deliver_within, Some(Span::from_secs(3_600)));
        assert_eq!(email.consumer.ambiguous, Ambiguous::Resend);
        assert!(providers.chain(Channel::Sms, &mut system).unwrap().is_none());
        assert_eq!(system.sms, NotificationSystem::default().sms, "others stay as they are");
    }

    #[test]
    fn the_example_file_can_be_used_and_prints_no_secret() {
        let providers = providers(include_str!("../../providers.example.json"));
        let mut system = NotificationSystem::default();
        for channel in Channel::ALL {
            assert!(providers.serve(channel));
            providers.chain(channel, &mut system).unwrap();
        }
        let printed = format!("{providers:?}");
        assert!(!printed.contains("sesame") && !printed.contains("yfWPiYE"), "{printed}");
        assert_eq!(system.sms.consumer.ambiguous, Ambiguous::DeadLetter);
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_place() {
        let relay = r#"{"smtp":{"host":"a","from":"a@b"}}"#;
        let many = [relay; PROVIDERS_MAX + 1].join(",");
        for (document, problem) in [
            (format!(r#"{{"email":[{many}]}}"#), "providers.email: has 5 providers"),
            (format!(r#"{{"sms":[{relay}]}}"#), "providers.sms[0]: serves email"),
            (
                format!(r#"{{"email":[{relay},{{"smtp":{{"host":"a","from":"a"}}}}]}}"#),
                "providers.email[1].from: ",
            ),
        ] {
            let mut system = NotificationSystem::default();
            let providers = providers(&document);
            let errors: Vec<String> = Channel::ALL
                .into_iter()
                .filter_map(|channel| providers.chain(channel, &mut system).err())
                .map(|error| error.to_string())
                .collect();
            assert!(errors.len() == 1 && errors[0].starts_with(problem), "{errors:?}");
        }
        assert!(serde_json::from_str::<Providers>(r#"{"fax":[]}"#).is_err());
        let most = [relay; PROVIDERS_MAX].join(",");
        let most = providers(&format!(r#"{{"email":[{most}]}}"#));
        assert!(most.chain(Channel::Email, &mut NotificationSystem::default()).is_ok());
    }

    fn providers(document: &str) -> Providers {
        serde_json::from_str(document).unwrap()
    }
}
