//! Where things are, and how to call the tools that come with Rust.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// The page's target triple.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// A processor without an operating system: nothing of the standard library but `core` and `alloc`.
pub(crate) const BARE: &str = "thumbv7em-none-eabi";

/// The clone's own folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Cargo's target folder: this very program was built into it, wherever it was configured to be.
pub(crate) fn target() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.parent()?.to_owned()))
        .ok_or_else(|| {
            Failure::new(
                "cannot tell where cargo's target folder is",
                "start this program with `cargo xtask`",
            )
        })
}

/// A program that cargo built in the dev profile.
pub(crate) fn built_program(name: &str) -> Result<PathBuf, Failure> {
    Ok(target()?.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Cargo, in the clone's folder, with the given words: `cargo("test --doc")`.
pub(crate) fn cargo(words: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(words.split_whitespace()).current_dir(root()).stdin(Stdio::null());
    // `cargo run` tells this program about its own package; other packages must not see that,
    // or cargo would take them for changed.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command, remedy: &str) -> Result<(), Failure> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` failed ({status})", words(command)), remedy))
    }
}

/// The error for a program that could not even be started.
pub(crate) fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("`{}` could not be started: {error}", words(command)),
        "check that the program is installed and may be run",
    )
}

/// The command as one would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(program.to_string_lossy()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Adds a target to the pinned toolchain, unless it is there.
pub(crate) fn ensure_target(target: &str) -> Result<(), Failure> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]).current_dir(root());
    let libraries = rustc.output().map_err(|error| cannot_start(&rustc, &error))?.stdout;
    if Path::new(String::from_utf8_lossy(&libraries).trim()).is_dir() {
        return Ok(());
    }
    println!("    adding the {target} target to the toolchain");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target]).current_dir(root()).stdin(Stdio::null());
    run(
        &mut rustup,
        &format!(
            "without rustup, install the standard library for {target} with your system's package \
             manager"
        ),
    )
}
