//! What an operator, or a host that winds down, tells a station.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{BreakerOverride, BreakerState};

const MAILER: ConsumerId = ConsumerId::new(0);

#[test]
fn after_a_drain_no_call_starts_and_those_under_way_end() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    let second = world.attach("second", queue, consumer(), Provider::Healthy);
    world.produce(queue, 20, Span::ZERO);
    world.run(Timestamp::ZERO);
    let under_way = world.count(|event| matches!(event, Event::CallStarted { .. }));
    assert_eq!(under_way, 8, "two consumers of four calls");

    apply(&mut world, StationCommand::Drain).unwrap();
    world.produce(queue, 5, Span::from_secs(1));
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::Delivered { .. })), under_way);
    assert_eq!(world.count(|event| matches!(event, Event::CallSucceeded { .. })), under_way);
    assert_eq!(world.count(|event| matches!(event, Event::ConsumerPaused { .. })), 2);
    assert_eq!(world.depth(queue), 25 - under_way as u64, "the rest waits");
    assert_eq!(world.station.next_deadline(), None);

    apply(&mut world, StationCommand::Drain).unwrap();
    assert_eq!(world.count(|event| matches!(event, Event::ConsumerPaused { .. })), 2, "once");
    apply(&mut world, StationCommand::ResumeConsumer { consumer: second }).unwrap();
    world.run(LONG);
    assert_eq!(world.depth(queue), 0);
}

#[test]
fn whoever_is_attached_after_a_drain_receives() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    apply(&mut world, StationCommand::Drain).unwrap();
    world.attach("late", queue, consumer(), Provider::Healthy);
    world.produce(queue, 3, Span::ZERO);
    world.run(LONG);
    assert_eq!(world.depth(queue), 0);
}

#[test]
fn a_paused_consumer_leaves_its_messages_to_others() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    world.attach("second", queue, consumer(), Provider::Healthy);
    apply(&mut world, StationCommand::PauseConsumer { consumer: MAILER }).unwrap();
    world.produce(queue, 30, Span::from_millis(1));
    world.run(LONG);
    let by_first = |e: &Event| matches!(e, Event::CallStarted { consumer: MAILER, .. });
    assert_eq!((world.count(by_first), world.depth(queue)), (0, 0));
}

#[test]
fn a_breaker_obeys_the_operator_over_everything_that_happens() {
    let config = ConsumerConfig { breaker: Some(BreakerConfig::default()), ..consumer() };
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), config, Provider::Healthy);
    let over = |how| StationCommand::OverrideBreaker { consumer: MAILER, how };
    let breaker = |world: &World| world.station.consumer(MAILER).and_then(Consumer::breaker);
    apply(&mut world, over(BreakerOverride::ForceOpen)).unwrap();
    world.produce(queue, 20, Span::ZERO);
    world.run(LONG);
    assert_eq!(breaker(&world), Some(BreakerState::ForcedOpen));
    assert_eq!(world.count(|event| matches!(event, Event::Delivered { .. })), 0, "none is spent");

    world.providers[0] = Provider::Failing;
    apply(&mut world, over(BreakerOverride::Disable)).unwrap();
    world.run(LONG);
    assert_eq!(breaker(&world), Some(BreakerState::Disabled));
    assert_eq!(world.count(|event| matches!(event, Event::CallFailed { .. })), 100);
    assert_eq!((world.depth(queue), world.depth(DEAD)), (0, 20), "all were tried to the end");

    apply(&mut world, over(BreakerOverride::Reset)).unwrap();
    world.produce(queue, 20, Span::ZERO);
    world.run(LONG);
    let opened = world.count(|event| matches!(event, Event::BreakerOpened { .. }));
    assert!(opened > 0, "it works as ever");
}

#[test]
fn only_consumers_and_breakers_that_exist_are_told() {
    let mut world = World::new(1);
    mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    let stranger = ConsumerId::new(1);
    let how = BreakerOverride::Reset;
    let before = (world.station.digest(), world.trace.len());
    for (command, error) in [
        (
            StationCommand::PauseConsumer { consumer: stranger },
            StationError::NoSuchConsumer { consumer: stranger },
        ),
        (
            StationCommand::ResumeConsumer { consumer: stranger },
            StationError::NoSuchConsumer { consumer: stranger },
        ),
        (
            StationCommand::OverrideBreaker { consumer: stranger, how },
            StationError::NoSuchConsumer { consumer: stranger },
        ),
        (
            StationCommand::OverrideBreaker { consumer: MAILER, how },
            StationError::NoBreaker { consumer: MAILER },
        ),
    ] {
        assert_eq!(apply(&mut world, command), Err(error));
    }
    assert_eq!((world.station.digest(), world.trace.len()), before);
    let text = StationError::NoBreaker { consumer: MAILER }.to_string();
    assert!(text.contains("pause it instead, or set `breaker`"));
}

#[test]
fn what_an_operator_said_outlasts_a_snapshot() {
    let config = ConsumerConfig { breaker: Some(BreakerConfig::default()), ..consumer() };
    let mut world = World::new(1);
    mail(&mut world, QueueConfig::default(), config, Provider::Healthy);
    let how = BreakerOverride::ForceOpen;
    for command in [
        StationCommand::PauseConsumer { consumer: MAILER },
        StationCommand::OverrideBreaker { consumer: MAILER, how },
    ] {
        let text = serde_json::to_string(&command).unwrap();
        apply(&mut world, serde_json::from_str(&text).unwrap()).unwrap();
    }
    let text = serde_json::to_string(&world.station.snapshot()).unwrap();
    let restored = Station::restore(serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(restored.digest(), world.station.digest());
    let consumer = restored.consumer(MAILER).unwrap();
    assert!(consumer.is_paused() && consumer.breaker() == Some(BreakerState::ForcedOpen));
}
