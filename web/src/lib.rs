//! The Postroom page: draws a simulation of a message system, or a live service.

mod app;
pub mod browser;
pub mod inbox;
pub mod lessons;
pub mod panels;
pub mod picture;
pub mod player;
mod row;
pub mod run;
pub mod sandbox;
pub mod scenes;
pub mod stage;

pub use app::{Page, start};
