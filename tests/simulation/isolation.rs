//! What SMS does cannot be seen on push or e-mail: not in one byte of their traces.

use std::{cell::OnceCell, ops::Range};

use postroom_core::{Coupling, Event, Rate, Sink};
use postroom_notification::{Channel, NotificationSystem};
use postroom_simulator::{AnswerLost, Fault, Mode, Scenario, Trace, World};
use postroom_tests::storm::{Dice, calm};

use crate::scene::{Coupled, redrive, secs};

const SEEDS: Range<u64> = 0..200;
/// SMS behaves otherwise from this second on,
const BREAKS: u64 = 10;
/// is healthy again from this one,
const HEALS: u64 = 50;
/// its dead letters are redriven,
const REDRIVEN: u64 = 70;
/// and here the world ends.
const END: u64 = 90;

const OTHERS: [Channel; 2] = [Channel::Push, Channel::Email];

/// Push and e-mail are troubled in the seed's own way: they retry and open their breakers too.
/// Only what SMS does differs.
fn world_of(seed: u64, sms: Mode, coupling: Option<Coupling>) -> Scenario<Coupled> {
    let dice = Dice::new(seed);
    let mut system = NotificationSystem::default();
    for channel in Channel::ALL {
        // Tight enough for a limiter that somebody else draws from to be felt.
        system.channel_mut(channel).consumer.rate = Some(Rate { per_second: 15, burst: 5 });
    }
    let per_minute = dice.between(120, 480, &[0]) as u32;
    let mut scenario = calm(seed, Coupled { system, coupling }, per_minute);
    for channel in OTHERS {
        let key = channel as u64;
        let lost = [AnswerLost::Never, AnswerLost::Before, AnswerLost::After];
        let mode = Mode::Flaky {
            fail_percent: dice.between(10, 50, &[1, key]) as u32,
            answer_lost: dice.pick(&lost, &[2, key]),
        };
        scenario.providers[key as usize].mode = mode;
        // A spell without any answer, so that calls run into their deadlines.
        let from = dice.between(5_000, 60_000, &[3, key]);
        let until = from + dice.between(500, 8_000, &[4, key]);
        for (at_ms, mode) in [(from, Mode::Hanging), (until, mode)] {
            scenario.faults.push(Fault::mode(at_ms, channel.name(), mode));
        }
    }
    for (second, mode) in [(BREAKS, sms), (HEALS, Mode::Healthy)] {
        scenario.faults.push(Fault::mode(second * 1_000, Channel::Sms.name(), mode));
    }
    scenario
}

/// Everything that happens while SMS behaves so.
fn trace_of(seed: u64, sms: Mode, coupling: Option<Coupling>) -> (Trace, World<Coupled>) {
    let mut trace = Trace::new();
    let mut world = World::new(world_of(seed, sms, coupling), &mut trace).unwrap();
    world.run_until(secs(REDRIVEN), &mut trace);
    redrive(&mut world, Channel::Sms, &mut trace);
    world.run_until(secs(END), &mut trace);
    (trace.named(world.machine()), world)
}

/// The text of one channel's queue, dead letters and consumer.
fn text_of(channel: Channel, (trace, world): &(Trace, World<Coupled>)) -> String {
    let ids = world.machine().wiring().channel(channel);
    trace.only(&[ids.queue, ids.dead_letters]).to_text()
}

/// Whether the traces of push and e-mail are the same whatever SMS does.
fn check(seed: u64, coupling: Option<Coupling>) -> Result<(), String> {
    let healthy = trace_of(seed, Mode::Healthy, coupling);
    for mode in [Mode::Failing, Mode::Hanging] {
        let broken = trace_of(seed, mode, coupling);
        for channel in OTHERS {
            let (expected, found) = (text_of(channel, &healthy), text_of(channel, &broken));
            if expected != found {
                let difference = first_difference(&expected, &found);
                return Err(format!(
                    "seed {seed}: with SMS {mode:?}, the trace of {channel} differs in {difference}"
                ));
            }
        }
    }
    Ok(())
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = (1..)
        .zip(expected.lines().map(Some).chain([None]).zip(found.lines().map(Some).chain([None])));
    let (number, (expected, found)) =
        lines.find(|(_, (expected, found))| expected != found).expect("the texts differ");
    let or_end = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
    format!("line {number}:\n  with SMS healthy: {}\n  now: {}", or_end(expected), or_end(found))
}

#[test]
fn push_and_email_do_not_notice_what_sms_does() {
    for seed in SEEDS {
        check(seed, None).unwrap_or_else(|difference| panic!("{difference}"));
    }
}

/// Seeds until the check notices a coupling. One would do; a few show that it is no accident.
fn noticed(coupling: Coupling) -> u64 {
    const TRIED: Range<u64> = 0..20;
    let first = OnceCell::new();
    let failures = TRIED.filter(|seed| {
        check(*seed, Some(coupling)).is_err_and(|difference| {
            assert!(difference.starts_with(&format!("seed {seed}: ")), "{difference}");
            first.get_or_init(|| println!("{coupling:?} noticed: {difference}"));
            true
        })
    });
    failures.count() as u64
}

#[test]
fn a_shared_worker_pool_is_noticed() {
    assert!(noticed(Coupling::SharedWorkers) >= 1);
}

#[test]
fn a_shared_retry_queue_is_noticed() {
    assert!(noticed(Coupling::SharedRetryQueue) >= 1);
}

#[test]
fn a_shared_limiter_is_noticed() {
    assert!(noticed(Coupling::SharedLimiter) >= 1);
}

/// What the check compares is worth comparing: traces in which nothing happens are equal too.
#[test]
fn the_compared_worlds_are_troubled() {
    let mut seen = Seen::default();
    let (mut sms_calls, mut lines) = ([0; 3], 0);
    for seed in SEEDS.take(20) {
        for (mode, calls) in
            [Mode::Healthy, Mode::Failing, Mode::Hanging].into_iter().zip(&mut sms_calls)
        {
            let run = trace_of(seed, mode, None);
            *calls += run.1.provider("sms").unwrap().calls();
            for channel in OTHERS {
                let queue = run.1.machine().wiring().channel(channel).queue;
                let trace = run.0.only(&[queue]);
                lines += trace.events().len();
                trace.events().iter().for_each(|(at, event)| seen.record(*at, *event));
            }
        }
    }
    let Seen { retries, timeouts, opened, closed, throttled, dead } = seen;
    assert!(lines > 100_000, "{lines} lines");
    assert!(retries > 1_000 && timeouts > 100, "{retries} retries, {timeouts} timeouts");
    assert!(opened > 100 && closed > 100, "breakers opened {opened} times, closed {closed} times");
    assert!(throttled > 10 && dead > 10, "{throttled} times held back, {dead} dead");
    let [healthy, failing, hanging] = sms_calls;
    assert!(healthy != failing && failing != hanging && healthy != hanging, "{sms_calls:?}");
}

#[derive(Default)]
struct Seen {
    retries: u32,
    timeouts: u32,
    opened: u32,
    closed: u32,
    throttled: u32,
    dead: u32,
}

impl Sink for Seen {
    fn record(&mut self, _: postroom_core::Timestamp, event: Event) {
        match event {
            Event::RetryScheduled { reason, .. } => {
                self.retries += 1;
                self.timeouts += u32::from(reason == postroom_core::FailReason::Timeout);
            }
            Event::BreakerOpened { .. } => self.opened += 1,
            Event::BreakerClosed { .. } => self.closed += 1,
            Event::Throttled { .. } => self.throttled += 1,
            Event::DeadLettered { .. } => self.dead += 1,
            _ => {}
        }
    }
}
