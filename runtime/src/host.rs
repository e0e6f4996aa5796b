//! The task that owns the machine.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use postroom_core::{At, Batch, Effect, Hosted, Outcome, Recorder, Timestamp};
use tokio::sync::{mpsc, watch};

use crate::{
    builder::Observer,
    calls::{Calls, Ended},
    clock::Clock,
    entropy::EntropyStream,
    event_log::EventLog,
    handle::{Input, Release, Stop},
    provider::DynProvider,
};

pub(crate) struct Host<M: Hosted> {
    pub(crate) machine: M,
    pub(crate) clock: Clock,
    pub(crate) entropy: EntropyStream,
    pub(crate) recorder: Recorder,
    pub(crate) providers: BTreeMap<String, Arc<dyn DynProvider>>,
    pub(crate) inputs: mpsc::Receiver<Input<M>>,
    pub(crate) calls: Calls,
    pub(crate) events: Arc<EventLog>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) shutdown: watch::Receiver<Option<Duration>>,
}

/// What makes the host do something.
enum Step<M: Hosted> {
    Tick,
    Ended(Ended),
    Input(Input<M>),
    Drain,
}

/// What one turn owes the world. It is held back until the whole turn is applied: this is where
/// a journal will be written first.
#[derive(Default)]
struct Turn {
    releases: Vec<Release>,
    effects: Vec<Effect>,
}

/// So many inputs make one turn.
const TURN_INPUTS: usize = 32;

impl<M: Hosted> Host<M>
where
    M: 'static,
    M::Command: Send,
    M::Reply: Send,
    M::Error: Send,
{
    /// Runs until it is shut down, nobody holds a handle any more, or the machine panics.
    pub(crate) async fn run(mut self, built: Batch, stopping: watch::Sender<Option<Stop>>) {
        let _closing = Closing(Arc::clone(&self.events));
        let stop = match self.serve(built).await {
            Ok(()) => Stop::Shutdown,
            Err(Panicked) => Stop::Panicked,
        };
        // Calls end and waiting commands are let go before anybody is told.
        drop(self);
        stopping.send_replace(Some(stop));
    }

    async fn serve(&mut self, built: Batch) -> Result<(), Panicked> {
        guard(|| {
            // What a machine that was restored still wants done.
            let mut turn = Turn::default();
            self.take_effects(&mut turn);
            self.publish(built);
            self.release(turn);
        })?;
        let grace = loop {
            let step = tokio::select! {
                ended = self.calls.next() => Step::Ended(ended),
                () = self.clock.sleep_until_some(self.machine.next_deadline()) => Step::Tick,
                input = self.inputs.recv() => match input {
                    Some(input) => Step::Input(input),
                    None => return Ok(()),
                },
                grace = asked(&mut self.shutdown) => break grace,
            };
            self.turn(step)?;
        };
        self.wind_down(grace).await
    }

    /// Answers what waits and lets calls end, for as long as `grace`. None begins: the machine hands
    /// nothing out any more.
    async fn wind_down(&mut self, grace: Duration) -> Result<(), Panicked> {
        self.inputs.close();
        self.turn(Step::Drain)?;
        while let Some(input) = self.inputs.recv().await {
            self.turn(Step::Input(input))?;
        }
        let over = tokio::time::sleep(grace);
        tokio::pin!(over);
        while !self.calls.is_empty() {
            let step = tokio::select! {
                ended = self.calls.next() => Step::Ended(ended),
                () = self.clock.sleep_until_some(self.machine.next_deadline()) => Step::Tick,
                () = &mut over => break,
            };
            self.turn(step)?;
        }
        Ok(())
    }

    /// Applies `first` and what else is waiting, then lets all of it out.
    fn turn(&mut self, first: Step<M>) -> Result<(), Panicked> {
        guard(|| {
            let mut turn = Turn::default();
            self.take(first, &mut turn);
            for _ in 1..TURN_INPUTS {
                let Ok(input) = self.inputs.try_recv() else { break };
                self.take(Step::Input(input), &mut turn);
            }
            let batch = self.recorder.take();
            self.publish(batch);
            self.release(turn);
        })
    }

    fn take(&mut self, step: Step<M>, turn: &mut Turn) {
        let (ended, step) = match step {
            Step::Ended(ended) => (Some(ended), Step::Tick),
            step => (None, step),
        };
        self.finish_calls(ended, turn);
        let now = self.clock.now();
        self.tick_if_due(now, turn);
        let release: Release = match step {
            Step::Tick | Step::Ended(_) => return,
            Step::Drain => {
                drop(self.apply(now, M::drain(), turn));
                return;
            }
            Step::Input(Input::Read(look)) => look(&self.machine),
            Step::Input(Input::Apply { command, answer }) => {
                let reply = self.apply(now, command, turn);
                // Whoever asked may be gone: then nobody misses the answer.
                Box::new(move || drop(answer.send(reply)))
            }
        };
        turn.releases.push(release);
    }

    /// Reports the calls that have ended, each at its own time: a host that was held up does not
    /// make a timeout of an answer that came in time.
    fn finish_calls(&mut self, first: Option<Ended>, turn: &mut Turn) {
        let mut all: Vec<Ended> = first.into_iter().collect();
        all.extend(std::iter::from_fn(|| self.calls.try_next()));
        all.sort_by_key(|ended| ended.at);
        for Ended { call, outcome, at } in all {
            self.tick_if_due(at, turn);
            // An answer that comes together with its deadline is too late.
            if !turn.effects.contains(&Effect::Abandon(call)) {
                drop(self.apply(at, M::call_finished(call, outcome), turn));
            }
        }
    }

    /// The tick comes before any other command of its time; a command may come late.
    fn tick_if_due(&mut self, now: Timestamp, turn: &mut Turn) {
        if self.machine.next_deadline().is_some_and(|deadline| deadline <= now) {
            drop(self.apply(now, M::tick(), turn));
        }
    }

    fn apply(
        &mut self,
        now: Timestamp,
        command: M::Command,
        turn: &mut Turn,
    ) -> Result<M::Reply, M::Error> {
        self.recorder.next_command();
        let at = At { now, entropy: self.entropy.next() };
        let reply = self.machine.apply(at, command, &mut self.recorder);
        self.take_effects(turn);
        reply
    }

    fn take_effects(&mut self, turn: &mut Turn) {
        while let Some(effect) = self.machine.poll_effect() {
            turn.effects.push(effect);
        }
    }

    fn publish(&mut self, batch: Batch) {
        if batch.events.is_empty() {
            return;
        }
        for observer in &mut self.observers {
            observer(&batch);
        }
        self.events.publish(Arc::new(batch));
    }

    /// The one place where answers and effects leave.
    fn release(&mut self, turn: Turn) {
        for release in turn.releases {
            release();
        }
        for effect in turn.effects {
            match effect {
                Effect::Start(call) => {
                    let name = self.machine.consumer_name(call.id.consumer);
                    let provider = name.and_then(|name| self.providers.get(name));
                    let future = match provider {
                        Some(provider) => Arc::clone(provider).call(call.clone()),
                        None => Box::pin(async { Outcome::Transient }),
                    };
                    self.calls.start(call.id, future);
                }
                Effect::Abandon(call) => self.calls.abandon(call),
            }
        }
    }
}

/// A panic in the machine or in an observer: the state may be half changed.
struct Panicked;

fn guard(work: impl FnOnce()) -> Result<(), Panicked> {
    // Nobody looks at the state after a panic.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

/// The grace of a shutdown, when one is asked for.
async fn asked(shutdown: &mut watch::Receiver<Option<Duration>>) -> Duration {
    let grace = shutdown.wait_for(Option::is_some).await.ok().and_then(|grace| *grace);
    match grace {
        Some(grace) => grace,
        // No handle is left: the inputs say so too.
        None => std::future::pending().await,
    }
}

/// Ends all subscriptions, however the task ends.
struct Closing(Arc<EventLog>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}
