//! The machine as its users see it.

mod accepting;
mod delivering;
mod settings;
pub(crate) mod world;
