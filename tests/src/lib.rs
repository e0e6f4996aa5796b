//! Claims about Postroom, checked from outside. The tests stand in the folders beside this one;
//! here is what several of them share.

pub mod conformance;
pub mod documents;
pub mod parity;
pub mod storm;

/// The README's program is compiled and run with the documentation's examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
