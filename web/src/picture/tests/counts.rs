//! What the picture counts and remembers.

use postroom_core::{Event, Recorded, Timestamp};
use postroom_simulator::{Arrivals, Mode};

use super::world::{Run, run};
use crate::picture::{Breaker, ghost::GHOSTS_MAX};

const BUSY: Arrivals = Arrivals::Poisson { per_minute: 300 };

/// A run in which sms fails, hangs, is flaky, heals, and is redriven, as far as second `seconds`.
fn eventful(seconds: u64) -> Run {
    let flaky = Mode::Flaky { fail_percent: 40, answer_lost: Default::default() };
    let faults = [(5, Mode::Failing), (40, Mode::Hanging), (70, flaky), (90, Mode::Healthy)];
    let mut run = run(BUSY, Some(400), &faults);
    for second in 0..seconds {
        run.run_until(Timestamp::from_millis(second * 1_000));
        if second % 30 == 29 {
            run.redrive("sms", Some(50));
        }
    }
    run
}

#[test]
fn the_counters_are_the_engines_own_at_every_step() {
    let faults = [(5, Mode::Failing), (25, Mode::Hanging), (50, Mode::Healthy)];
    let mut run = run(BUSY, Some(400), &faults);
    let mut steps = 0;
    while run.step() {
        steps += 1;
        for name in ["push", "sms"] {
            let (stats, dead) = (run.stats(name), run.stats(&format!("{name}.dead")));
            let counters = run.picture.counters(run.queue(name));
            assert_eq!(
                (counters.ready, counters.in_flight, counters.waiting, counters.dead),
                (stats.ready, stats.in_flight, stats.delayed + stats.blocked, dead.depth()),
                "{name} after {steps} steps"
            );
        }
        if steps == 900 {
            run.redrive("sms", None);
        }
    }
    assert!(steps > 1_000, "only {steps} steps");
    assert!(run.count(|event| matches!(event, Event::LeaseExpired { .. })) == 0);
}

#[test]
fn the_tray_counts_what_died_less_what_was_redriven() {
    let run = eventful(85);
    let died = run.count(|event| matches!(event, Event::DeadLettered { .. }));
    let redriven = run.count(|event| matches!(event, Event::Redriven { .. }));
    assert!(died > 100 && redriven > 50, "{died} died, {redriven} redriven");
    assert_eq!(run.picture.counters(run.queue("sms")).dead, died - redriven);
    assert_eq!(run.picture.counters(run.queue("push")).dead, 0);
}

#[test]
fn going_back_is_folding_again() {
    let run = eventful(120);
    let half = run.events.len() / 2;
    let mut again = run.picture.clone();
    again.clear();
    run.events[..half].iter().for_each(|recorded| again.apply(recorded));
    let checkpoint = again.clone();
    run.events[half..].iter().for_each(|recorded| again.apply(recorded));

    let (plan, now) = (run.plan(), Timestamp::from_millis(119_123));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    run.picture.read(&plan, now, false, &mut first);
    again.read(&plan, now, false, &mut second);
    assert_eq!(first, second);
    assert_ne!(checkpoint.counters(run.queue("push")), again.counters(run.queue("push")));

    let mut from_checkpoint = checkpoint;
    run.events[half..].iter().for_each(|recorded| from_checkpoint.apply(recorded));
    from_checkpoint.read(&plan, now, false, &mut second);
    assert_eq!(first, second);
}

#[test]
fn the_breaker_is_drawn_as_it_stands() {
    let mut run = run(BUSY, None, &[(5, Mode::Failing), (20, Mode::Healthy)]);
    let consumer = run.world.machine().find_consumer("sms").expect("a consumer");
    let mut seen = Vec::new();
    while run.world.now() < Timestamp::from_millis(60_000) && run.step() {
        let state = match run.picture.worker(consumer).breaker {
            Breaker::Closed => "closed",
            Breaker::Open { .. } => "open",
            Breaker::HalfOpen => "half-open",
            Breaker::ForcedOpen | Breaker::Disabled => panic!("nobody stepped in"),
        };
        if seen.last() != Some(&state) {
            seen.push(state);
        }
    }
    assert_eq!(seen.first(), Some(&"closed"));
    assert!(seen.windows(3).any(|three| three == ["open", "half-open", "closed"]), "{seen:?}");
}

#[test]
fn a_paused_worker_is_known_as_such_until_it_is_resumed() {
    let mut run = run(BUSY, None, &[]);
    let consumer = run.world.machine().find_consumer("sms").expect("a consumer");
    let queue = run.queue("sms");
    let mut tell = |event| {
        let at = Timestamp::from_millis(1);
        run.picture.apply(&Recorded { at, command: 1, index: 0, event });
        run.picture.worker(consumer).is_paused
    };
    assert!(tell(Event::ConsumerPaused { consumer, queue }));
    assert!(tell(Event::ConsumerCrashed { consumer, queue }), "a crash does not resume it");
    assert!(!tell(Event::ConsumerResumed { consumer, queue }));
}

#[test]
fn what_is_over_is_forgotten() {
    let mut run = run(Arrivals::Constant { per_minute: 480 }, Some(1_000), &[]);
    while run.step() {}
    assert_eq!(run.picture.counters(run.queue("push")).delivered, 1_000);
    for lane in &run.picture.lanes {
        assert_eq!(lane.letters.len(), 0);
        assert!(lane.moving.len() <= 256, "{} of 1,000 listed", lane.moving.len());
    }
    assert!(run.picture.ghosts.len() <= GHOSTS_MAX);
}
