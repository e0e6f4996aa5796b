//! The thread that owns engine and journal: apply, append, sync, and only then answer.

use std::sync::{Arc, OnceLock};

use postroom_core::{At, Command, Engine, Event, Machine, QueueId, Reply, Settle, Sink, Timestamp};
use postroom_journal::{AppendError, Failed, Journal, Room, SnapshotError, disk::Folder};
use tokio::sync::{
    Notify,
    mpsc::{Receiver, WeakSender},
    oneshot, watch,
};

use super::codec;
use crate::{
    backend::{BackendError, Incoming, in_our_terms, incoming},
    clock::Clock,
    entropy::EntropyStream,
    limits::{COMMIT_MAX, SNAPSHOT_EVERY},
};

/// What the keeper is asked for.
pub(super) enum Ask {
    Tell {
        command: Box<Command>,
        answer: Option<oneshot::Sender<Result<Reply, BackendError>>>,
    },
    Receive {
        queue: QueueId,
        max: u32,
        answer: oneshot::Sender<Result<Handed, BackendError>>,
    },
    /// Looks at the engine. Nothing is answered before it is durable, also not this.
    Look(Box<dyn FnOnce(&Engine) -> Release + Send>),
    Tick,
    Close(Closing),
}

type Closing = oneshot::Sender<Result<(), BackendError>>;

/// Lets an answer out.
pub(super) type Release = Box<dyn FnOnce() + Send>;

/// Deliveries on their way to whoever asked. If nobody takes them they go back unused.
pub(super) struct Handed {
    deliveries: Vec<Incoming>,
    asks: WeakSender<Ask>,
}

impl Handed {
    pub(super) fn take(mut self) -> Vec<Incoming> {
        std::mem::take(&mut self.deliveries)
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        let Some(asks) = self.asks.upgrade() else { return };
        for delivery in &self.deliveries {
            let Some(receipt) = delivery.receipt.get().copied() else { continue };
            let command = Box::new(Command::Settle { receipt, how: Settle::Release });
            // Where there is no room for it, the lease ends by itself.
            _ = asks.try_send(Ask::Tell { command, answer: None });
        }
    }
}

pub(super) struct Keeper {
    pub(super) engine: Engine,
    pub(super) journal: Journal<Folder>,
    pub(super) clock: Clock,
    pub(super) entropy: EntropyStream,
    pub(super) wakes: Arc<[Notify]>,
    pub(super) deadline: watch::Sender<Option<Timestamp>>,
    pub(super) failed: Arc<OnceLock<String>>,
    pub(super) asks: WeakSender<Ask>,
    /// The position of the last snapshot.
    pub(super) snapshot_at: u64,
    pub(super) turn: Vec<Release>,
}

/// Wakes those who wait for a queue. A hint: what they get is journaled before they get it.
struct Wakes<'a>(&'a [Notify]);

impl Sink for Wakes<'_> {
    fn record(&mut self, _: Timestamp, event: Event) {
        if let Event::Woken { queue } = event {
            wake(self.0, queue);
        }
    }
}

fn wake(wakes: &[Notify], queue: QueueId) {
    if let Some(wake) = wakes.get(queue.number() as usize) {
        wake.notify_one();
    }
}

impl Keeper {
    /// Works until it is told to close, nobody is left to ask, or the journal fails.
    pub(super) fn run(mut self, mut asks: Receiver<Ask>) {
        let served = self.serve(&mut asks);
        let Self { journal, wakes, failed, .. } = self;
        let closed = served.and_then(|closing| journal.close().map(|()| closing));
        if let Err(error) = &closed {
            // Nothing of this turn is answered: nobody knows whether it is durable.
            tracing::error!(%error, "the journal failed: nothing is taken any more");
            _ = failed.set(error.to_string());
        }
        // Only now: whoever finds the door shut is to read why.
        drop(asks);
        if let Ok(Some(closing)) = closed {
            // Whoever asked may be gone: then nobody misses the answer. The next process can open it.
            drop(closing.send(Ok(())));
        }
        // Whoever waits is to learn of it.
        wakes.iter().for_each(Notify::notify_one);
    }

    /// Says whom to tell that it is closed.
    fn serve(&mut self, asks: &mut Receiver<Ask>) -> Result<Option<Closing>, Failed> {
        self.deadline.send_replace(self.engine.next_deadline());
        while let Some(first) = asks.blocking_recv() {
            let (mut next, mut taken) = (Some(first), 0);
            while let Some(ask) = next {
                if let Ask::Close(closing) = ask {
                    self.let_out()?;
                    self.snapshot()?;
                    return Ok(Some(closing));
                }
                self.take(ask)?;
                taken += 1;
                next = if taken < COMMIT_MAX { asks.try_recv().ok() } else { None };
            }
            self.let_out()?;
        }
        self.snapshot()?;
        Ok(None)
    }

    fn take(&mut self, ask: Ask) -> Result<(), Failed> {
        self.tick()?;
        match ask {
            Ask::Tell { command, answer } => {
                let reply = self.apply(*command)?;
                if let Some(answer) = answer {
                    self.turn.push(Box::new(move || drop(answer.send(reply))));
                }
            }
            Ask::Receive { queue, max, answer } => {
                let handed = self.receive(queue, max)?;
                self.turn.push(Box::new(move || drop(answer.send(handed))));
            }
            Ask::Look(look) => self.turn.push(look(&self.engine)),
            Ask::Tick | Ask::Close(_) => {}
        }
        Ok(())
    }

    fn receive(
        &mut self,
        queue: QueueId,
        max: u32,
    ) -> Result<Result<Handed, BackendError>, Failed> {
        let asks = self.asks.clone();
        if self.engine.queue_config(queue).is_some() && !self.engine.is_deliverable(queue) {
            // That nothing is there changes nothing: no need to write it down.
            return Ok(Ok(Handed { deliveries: Vec::new(), asks }));
        }
        let reply = self.apply(Command::Receive { queue, max, lease: None })?;
        if self.engine.is_deliverable(queue) {
            wake(&self.wakes, queue);
        }
        Ok(reply.map(|reply| match reply {
            Reply::Received(deliveries) => {
                Handed { deliveries: deliveries.into_iter().map(incoming).collect(), asks }
            }
            _ => unreachable!("a command is answered in its own terms"),
        }))
    }

    /// What is due comes first. It waits for the next commit: an idle tick syncs nothing.
    fn tick(&mut self) -> Result<(), Failed> {
        let now = self.clock.now();
        if self.engine.next_deadline().is_some_and(|deadline| deadline <= now) {
            // When even that finds no room, the next command lets the same time pass.
            _ = self.apply(Command::Tick)?;
        }
        Ok(())
    }

    pub(super) fn apply(
        &mut self,
        mut command: Command,
    ) -> Result<Result<Reply, BackendError>, Failed> {
        let at = At { now: self.clock.now(), entropy: self.entropy.next() };
        let room = match command {
            Command::Publish { .. } => Room::Ordinary,
            _ => Room::Reserve,
        };
        let bytes = codec::encode(&mut command);
        let mut appended = self.journal.append(at, &bytes, room);
        if matches!(appended, Err(AppendError::GroupFull)) {
            self.let_out()?;
            appended = self.journal.append(at, &bytes, room);
        }
        match appended {
            Ok(_) => {}
            Err(AppendError::Failed(failed)) => return Err(failed),
            Err(refused) => {
                return Ok(Err(BackendError::Unavailable { why: refused.to_string() }));
            }
        }
        let reply = self.engine.apply(at, command, &mut Wakes(&self.wakes));
        Ok(reply.map_err(in_our_terms))
    }

    /// Commits, and lets the answers out: the only place where they leave.
    fn let_out(&mut self) -> Result<(), Failed> {
        if !self.turn.is_empty() {
            self.journal.commit()?;
            for release in self.turn.drain(..) {
                release();
            }
        }
        self.deadline.send_if_modified(|deadline| {
            let next = self.engine.next_deadline();
            std::mem::replace(deadline, next) != next
        });
        if self.journal.position() - self.snapshot_at >= SNAPSHOT_EVERY {
            self.snapshot()?;
        }
        Ok(())
    }

    fn snapshot(&mut self) -> Result<(), Failed> {
        self.journal.commit()?;
        self.snapshot_at = self.journal.position();
        match self.journal.snapshot(&codec::encode_state(&self.engine)) {
            Ok(()) => Ok(()),
            Err(SnapshotError::Failed(failed)) => Err(failed),
            Err(error) => {
                tracing::warn!(%error, "no snapshot was written: the journal goes on without it");
                Ok(())
            }
        }
    }
}
