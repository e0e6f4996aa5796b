//! Makes `dist/`: index.html, the files that it names, and the modules with their JavaScript.

use std::fs;
use std::path::Path;

use anyhow::Context;
use wasm_bindgen_cli_support::Bindgen;

use crate::html;

/// Makes `dist` anew beside its old version, then swaps the two: a reader sees one of them, whole.
///
/// # Errors
/// When a file cannot be read or written, or index.html asks for what only Trunk can do.
pub(crate) fn assemble(root: &Path, modules: &Path, dist: &Path) -> anyhow::Result<()> {
    let index = html::read(&read_text(&root.join("index.html"))?)?;
    let staging = dist.with_extension("new");
    remove(&staging)?;
    fs::create_dir_all(&staging).with_context(|| format!("cannot create {}", staging.display()))?;
    fs::write(staging.join("index.html"), &index.html)?;
    for copy in &index.copies {
        let source = root.join(copy);
        let name =
            source.file_name().with_context(|| format!("index.html: {copy} names no file"))?;
        fs::copy(&source, staging.join(name))
            .with_context(|| format!("index.html: cannot copy {copy}"))?;
    }
    for program in &index.programs {
        bind(&modules.join(format!("{program}.wasm")), &staging)?;
    }
    remove(dist)?;
    fs::rename(&staging, dist).with_context(|| format!("cannot replace {}", dist.display()))
}

/// Makes a module that Node.js can load, for measuring.
///
/// # Errors
/// When a file cannot be read or written.
pub(crate) fn bind_for_node(module: &Path, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(module)
        .nodejs(true)?
        .typescript(false)
        .generate(folder)
        .with_context(|| format!("cannot make a module for Node.js from {}", module.display()))
}

/// What `wasm-bindgen --target web --no-typescript` does, as Trunk calls it.
fn bind(module: &Path, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        // The command's default; the library's is the other.
        .omit_default_module_path(false)
        .generate(folder)
        .with_context(|| format!("cannot make the page's module from {}", module.display()))
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
