//! The running notification system, and what the routes share.

use std::sync::Arc;

use postroom_core::{At, Blueprint as _, Recorder};
use postroom_notification::{Channel, Notifications};
use postroom_runtime::{Clock, Handle, Runtime, StartError as RuntimeError, Stop};
use tokio::sync::{Semaphore, watch};

use crate::{
    counters::Counters,
    http::KeysInFlight,
    providers::{Chain, ProviderError},
    settings::Settings,
    sinks::Sinks,
};

/// What the routes share. Clones are the same.
#[derive(Clone, Debug)]
pub struct AppState {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Clock,
    pub(crate) runtime: Handle<Notifications>,
    pub(crate) sinks: Sinks,
    pub(crate) counters: Arc<Counters>,
    pub(crate) keys: KeysInFlight,
    pub(crate) subscribers: Arc<Semaphore>,
    /// Tells this run's events from those of another: their places start anew.
    pub(crate) run: Arc<str>,
    closing: Arc<watch::Sender<bool>>,
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Mend the setting that the text names.
    #[error("the notification system cannot be built: {0}")]
    System(String),
    /// Mend the provider that the text names.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The runtime's reason.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}

impl AppState {
    /// Starts a notification system in memory, with built-in sinks where the settings name no
    /// provider.
    ///
    /// # Errors
    /// As [`StartError`] says.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let clock = Clock::system();
        let mut system = settings.system.clone();
        let mut chains: Vec<(Channel, Option<Chain>)> = Vec::new();
        for channel in Channel::ALL {
            chains.push((channel, settings.providers.chain(channel, &mut system)?));
        }
        let mut recorder = Recorder::default();
        recorder.next_command();
        let machine =
            system.build(At::time(clock.now()), &mut recorder).map_err(StartError::System)?;
        let sinks = Sinks::new(clock, settings.slow, settings.inbox_max);
        let counters = Arc::new(Counters::new(machine.wiring()));
        let observer = Arc::clone(&counters);
        let mut builder = Runtime::builder(machine)
            .clock(clock)
            .recorder(recorder)
            .commands_max(settings.commands_max)
            .events_max(settings.events_max)
            .observe(move |batch| observer.count_events(batch));
        for (channel, chain) in chains {
            builder = match chain {
                Some(chain) => builder.provider(channel.name(), chain),
                None => builder.provider(channel.name(), sinks.channel(channel).clone()),
            };
        }
        Ok(Self {
            clock,
            runtime: builder.start()?,
            sinks,
            counters,
            keys: KeysInFlight::default(),
            subscribers: Arc::new(Semaphore::new(settings.subscribers_max)),
            run: format!("{:x}", clock.now().as_micros()).into(),
            closing: Arc::new(watch::Sender::new(false)),
            settings: Arc::new(settings),
        })
    }

    /// The providers, to look at and to break.
    #[must_use]
    pub fn sinks(&self) -> &Sinks {
        &self.sinks
    }

    /// Ends the event streams, which end by themselves only with the runtime: without this no
    /// connection with a stream would close.
    pub fn close_streams(&self) {
        self.closing.send_replace(true);
    }

    /// Ends the notification system, calls under way first.
    pub async fn shutdown(&self) -> Stop {
        self.runtime.shutdown(self.settings.shutdown_grace).await
    }

    /// Returns when the notification system has stopped, which it does by itself only if its
    /// state cannot be trusted any more.
    pub async fn stopped(&self) -> Stop {
        self.runtime.stopped().await
    }

    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}
