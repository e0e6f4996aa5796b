//! The runtime around a toy machine, in paused time: nothing here waits for a real clock.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use postroom_core::{Event, LedgerId, Outcome, Recorder, Sink, Timestamp};

use crate::{
    ApplyError, Builder, Clock, Handle, Position, Runtime, StartError, Stop, Stopped,
    TryApplyError, Update,
    toy::{After, Panics, Toy, ToyCommand, Zero},
};

const GRACE: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn answers_and_refusals_come_back() {
    let runtime = healthy().start().unwrap();
    assert_eq!(runtime.apply(ToyCommand::Add(3)).await, Ok(3));
    assert_eq!(runtime.clone().apply(ToyCommand::Add(4)).await, Ok(7));
    assert_eq!(runtime.apply(ToyCommand::Add(0)).await, Err(ApplyError::Refused(Zero)));
    assert_eq!(runtime.try_apply(ToyCommand::Add(0)).await, Err(TryApplyError::Refused(Zero)));
    assert_eq!(runtime.read(|toy| toy.total).await, Ok(7));
}

#[tokio::test(start_paused = true)]
async fn a_call_reports_its_outcome_when_it_ends() {
    let runtime = healthy().start().unwrap();
    runtime.apply(ToyCommand::Call(2_000)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(101)).await;
    let expected = (1, Some(Outcome::Delivered), Timestamp::from_millis(100));
    assert_eq!(ended(&runtime).await, [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_call_is_abandoned_at_its_deadline() {
    let runtime = with(After(Duration::from_secs(60), Outcome::Delivered)).start().unwrap();
    runtime.apply(ToyCommand::Call(2_000)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(90)).await;
    assert_eq!(ended(&runtime).await, [(1, None, Timestamp::from_millis(2_000))]);
}

#[tokio::test(start_paused = true)]
async fn at_a_deadline_the_tick_comes_before_any_command() {
    let runtime = with(After(Duration::from_secs(60), Outcome::Delivered)).start().unwrap();
    for _ in 0..50 {
        runtime.apply(ToyCommand::Call(10)).await.unwrap();
        // The timer and the command are ready at once; the toy panics if the command goes first.
        tokio::time::advance(Duration::from_millis(10)).await;
        runtime.apply(ToyCommand::Add(1)).await.unwrap();
    }
    assert_eq!(ended(&runtime).await.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_with_its_deadline_is_too_late_or_in_time_but_never_both() {
    let runtime = with(After(Duration::from_millis(10), Outcome::Delivered)).start().unwrap();
    for _ in 0..50 {
        runtime.apply(ToyCommand::Call(10)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(ended(&runtime).await.len(), 50, "the toy panics if it is told twice");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_provider_is_an_ambiguous_outcome() {
    let runtime = with(Panics).start().unwrap();
    runtime.apply(ToyCommand::Call(2_000)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let expected = (1, Some(Outcome::Ambiguous), Timestamp::ZERO);
    assert_eq!(ended(&runtime).await, [expected]);
    assert_eq!(runtime.apply(ToyCommand::Add(1)).await, Ok(1), "the runtime lives");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_machine_stops_everything() {
    let runtime = healthy().start().unwrap();
    let mut events = runtime.events();
    assert_eq!(runtime.apply(ToyCommand::Panic).await, Err(ApplyError::Stopped(Stopped)));
    assert_eq!(runtime.stopped().await, Stop::Panicked);
    assert_eq!(runtime.apply(ToyCommand::Add(1)).await, Err(ApplyError::Stopped(Stopped)));
    let refused = runtime.try_apply(ToyCommand::Add(1)).await;
    assert_eq!(refused, Err(TryApplyError::Stopped(Stopped)));
    assert_eq!(runtime.read(|toy| toy.total).await, Err(Stopped));
    assert_eq!(events.next().await, None);
    assert_eq!(runtime.shutdown(GRACE).await, Stop::Panicked);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_reading_is_the_readers_alone() {
    let runtime = healthy().start().unwrap();
    let reader = runtime.clone();
    let read = tokio::spawn(async move { reader.read(|_| -> u32 { panic!("planted") }).await });
    assert!(read.await.unwrap_err().is_panic());
    assert_eq!(runtime.apply(ToyCommand::Add(1)).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_busy_for_those_who_do_not_wait() {
    let runtime = healthy().commands_max(2).start().unwrap();
    // The task that owns the machine does not run before this one waits.
    let mut waiting = [1, 2].map(|n| Box::pin(runtime.try_apply(ToyCommand::Add(n))));
    for command in &mut waiting {
        assert!(command.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(runtime.try_apply(ToyCommand::Add(4)).await, Err(TryApplyError::Busy));
    assert_eq!(runtime.apply(ToyCommand::Add(8)).await, Ok(11), "the busy one did nothing");
    assert_eq!(waiting[0].as_mut().await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn outcomes_do_not_queue_behind_commands() {
    let runtime = healthy().commands_max(1).start().unwrap();
    runtime.apply(ToyCommand::Call(2_000)).await.unwrap();
    let crowd: Vec<_> = (0..1_000)
        .map(|_| {
            let runtime = runtime.clone();
            tokio::spawn(async move { runtime.apply(ToyCommand::Add(1)).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(101)).await;
    let at = ended(&runtime).await[0].2;
    assert_eq!(at, Timestamp::from_millis(100));
    for one in crowd {
        one.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn events_carry_their_place_and_resume() {
    let runtime = healthy().start().unwrap();
    let mut events = runtime.events();
    runtime.apply(ToyCommand::Add(5)).await.unwrap();
    runtime.apply(ToyCommand::Add(0)).await.unwrap_err();
    runtime.apply(ToyCommand::Add(6)).await.unwrap();
    assert_eq!(places(events.next().await), ["1.0"]);
    assert_eq!(places(events.next().await), ["3.0"], "a refused command keeps its number");
    let mut resumed = runtime.events_after(Position { command: 1, index: 0 });
    assert_eq!(places(resumed.next().await), ["3.0"]);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_falls_behind_gets_a_gap() {
    let runtime = healthy().events_max(3).start().unwrap();
    let mut events = runtime.events();
    for number in 1..=5 {
        runtime.apply(ToyCommand::Add(number)).await.unwrap();
    }
    assert_eq!(events.next().await, Some(Update::Gap));
    assert_eq!(events.position(), Position { command: 5, index: 0 });
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_while_building_comes_first() {
    let mut recorder = Recorder::default();
    recorder.next_command();
    recorder.record(Timestamp::ZERO, Event::Claimed { ledger: LedgerId::new(9) });
    let seen = Arc::new(AtomicU32::new(0));
    let observed = Arc::clone(&seen);
    let observe = move |batch: &postroom_core::Batch| {
        observed.fetch_add(batch.events.len() as u32, Ordering::Relaxed);
    };
    let runtime = healthy().recorder(recorder).observe(observe).start().unwrap();
    runtime.apply(ToyCommand::Add(1)).await.unwrap();
    let mut events = runtime.events_after(Position::default());
    assert_eq!(places(events.next().await), ["1.0"]);
    assert_eq!(places(events.next().await), ["2.0"]);
    assert_eq!(seen.load(Ordering::Relaxed), 2, "an observer misses nothing");
}

#[tokio::test(start_paused = true)]
async fn what_happened_before_a_restart_is_a_gap() {
    let mut recorder = Recorder::default();
    recorder.next_command();
    recorder.record(Timestamp::ZERO, Event::Claimed { ledger: LedgerId::new(9) });
    recorder.take();
    let runtime = healthy().recorder(recorder).start().unwrap();
    let mut events = runtime.events_after(Position::default());
    assert_eq!(events.next().await, Some(Update::Gap));
    runtime.apply(ToyCommand::Add(1)).await.unwrap();
    assert_eq!(places(events.next().await), ["2.0"], "numbers go on");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_answers_what_waits_and_lets_calls_end() {
    let runtime = healthy().start().unwrap();
    runtime.apply(ToyCommand::Call(2_000)).await.unwrap();
    let waiting = tokio::spawn({
        let runtime = runtime.clone();
        async move { runtime.apply(ToyCommand::Add(1)).await }
    });
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();
    assert_eq!(runtime.shutdown(GRACE).await, Stop::Shutdown);
    assert_eq!(began.elapsed(), Duration::from_millis(100), "the time the call took");
    assert_eq!(waiting.await.unwrap(), Ok(1));
    assert_eq!(runtime.apply(ToyCommand::Add(1)).await, Err(ApplyError::Stopped(Stopped)));
}

#[tokio::test(start_paused = true)]
async fn shutting_down_tells_the_machine_to_hand_out_no_more() {
    let runtime = healthy().start().unwrap();
    let mut events = runtime.events();
    runtime.shutdown(GRACE).await;
    let Some(Update::Batch(batch)) = events.next().await else { panic!("no batch") };
    let told: Vec<_> = batch.events.iter().map(|recorded| recorded.event).collect();
    assert!(matches!(told[..], [Event::ConsumerPaused { .. }]), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_outlast_its_grace() {
    let runtime = with(After(Duration::from_secs(60), Outcome::Delivered)).start().unwrap();
    runtime.apply(ToyCommand::Call(120_000)).await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(runtime.shutdown(GRACE).await, Stop::Shutdown);
    assert_eq!(began.elapsed(), GRACE);
}

#[tokio::test(start_paused = true)]
async fn it_stops_when_the_last_handle_is_dropped() {
    let runtime = healthy().start().unwrap();
    let mut events = runtime.events();
    drop(runtime);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_consumer_without_a_provider_is_an_error() {
    let error = Runtime::builder(Toy::default()).start().unwrap_err();
    assert!(matches!(error, StartError::NoProvider { consumer } if consumer == "toy"));
}

fn healthy() -> Builder<Toy> {
    with(After(Duration::from_millis(100), Outcome::Delivered))
}

fn with(provider: impl crate::Provider) -> Builder<Toy> {
    let clock = Clock::starting_at(Timestamp::ZERO);
    Runtime::builder(Toy::default()).clock(clock).seed(7).provider("toy", provider)
}

async fn ended(runtime: &Handle<Toy>) -> Vec<(u64, Option<Outcome>, Timestamp)> {
    runtime.read(|toy| toy.ended.clone()).await.unwrap()
}

fn places(update: Option<Update>) -> Vec<String> {
    let Some(Update::Batch(batch)) = update else { panic!("no batch: {update:?}") };
    batch.events.iter().map(|event| Position::from(event).to_string()).collect()
}
