//! The settings of a notification system, as a document.

use postroom_core::{
    Ambiguous, At, Backoff, Blueprint, BreakerConfig, BreakerWindow, ConsumerConfig, Entropy,
    Jitter, LedgerConfig, QueueConfig, Rate, Sink, Span, limits::CLAIMS_MAX, millis,
};
use serde::{Deserialize, Serialize};

use crate::{
    channel::Channel,
    demo,
    machine::{NotificationCommand, Notifications},
};

/// The settings of a notification system: everything behind the topic is set per channel.
///
/// The default is the demonstration's: a call is given up after 2 s, a delivery 45 s after its
/// notification was accepted, so that everything sent into a hung or failing channel is dead
/// within a minute, breaker or not.
///
/// # Example: a document names only what differs
/// ```
/// use postroom_core::Span;
/// use postroom_notification::NotificationSystem;
///
/// let system: NotificationSystem =
///     serde_json::from_str(r#"{ "sms": { "max_deliveries": 3 } }"#)?;
/// assert_eq!(system.sms.max_deliveries, 3);
/// assert_eq!(system.sms.deliver_within, Some(Span::from_secs(45)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSystem {
    /// Push.
    pub push: ChannelConfig,
    /// E-mail.
    pub email: ChannelConfig,
    /// SMS.
    pub sms: ChannelConfig,
    /// How long and how many idempotency keys are remembered. Default a million for 24 h, which
    /// is 11 requests with a key a second; beyond it, such requests are refused.
    pub idempotency: LedgerConfig,
}

impl Default for NotificationSystem {
    fn default() -> Self {
        let [push, email, sms] = [ChannelConfig::default(); 3];
        // As many as there can be: this limit is shared by the channels, and must not bind first.
        let idempotency = LedgerConfig { capacity: CLAIMS_MAX, ..LedgerConfig::default() };
        Self { push, email, sms, idempotency }
    }
}

/// The settings of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelConfig {
    /// Notifications in the queue at once; what comes on top goes to the dead letters. Default
    /// 100,000.
    pub capacity: u64,
    /// Dead letters at once; what comes on top is rejected. Default 100,000.
    pub dead_letter_capacity: u64,
    /// Calls in all before a delivery is dead. Default 5.
    pub max_deliveries: u32,
    /// When a failed call is tried again. Default after 1, 2, 4, 8 and then 10 s, spread over the
    /// upper half.
    pub backoff: Backoff,
    /// A delivery that is not sent within this time of its acceptance is dead. Default 45 s.
    #[serde(rename = "deliver_within_ms", with = "millis::option")]
    pub deliver_within: Option<Span>,
    /// How long a delivery is its worker's alone; longer than `consumer.call_timeout_ms`.
    /// Default 10 s.
    #[serde(rename = "lease_ms", with = "millis")]
    pub lease: Span,
    /// The channel's own workers. Default 8 calls at once, 2 s for each, 1,000 a second, a breaker
    /// that opens for 5 s.
    pub consumer: ConsumerConfig,
}

impl Default for ChannelConfig {
    fn default() -> Self {
        let QueueConfig { capacity, .. } = QueueConfig::default();
        Self {
            capacity,
            dead_letter_capacity: capacity,
            max_deliveries: 5,
            backoff: Backoff {
                base: Span::from_secs(1),
                cap: Span::from_secs(10),
                jitter: Jitter::Equal,
                ..Backoff::default()
            },
            deliver_within: Some(Span::from_secs(45)),
            lease: Span::from_secs(10),
            consumer: ConsumerConfig {
                concurrency: 8,
                call_timeout: Span::from_secs(2),
                rate: Some(Rate { per_second: 1_000, burst: 100 }),
                breaker: Some(BreakerConfig {
                    window: BreakerWindow::Calls(10),
                    minimum_calls: 5,
                    failure_percent: 50,
                    open: Span::from_secs(5),
                    probes: 2,
                    ..BreakerConfig::default()
                }),
                ambiguous: Ambiguous::Resend,
            },
        }
    }
}

impl NotificationSystem {
    /// The settings of one channel.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> &ChannelConfig {
        match channel {
            Channel::Push => &self.push,
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
        }
    }

    /// The settings of one channel, to be changed.
    pub fn channel_mut(&mut self, channel: Channel) -> &mut ChannelConfig {
        match channel {
            Channel::Push => &mut self.push,
            Channel::Email => &mut self.email,
            Channel::Sms => &mut self.sms,
        }
    }
}

impl Blueprint for NotificationSystem {
    type Machine = Notifications;

    fn build(&self, at: At, sink: &mut impl Sink) -> Result<Notifications, String> {
        Notifications::build(self, at, sink)
    }

    /// The demonstration's notification `number`, the same whoever produces it.
    fn arrival(&self, _: &Notifications, _: &str, number: u64, _: Entropy) -> NotificationCommand {
        NotificationCommand::Accept(Box::new(demo::notification(number)))
    }
}
