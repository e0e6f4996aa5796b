//! `cargo xtask bench`: what the engine costs, natively and in wasm, and what the simulator does.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::steps::step;
use crate::workspace::{WASM, built_program, cargo, ensure_target, root, run, target};

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Enough for figures that hold.
    Full,
    /// Enough to see that it runs.
    Quick,
}

/// Builds what measures, for here and for wasm, and runs it.
pub(crate) fn core(effort: Effort) -> Result<(), Failure> {
    ensure_node()?;
    ensure_target(WASM)?;
    step("compiling what measures", || {
        run(&mut cargo("build --release --package xtask-bench"), "the lines above say why")
    })?;
    step("compiling it for wasm, in the page's profile", || {
        let words = format!("build --profile page --target {WASM} --package xtask-bench");
        run(&mut cargo(&words), "the lines above say why")?;
        run(&mut cargo("build --package xtask-page"), "the lines above say why")
    })?;
    let module = step("making a module for Node.js of it", bind)?;
    let mut bench = program("release", "core", effort)?;
    bench.arg("--wasm").arg(module).arg("--json").arg(target()?.join("bench").join("core.json"));
    run(&mut bench, "the line above says what failed")
}

/// Measures the simulator.
pub(crate) fn sim(effort: Effort) -> Result<(), Failure> {
    step("compiling what measures, as whole as the page", || {
        run(&mut cargo("build --profile measured --package xtask-bench"), "the lines above say why")
    })?;
    let mut bench = program("measured", "sim", effort)?;
    match step("compiling NeXosim, to stand beside it", build_nexosim) {
        Ok(nexosim) => _ = bench.arg("--nexosim").arg(nexosim),
        // Whoever is offline measures without it.
        Err(failure) => eprintln!("{failure}"),
    }
    bench.arg("--json").arg(target()?.join("bench").join("sim.json"));
    run(&mut bench, "the line above says what failed")
}

/// Measures the embedded post room.
pub(crate) fn runtime(effort: Effort) -> Result<(), Failure> {
    step("compiling what measures", || {
        run(&mut cargo("build --release --package xtask-bench"), "the lines above say why")
    })?;
    let mut bench = program("release", "runtime", effort)?;
    bench.arg("--json").arg(target()?.join("bench").join("runtime.json"));
    run(&mut bench, "the line above says what failed")
}

/// What measures, as it was built in this profile.
fn program(profile: &str, what: &str, effort: Effort) -> Result<Command, Failure> {
    let program = format!("xtask-bench{}", std::env::consts::EXE_SUFFIX);
    let mut bench = Command::new(target()?.join(profile).join(program));
    bench.arg(what).current_dir(root()).stdin(Stdio::null());
    if effort == Effort::Quick {
        bench.arg("--quick");
    }
    Ok(bench)
}

/// It is no part of the workspace: it depends on more than the rest of it together.
fn build_nexosim() -> Result<PathBuf, Failure> {
    let folder = target()?.join("bench").join("nexosim");
    let mut build = cargo("build --release --manifest-path xtask/bench/nexosim/Cargo.toml");
    run(build.arg("--target-dir").arg(&folder), "it is left out")?;
    Ok(folder.join("release").join(format!("nexosim-peer{}", std::env::consts::EXE_SUFFIX)))
}

fn ensure_node() -> Result<(), Failure> {
    let node = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    if node.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err(Failure::new(
        "the engine is measured in wasm by Node.js, and there is no `node`",
        "install it: sudo apt-get install nodejs, brew install node, or https://nodejs.org",
    ))
}

fn bind() -> Result<PathBuf, Failure> {
    let module = target()?.join(WASM).join("page").join("xtask-bench.wasm");
    let folder = target()?.join("bench").join("wasm");
    let mut bind = Command::new(built_program("xtask-page")?);
    bind.arg("bind-for-node").args([&module, &folder]);
    run(&mut bind, "the line above says why")?;
    Ok(folder.join("xtask-bench.js"))
}
