//! Two runs beside each other under one clock: two futures of one run, or two scenarios that differ
//! in a setting.

pub mod differences;
mod draw;
mod notes;
pub mod rival;
mod table;
pub mod tally;
mod versions;

pub use self::{
    differences::{Difference, differences},
    rival::Rival,
    tally::Tally,
};
pub(super) use self::{
    draw::futures,
    notes::Notes,
    versions::{Kept, KeptCommand, keep_button, kept_bar},
};
