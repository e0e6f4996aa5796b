use postroom_core::{BreakerState, DeadReason, Hosted, Outcome, Span, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::world::{FAILS, HANGS, TAKES, World};
use crate::{
    AttemptOutcome, Channel, DeliveryState, NotificationCommand, NotificationReply,
    NotificationStatus,
};

fn redrive(world: &mut World, channel: Channel, max: u32, per_second: Option<u32>) -> u32 {
    match world.apply(NotificationCommand::Redrive { channel, max, per_second }).unwrap() {
        NotificationReply::Redriven(redriven) => redriven.moved + redriven.scheduled,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_delivery_goes_from_queued_through_sending_to_sent() {
    let mut world = World::demo();
    world.providers = [HANGS; 3];
    let id = world.accept(7).id;
    let view = world.notifications.notification(&id).unwrap();
    assert_eq!(view.status, NotificationStatus::Processing);
    assert_eq!(view.accepted_at, world.now);
    for delivery in &view.deliveries {
        assert_eq!(delivery.state, DeliveryState::Sending);
        let [attempt] = delivery.attempts[..] else { panic!("{delivery:?}") };
        assert_eq!((attempt.number, attempt.started_at), (1, world.now));
        assert_eq!((attempt.ended_at, attempt.outcome), (None, None));
    }
    world.run(Span::from_secs(2));
    let timed_out = world.now;
    let view = world.notifications.notification(&id).unwrap();
    for delivery in &view.deliveries {
        assert_eq!(delivery.state, DeliveryState::RetryScheduled);
        assert_eq!(delivery.attempts[0].ended_at, Some(timed_out));
        assert_eq!(delivery.attempts[0].outcome, Some(AttemptOutcome::Timeout));
        let due = delivery.next_attempt_at.unwrap();
        assert!(due >= timed_out + Span::from_millis(500), "{due:?}");
        assert!(due <= timed_out + Span::from_millis(1_000), "{due:?}");
    }
    world.providers = [TAKES; 3];
    world.run(Span::from_secs(1));
    let view = world.notifications.notification(&id).unwrap();
    assert_eq!(view.status, NotificationStatus::Completed);
    for delivery in &view.deliveries {
        assert_eq!(delivery.state, DeliveryState::Sent);
        assert_eq!(delivery.attempts[1].outcome, Some(AttemptOutcome::Accepted));
        assert_eq!(delivery.next_attempt_at, None);
    }
}

#[test]
fn what_waits_for_a_worker_is_accepted_and_queued() {
    let mut world = World::demo();
    world.providers = [HANGS; 3];
    let ids: Vec<_> = (0..9).map(|n| world.accept(n).id).collect();
    let view = world.notifications.notification(&ids[8]).unwrap();
    assert_eq!(view.status, NotificationStatus::Accepted, "the eight workers are busy");
    assert!(view.deliveries.iter().all(|d| d.state == DeliveryState::Queued));
}

#[test]
fn gaps_grow_until_the_last_call() {
    let mut world = World::demo();
    world.set(Channel::Sms, FAILS);
    // One alone: too few calls for the breaker to open before the fifth.
    let id = world.accept(7).id;
    world.run(Span::from_secs(60));
    let view = world.notifications.notification(&id).unwrap();
    assert_eq!(view.status, NotificationStatus::PartiallyFailed);
    let sms = &view.deliveries[2];
    assert_eq!((sms.state, sms.dead), (DeliveryState::DeadLettered, Some(DeadReason::Exhausted)));
    assert_eq!(sms.attempts.len(), 5);
    let starts = sms.attempts.iter().map(|attempt| attempt.started_at).collect::<Vec<_>>();
    let gaps: Vec<_> = starts.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    assert!(gaps.is_sorted(), "{gaps:?}");
    assert!(gaps[3] >= Span::from_secs(4), "{gaps:?}");
}

#[test]
fn everything_sent_into_a_broken_channel_is_dead_within_a_minute() {
    for provider in [HANGS, FAILS] {
        let mut world = World::demo();
        world.set(Channel::Sms, provider);
        let mut ids = Vec::new();
        for number in 0..200 {
            ids.push(world.accept(number).id);
            world.run(Span::from_millis(100));
        }
        world.run(Span::from_secs(60));
        let channel = world.notifications.channel(Channel::Sms);
        assert_eq!((channel.stats.depth(), channel.dead.depth()), (0, 200));
        for dead in world.notifications.dead_letters(Channel::Sms, 0, 200) {
            let lived = dead.at.since(dead.accepted_at);
            assert!(lived <= Span::from_secs(47), "{dead:?} lived {lived:?}");
        }
        for id in &ids {
            let view = world.notifications.notification(id).unwrap();
            assert_eq!(view.status, NotificationStatus::PartiallyFailed);
        }
        let spared: u64 = 200 * 5 - world.calls[2];
        assert!(spared > 700, "an open breaker spends no attempts: {} calls", world.calls[2]);
        assert_eq!(world.calls[..2], [200, 200]);
    }
}

#[test]
fn the_breaker_opens_probes_and_closes() {
    let mut world = World::demo();
    world.set(Channel::Sms, FAILS);
    for number in 0..8 {
        world.accept(number);
    }
    let breaker = |world: &World| world.notifications.channel(Channel::Sms).breaker;
    let until = world.now + Span::from_secs(5);
    assert_eq!(breaker(&world), Some(BreakerState::Open { until }));
    assert_eq!(world.calls[2], 5);
    world.run(Span::from_millis(4_999));
    assert_eq!(world.calls[2], 5, "no call while it is open");
    world.set(Channel::Sms, TAKES);
    world.run(Span::from_secs(10));
    assert_eq!(breaker(&world), Some(BreakerState::Closed));
    assert_eq!(world.notifications.channel(Channel::Sms).stats.depth(), 0);
    assert_eq!(world.notifications.channel(Channel::Push).breaker, Some(BreakerState::Closed));
}

#[test]
fn redriven_dead_letters_start_a_new_series_with_a_new_deadline() {
    let mut world = World::demo();
    world.set(Channel::Sms, HANGS);
    let ids: Vec<_> = (0..20).map(|number| world.accept(number).id).collect();
    world.run(Span::from_secs(60));
    assert_eq!(world.notifications.channel(Channel::Sms).dead.depth(), 20);
    let before = world.notifications.notification(&ids[0]).unwrap().deliveries[2].attempts.len();
    world.set(Channel::Sms, TAKES);
    assert_eq!(redrive(&mut world, Channel::Sms, 5, None), 5);
    world.run(Span::from_secs(6));
    assert_eq!(world.notifications.channel(Channel::Sms).dead.depth(), 15);
    let sms = &world.notifications.notification(&ids[0]).unwrap().deliveries[2];
    assert_eq!((sms.state, sms.dead), (DeliveryState::Sent, None));
    let last = sms.attempts.last().unwrap();
    assert_eq!(last.number as usize, before + 1, "the numbers go on");
    assert_eq!(redrive(&mut world, Channel::Sms, 100, Some(10)), 15);
    let sms = &world.notifications.notification(&ids[19]).unwrap().deliveries[2];
    assert_eq!(sms.state, DeliveryState::DeadLettered, "ten a second: it waits for its turn");
    world.run(Span::from_secs(2));
    for id in &ids {
        let status = world.notifications.notification(id).unwrap().status;
        assert_eq!(status, NotificationStatus::Completed);
    }
    assert_eq!(redrive(&mut world, Channel::Sms, 100, None), 0, "nothing is left");
}

#[test]
fn a_permanent_refusal_is_dead_at_once() {
    let mut world = World::demo();
    world.set(Channel::Push, |_| Some(Outcome::Permanent));
    let id = world.accept(7).id;
    let push = &world.notifications.notification(&id).unwrap().deliveries[0];
    assert_eq!((push.state, push.dead), (DeliveryState::DeadLettered, Some(DeadReason::Rejected)));
    assert_eq!(push.attempts[0].outcome, Some(AttemptOutcome::Permanent));
    let [dead] = &world.notifications.dead_letters(Channel::Push, 0, 10)[..] else { panic!() };
    assert_eq!((&dead.notification, dead.reason), (&id, DeadReason::Rejected));
    assert_eq!((dead.at, dead.accepted_at, dead.deliveries), (world.now, world.now, 1));
}

#[test]
fn a_dead_letter_names_its_tenant() {
    let mut world = World::demo();
    world.set(Channel::Push, |_| Some(Outcome::Permanent));
    let mut new = crate::demo_notification(7);
    new.tenant = "other".parse().unwrap();
    world.apply(NotificationCommand::Accept(Box::new(new))).unwrap();
    let [dead] = &world.notifications.dead_letters(Channel::Push, 0, 10)[..] else { panic!() };
    assert_eq!(dead.notification.to_string(), "other.t0.0");
}

#[test]
fn dead_letters_are_listed_page_by_page() {
    let mut world = World::demo();
    world.set(Channel::Email, |_| Some(Outcome::Permanent));
    for number in 0..5 {
        world.accept(number);
    }
    let page = |skip, limit| {
        let page = world.notifications.dead_letters(Channel::Email, skip, limit);
        page.iter().map(|dead| dead.notification.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(page(0, 2), ["demo.t0.0", "demo.t0.1"]);
    assert_eq!(page(2, 2), ["demo.t0.2", "demo.t0.3"]);
    assert_eq!(page(4, 2), ["demo.t0.4"]);
    assert!(page(5, 2).is_empty());
}

#[test]
fn parts_have_the_names_of_their_channels() {
    let world = World::demo();
    let wiring = world.notifications.wiring();
    for channel in Channel::ALL {
        let ids = wiring.channel(channel);
        assert_eq!(world.notifications.consumer_name(ids.consumer), Some(channel.name()));
        assert_eq!(world.notifications.queue_name(ids.queue), Some(channel.name()));
        let dead = world.notifications.queue_name(ids.dead_letters);
        assert_eq!(dead, Some(channel.dead_letters_name()));
        assert_eq!(wiring.channel_of(ids.queue), Some(channel));
        assert_eq!(wiring.channel_of(ids.dead_letters), None);
    }
}

#[test]
fn the_same_commands_give_the_same_digest() {
    let run = || {
        let mut world = World::demo();
        world.set(Channel::Sms, HANGS);
        for number in 0..50 {
            world.accept(number);
            world.run(Span::from_millis(700));
        }
        (world.notifications.digest(), world.now, world.events.len())
    };
    assert_eq!(run(), run());
    let (digest, now, _) = run();
    assert!(now > Timestamp::ZERO);
    assert_ne!(digest, World::demo().notifications.digest());
}
