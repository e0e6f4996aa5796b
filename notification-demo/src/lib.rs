//! The reference app: a notification service in which a failing channel never blocks the others.
//!
//! It accepts notifications over HTTP and delivers them by push, e-mail and SMS: to built-in sinks,
//! which can be made to fail, or through real providers. What a notification system does is decided in
//! [`postroom_notification`], which the page runs as well; [`postroom_runtime`] hosts it here.
//!
//! - [`AppState`]: the running system. [`app`]: its routes. [`serve`]: the connections.
//! - [`Settings`]: every limit by name. [`sinks`]: the built-in providers. [`providers`]: the real
//!   ones.

mod counters;
mod http;
pub mod providers;
mod server;
mod settings;
pub mod sinks;
mod state;

pub use http::app;
pub use server::{BindError, bind, serve};
pub use settings::Settings;
pub use state::{AppState, StartError};
