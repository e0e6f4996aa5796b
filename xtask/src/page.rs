//! The page: Rust to WebAssembly to `dist/`, the same files that Trunk makes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::jobs::{Job, run_together};
use crate::steps::step;
use crate::workspace::{WASM, built_program, cargo, ensure_wasm_target, root, run, target};

/// What is built in the dev profile beside the page.
#[derive(Clone, Copy)]
pub(crate) enum Beside {
    /// What assembles the page.
    Assembler,
    /// The same, and what weighs the page.
    Scales,
    /// What assembles the page, and the service.
    Service,
}

/// Builds the page into `dist/`, and answers where that is.
///
/// Cargo locks one profile's folder at a time, so the page and the native programs do not wait
/// for each other: the page's long link keeps one core busy and leaves the other to them.
pub(crate) fn build(beside: Beside) -> Result<PathBuf, Failure> {
    let native = match beside {
        Beside::Assembler => "build --package xtask-page",
        Beside::Scales => "build --package xtask-page --features size",
        Beside::Service => "build --package xtask-page --package notification-demo",
    };
    ensure_wasm_target()?;
    step("compiling the page and what goes with it (minutes at first, seconds later)", || {
        run_together(vec![
            Job {
                name: "page",
                command: cargo(&format!(
                    "build --profile page --target {WASM} --package postroom-web"
                )),
            },
            Job { name: "native", command: cargo(native) },
        ])
    })?;
    step("putting the page's files into dist/", assemble)
}

/// `cargo xtask page`.
pub(crate) fn build_alone() -> Result<(), Failure> {
    build(Beside::Assembler).map(|dist| println!("{}", dist.display()))
}

/// Prints what each file of the first view weighs in brotli; fails above the limit.
/// Only after a [`build`] beside [`Beside::Scales`].
pub(crate) fn check_size(dist: &Path) -> Result<(), Failure> {
    let mut size = Command::new(built_program("xtask-page")?);
    size.arg("size").arg(dist);
    run(&mut size, "look for what was added to the page since its last change")
}

fn assemble() -> Result<PathBuf, Failure> {
    let module = target()?.join(WASM).join("page").join("postroom-web.wasm");
    let dist = root().join("dist");
    let mut assemble = Command::new(built_program("xtask-page")?);
    assemble.arg("assemble").args([root(), &module, &dist]);
    run(&mut assemble, "the line above says what to change")?;
    Ok(dist)
}
