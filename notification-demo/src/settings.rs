//! What can be set of the service.

use std::{path::PathBuf, time::Duration};

use postroom_notification::NotificationSystem;

use crate::providers::Providers;

/// What can be set of the service, every limit by name. The default is the demonstration's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The notification system: channels, deadlines, retries, breakers.
    pub system: NotificationSystem,
    /// The real providers; a channel that has one is set to fit it. Default: none, every channel
    /// delivers to its built-in sink.
    pub providers: Providers,
    /// The folder with the page's files. Default `dist`.
    pub page: PathBuf,
    /// How long a sink in mode `slow` takes for a call. Default 1 s.
    pub slow: Duration,
    /// Messages that an inbox holds. Default 10,000.
    pub inbox_max: usize,
    /// Commands that wait for the machine; more are answered 503. Default 1,024.
    pub commands_max: usize,
    /// Recent events that a client which comes back can still be given. Default 65,536.
    pub events_max: usize,
    /// Clients that read `/v1/events` at once; more are answered 503. Default 64.
    pub subscribers_max: usize,
    /// A silent event stream says that it is alive after this long. Default 15 s.
    pub keep_alive: Duration,
    /// Connections at once; more wait until one ends. Default 1,024.
    pub connections_max: usize,
    /// A connection is closed when a request's headers do not come, or nothing comes, for this
    /// long. Default 5 s.
    pub header_timeout: Duration,
    /// A request is answered 408 when its body does not come within this time. Default 15 s.
    pub body_timeout: Duration,
    /// A connection is closed when its client takes nothing of an answer for this long. Default
    /// 30 s.
    pub write_timeout: Duration,
    /// What is under way at the end has this long to finish. Default 5 s.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            system: NotificationSystem::default(),
            providers: Providers::default(),
            page: PathBuf::from("dist"),
            slow: Duration::from_secs(1),
            inbox_max: 10_000,
            commands_max: 1_024,
            events_max: 65_536,
            subscribers_max: 64,
            keep_alive: Duration::from_secs(15),
            connections_max: 1_024,
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(30),
            shutdown_grace: Duration::from_secs(5),
        }
    }
}
