//! The breaker in an outage: it opens, spares the attempts, probes, and closes after healing.

use postroom_core::{BreakerState, Event, Timestamp};
use postroom_notification::{Channel, NotificationSystem};
use postroom_simulator::{Fault, Mode, World};
use postroom_tests::storm::calm;

use crate::scene::secs;

const BREAKS: u64 = 20;
const HEALS: u64 = 80;

/// SMS breaks at 20 s and heals at 80 s; the events of its queue and consumer.
fn outage(seed: u64, mode: Mode) -> (World<NotificationSystem>, Vec<(Timestamp, Event)>) {
    let mut scenario = calm(seed, NotificationSystem::default(), 600);
    scenario.faults = vec![Fault::mode(BREAKS * 1_000, "sms", mode).until(HEALS * 1_000)];
    let mut events = Vec::new();
    let mut world = World::new(scenario, &mut events).unwrap();
    world.run_until(secs(HEALS + 60), &mut events);
    let queue = world.machine().wiring().channel(Channel::Sms).queue;
    events.retain(|(_, event)| event.queue() == Some(queue));
    (world, events)
}

#[test]
fn it_opens_in_the_outage_and_closes_after_it() {
    for seed in 0..50 {
        for mode in [Mode::Failing, Mode::Hanging] {
            let (world, events) = outage(seed, mode);
            let opened = events.iter().find(|(_, e)| matches!(e, Event::BreakerOpened { .. }));
            let (opened, _) = opened.unwrap_or_else(|| panic!("seed {seed} {mode:?}: never open"));
            assert!(
                (secs(BREAKS)..secs(BREAKS + 10)).contains(opened),
                "seed {seed} {mode:?}: opened at {opened:?}"
            );
            let last = events.iter().rfind(|(_, event)| is_change(event));
            let (closed, change) = last.unwrap();
            assert!(
                matches!(change, Event::BreakerClosed { .. }) && *closed < secs(HEALS + 10),
                "seed {seed} {mode:?}: {change:?} at {closed:?}"
            );
            let view = world.machine().channel(Channel::Sms);
            assert_eq!(view.breaker, Some(BreakerState::Closed), "seed {seed} {mode:?}");
        }
    }
}

#[test]
fn while_it_is_open_no_attempt_is_spent() {
    for seed in 0..50 {
        for mode in [Mode::Failing, Mode::Hanging] {
            let (_, events) = outage(seed, mode);
            let (mut open, mut half_open_calls) = (false, None);
            for (at, event) in &events {
                match event {
                    Event::BreakerOpened { .. } => (open, half_open_calls) = (true, None),
                    Event::BreakerHalfOpened { .. } => (open, half_open_calls) = (false, Some(0)),
                    Event::BreakerClosed { .. } => half_open_calls = None,
                    Event::Delivered { .. } | Event::CallStarted { .. } => {
                        assert!(!open, "seed {seed} {mode:?}: {event:?} at {at:?}, while open");
                        let is_call = matches!(event, Event::CallStarted { .. });
                        if let Some(calls) = half_open_calls.as_mut().filter(|_| is_call) {
                            *calls += 1;
                            assert!(*calls <= 2, "seed {seed} {mode:?}: a third probe at {at:?}");
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn without_it_the_outage_costs_every_attempt() {
    let calls = |breaker: bool| {
        let mut system = NotificationSystem::default();
        if !breaker {
            system.sms.consumer.breaker = None;
        }
        let mut scenario = calm(1, system, 600);
        scenario.providers[2].mode = Mode::Failing;
        let mut world = World::new(scenario, &mut ()).unwrap();
        world.run_until(secs(120), &mut ());
        world.provider("sms").unwrap().calls()
    };
    let (with, without) = (calls(true), calls(false));
    assert!(with * 20 < without, "{with} calls with a breaker, {without} without");
}

fn is_change(event: &Event) -> bool {
    matches!(
        event,
        Event::BreakerOpened { .. } | Event::BreakerHalfOpened { .. } | Event::BreakerClosed { .. }
    )
}
