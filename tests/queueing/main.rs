//! Queueing theory against the real thing: Poisson arrivals, one queue of the engine, one consumer
//! and one provider in a simulated world, measured by their events alone.
//!
//! **Method.** Independent replications: each model at each load is run with 20 seeds. Of every run
//! the first 5,000 customers are cut off, as many relaxation times at the highest load (14) as make
//! the empty start forgotten, and the next 20,000 to 60,000 are measured. The 20 means give a
//! confidence interval of 99 % by Student's distribution, and the theory must lie in it. The seeds
//! are fixed, so that a run always says the same.
//!
//! **Rounding.** The simulator's times are whole microseconds, those of the theory are not. What
//! that could shift is computed and must stay below a tenth of the interval.
//!
//! `cargo test --package postroom-tests --test queueing -- --show-output` prints the table.

#![allow(clippy::unwrap_used, reason = "tests, with their helpers")]

mod interval;
mod measure;
mod models;
mod table;
