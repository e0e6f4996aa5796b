//! Going back: the same states and the same events again.

use postroom_core::{Recorded, Timestamp, mix};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, outage, secs, trouble};
use crate::{
    Arrivals, BranchId, Intervention, Mode, Run, RunUpdate, Scenario, Topology,
    limits::HISTORY_EVENTS_MAX,
};

fn start(scenario: Scenario<Topology>) -> Run<Topology> {
    Run::new(scenario).expect("it can be built")
}

fn set_sms(mode: Mode) -> Intervention<postroom_core::StationCommand> {
    Intervention::SetMode { provider: "sms".to_owned(), mode }
}

/// Fast enough that snapshots are taken on the way.
fn busy(seed: u64) -> Scenario<Topology> {
    let mut scenario = trouble(seed, Mode::Hanging);
    scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 6_000 };
    scenario
}

/// What a watcher knows who does as it is told.
#[derive(Default)]
struct Watcher(Vec<Recorded>);

impl Watcher {
    fn take(&mut self, update: RunUpdate) {
        if update.reset {
            self.0.truncate(update.missed as usize);
        }
        self.0.extend(update.batch.events);
    }
}

#[test]
fn back_and_forth_the_states_are_the_same() {
    for seed in 0..10 {
        let mut run = start(busy(seed));
        let mut states = Vec::new();
        for second in 1..=30 {
            if second % 10 == 7 {
                let mode = if second == 7 { Mode::Failing } else { Mode::Healthy };
                run.advance_to(Timestamp::from_millis(second * 1_000 - 500));
                run.intervene(set_sms(mode)).expect("it can be set");
            }
            run.advance_to(secs(second));
            states.push((run.world().digest(), run.world().trace_digest()));
        }
        for visit in 0..40 {
            let second = mix(seed << 8 | visit) % 30;
            run.seek(secs(second + 1));
            let state = (run.world().digest(), run.world().trace_digest());
            assert_eq!(state, states[second as usize], "seed {seed}, second {}", second + 1);
        }
        assert_eq!(run.branches().len(), 1);
    }
}

#[test]
fn a_watcher_who_does_as_told_knows_what_happened() {
    let mut run = start(busy(2));
    let (mut watcher, mut straight) = (Watcher::default(), Watcher::default());
    for second in 1..=20 {
        let update = run.advance_to(secs(second));
        straight.0.extend(update.batch.events.iter().copied());
        watcher.take(update);
    }
    let upto = |second: u64| -> Vec<Recorded> {
        straight.0.iter().filter(|event| event.at <= secs(second)).copied().collect()
    };
    for second in [3, 12, 5, 19, 0, 20] {
        watcher.take(run.seek(secs(second)));
        assert_eq!(watcher.0, upto(second), "at second {second}");
    }
    let known = upto(4).len() as u64;
    let update = run.seek_from(secs(9), known);
    assert_eq!((update.reset, update.missed), (true, known));
    watcher.take(update);
    assert_eq!(watcher.0, upto(9));
    run.seek(secs(2));
    let update = run.seek_from(secs(9), known);
    assert_eq!((update.reset, update.missed), (true, known), "ahead of where it was");
    watcher.take(update);
    assert_eq!(watcher.0, upto(9));
    let update = run.seek_from(secs(12), known);
    assert_eq!((update.reset, update.missed), (false, 0), "it knows more already");
    watcher.take(update);
    assert_eq!(watcher.0, upto(12));
    let update = run.seek_from(secs(3), known);
    assert_eq!((update.missed, update.batch.events), (0, upto(3)), "that was beyond the goal");
    run.seek(secs(7));
    assert_eq!(run.replay().batch.events, upto(7));
    // Out of the past into the unknown.
    let update = run.advance_to(secs(21));
    watcher.0 = upto(7);
    watcher.take(update);
    assert_eq!(watcher.0[..straight.0.len()], straight.0);
    assert!(watcher.0.len() > straight.0.len());
}

#[test]
fn what_is_no_longer_kept_happens_once_more() {
    let mut scenario = calm(2);
    scenario.producers[0].arrivals = Arrivals::Poisson { per_minute: 120_000 };
    scenario.system.consumers.iter_mut().for_each(|each| each.config.concurrency = 1_000);
    let mut run = start(scenario);
    let early = run.advance_to(secs(2)).batch.events;
    while run.world().events() < HISTORY_EVENTS_MAX + early.len() as u64 {
        run.advance_to(Timestamp::from_micros(run.now().as_micros() + 1_000_000));
    }
    let known = early.iter().filter(|event| event.at <= secs(1)).count() as u64;
    for _ in 0..2 {
        let update = run.seek_from(secs(2), known);
        assert_eq!((update.reset, update.missed), (true, known));
        assert!(update.batch.events == early[known as usize..]);
        run.seek(Timestamp::ZERO); // And the second time from behind.
    }
}

#[test]
fn switching_tells_only_what_is_not_known() {
    let mut run = start(busy(3));
    let first = run.advance_to(secs(10)).batch.events;
    run.seek(secs(5));
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    run.advance_to(secs(10));
    let known = first.iter().filter(|event| event.at <= secs(7)).count() as u64;
    let update = run.switch_from(BranchId::new(0), known).expect("it is kept");
    assert_eq!((update.reset, update.missed), (true, known));
    assert!(update.batch.events == first[known as usize..]);
    assert!(run.switch(BranchId::new(0)).is_ok_and(|all| all.batch.events == first));
}

#[test]
fn every_event_has_its_place() {
    let mut run = start(outage());
    let events = run.advance_to(secs(60)).batch.events;
    assert_eq!((events[0].command, events[0].index), (1, 0));
    for pair in events.windows(2) {
        let next = if pair[0].command == pair[1].command { pair[0].index + 1 } else { 0 };
        assert!(pair[0].command <= pair[1].command && pair[1].index == next, "{pair:?}");
    }
}

#[test]
fn a_seek_ends_where_the_branch_does() {
    let mut run = start(outage());
    run.advance_to(secs(10));
    let update = run.seek(secs(1_000));
    assert_eq!((update.now_us, update.end_us), (secs(10), secs(10)));
    let update = run.seek(Timestamp::ZERO);
    assert_eq!((update.now_us, update.end_us), (Timestamp::ZERO, secs(10)));
}

#[test]
fn steps_pass_through_what_was_done_before() {
    let mut run = start(calm(1));
    run.advance_to(secs(5));
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    run.advance_to(secs(10));
    let (state, steps) = (run.world().digest(), run.world().steps());
    run.seek(Timestamp::ZERO);
    let mut taken = 0;
    while run.world().steps() < steps {
        run.step();
        taken += 1;
    }
    run.advance_to(secs(10));
    assert_eq!((run.world().digest(), taken), (state, steps + 1), "the intervention is a step");
    assert_eq!(run.branches().len(), 1);
}

#[test]
fn a_trial_of_a_run_goes_the_way_that_it_went() {
    let that =
        r#"{ "at_most": { "of": { "measure": "call_failed", "queue": "sms" }, "value": 0 } }"#;
    let that = serde_json::from_str(that).expect("a condition");
    let mut scenario = calm(5);
    scenario.goals = vec![crate::Goal { name: "sms works".to_owned(), that }];
    let mut run = start(scenario);
    let mut judged = Vec::new();
    let mut check = |run: &Run<Topology>| {
        let trial = run.trial().expect("its goals name what is there");
        assert_eq!(trial.world().digest(), run.world().digest());
        assert_eq!(trial.world().trace_digest(), run.world().trace_digest());
        judged.push(trial.judge()[0].verdict == crate::Verdict::Met);
    };
    check(&run);
    run.advance_to(secs(10));
    check(&run);
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    check(&run);
    run.advance_to(secs(20));
    check(&run);
    run.seek(secs(12));
    run.intervene(set_sms(Mode::Healthy)).expect("it can be set");
    run.intervene(set_sms(Mode::Hanging)).expect("it can be set");
    run.advance(secs(30), 10);
    check(&run);
    run.switch(crate::BranchId::new(0)).expect("it is there");
    check(&run);
    run.seek(secs(10));
    check(&run);
    assert_eq!(judged[..4], [true, true, true, false]);
    assert_eq!(judged[5..], [false, true], "the old future, and before it");
}
