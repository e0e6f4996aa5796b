//! How a runtime is put together.

use std::{collections::BTreeMap, fmt, sync::Arc};

use postroom_core::{Batch, ConsumerId, Hosted, Recorder};
use tokio::sync::{mpsc, watch};

use crate::{
    calls::Calls,
    clock::Clock,
    entropy::EntropyStream,
    event_log::{EventLog, Position},
    handle::Handle,
    host::Host,
    provider::{DynProvider, Provider},
};

/// The entry to this crate: see [`Runtime::builder`].
#[derive(Debug)]
pub struct Runtime;

impl Runtime {
    /// Begins to host `machine`, in memory: what it holds is gone when the process ends.
    #[must_use]
    pub fn builder<M: Hosted>(machine: M) -> Builder<M> {
        Builder {
            machine,
            providers: BTreeMap::new(),
            clock: None,
            seed: None,
            recorder: Recorder::default(),
            observers: Vec::new(),
            commands_max: 1_024,
            events_max: 65_536,
        }
    }
}

/// Settings of a runtime.
pub struct Builder<M> {
    machine: M,
    providers: BTreeMap<String, Arc<dyn DynProvider>>,
    clock: Option<Clock>,
    seed: Option<u64>,
    recorder: Recorder,
    observers: Vec<Observer>,
    commands_max: usize,
    events_max: usize,
}

pub(crate) type Observer = Box<dyn FnMut(&Batch) + Send>;

/// Why a runtime was not started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Give the builder a provider of this name.
    #[error("consumer `{consumer}` has no provider: give one of that name")]
    NoProvider {
        /// The name.
        consumer: String,
    },
    /// Set a seed, or mend the system.
    #[error("the system gave no random seed: {0}")]
    Entropy(getrandom::Error),
}

impl<M> Builder<M>
where
    M: Hosted + Send + 'static,
    M::Command: Send,
    M::Reply: Send,
    M::Error: Send,
{
    /// Lets `provider` carry out the calls of the consumer called `name`. The last one given for
    /// a name counts. Calls of a consumer that is attached later and has no provider fail as
    /// transient.
    #[must_use]
    pub fn provider(mut self, name: impl Into<String>, provider: impl Provider) -> Self {
        self.providers.insert(name.into(), Arc::new(provider));
        self
    }

    /// The clock: the one by which the machine was built. Default [`Clock::system`].
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The seed of the entropy that goes into commands. Default from the operating system.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Goes on from what was recorded while the machine was built: those events come first, and
    /// commands are numbered after it. Default: commands are numbered from 1.
    #[must_use]
    pub fn recorder(mut self, recorder: Recorder) -> Self {
        self.recorder = recorder;
        self
    }

    /// Shows every batch of events to `observer`, without gaps, before anybody else can see it.
    /// It runs in the machine's task: it must be quick, and its panic stops the runtime.
    #[must_use]
    pub fn observe(mut self, observer: impl FnMut(&Batch) + Send + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// So many commands may wait. Default 1,024; at least 1.
    #[must_use]
    pub fn commands_max(mut self, commands: usize) -> Self {
        self.commands_max = commands.max(1);
        self
    }

    /// So many recent events are kept for slow and returning subscribers. Default 65,536; the
    /// newest batch is kept whatever its size.
    #[must_use]
    pub fn events_max(mut self, events: usize) -> Self {
        self.events_max = events;
        self
    }

    /// Starts the task that owns the machine.
    ///
    /// # Errors
    /// As [`StartError`] says.
    ///
    /// # Panics
    /// Outside a tokio runtime with time enabled.
    pub fn start(mut self) -> Result<Handle<M>, StartError> {
        if let Some(consumer) = self.consumer_without_provider() {
            return Err(StartError::NoProvider { consumer });
        }
        let entropy = match self.seed {
            Some(seed) => EntropyStream::new(seed),
            None => EntropyStream::from_system().map_err(StartError::Entropy)?,
        };
        let built = self.recorder.take();
        let first = built.events.first().map(|first| first.command.saturating_sub(1));
        let before = first.unwrap_or(self.recorder.commands());
        let (inputs, received) = mpsc::channel(self.commands_max);
        let events = Arc::new(EventLog::new(self.events_max, Position::end_of(before)));
        let (shutdown, shutdown_asked) = watch::channel(None);
        let (stopping, stop) = watch::channel(None);
        let clock = self.clock.unwrap_or_else(Clock::system);
        let host = Host {
            machine: self.machine,
            clock,
            entropy,
            recorder: self.recorder,
            providers: self.providers,
            inputs: received,
            calls: Calls::new(clock),
            events: Arc::clone(&events),
            observers: self.observers,
            shutdown: shutdown_asked,
        };
        tokio::spawn(host.run(built, stopping));
        Ok(Handle { inputs, events, shutdown: Arc::new(shutdown), stop })
    }

    fn consumer_without_provider(&self) -> Option<String> {
        (0..)
            .map_while(|number| self.machine.consumer_name(ConsumerId::new(number)))
            .find(|name| !self.providers.contains_key(*name))
            .map(str::to_owned)
    }
}

impl<M> fmt::Debug for Builder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("providers", &self.providers.keys())
            .field("commands_max", &self.commands_max)
            .field("events_max", &self.events_max)
            .finish_non_exhaustive()
    }
}
