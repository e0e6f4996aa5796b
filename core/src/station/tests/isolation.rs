//! One channel's trace, whatever the other does.

use alloc::vec::Vec;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::world::{Provider, World};
use crate::{BreakerConfig, ConsumerConfig, Event, QueueConfig, QueueId, Rate, Span, Timestamp};

const SEEDS: u64 = 100;
const END: Timestamp = Timestamp::from_millis(60_000);

#[test]
fn a_second_channel_never_changes_the_first() {
    for seed in 0..SEEDS {
        let alone = first_channels_trace(World::new(seed), None);
        assert!(alone.len() > 150, "seed {seed}: something happens");
        for provider in [Provider::Healthy, Provider::Failing, Provider::Hanging, Provider::Flaky] {
            let beside = first_channels_trace(World::new(seed), Some(provider));
            assert_eq!(alone, beside, "seed {seed}, beside {provider:?}");
        }
    }
}

#[cfg(feature = "planted")]
#[test]
fn each_planted_coupling_is_seen() {
    use crate::Coupling;

    for coupling in [Coupling::SharedWorkers, Coupling::SharedRetryQueue, Coupling::SharedLimiter] {
        let differs = |seed: &u64| {
            let trace = |provider| {
                let mut world = World::new(*seed);
                world.station.plant(coupling);
                first_channels_trace(world, Some(provider))
            };
            trace(Provider::Healthy) != trace(Provider::Hanging)
        };
        let seen = (0..SEEDS).filter(differs).count();
        assert!(seen >= 90, "{coupling:?} is seen under {seen} of {SEEDS} seeds only");
    }
}

/// The first channel is itself in some trouble, so that it has retries and waits to be disturbed.
fn first_channels_trace(mut world: World, second: Option<Provider>) -> Vec<(Timestamp, Event)> {
    let config = ConsumerConfig {
        call_timeout: Span::from_secs(2),
        rate: Some(Rate { per_second: 20, burst: 3 }),
        breaker: Some(BreakerConfig { open: Span::from_secs(1), ..BreakerConfig::default() }),
        ..ConsumerConfig::default()
    };
    let first = world.channel("first", QueueConfig::default(), config, Provider::Flaky);
    world.produce(first, 50, Span::from_millis(60));
    if let Some(provider) = second {
        let second: QueueId = world.channel("second", QueueConfig::default(), config, provider);
        world.produce(second, 50, Span::from_millis(60));
    }
    world.run(END);
    world.trace_of(first)
}
