//! The half of `cargo xtask` that needs libraries: compiled while the page itself compiles.

mod assemble;
mod html;
#[cfg(feature = "size")]
mod size;

use std::path::Path;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    match paths.as_slice() {
        [word, root, module, dist] if *word == Path::new("assemble") => {
            assemble::assemble(root, module, dist)
        }
        #[cfg(feature = "size")]
        [word, dist] if *word == Path::new("size") => size::check(dist),
        _ => bail!("this program is a part of `cargo xtask`: use that"),
    }
}
