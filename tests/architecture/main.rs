//! What ARCHITECTURE.md says is absent, is absent.

mod packages;
mod sources;
mod tree;
