//! Nothing is lost and nothing is done twice without a reason, whatever providers do.

use std::collections::BTreeMap;

use postroom_core::{Event, FailReason, MessageId, QueueId, Sink, Span, Timestamp};
use postroom_notification::{
    Channel, DeliveryState, NotificationId, NotificationStatus, NotificationSystem, Notifications,
    TenantId,
};
use postroom_simulator::{Mode, World};
use postroom_tests::storm::{Dice, PRODUCER, STORM_SECS, calm, says_what_it_takes, storm};

use crate::scene::{redrive, secs, stop};

const SEEDS: u64 = 200;
/// By then everything has been sent or has died of its deadline.
const CALM: u64 = STORM_SECS + 60;

/// What the events say of one copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fate {
    accepted_at: Timestamp,
    sent: u32,
    dead: u32,
    rejected: u32,
    /// Calls of which nobody knows whether the message was taken.
    unknown: u32,
}

impl Fate {
    fn ends(&self) -> u32 {
        self.sent + self.dead + self.rejected
    }
}

/// Follows every copy, from the events alone.
#[derive(Default)]
struct Ledger {
    queues: Vec<QueueId>,
    published_at: BTreeMap<MessageId, Timestamp>,
    fates: BTreeMap<(QueueId, MessageId), Fate>,
    /// The longest life of a copy that died.
    oldest_death: Span,
}

impl Ledger {
    fn fate(&mut self, queue: QueueId, message: MessageId) -> Option<&mut Fate> {
        let accepted_at = *self.published_at.get(&message)?;
        let new = Fate { accepted_at, ..Fate::default() };
        self.queues.contains(&queue).then(|| self.fates.entry((queue, message)).or_insert(new))
    }
}

impl Sink for Ledger {
    fn record(&mut self, at: Timestamp, event: Event) {
        let (Some(queue), Some(message)) = (event.queue(), event.message()) else {
            if let Event::Published { message, .. } = event {
                self.published_at.insert(message, at);
            }
            return;
        };
        let Some(fate) = self.fate(queue, message) else { return };
        match event {
            Event::Acked { .. } => fate.sent += 1,
            Event::DeadLettered { .. } => {
                fate.dead += 1;
                let lived = at.since(fate.accepted_at);
                self.oldest_death = self.oldest_death.max(lived);
            }
            Event::Refused { .. } => fate.rejected += 1,
            Event::CallFailed { reason: FailReason::Ambiguous | FailReason::Timeout, .. } => {
                fate.unknown += 1
            }
            _ => {}
        }
    }
}

fn run(seed: u64) -> (World<NotificationSystem>, Ledger) {
    let mut ledger = Ledger::default();
    let mut world = World::new(storm(seed), &mut ledger).unwrap();
    ledger.queues = world.machine().wiring().channels.map(|ids| ids.queue).into();
    world.run_until(secs(STORM_SECS), &mut ledger);
    stop(&mut world, &mut ledger);
    world.run_until(secs(CALM), &mut ledger);
    (world, ledger)
}

/// Redrives until nothing is left among the dead; every round must get on.
fn redrive_all(seed: u64, world: &mut World<NotificationSystem>, ledger: &mut Ledger) {
    let dead = |world: &World<_>, channel| {
        let view = Notifications::channel(world.machine(), channel);
        view.dead.depth() + view.stats.depth() > 0
    };
    for channel in Channel::ALL {
        while dead(world, channel) {
            let moved = redrive(world, channel, ledger);
            assert!(moved > 0, "seed {seed}: the dead letters of {channel} cannot be redriven");
            let until = world.now() + Span::from_secs(60);
            world.run_until(until, ledger);
        }
    }
}

fn state(machine: &Notifications, queue: QueueId, message: MessageId) -> DeliveryState {
    let id = NotificationId { tenant: TenantId::DEFAULT, message };
    let view = machine.notification(&id).expect("the book holds every notification");
    let channel = machine.wiring().channel_of(queue).unwrap();
    view.deliveries.iter().find(|delivery| delivery.channel == channel).unwrap().state
}

#[test]
fn every_accepted_delivery_ends_in_exactly_one_way() {
    let mut seen = Fate::default();
    for seed in 0..SEEDS {
        let (world, ledger) = run(seed);
        let (machine, producer) = (world.machine(), world.producer(PRODUCER).unwrap());
        let accepted = producer.sent() - producer.refused();
        assert_eq!(ledger.published_at.len() as u64, accepted, "seed {seed}");
        assert_eq!(ledger.fates.len() as u64, 3 * accepted, "seed {seed}: each on three channels");
        for ((queue, message), fate) in &ledger.fates {
            let blocked = u32::from(fate.ends() == 0);
            let expected = match fate {
                Fate { sent: 1, .. } => DeliveryState::Sent,
                Fate { rejected: 1, .. } => DeliveryState::Rejected,
                _ => DeliveryState::DeadLettered,
            };
            assert_eq!(fate.ends() + blocked, 1, "seed {seed}: {message} in {queue:?}: {fate:?}");
            let state = state(machine, *queue, *message);
            assert_eq!(state, expected, "seed {seed}: {message} in {queue:?}");
            seen.sent += fate.sent;
            seen.dead += fate.dead;
            seen.rejected += fate.rejected;
        }
        for channel in Channel::ALL {
            let view = machine.channel(channel);
            let queue = view.ids.queue;
            let fates = ledger.fates.iter().filter(|((of, _), _)| *of == queue);
            let unended = fates.clone().filter(|(_, fate)| fate.ends() == 0).count() as u64;
            let dead: u64 = fates.map(|(_, fate)| u64::from(fate.dead)).sum();
            // Dead, and waiting for room among the dead: the one way to stay in the queue.
            assert_eq!(view.stats.depth(), view.stats.blocked, "seed {seed} {channel}");
            assert_eq!(view.stats.blocked, unended, "seed {seed} {channel}");
            assert_eq!(view.dead.depth(), dead, "seed {seed} {channel}");
        }
    }
    // The storms were bad enough to mean something.
    assert!(seen.sent > 50_000 && seen.dead > 5_000 && seen.rejected > 500, "{seen:?}");
}

#[test]
fn after_healing_and_redriving_the_sinks_hold_everything() {
    let mut repeated = 0;
    for seed in 0..SEEDS {
        let (mut world, mut ledger) = run(seed);
        redrive_all(seed, &mut world, &mut ledger);
        for ((queue, message), fate) in &ledger.fates {
            let channel = world.machine().wiring().channel_of(*queue).unwrap();
            let taken = world.provider(channel.name()).unwrap().taken().count(*queue, *message);
            let context = format!("seed {seed}: {message} of {channel}, {fate:?}");
            if fate.rejected > 0 {
                assert_eq!((taken, fate.sent), (0, 0), "{context}");
            } else if says_what_it_takes(seed) || fate.unknown == 0 {
                assert_eq!((taken, fate.sent), (1, 1), "{context}");
            } else {
                assert!((1..=1 + fate.unknown).contains(&taken), "taken {taken} times, {context}");
                repeated += u32::from(taken > 1);
            }
        }
    }
    assert!(repeated > 100, "answers were lost after the effect, and it shows: {repeated}");
}

#[test]
fn everything_sent_into_a_hung_channel_is_dead_within_a_minute() {
    for seed in 0..50 {
        for breaker in [true, false] {
            let mut system = NotificationSystem::default();
            if !breaker {
                system.sms.consumer.breaker = None;
            }
            let per_minute = Dice::new(seed).between(60, 3_000, &[]) as u32;
            let mut scenario = calm(seed, system, per_minute);
            scenario.providers[2].mode = Mode::Hanging;
            let mut ledger = Ledger::default();
            let mut world = World::new(scenario, &mut ledger).unwrap();
            ledger.queues = vec![world.machine().wiring().channel(Channel::Sms).queue];
            world.run_until(secs(30), &mut ledger);
            stop(&mut world, &mut ledger);
            world.run_until(secs(90), &mut ledger);
            let context = format!("seed {seed}, breaker {breaker}");
            assert!(ledger.fates.values().all(|fate| fate.dead == 1), "{context}");
            assert!(
                ledger.oldest_death < Span::from_secs(60),
                "{context}: {:?} after acceptance",
                ledger.oldest_death
            );
            for message in ledger.published_at.keys() {
                let id = NotificationId { tenant: TenantId::DEFAULT, message: *message };
                let view = world.machine().notification(&id).unwrap();
                assert_eq!(view.status, NotificationStatus::PartiallyFailed, "{context}: {id}");
            }
            assert_eq!(world.provider("sms").unwrap().taken().total(), 0, "{context}");
        }
    }
}
