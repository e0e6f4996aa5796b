use postroom_core::Event;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::world::{HANGS, World};
use crate::{
    AcceptError, Accepted, Channel, DeliveryState, Idempotency, NewNotification,
    NotificationCommand, NotificationError, NotificationReply, NotificationStatus,
    NotificationSystem, demo_notification,
};

fn keyed(key: &str, fingerprint: u8) -> NewNotification {
    NewNotification {
        idempotency: Some(Idempotency { key: key.into(), fingerprint: [fingerprint; 32] }),
        ..demo_notification(7)
    }
}

fn accept(world: &mut World, new: NewNotification) -> Result<Accepted, NotificationError> {
    match world.apply(NotificationCommand::Accept(Box::new(new)))? {
        NotificationReply::Accepted(accepted) => Ok(accepted),
        other => panic!("{other:?}"),
    }
}

fn published(world: &World) -> usize {
    world.events.iter().filter(|(_, event)| matches!(event, Event::Published { .. })).count()
}

/// One copy per channel fits the queue and one the dead letters; providers hang.
fn tiny() -> World {
    let mut system = NotificationSystem::default();
    for channel in Channel::ALL {
        let config = system.channel_mut(channel);
        (config.capacity, config.dead_letter_capacity) = (1, 1);
    }
    let mut world = World::new(&system);
    world.providers = [HANGS; 3];
    world
}

#[test]
fn the_answer_names_the_notification_and_its_deliveries() {
    let mut world = World::demo();
    let mut new = demo_notification(7);
    new.channels = Some(vec![Channel::Sms, Channel::Push]);
    let accepted = accept(&mut world, new).unwrap();
    assert_eq!(accepted.id.to_string(), "demo.t0.0");
    let queued = DeliveryState::Queued;
    assert_eq!(accepted.deliveries, [(Channel::Push, queued), (Channel::Sms, queued)]);
    assert!(!accepted.replayed);
    let view = world.notifications.notification(&accepted.id).unwrap();
    assert_eq!(view.status, NotificationStatus::Completed);
    assert_eq!(view.event, "order_delivered");
    assert_eq!(view.deliveries.len(), 2, "no e-mail was asked for");
}

#[test]
fn an_invalid_notification_changes_nothing() {
    let mut world = World::demo();
    let before = world.notifications.station.engine().digest();
    let events = world.events.len();
    let mut new = keyed("k", 1);
    new.title.clear();
    let refused = accept(&mut world, new).unwrap_err();
    assert!(matches!(
        refused,
        NotificationError::Accept(AcceptError::Invalid { field: "title", .. })
    ));
    assert_eq!(world.notifications.station.engine().digest(), before);
    assert_eq!(world.events.len(), events);
}

#[test]
fn the_same_key_gets_the_first_answer_again() {
    let mut world = World::demo();
    let first = accept(&mut world, keyed("order-7", 1)).unwrap();
    let again = accept(&mut world, keyed("order-7", 1)).unwrap();
    assert_eq!(again, Accepted { replayed: true, ..first });
    assert_eq!(published(&world), 1);
    assert_eq!(world.calls, [1; 3], "nothing is sent twice");
    let other = accept(&mut world, keyed("order-8", 1)).unwrap();
    assert!(!other.replayed);
}

#[test]
fn a_key_is_one_tenants_own() {
    let mut world = World::demo();
    let first = accept(&mut world, keyed("order-7", 1)).unwrap();
    let mut new = keyed("order-7", 1);
    new.tenant = "other".parse().unwrap();
    let second = accept(&mut world, new).unwrap();
    assert!(!second.replayed);
    assert_ne!(first.id, second.id);
    assert_eq!(second.id.to_string(), "other.t0.1");
    let known = |id| world.notifications.notification(id).map(|view| view.id);
    assert_eq!(known(&second.id), Some(second.id.clone()));
    let foreign = crate::NotificationId { tenant: first.id.tenant.clone(), ..second.id.clone() };
    assert_eq!(known(&foreign), None, "another tenant's notification is none of ours");
}

#[test]
fn a_key_for_another_request_is_refused() {
    let mut world = World::demo();
    accept(&mut world, keyed("order-7", 1)).unwrap();
    let refused = accept(&mut world, keyed("order-7", 2)).unwrap_err();
    assert_eq!(refused, AcceptError::IdempotencyMismatch.into());
    assert_eq!(published(&world), 1);
}

#[test]
fn keys_are_bounded_and_forgotten() {
    let mut system = NotificationSystem::default();
    system.idempotency.capacity = 2;
    let mut world = World::new(&system);
    for key in ["a", "b"] {
        accept(&mut world, keyed(key, 1)).unwrap();
    }
    let refused = accept(&mut world, keyed("c", 1)).unwrap_err();
    let retry_after = system.idempotency.keep;
    assert_eq!(refused, AcceptError::IdempotencyFull { retry_after }.into());
    assert_eq!(published(&world), 2, "a notification whose key has no room is not accepted");
    assert!(accept(&mut world, keyed("a", 1)).unwrap().replayed, "known keys are still answered");
    world.run(system.idempotency.keep);
    assert!(!accept(&mut world, keyed("a", 1)).unwrap().replayed, "its time is over");
}

#[test]
fn a_full_channel_diverts_then_rejects_and_the_others_do_not_care() {
    let mut system = NotificationSystem::default();
    (system.sms.capacity, system.sms.dead_letter_capacity) = (1, 1);
    let mut world = World::new(&system);
    world.set(Channel::Sms, HANGS);
    let states: Vec<_> = (0..3).map(|n| world.accept(n)).collect();
    for accepted in &states {
        assert_eq!(accepted.deliveries[0], (Channel::Push, DeliveryState::Queued));
        assert_eq!(accepted.deliveries[1], (Channel::Email, DeliveryState::Queued));
    }
    assert_eq!(
        states.iter().map(|accepted| accepted.deliveries[2].1).collect::<Vec<_>>(),
        [DeliveryState::Queued, DeliveryState::DeadLettered, DeliveryState::Rejected]
    );
    for accepted in &states[1..] {
        let view = world.notifications.notification(&accepted.id).unwrap();
        assert_eq!(view.status, NotificationStatus::PartiallyFailed);
        assert_eq!(view.deliveries[2].state, accepted.deliveries[2].1);
    }
}

#[test]
fn when_every_channel_is_full_nothing_is_stored() {
    let mut world = tiny();
    world.accept(0);
    world.accept(1);
    let before = world.notifications.station.engine().digest();
    let events = world.events.len();
    let refused = accept(&mut world, demo_notification(2)).unwrap_err();
    let NotificationError::Accept(AcceptError::AllRejected { retry_after }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(retry_after.as_millis(), 2_000, "the calls under way are given up then");
    assert_eq!(world.notifications.station.engine().digest(), before);
    assert_eq!(world.events.len(), events);
}

#[test]
fn a_key_whose_notification_was_rejected_is_free_again() {
    let mut world = tiny();
    let known = accept(&mut world, keyed("known", 1)).unwrap();
    world.accept(1);
    let events = world.events.len();
    for _ in 0..2 {
        let refused = accept(&mut world, keyed("new", 1)).unwrap_err();
        assert!(matches!(refused, NotificationError::Accept(AcceptError::AllRejected { .. })));
    }
    assert_eq!(world.events.len(), events);
    let again = accept(&mut world, keyed("known", 1)).unwrap();
    assert_eq!(again, Accepted { replayed: true, ..known }, "what is known needs no room");
    let refused = accept(&mut world, keyed("known", 2)).unwrap_err();
    assert_eq!(refused, AcceptError::IdempotencyMismatch.into());
}

#[test]
fn a_chosen_channel_that_is_full_is_not_saved_by_the_others() {
    let mut system = NotificationSystem::default();
    (system.sms.capacity, system.sms.dead_letter_capacity) = (1, 1);
    let mut world = World::new(&system);
    world.set(Channel::Sms, HANGS);
    let only_sms =
        || NewNotification { channels: Some(vec![Channel::Sms]), ..demo_notification(7) };
    for state in [DeliveryState::Queued, DeliveryState::DeadLettered] {
        let accepted = accept(&mut world, only_sms()).unwrap();
        assert_eq!(accepted.deliveries, [(Channel::Sms, state)]);
    }
    assert!(accept(&mut world, only_sms()).is_err());
}

#[test]
fn commands_and_replies_can_be_written_down() {
    let mut world = World::demo();
    let command = NotificationCommand::Accept(Box::new(keyed("order-7", 1)));
    let json = serde_json::to_string(&command).unwrap();
    let read: NotificationCommand = serde_json::from_str(&json).unwrap();
    assert_eq!(read, command);
    let reply = world.apply(read).unwrap();
    let json = serde_json::to_string(&reply).unwrap();
    assert_eq!(serde_json::from_str::<NotificationReply>(&json).unwrap(), reply);
}
