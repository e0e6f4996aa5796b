//! Consumers that crash, are cut off, or lose an answer, and the queue that hands out again.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::ConsumerChange;

const MAILER: ConsumerId = ConsumerId::new(0);

fn busy(count: u64) -> (World, QueueId) {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Hanging);
    world.produce(queue, count, Span::ZERO);
    world.run(Timestamp::ZERO);
    (world, queue)
}

fn change(world: &mut World, change: ConsumerChange) {
    apply(world, StationCommand::Change(change)).unwrap();
}

#[test]
fn after_a_crash_the_leases_run_out_and_everything_is_delivered_again() {
    let (mut world, queue) = busy(4);
    change(&mut world, ConsumerChange::Crash { consumer: MAILER });
    world.providers[0] = Provider::Healthy;
    world.run(Timestamp::from_millis(29_999));
    assert_eq!(world.count(|event| matches!(event, Event::LeaseExpired { .. })), 0);
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::LeaseExpired { .. })), 4);
    assert_eq!(world.depth(queue), 4, "nobody is there to take them");
    assert_eq!(world.station.next_deadline(), None);

    let text = serde_json::to_string(&world.station.snapshot()).unwrap();
    let mut other = world.clone();
    other.station = Station::restore(serde_json::from_str(&text).unwrap()).unwrap();
    for world in [&mut world, &mut other] {
        change(world, ConsumerChange::Restart { consumer: MAILER });
        world.run(LONG);
        assert_eq!(world.depth(queue), 0);
        assert_eq!(world.count(|event| matches!(event, Event::Acked { .. })), 4);
    }
    assert_eq!(world.trace, other.trace);
}

#[test]
fn a_lost_answer_makes_a_second_delivery() {
    let (mut world, queue) = busy(1);
    let call = CallRef { consumer: MAILER, call: CallId::new(0) };
    let outcome = Outcome::Delivered;
    change(&mut world, ConsumerChange::SettlementLost { call, outcome });
    assert_eq!(world.count(|event| matches!(event, Event::CallSucceeded { .. })), 1);
    assert_eq!(world.depth(queue), 1);
    world.providers[0] = Provider::Healthy;
    world.run(LONG);
    let second = |event: &Event| matches!(event, Event::Delivered { delivery: 2, .. });
    assert_eq!((world.count(second), world.depth(queue)), (1, 0));
}

#[test]
fn one_that_is_cut_off_leaves_its_messages_to_others() {
    let (mut world, queue) = busy(20);
    change(&mut world, ConsumerChange::CutOff { consumer: MAILER });
    world.attach("second", queue, consumer(), Provider::Healthy);
    world.run(LONG);
    let by_first = |e: &Event| matches!(e, Event::CallStarted { consumer: MAILER, .. });
    assert_eq!((world.count(by_first), world.depth(queue)), (4, 0));
    change(&mut world, ConsumerChange::Reconnect { consumer: MAILER });
    assert!(!world.station.consumer(MAILER).is_some_and(Consumer::is_cut_off));
}

#[test]
fn its_size_can_be_changed() {
    let (mut world, queue) = busy(20);
    let in_flight = |world: &World| world.station.queue_stats(queue).unwrap().in_flight;
    assert_eq!(in_flight(&world), 4);
    change(&mut world, ConsumerChange::Scale { consumer: MAILER, concurrency: 10 });
    assert_eq!(in_flight(&world), 10);

    let scale = |consumer, concurrency| {
        StationCommand::Change(ConsumerChange::Scale { consumer, concurrency })
    };
    let (setting, range) = ("concurrency", "1 to 10,000");
    let error = apply(&mut world, scale(MAILER, 0)).unwrap_err();
    assert_eq!(error, StationError::OutOfRange(OutOfRange { setting, range }));
    let consumer = ConsumerId::new(9);
    let error = apply(&mut world, scale(consumer, 1)).unwrap_err();
    assert_eq!(error, StationError::NoSuchConsumer { consumer });
}
