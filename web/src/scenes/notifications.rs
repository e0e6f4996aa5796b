//! The notification system with its three channels, and what to try with it.
//!
//! Its scenario is tuned to be watched: a few notifications a second, so that the eye can follow
//! each; deadlines of 25 s, so that letters die while one watches; a breaker that opens late enough
//! for each letter's first retries to be seen.

use postroom_core::{Address, BreakerConfig, BreakerWindow, ConsumerConfig, QueueId, Span};
use postroom_notification::{
    Channel, ChannelConfig, NotificationCommand, NotificationSystem, Notifications,
};
use postroom_simulator::{Arrivals, CommandOf, Latency, Producer, Provider, Scenario};

use crate::{
    panels::{Sight, Step, words::capitalised},
    picture::{Icon, Lane, Layout, Source, TopicNode, Worker},
    run::{REDRIVE_MAX, REDRIVE_PER_SECOND, System},
};

/// What `notifications.json` says.
pub(super) fn scenario() -> Scenario<NotificationSystem> {
    let breaker = BreakerConfig {
        window: BreakerWindow::Calls(20),
        minimum_calls: 10,
        failure_percent: 70,
        open: Span::from_secs(5),
        probes: 2,
        ..BreakerConfig::default()
    };
    let channel = ChannelConfig {
        deliver_within: Some(Span::from_secs(25)),
        consumer: ConsumerConfig {
            concurrency: 4,
            call_timeout: Span::from_secs(2),
            breaker: Some(breaker),
            ..ConsumerConfig::default()
        },
        ..ChannelConfig::default()
    };
    let provider =
        |channel: Channel, min, max| Provider::new(channel.name(), Latency::Uniform { min, max });
    let mut system = NotificationSystem::default();
    Channel::ALL.into_iter().for_each(|each| *system.channel_mut(each) = channel);
    Scenario {
        producers: vec![Producer::new("shop", Arrivals::Poisson { per_minute: 150 })],
        providers: vec![
            provider(Channel::Push, 300, 600),
            provider(Channel::Email, 500, 1_100),
            provider(Channel::Sms, 400, 900),
        ],
        ..Scenario::new("Notifications", 7, system)
    }
}

/// The steps of the guide, for a system whose SMS queue this is.
#[must_use]
pub(super) fn steps(sms: QueueId) -> Vec<Step> {
    let step = |text: &str, until| Step { text: text.into(), until };
    vec![
        step("Break SMS: press Fail or Hang at its gateway.", vec![Sight::CallFailed(sms)]),
        step(
            "Watch SMS retry with growing gaps, the breaker open, and letters die. Push and \
             e-mail do not notice.",
            vec![Sight::BreakerOpened(sms), Sight::DeadLettered(sms)],
        ),
        step(
            "Heal SMS, wait until the breaker closes, and redrive the dead letters.",
            vec![Sight::BreakerClosed(sms), Sight::Redriven(sms)],
        ),
    ]
}

impl System for NotificationSystem {
    fn layout(scenario: &Scenario<Self>, machine: &Notifications) -> Layout {
        let wiring = machine.wiring();
        let lanes = wiring.channels.iter().map(|ids| {
            let (label, provider, icon) = match ids.channel {
                Channel::Push => ("Push", "Push service", Icon::Push),
                Channel::Email => ("E-mail", "Mail server", Icon::Email),
                Channel::Sms => ("SMS", "SMS gateway", Icon::Sms),
            };
            let config = scenario.system.channel(ids.channel).consumer;
            Lane {
                queue: ids.queue,
                name: ids.channel.name().into(),
                label: label.into(),
                icon,
                topics: vec![wiring.topic],
                dead_letters: Some(ids.dead_letters),
                workers: vec![Worker {
                    consumer: ids.consumer,
                    provider: ids.channel.name().into(),
                    label: provider.into(),
                    icon,
                    concurrency: config.concurrency,
                    concurrency_max: config.concurrency,
                    publishes: Vec::new(),
                    breaker: config.breaker.is_some(),
                }],
            }
        });
        let sources = scenario.producers.iter().map(|producer| Source {
            name: producer.name.clone(),
            label: capitalised(&producer.name),
            icon: Icon::Shop,
            to: vec![Address::Topic(wiring.topic)],
        });
        Layout {
            sources: sources.collect(),
            topics: vec![TopicNode {
                topic: wiring.topic,
                name: "notifications".into(),
                label: "Notifications".into(),
            }],
            lanes: lanes.collect(),
            ..Layout::default()
        }
    }

    fn redrive(machine: &Notifications, queue: QueueId) -> Option<CommandOf<Self>> {
        let channel = machine.wiring().channel_of(queue)?;
        let per_second = Some(REDRIVE_PER_SECOND);
        Some(NotificationCommand::Redrive { channel, max: REDRIVE_MAX, per_second })
    }
}
