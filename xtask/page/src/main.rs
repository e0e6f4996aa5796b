//! The half of `cargo xtask` that needs libraries: compiled while the page itself compiles.

mod assemble;
mod html;
#[cfg(feature = "size")]
mod size;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    match run(&arguments.iter().map(Path::new).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&Path]) -> anyhow::Result<()> {
    match arguments {
        [word, root, modules, dist] if *word == Path::new("assemble") => {
            assemble::assemble(root, modules, dist)
        }
        [word, module, folder] if *word == Path::new("bind-for-node") => {
            assemble::bind_for_node(module, folder)
        }
        #[cfg(feature = "size")]
        [word, dist] if *word == Path::new("size") => size::check(dist),
        _ => bail!("this program is a part of `cargo xtask`: use that"),
    }
}
