//! What ARCHITECTURE.md says is absent, is absent.

mod packages;
mod pages;
mod sources;
mod tree;
