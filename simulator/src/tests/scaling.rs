//! Scalers: when there are more workers, and when fewer.

use postroom_core::{Event, QueueStats, Span, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, run, secs};
use crate::{
    Arrivals, Fault, Intervention, Latency, Run, ScaleBy, Scaler, Scenario, ScenarioError,
    Topology, Trace, Trouble,
    autoscale::ScalerState,
    limits::{PER_WORKER_MAX, SCALE_EVERY_MS_MIN, SPAN_MS_MAX},
};

fn scaler() -> Scaler {
    Scaler {
        worker: "sms".to_owned(),
        min: 2,
        max: 20,
        by: ScaleBy::Depth { per_worker: 10 },
        every_ms: 5_000,
        start_ms: 0,
        down_after_ms: 30_000,
    }
}

/// Nothing but 400 videos at once after ten seconds, each of which takes two seconds.
fn videos(scaler: Scaler) -> Scenario<Topology> {
    let mut scenario = calm(1);
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 0 };
    scenario.system.subscriptions.retain(|subscription| subscription.queue == "sms");
    let config = &mut scenario.system.consumers[2].config;
    (config.concurrency, config.breaker, config.call_timeout) = (2, None, Span::from_secs(5));
    scenario.system.queues[1].config.deliver_within = None;
    scenario.providers[2].latency_ms = Latency::Fixed(2_000);
    let burst = Trouble::Burst { producer: "events".to_owned(), count: 400 };
    scenario.faults = vec![Fault::new(10_500, burst)];
    scenario.scalers = vec![scaler];
    scenario
}

fn sizes(trace: &Trace) -> Vec<(u64, u32)> {
    let events = trace.events().iter().filter_map(|(at, event)| match event {
        Event::ConsumerScaled { concurrency, .. } => Some((at.as_micros() / 1_000, *concurrency)),
        _ => None,
    });
    events.collect()
}

#[test]
fn a_backlog_brings_workers_and_its_end_sends_them_home() {
    let (world, trace) = run(videos(scaler()), 200);
    // Ten a second from 15 s on. From 40 s on fewer than twenty are wanted, sixteen at most, and for
    // the thirty seconds after 70 s two.
    assert_eq!(sizes(&trace), [(15_000, 20), (70_000, 16), (105_000, 2)]);
    assert_eq!(world.provider("sms").map(|sms| sms.taken().total()), Some(400));
    let last = trace.events().iter().rfind(|(_, event)| matches!(event, Event::Acked { .. }));
    assert!(last.is_some_and(|(at, _)| *at < secs(56)), "{last:?}");
}

#[test]
fn workers_come_when_they_have_started() {
    let (_, trace) = run(videos(Scaler { start_ms: 7_500, ..scaler() }), 200);
    assert_eq!(sizes(&trace)[0], (22_500, 20));
    assert_eq!(sizes(&trace).len(), 3, "they are ordered once");
}

#[test]
fn an_old_message_brings_workers_by_its_age() {
    let by = ScaleBy::Age { target_ms: 3_000 };
    let (_, trace) = run(videos(Scaler { by, ..scaler() }), 200);
    // At 15 s it is 4.5 s old, at 20 s what has waited longest 9.5 s.
    assert_eq!(sizes(&trace)[..3], [(15_000, 3), (20_000, 10), (25_000, 20)]);
    assert_eq!(sizes(&trace).last().map(|(_, size)| *size), Some(2));
}

fn waiting(ready: u64) -> QueueStats {
    QueueStats { ready, ..QueueStats::default() }
}

#[test]
fn a_short_lull_sends_nobody_home() {
    let mut state = ScalerState::new(&scaler());
    let mut look = |second, size, ready| state.step(secs(second), size, &waiting(ready));
    assert_eq!(look(5, 2, 100), Some(10));
    assert_eq!(look(10, 10, 40), None);
    assert_eq!(look(15, 10, 100), None, "as many are wanted again");
    assert_eq!(look(20, 10, 30), None);
    assert_eq!(look(35, 10, 71), None);
    assert_eq!(look(49, 10, 0), None, "29 s are no 30");
    assert_eq!(look(54, 10, 0), Some(8), "the most that was wanted meanwhile");
    assert_eq!(look(59, 8, 0), None);
    assert_eq!(look(60, 8, 999), None, "it is not time to look");
}

#[test]
fn what_is_ordered_counts_and_can_be_called_off() {
    let start_ms = 60_000;
    let mut state = ScalerState::new(&Scaler { start_ms, down_after_ms: 0, ..scaler() });
    let mut look = |second, size, ready| state.step(secs(second), size, &waiting(ready));
    assert_eq!(look(5, 2, 100), None);
    assert_eq!(look(10, 2, 100), None);
    assert_eq!(look(15, 2, 150), None);
    assert_eq!(look(65, 2, 150), Some(10));
    assert_eq!(look(70, 10, 20), Some(2));
    assert_eq!(look(75, 2, 20), None, "the five that were to come as well do not");
}

#[test]
fn a_run_with_a_scaler_goes_back_to_what_it_was() {
    let scaler = Scaler { start_ms: 3_000, down_after_ms: 10_000, ..scaler() };
    let mut run = Run::new(videos(scaler)).expect("it can be built");
    let mut digests = Vec::new();
    for second in 1..=90 {
        if second == 40 {
            run.advance_to(Timestamp::from_millis(39_500));
            let jump = Trouble::ClockJump { by_ms: 200 };
            run.intervene(Intervention::Begin(jump)).expect("it can jump");
        }
        run.advance_to(Timestamp::from_millis(second * 1_000));
        digests.push(run.world().digest());
    }
    for second in [80, 12, 41, 39, 23, 90, 1, 16] {
        run.seek(secs(second));
        assert_eq!(run.world().digest(), digests[second as usize - 1], "second {second}");
    }
}

#[test]
fn every_setting_ends_at_its_limit() {
    let with = |scaler: Scaler| videos(scaler).validate();
    let depth = |per_worker| Scaler { by: ScaleBy::Depth { per_worker }, ..scaler() };
    let age = |target_ms| Scaler { by: ScaleBy::Age { target_ms }, ..scaler() };
    let day = SPAN_MS_MAX;
    for good in [
        Scaler { min: 1, max: 1, ..scaler() },
        Scaler { max: 10_000, ..scaler() },
        Scaler { every_ms: SCALE_EVERY_MS_MIN, start_ms: day, down_after_ms: day, ..scaler() },
        depth(1),
        depth(PER_WORKER_MAX),
        age(1),
        age(day),
    ] {
        assert_eq!(with(good), Ok(()));
    }
    for (bad, field) in [
        (Scaler { min: 0, ..scaler() }, "min"),
        (Scaler { min: 21, ..scaler() }, "min"),
        (Scaler { max: 10_001, ..scaler() }, "max"),
        (Scaler { every_ms: SCALE_EVERY_MS_MIN - 1, ..scaler() }, "every_ms"),
        (Scaler { every_ms: day + 1, ..scaler() }, "every_ms"),
        (Scaler { start_ms: day + 1, ..scaler() }, "start_ms"),
        (Scaler { down_after_ms: day + 1, ..scaler() }, "down_after_ms"),
        (depth(0), "by.depth.per_worker"),
        (depth(PER_WORKER_MAX + 1), "by.depth.per_worker"),
        (age(0), "by.age.target_ms"),
        (age(day + 1), "by.age.target_ms"),
    ] {
        let error = with(bad).expect_err(field).to_string();
        assert!(error.starts_with(&format!("`scalers[0].{field}` is out of range")), "{error}");
    }
    let mut twice = videos(scaler());
    twice.scalers.push(scaler());
    let (field, name) = ("scalers[1].worker".to_owned(), "sms".to_owned());
    assert_eq!(twice.validate(), Err(ScenarioError::NameTaken { field, name }));
    twice.scalers[1].worker = "fax".to_owned();
    let error = twice.validate().expect_err("there is no fax").to_string();
    assert_eq!(error, "`scalers[1].worker` names `fax`, which is not among `providers`");
}
