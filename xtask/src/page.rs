//! The page: Rust to WebAssembly to `dist/`, the same files that Trunk makes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::jobs::{Job, run_together};
use crate::steps::step;
use crate::workspace::{WASM, built_program, cargo, ensure_target, root, run, target};

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
    ensure_target(WASM)?;
    let mut page = cargo(&format!("build --profile page --target {WASM} --package postroom-web"));
    hide_this_machine(&mut page);
    step("compiling the page and what goes with it (minutes at first, seconds later)", || {
        run_together(vec![
            Job { name: "page", command: page },
            Job { name: "native", command: cargo(native) },
        ])
    })?;
    step("putting the page's files into dist/", assemble)
}

/// Keeps the folder of other people's crates out of the words of the page's panics: where that is
/// on this machine concerns nobody, and the page is the same wherever it is built.
pub(crate) fn hide_this_machine(build: &mut Command) {
    const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = cargo_home.map(|home| home.join("registry").join("src"));
    let Some(sources) = sources.as_deref().and_then(Path::to_str) else { return };
    // Flags in the environment are told apart by spaces.
    if sources.contains(char::is_whitespace) {
        return;
    }
    let given = std::env::var(FLAGS).unwrap_or_default();
    build.env(FLAGS, format!("{given} --remap-path-prefix={sources}=").trim_start());
}

/// `cargo xtask page`.
pub(crate) fn build_alone() -> Result<(), Failure> {
    build(Beside::Assembler).map(|dist| println!("{}", dist.display()))
}

/// Prints what each file of the pages weighs in brotli; fails above their limits.
/// Only after a [`build`] beside [`Beside::Scales`].
pub(crate) fn check_size(dist: &Path) -> Result<(), Failure> {
    let mut size = Command::new(built_program("xtask-page")?);
    size.arg("size").arg(dist);
    run(&mut size, "look for what was added to the page since its last change")
}

fn assemble() -> Result<PathBuf, Failure> {
    let modules = target()?.join(WASM).join("page");
    let dist = root().join("dist");
    let mut assemble = Command::new(built_program("xtask-page")?);
    assemble.arg("assemble").args([root(), &modules, &dist]);
    run(&mut assemble, "the line above says what to change")?;
    Ok(dist)
}
