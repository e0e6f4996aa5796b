//! Claims checked from outside.

/// The README's program is compiled and run with the documentation's examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
