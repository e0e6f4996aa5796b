//! The worlds in which the claims are tried.

use postroom_core::{At, Blueprint, Coupling, Entropy, Sink, Timestamp};
use postroom_notification::{
    Channel, NotificationCommand, NotificationReply, NotificationSystem, Notifications,
};
use postroom_simulator::{Arrivals, Intervention, World};
use postroom_tests::storm::PRODUCER;

/// A notification system, with or without a planted coupling between its channels.
#[derive(Clone)]
pub(crate) struct Coupled {
    pub(crate) system: NotificationSystem,
    pub(crate) coupling: Option<Coupling>,
}

impl Blueprint for Coupled {
    type Machine = Notifications;

    fn build(&self, at: At, sink: &mut impl Sink) -> Result<Notifications, String> {
        let mut notifications = self.system.build(at, sink)?;
        if let Some(coupling) = self.coupling {
            notifications.plant(coupling);
        }
        Ok(notifications)
    }

    fn arrival(
        &self,
        machine: &Notifications,
        producer: &str,
        number: u64,
        entropy: Entropy,
    ) -> NotificationCommand {
        self.system.arrival(machine, producer, number, entropy)
    }
}

pub(crate) const fn secs(secs: u64) -> Timestamp {
    Timestamp::from_millis(secs * 1_000)
}

/// Stops the producer.
pub(crate) fn stop<S>(world: &mut World<S>, sink: &mut impl Sink)
where
    S: Blueprint<Machine = Notifications>,
{
    let quiet = Intervention::SetRate {
        producer: PRODUCER.into(),
        arrivals: Arrivals::Constant { per_minute: 0 },
    };
    world.intervene(quiet, sink).expect("the producer stops");
}

/// Redrives up to 10,000 dead letters of a channel; returns how many moved.
pub(crate) fn redrive<S>(world: &mut World<S>, channel: Channel, sink: &mut impl Sink) -> u32
where
    S: Blueprint<Machine = Notifications>,
{
    let redrive = NotificationCommand::Redrive { channel, max: 10_000, per_second: None };
    match world.intervene(Intervention::Command(redrive), sink) {
        Ok(Some(NotificationReply::Redriven(redriven))) => redriven.moved,
        other => panic!("a redrive answered {other:?}"),
    }
}
