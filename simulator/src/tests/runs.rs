//! Interventions, branches, and what a run says to those who watch it.

use postroom_core::{Command, Redrive, StationCommand, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, outage, queue, secs, trouble};
use crate::{
    BranchId, Intervention, Mode, NoSuchBranch, Run, RunCommand, RunUpdate, Scenario, Topology,
    limits::{BRANCHES_MAX, INPUTS_MAX},
};

fn start(scenario: Scenario<Topology>) -> Run<Topology> {
    Run::new(scenario).expect("it can be built")
}

fn set_sms(mode: Mode) -> Intervention<StationCommand> {
    Intervention::SetMode { provider: "sms".to_owned(), mode }
}

fn redrive(run: &Run<Topology>) -> Intervention<StationCommand> {
    let from = queue(run.world(), "sms dead letters");
    let redrive = Redrive { max: 100, ..Redrive::all(from) };
    Intervention::Command(StationCommand::Engine(Command::Redrive(redrive)))
}

fn state(run: &Run<Topology>) -> (u64, u64) {
    (run.world().digest(), run.world().trace_digest())
}

#[test]
fn intervening_in_the_past_keeps_the_old_future() {
    let mut run = start(trouble(1, Mode::Hanging));
    run.advance_to(secs(10));
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    run.advance_to(secs(30));
    let old = state(&run);
    run.seek(secs(8));
    run.intervene(set_sms(Mode::Healthy)).expect("it can be set");
    assert_eq!((run.branch(), run.end()), (BranchId::new(1), secs(8)));
    run.advance_to(secs(25));
    let new = state(&run);
    let branches = run.branches();
    assert_eq!(branches.len(), 2);
    assert_eq!((branches[0].end_us, branches[0].parent), (secs(30), None));
    assert_eq!((branches[1].end_us, branches[1].parent), (secs(25), Some(BranchId::new(0))));
    assert_eq!((branches[1].forked_us, branches[1].current), (secs(8), true));
    assert_eq!((branches[0].interventions, branches[1].interventions), (1, 1));

    let update = run.switch(BranchId::new(0)).expect("it is there");
    assert!(update.reset);
    assert_eq!((state(&run), run.now()), (old, secs(30)));
    let update = run.switch(BranchId::new(1)).expect("it is there");
    assert_eq!((state(&run), run.now()), (new, secs(25)));
    let events = update.batch.events.len() as u64;
    assert_eq!((events, update.missed), (run.world().events(), 0));
    let nowhere = BranchId::new(7);
    assert_eq!(run.switch(nowhere).err(), Some(NoSuchBranch(nowhere)));
    assert_eq!(state(&run), new);
}

#[test]
fn the_branch_not_taken_differs_only_from_the_fork_on() {
    let mut run = start(trouble(1, Mode::Hanging));
    let old = run.advance_to(secs(30)).batch.events;
    run.seek(secs(12));
    run.intervene(set_sms(Mode::Healthy)).expect("it can be set");
    run.advance_to(secs(30));
    let new = run.replay().batch.events;
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    assert!(old[same].at >= secs(12) && new[same].at >= secs(12), "{:?}", old[same]);
    assert_ne!(old, new);
}

#[test]
fn intervening_at_the_end_goes_on() {
    let mut run = start(outage());
    for second in 1..=50 {
        run.advance_to(secs(second));
        run.intervene(set_sms(Mode::Healthy)).expect("it can be set");
    }
    assert_eq!((run.branches().len(), run.interventions().count()), (1, 50));
    // Also in the middle of what is due at one time.
    run.step();
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    assert_eq!(run.branches().len(), 1);
    let now = run.now();
    run.advance_to(secs(60));
    let end = state(&run);
    run.seek(now);
    run.seek(secs(60));
    assert_eq!(state(&run), end);
}

#[test]
fn the_middle_of_a_moment_is_the_past_too() {
    let mut scenario = calm(1);
    scenario.producers[0].arrivals = crate::Arrivals::Burst { count: 10, every_ms: 5_000 };
    let mut run = start(scenario);
    run.advance_to(secs(5));
    let end = state(&run);
    run.seek(secs(4));
    run.step();
    assert_eq!(run.now(), secs(5), "one of ten messages has come");
    run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    assert_eq!(run.branches().len(), 2);
    run.switch(BranchId::new(0)).expect("it is there");
    assert_eq!(state(&run), end);
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let mut run = start(outage());
    run.advance_to(secs(50));
    let end = state(&run);
    run.seek(secs(20));
    let wrong = Redrive::all(postroom_core::QueueId::new(99));
    let wrong = Intervention::Command(StationCommand::Engine(Command::Redrive(wrong)));
    for refused in [
        wrong,
        Intervention::SetMode { provider: "fax".to_owned(), mode: Mode::Healthy },
        Intervention::Send { producer: "nobody".to_owned() },
        set_sms(Mode::Slow { extra_ms: u64::MAX }),
    ] {
        let before = state(&run);
        let update = run.handle(RunCommand::Intervene(refused));
        assert!(update.refused.is_some() && update.batch.events.is_empty());
        assert_eq!(state(&run), before);
    }
    assert_eq!((run.branches().len(), run.interventions().count()), (1, 0));
    run.seek(secs(50));
    assert_eq!(state(&run), end);
}

#[test]
fn dead_letters_are_redriven_by_a_click() {
    let mut run = start(outage());
    run.advance_to(secs(45));
    let dead = queue(run.world(), "sms dead letters");
    let depth =
        |run: &Run<Topology>| run.world().machine().engine().queue_stats(dead).map(|s| s.depth());
    assert!(depth(&run) > Some(0));
    run.intervene(redrive(&run)).expect("it can be redriven");
    run.advance_to(secs(100));
    assert_eq!(depth(&run), Some(0));
    let sms = run.world().provider("sms").expect("it is there").taken();
    assert_eq!(sms.distinct(), sms.total());
    assert_eq!(sms.total(), run.world().provider("push").map_or(0, |push| push.taken().total()));
}

#[test]
fn slices_say_whether_they_arrived() {
    let mut whole = start(outage());
    whole.advance_to(secs(40));
    let mut run = start(outage());
    let mut slices = 0;
    while !run.advance(secs(40), 7).arrived {
        slices += 1;
    }
    assert_eq!(slices, whole.world().steps() / 7);
    assert_eq!(state(&run), state(&whole));
}

#[test]
fn branches_end_at_their_limit() {
    let mut run = start(calm(1));
    run.advance_to(secs(10));
    for fork in 1..=BRANCHES_MAX as u64 {
        run.seek(Timestamp::from_millis(10_000 - fork));
        run.intervene(set_sms(Mode::Failing)).expect("it can be set");
        let branches = run.branches().len();
        assert_eq!(branches, (fork as usize + 1).min(BRANCHES_MAX));
    }
    assert_eq!(run.branches()[0].id, BranchId::new(1), "the one left longest ago is gone");
}

#[test]
fn interventions_end_at_their_limit() {
    let mut run = start(calm(1));
    for _ in 0..INPUTS_MAX {
        run.intervene(set_sms(Mode::Failing)).expect("it can be set");
    }
    let error = run.intervene(set_sms(Mode::Failing)).expect_err("it was one too many");
    assert!(error.to_string().starts_with("there were 10000 interventions already"), "{error}");
}

#[test]
fn commands_and_updates_travel_as_text() {
    let mut run = start(outage());
    for command in [
        RunCommand::Advance { to_us: secs(20), max_steps: 1_000 },
        RunCommand::Step,
        RunCommand::Intervene(redrive(&run)),
        RunCommand::Seek { to_us: secs(10) },
        RunCommand::SeekFrom { to_us: secs(5), known: 3 },
        RunCommand::Intervene(set_sms(Mode::Failing)),
        RunCommand::Switch { branch: BranchId::new(0) },
        RunCommand::SwitchFrom { branch: BranchId::new(0), known: 3 },
        RunCommand::Switch { branch: BranchId::new(9) },
        RunCommand::Replay,
    ] {
        let text = serde_json::to_string(&command).expect("it can be written");
        let read: RunCommand<StationCommand> = serde_json::from_str(&text).expect("and read");
        assert_eq!(read, command, "{text}");
        let update = run.handle(read);
        let text = serde_json::to_string(&update).expect("it can be written");
        assert_eq!(serde_json::from_str::<RunUpdate>(&text).expect("and read"), update);
        let refused = command == RunCommand::Switch { branch: BranchId::new(9) };
        assert_eq!(update.refused.is_some(), refused, "{command:?}");
    }
}
