//! What the engine and the simulator cost, beside the least that could do their work:
//! `cargo xtask bench core` and `cargo xtask bench sim`.
//!
//! Ours and its floor take turns, block by block, in one run on one thread: what else the machine
//! does then falls on both, and what counts is the ratio. For wasm this same program is a module
//! that the native one drives.

mod contender;
mod floor;
mod ours;

#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    native::main()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
