//! The picture of real runs: the simulator's, not made-up events.

mod counts;
mod marks;
mod plans;
mod world;
