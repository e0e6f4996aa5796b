//! Bad weather for a notification system: every seed is harsh in its own way.

use postroom_core::Entropy;
use postroom_notification::{Channel, NotificationSystem};
use postroom_simulator::{
    AnswerLost, Arrivals, Fault, Latency, Mode, Producer, Provider, Scenario,
};

/// Until then, in seconds, providers do as they like; from then on they are healthy.
pub const STORM_SECS: u64 = 90;

/// The name of the one producer.
pub const PRODUCER: &str = "shop";

/// Random choices of one seed, each by its own keys: a new choice changes no other.
#[derive(Clone, Copy, Debug)]
pub struct Dice(Entropy);

impl Dice {
    /// The choices of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Entropy::new(seed))
    }

    /// From `low` to `high`, both included.
    #[must_use]
    pub fn between(self, low: u64, high: u64, keys: &[u64]) -> u64 {
        low + self.0.draw_up_to(high - low, keys)
    }

    /// One of `choices`, of which there is at least one.
    #[must_use]
    pub fn pick<T: Copy>(self, choices: &[T], keys: &[u64]) -> T {
        choices[self.between(0, choices.len() as u64 - 1, keys) as usize]
    }
}

/// Three healthy channels, and so many notifications a minute on average, by chance.
pub fn calm<S>(seed: u64, system: S, per_minute: u32) -> Scenario<S> {
    let latency = Latency::Uniform { min: 20, max: 200 };
    let provider = |channel: Channel| Provider::new(channel.name(), latency);
    Scenario {
        producers: vec![Producer::new(PRODUCER, Arrivals::Poisson { per_minute })],
        providers: Channel::ALL.map(provider).into(),
        ..Scenario::new("storm", seed, system)
    }
}

/// Every provider changes its mind every few seconds, until all are healthy again. In every third
/// seed the queues are small.
#[must_use]
pub fn storm(seed: u64) -> Scenario<NotificationSystem> {
    let dice = Dice::new(seed);
    let mut system = NotificationSystem::default();
    if seed.is_multiple_of(3) {
        for channel in Channel::ALL {
            let config = system.channel_mut(channel);
            config.capacity = dice.between(5, 60, &[1, channel as u64]);
            config.dead_letter_capacity = dice.between(5, 60, &[2, channel as u64]);
        }
    }
    let per_minute = dice.between(60, 900, &[3]) as u32;
    let mut scenario = calm(seed, system, per_minute);
    for channel in Channel::ALL {
        let provider = channel.name();
        let mut at_ms = 0;
        for turn in 0.. {
            at_ms += dice.between(1_000, 30_000, &[4, channel as u64, turn]);
            if at_ms >= STORM_SECS * 1_000 {
                break;
            }
            let mode = mode(seed, dice, &[5, channel as u64, turn]);
            scenario.faults.push(Fault::mode(at_ms, provider, mode));
        }
        let at_ms = STORM_SECS * 1_000;
        scenario.faults.push(Fault::mode(at_ms, provider, Mode::Healthy));
    }
    scenario
}

/// Whether no provider of this seed's storm takes a message without saying so.
#[must_use]
pub fn says_what_it_takes(seed: u64) -> bool {
    seed.is_multiple_of(2)
}

fn mode(seed: u64, dice: Dice, keys: &[u64]) -> Mode {
    let fail_percent = dice.between(10, 90, &[keys, &[0]].concat()) as u32;
    let flaky = |answer_lost| Mode::Flaky { fail_percent, answer_lost };
    let honest = [
        Mode::Healthy,
        Mode::Failing,
        Mode::Hanging,
        flaky(AnswerLost::Never),
        flaky(AnswerLost::Before),
    ];
    let sly = [
        Mode::Slow { extra_ms: 1_500 },
        Mode::Slow { extra_ms: 3_000 },
        flaky(AnswerLost::After),
        flaky(AnswerLost::After),
    ];
    if says_what_it_takes(seed) {
        dice.pick(&honest, keys)
    } else {
        dice.pick(&[&honest[..], &sly].concat(), keys)
    }
}
