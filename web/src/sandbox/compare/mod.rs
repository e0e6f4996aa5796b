//! Two runs beside each other under one clock: two futures of one run, or two scenarios that differ
//! in a setting.

pub mod differences;
mod draw;
mod notes;
pub mod rival;
mod table;
pub mod tally;
#[cfg(test)]
mod tests;
mod versions;

pub use self::{
    differences::{Difference, differences},
    notes::Notes,
    rival::Rival,
    tally::Tally,
};
pub(super) use self::{
    draw::futures,
    versions::{Kept, KeptCommand, keep_button, kept_bar},
};
