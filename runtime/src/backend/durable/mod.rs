//! The engine with a journal: what was accepted is there after a crash and after a loss of power.

mod codec;
mod keeper;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use postroom_core::{
    Address, Command, CopyView, Engine, Machine, NewMessage, Published, QueueId, QueueStats,
    ReceiveError, Redrive, Redriven, Reply, Settle, Span, Timestamp,
};
use postroom_journal::{Journal, Settings, disk::Folder};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use self::keeper::{Ask, Handed, Keeper};
use super::{
    Answer, Backend, BackendError, Capabilities, Capability, Incoming, Open, OpenError, Plan,
    Receipt, set_up::set_up,
};
use crate::{clock::Clock, entropy::EntropyStream, limits::ASKS_MAX};

/// The engine with a journal in a folder, for one process at a time.
///
/// Nothing is answered before it is on the disk: a message that was published is there after
/// `kill -9` and after a loss of power, if the disk keeps what it says it keeps. Many answers share
/// one sync. When the journal fails, nothing is taken any more: end the process, and start it again.
///
/// Deliveries that were under way when the process died come again when their leases end.
///
/// # Example: published, shut down, and there again
/// ```
/// use std::time::Duration;
///
/// use postroom_runtime::{Durable, Postroom};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("postroom-durable-{}", std::process::id()));
/// let postroom = Postroom::builder().queue("orders").start(Durable::at(&folder)).await?;
/// postroom.publisher("orders")?.publish(&17).await?;
/// postroom.shutdown(Duration::from_secs(1)).await;
///
/// let postroom = Postroom::builder().queue("orders").start(Durable::at(&folder)).await?;
/// let order = postroom.deliveries::<u32>("orders")?.next().await.expect("it is open")?;
/// assert_eq!(*order.payload(), 17);
/// order.ack().await?;
/// # postroom.shutdown(Duration::from_secs(1)).await;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Durable {
    folder: PathBuf,
}

impl Durable {
    /// With its journal in this folder, which is made if it is not there.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Open for Durable {
    fn name(&self) -> &'static str {
        "durable"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL.without(Capability::Shared)
    }

    async fn open(self, plan: Plan, clock: Clock) -> Result<Arc<dyn Backend>, OpenError> {
        let entropy = EntropyStream::from_system().map_err(OpenError::Entropy)?;
        let (asks, asked) = mpsc::channel(ASKS_MAX);
        let wakes: Arc<[Notify]> = plan.queues.iter().map(|_| Notify::new()).collect();
        let failed = Arc::default();
        let (deadline, next_deadline) = watch::channel(None);
        let shared =
            Shared { asks: asks.clone(), wakes: Arc::clone(&wakes), failed: Arc::clone(&failed) };
        let open = move || {
            let (engine, journal) = recover(self.folder)?;
            let mut keeper = Keeper {
                snapshot_at: journal.position(),
                engine,
                journal,
                clock,
                entropy,
                wakes,
                deadline,
                failed,
                asks: asks.downgrade(),
                turn: Vec::new(),
            };
            drop(asks);
            put_in_place(&mut keeper, &plan)?;
            Ok::<Keeper, OpenError>(keeper)
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let keeper =
            opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        let thread = std::thread::Builder::new().name("postroom-journal".to_owned());
        let started = thread.spawn(move || keeper.run(asked));
        started.map_err(|error| unavailable(&error))?;
        tokio::spawn(let_time_pass(shared.asks.downgrade(), next_deadline, clock));
        Ok(Arc::new(shared))
    }
}

struct Shared {
    asks: mpsc::Sender<Ask>,
    wakes: Arc<[Notify]>,
    /// Why the journal failed, once it has.
    failed: Arc<OnceLock<String>>,
}

/// The engine as the journal has it.
fn recover(folder: PathBuf) -> Result<(Engine, Journal<Folder>), OpenError> {
    let (journal, recovered) = Journal::open(Folder::new(folder), Settings::default())?;
    if let Some(repair) = recovered.repair() {
        tracing::warn!(?repair, "what a crash left of a commit that nobody was told of is cut");
    }
    let unreadable = |why| OpenError::Unreadable { why };
    let mut engine = match recovered.snapshot() {
        Some(snapshot) => codec::decode_state(&snapshot.state).map_err(unreadable)?,
        None => Engine::new(),
    };
    for entry in recovered.entries() {
        let command = codec::decode(entry.command).map_err(unreadable)?;
        // What was refused then is refused again.
        _ = engine.apply(entry.at, command, &mut ());
    }
    Ok((engine, journal))
}

fn put_in_place(keeper: &mut Keeper, plan: &Plan) -> Result<(), OpenError> {
    for (name, command) in set_up(plan, &keeper.engine)? {
        // Tried out first: what the journal has once, it replays.
        let at = postroom_core::At::time(keeper.clock.now());
        let tried = keeper.engine.clone().apply(at, command.clone(), &mut ());
        tried.map_err(|error| OpenError::Configure { name, error })?;
        let applied = keeper.apply(command).map_err(|failed| unavailable(&failed))?;
        applied.map_err(|error| unavailable(&error))?;
    }
    keeper.journal.commit().map_err(|failed| unavailable(&failed))?;
    Ok(())
}

fn unavailable(error: &dyn fmt::Display) -> OpenError {
    OpenError::Unavailable { backend: "durable", why: error.to_string() }
}

impl Shared {
    async fn ask<T>(
        &self,
        make: impl FnOnce(oneshot::Sender<Result<T, BackendError>>) -> Ask,
    ) -> Result<T, BackendError> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(make(answer)).await.map_err(|_| self.gone())?;
        answered.await.unwrap_or_else(|_| Err(self.not_known()))
    }

    async fn tell(&self, command: Command) -> Result<Reply, BackendError> {
        let command = Box::new(command);
        self.ask(|answer| Ask::Tell { command, answer: Some(answer) }).await
    }

    fn gone(&self) -> BackendError {
        match self.failed.get() {
            Some(why) => BackendError::Unavailable { why: why.clone() },
            None => BackendError::Closed,
        }
    }

    fn not_known(&self) -> BackendError {
        let why = self.failed.get().map_or("the journal closed meanwhile", String::as_str);
        BackendError::Unknown { why: why.to_owned() }
    }

    fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> Result<T, BackendError> + Send + 'static,
    ) -> impl Future<Output = Result<T, BackendError>> {
        self.ask(|answer| {
            Ask::Look(Box::new(move |engine| {
                let seen = look(engine);
                Box::new(move || drop(answer.send(seen)))
            }))
        })
    }
}

impl Backend for Shared {
    fn publish(&self, to: Address, message: NewMessage) -> Answer<'_, Published> {
        Answer::later(async move {
            match self.tell(Command::Publish { to, message }).await? {
                Reply::Published(published) => Ok(published),
                _ => unreachable!("a command is answered in its own terms"),
            }
        })
    }

    fn receive(&self, queue: QueueId, max: u32) -> Answer<'_, Vec<Incoming>> {
        Answer::later(async move {
            loop {
                let asked = self.ask(|answer| Ask::Receive { queue, max, answer }).await;
                let received = asked.map(Handed::take);
                let Some(wake) = self.wakes.get(queue.number() as usize) else { return received };
                if received.is_err() {
                    // Whoever else waits is to learn of it, too.
                    wake.notify_one();
                }
                if received.as_ref().map_or(true, |received| !received.is_empty()) {
                    return received;
                }
                wake.notified().await;
            }
        })
    }

    fn settle(&self, receipt: &Receipt, how: Settle) -> Answer<'_, ()> {
        let Some(receipt) = receipt.get::<postroom_core::Receipt>().copied() else {
            return Answer::now(Err(postroom_core::SettleError::Unknown.into()));
        };
        Answer::later(async move { self.tell(Command::Settle { receipt, how }).await.map(drop) })
    }

    fn extend(&self, receipt: &Receipt, by: Span) -> Answer<'_, Timestamp> {
        let Some(receipt) = receipt.get::<postroom_core::Receipt>().copied() else {
            return Answer::now(Err(postroom_core::ExtendError::Unknown.into()));
        };
        Answer::later(async move {
            match self.tell(Command::Extend { receipt, by }).await? {
                Reply::Extended(until) => Ok(until),
                _ => unreachable!("a command is answered in its own terms"),
            }
        })
    }

    fn dead_letters(&self, queue: QueueId, skip: u32, max: u32) -> Answer<'_, Vec<CopyView>> {
        Answer::later(self.look(move |engine| Ok(engine.peek(queue, skip, max))))
    }

    fn redrive(&self, redrive: Redrive) -> Answer<'_, Redriven> {
        Answer::later(async move {
            match self.tell(Command::Redrive(redrive)).await? {
                Reply::Redriven(redriven) => Ok(redriven),
                _ => unreachable!("a command is answered in its own terms"),
            }
        })
    }

    fn observe(&self, queue: QueueId) -> Answer<'_, QueueStats> {
        Answer::later(self.look(move |engine| {
            Ok(engine.queue_stats(queue).ok_or(ReceiveError::NoSuchQueue { queue })?)
        }))
    }

    fn close(&self) -> Answer<'_, ()> {
        Answer::later(self.ask(Ask::Close))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Durable").field("failed", &self.failed.get()).finish_non_exhaustive()
    }
}

/// Has the keeper look whenever something comes up by itself.
async fn let_time_pass(
    asks: mpsc::WeakSender<Ask>,
    mut next: watch::Receiver<Option<Timestamp>>,
    clock: Clock,
) {
    loop {
        let deadline = *next.borrow_and_update();
        tokio::select! {
            () = clock.sleep_until_some(deadline) => {}
            changed = next.changed() => match changed {
                Ok(()) => continue,
                // The keeper is gone.
                Err(_) => return,
            },
        }
        let Some(asks) = asks.upgrade() else { return };
        if asks.send(Ask::Tick).await.is_err() {
            return;
        }
        drop(asks);
        // It says when it comes next; where that is in the past still, there was no room to say so.
        if tokio::time::timeout(PAUSE, next.changed()).await.is_ok_and(|changed| changed.is_err()) {
            return;
        }
    }
}

/// How long the keeper may take for a tick before it is asked again.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
