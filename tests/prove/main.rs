//! The engine against a plain model of what it should do, and against its invariants in bad
//! weather. A failure prints its seed, and the seed reproduces it.

mod agreement;
mod chance;
mod drive;
mod marks;
mod model;
mod planted;
mod room;
mod script;
mod seeds;
mod shrink;
mod swarm;
mod watch;
mod weather;
