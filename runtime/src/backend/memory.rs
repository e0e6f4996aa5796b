//! The engine in memory: what it holds is gone when the process ends.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use postroom_core::{
    Address, At, Command, CopyView, Engine, Event, Machine, NewMessage, Published, QueueId,
    QueueStats, Redrive, Redriven, Reply, Settle, Sink, Span, Timestamp,
};
use tokio::sync::Notify;

use super::{
    Answer, Backend, BackendError, Capabilities, Capability, Incoming, Open, OpenError, Plan,
    Receipt, in_our_terms, incoming, set_up::set_up,
};
use crate::{clock::Clock, entropy::EntropyStream};

/// The engine in this process's memory, which ends with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory;

impl Open for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL.without(Capability::Durable).without(Capability::Shared)
    }

    async fn open(self, plan: Plan, clock: Clock) -> Result<Arc<dyn Backend>, OpenError> {
        let entropy = EntropyStream::from_system().map_err(OpenError::Entropy)?;
        let mut inner = Inner {
            engine: Engine::new(),
            entropy,
            wakes: plan.queues.iter().map(|_| Arc::default()).collect(),
            wakes_at: None,
            is_closed: false,
        };
        inner.set_up(&plan, clock)?;
        let shared = Arc::new(Shared { clock, inner: Mutex::new(inner), earlier: Arc::default() });
        tokio::spawn(let_time_pass(Arc::downgrade(&shared), Arc::clone(&shared.earlier), clock));
        Ok(shared)
    }
}

struct Shared {
    clock: Clock,
    inner: Mutex<Inner>,
    /// Something comes up before the task that lets time pass would look.
    earlier: Arc<Notify>,
}

struct Inner {
    engine: Engine,
    entropy: EntropyStream,
    /// Who waits for a queue, by its number.
    wakes: Vec<Arc<Notify>>,
    /// When the task that lets time pass looks next.
    wakes_at: Option<Timestamp>,
    is_closed: bool,
}

/// Wakes those who wait for a queue that has something.
struct Wakes<'a>(&'a [Arc<Notify>]);

impl Sink for Wakes<'_> {
    #[inline]
    fn record(&mut self, _: Timestamp, event: Event) {
        if let Event::Woken { queue } = event
            && let Some(wake) = self.0.get(queue.number() as usize)
        {
            wake.notify_one();
        }
    }
}

impl Inner {
    fn set_up(&mut self, plan: &Plan, clock: Clock) -> Result<(), OpenError> {
        for (name, command) in set_up(plan, &self.engine)? {
            let at = At { now: clock.now(), entropy: self.entropy.next() };
            let applied = self.engine.apply(at, command, &mut ());
            applied.map_err(|error| OpenError::Configure { name, error })?;
        }
        Ok(())
    }
}

impl Shared {
    /// What a panic of ours left behind is none the worse for it: the engine does not panic, and the
    /// rest is set before it is told anything.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn with<T>(
        &self,
        tell: impl FnOnce(&mut Engine, At, &mut Wakes<'_>) -> Result<T, BackendError>,
    ) -> Result<T, BackendError> {
        let mut inner = self.lock();
        let Inner { engine, entropy, wakes, wakes_at, is_closed } = &mut *inner;
        if *is_closed {
            return Err(BackendError::Closed);
        }
        let at = At { now: self.clock.now(), entropy: entropy.next() };
        let result = tell(engine, at, &mut Wakes(wakes));
        let next = engine.next_deadline();
        if next.is_some_and(|next| wakes_at.is_none_or(|wakes_at| next < wakes_at)) {
            *wakes_at = next;
            self.earlier.notify_one();
        }
        result
    }

    fn apply(&self, command: Command) -> Result<Reply, BackendError> {
        self.with(|engine, at, sink| engine.apply(at, command, sink).map_err(in_our_terms))
    }

    fn take(&self, queue: QueueId, max: u32) -> Result<Vec<Incoming>, BackendError> {
        self.with(|engine, at, sink| {
            let received = engine.receive(at, queue, max, sink)?;
            if engine.is_deliverable(queue) {
                // There is more: it is nobody's news yet, since the queue was not empty before.
                sink.record(at.now, Event::Woken { queue });
            }
            Ok(received.into_iter().map(incoming).collect())
        })
    }

    async fn wait_and_take(&self, queue: QueueId, max: u32) -> Result<Vec<Incoming>, BackendError> {
        let wake = self.lock().wakes.get(queue.number() as usize).cloned();
        let Some(wake) = wake else { return self.take(queue, max) };
        loop {
            wake.notified().await;
            let received = self.take(queue, max);
            if received.is_err() {
                // It is closed: whoever else waits is to learn of it, too.
                wake.notify_one();
            }
            if received.as_ref().map_or(true, |received| !received.is_empty()) {
                return received;
            }
        }
    }
}

impl Backend for Shared {
    fn publish(&self, to: Address, message: NewMessage) -> Answer<'_, Published> {
        Answer::now(self.with(|engine, at, sink| Ok(engine.publish(at, to, message, sink)?)))
    }

    fn receive(&self, queue: QueueId, max: u32) -> Answer<'_, Vec<Incoming>> {
        match self.take(queue, max) {
            Ok(received) if received.is_empty() => Answer::later(self.wait_and_take(queue, max)),
            received => Answer::now(received),
        }
    }

    fn settle(&self, receipt: &Receipt, how: Settle) -> Answer<'_, ()> {
        Answer::now(match receipt.get::<postroom_core::Receipt>() {
            Some(receipt) => {
                self.with(|engine, at, sink| Ok(engine.settle(at, *receipt, how, sink)?))
            }
            None => Err(postroom_core::SettleError::Unknown.into()),
        })
    }

    fn extend(&self, receipt: &Receipt, by: Span) -> Answer<'_, Timestamp> {
        let Some(receipt) = receipt.get::<postroom_core::Receipt>() else {
            return Answer::now(Err(postroom_core::ExtendError::Unknown.into()));
        };
        let extended = self.apply(Command::Extend { receipt: *receipt, by });
        Answer::now(extended.map(|reply| match reply {
            Reply::Extended(until) => until,
            _ => unreachable!("a command is answered in its own terms"),
        }))
    }

    fn dead_letters(&self, queue: QueueId, skip: u32, max: u32) -> Answer<'_, Vec<CopyView>> {
        Answer::now(self.with(|engine, at, sink| {
            engine.tick(at, sink);
            Ok(engine.peek(queue, skip, max))
        }))
    }

    fn redrive(&self, redrive: Redrive) -> Answer<'_, Redriven> {
        let redriven = self.apply(Command::Redrive(redrive));
        Answer::now(redriven.map(|reply| match reply {
            Reply::Redriven(redriven) => redriven,
            _ => unreachable!("a command is answered in its own terms"),
        }))
    }

    fn observe(&self, queue: QueueId) -> Answer<'_, QueueStats> {
        Answer::now(self.with(|engine, at, sink| {
            engine.tick(at, sink);
            let no_queue = postroom_core::ReceiveError::NoSuchQueue { queue };
            Ok(engine.queue_stats(queue).ok_or(no_queue)?)
        }))
    }

    fn close(&self) -> Answer<'_, ()> {
        let mut inner = self.lock();
        inner.is_closed = true;
        for wake in &inner.wakes {
            wake.notify_one();
        }
        self.earlier.notify_one();
        Answer::now(Ok(()))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.earlier.notify_one();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// Applies a tick whenever something comes up by itself, until the backend is closed or gone.
async fn let_time_pass(backend: Weak<Shared>, earlier: Arc<Notify>, clock: Clock) {
    loop {
        let next = {
            let Some(shared) = backend.upgrade() else { return };
            let ticked = shared.with(|engine, at, sink| {
                engine.tick(at, sink);
                Ok(engine.next_deadline())
            });
            let Ok(next) = ticked else { return };
            shared.lock().wakes_at = next;
            next
        };
        tokio::select! {
            () = clock.sleep_until_some(next) => {}
            () = earlier.notified() => {}
        }
    }
}
