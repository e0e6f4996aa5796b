//! The conformance suite: cases as data, the language they are written in, and the runner that
//! plays them on any backend.
//!
//! The cases stand in `tests/conformance/cases`, one file for each room of the vocabulary; what a
//! line may say is in [`language`]. Times are told in leases, so that a backend in real time plays
//! them at its own pace. What a backend cannot do it names by [`Need`]; a case that needs such a
//! thing counts as "not offered" in the printed [`Table`], and is never passed over in silence.

mod backend;
mod case;
mod engine;
pub mod language;
mod need;
mod parse;
mod runner;
mod table;

pub use self::{
    backend::{Answer, Backend, Got, How, Refused},
    case::{Case, Options, Step, Time},
    engine::EngineInVirtualTime,
    language::Verb,
    need::Need,
    parse::{ParseError, parse},
    runner::{Failure, Verdict, missing, run},
    table::Table,
};

/// A room of the vocabulary: its name, and its cases as text.
pub type Room = (&'static str, &'static str);

macro_rules! rooms {
    ($($name:ident),* $(,)?) => {
        /// Every room, in the order of the manual.
        pub const ROOMS: &[Room] = &[$((
            stringify!($name),
            include_str!(concat!("../../conformance/cases/", stringify!($name), ".txt")),
        )),*];
    };
}

rooms!(
    leases,
    settling,
    counting,
    delays,
    expiry,
    order,
    groups,
    capacity,
    dead_letters,
    duplicates,
    running,
    topics,
    filters,
);

/// The cases of one room.
///
/// # Panics
/// When there is no such room, or a line of it cannot be read; the text names the line.
#[must_use]
pub fn cases(room: &str) -> Vec<Case> {
    let (name, text) = ROOMS
        .iter()
        .find(|(name, _)| *name == room)
        .unwrap_or_else(|| panic!("there is no room `{room}`"));
    parse(name, text).unwrap_or_else(|error| panic!("{error}"))
}
