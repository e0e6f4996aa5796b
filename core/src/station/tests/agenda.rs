//! Looking only at consumers that may have something to do comes to the same as looking at all.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::BreakerOverride;

#[test]
fn whoever_is_not_looked_at_had_nothing_to_do() {
    for seed in 0..40 {
        let [all, some] = [true, false].map(|looks_at_all| {
            let mut world = random_world(seed);
            world.station.looks_at_all = looks_at_all;
            world.run(Timestamp::from_millis(30_000));
            world
        });
        assert_eq!(all.trace, some.trace, "seed {seed}");
        assert_eq!(all.station.digest(), some.station.digest(), "seed {seed}");
        assert!(some.trace.len() > 500, "seed {seed}: something happens");
    }
}

#[test]
fn a_restored_station_looks_at_the_same_ones() {
    for seed in 0..10 {
        let mut world = random_world(seed);
        world.run(Timestamp::from_millis(700 + 131 * seed));
        let mut restored = world.clone();
        restored.station = Station::restore(world.station.snapshot()).unwrap();
        for world in [&mut world, &mut restored] {
            world.run(Timestamp::from_millis(20_000));
        }
        assert_eq!(world.trace, restored.trace, "seed {seed}");
    }
}

#[test]
fn consumers_that_are_idle_cost_nothing() {
    let looks = |others: u32, of_one_queue: bool| {
        let mut world = World::new(1);
        let queue = world.queue("mail", QueueConfig::default());
        world.attach("mailer", queue, consumer(), Provider::Healthy);
        for number in 0..others {
            let name = number.to_string();
            let queue =
                if of_one_queue { queue } else { world.queue(&name, QueueConfig::default()) };
            world.attach(&name, queue, consumer(), Provider::Healthy);
        }
        let before = world.station.agenda.looked_at;
        world.produce(queue, 3, Span::from_secs(1));
        world.run(LONG);
        assert_eq!(world.count(|event| matches!(event, Event::CallSucceeded { .. })), 3);
        world.station.agenda.looked_at - before
    };
    let alone = looks(0, true);
    assert_eq!((looks(300, true), looks(300, false)), (alone, alone));
    assert!((3..=12).contains(&alone), "{alone} looks for three messages");
}

#[test]
fn the_next_deadline_is_that_of_a_station_that_looks_at_all() {
    let mut world = random_world(7);
    for step in 1..200 {
        world.run(Timestamp::from_millis(step * 50));
        let consumers = world.station.consumers().filter_map(|(.., c)| c.next_deadline());
        let slow = consumers.chain(world.station.engine().next_deadline()).min();
        assert_eq!(world.station.next_deadline(), slow, "after step {step}");
    }
}

/// Three channels in all sorts of trouble, the second with three consumers, dead letters that are
/// worked too, and an operator who steps in.
fn random_world(seed: u64) -> World {
    let mut world = World::new(seed);
    let draw = |what: u64, most| Entropy::new(seed).draw_up_to(most, &[what]);
    let mut consumers = 0;
    for channel in 0..3_u64 {
        let draw = |what, most| draw(10 * channel + what, most);
        let rate = (draw(0, 1) == 0).then_some(Rate { per_second: 30, burst: 2 });
        let breaker = BreakerConfig { open: Span::from_secs(1), ..BreakerConfig::default() };
        let config = ConsumerConfig {
            concurrency: 1 + draw(1, 3) as u32,
            rate,
            breaker: Some(breaker),
            ..consumer()
        };
        let providers = [Provider::Healthy, Provider::Flaky, Provider::Hanging, Provider::Flaky];
        let provider = |what| providers[draw(what, 3) as usize];
        let name = channel.to_string();
        let dead = world.queue(&(name.clone() + " dead"), QueueConfig::default());
        world.attach(&(name.clone() + " undertaker"), dead, config, provider(2));
        let settings =
            QueueConfig { dead_letters: Some(dead), max_deliveries: 2, ..QueueConfig::default() };
        let queue = world.queue(&name, settings);
        let workers = if channel == 1 { 3 } else { 1 };
        for worker in 0..workers {
            let name = alloc::format!("{channel}.{worker}");
            world.attach(&name, queue, config, provider(3 + worker));
        }
        consumers += 1 + workers as u32;
        world.produce(queue, 60, Span::from_millis(40));
    }
    for nth in 0..20 {
        let consumer = ConsumerId::new(draw(100 + nth, u64::from(consumers) - 1) as u32);
        let command = match draw(200 + nth, 5) {
            0 => StationCommand::PauseConsumer { consumer },
            1 | 2 => StationCommand::ResumeConsumer { consumer },
            3 => StationCommand::OverrideBreaker { consumer, how: BreakerOverride::ForceOpen },
            _ => StationCommand::OverrideBreaker { consumer, how: BreakerOverride::Reset },
        };
        world.plan(Timestamp::from_millis(draw(300 + nth, 5_000)), nth, command);
    }
    world
}
