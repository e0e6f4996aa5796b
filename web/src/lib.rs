//! The Postroom page: draws a simulation of a message system, or a live service.

pub mod browser;
pub mod panels;
pub mod picture;
pub mod player;
pub mod run;
pub mod scenes;
pub mod stage;
