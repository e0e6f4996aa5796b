//! What the pages weigh on the wire: every file of theirs in brotli.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use brotli::enc::BrotliEncoderParams;

/// A page, and what all files that it needs may weigh together, in brotli.
struct Page {
    name: &'static str,
    bytes_max: usize,
    /// Whether it needs a file of this name.
    needs: fn(&str) -> bool,
}

/// People see the sandbox after the first view, most of whose files they then have: it may weigh
/// more, for all that can be done in it.
const PAGES: [Page; 3] = [
    Page { name: "the first view", bytes_max: 300_000, needs: is_the_first_views },
    Page { name: "the sandbox", bytes_max: 520_000, needs: is_the_sandboxs },
    Page { name: "the lessons", bytes_max: 420_000, needs: is_the_lessons },
];

/// Prints each file's bytes, plain and in brotli, and the pages' sums.
///
/// # Errors
/// When a page weighs more than it may, or a file cannot be read.
pub(crate) fn check(dist: &Path) -> anyhow::Result<()> {
    let mut files: Vec<_> = fs::read_dir(dist)
        .with_context(|| format!("cannot read {}", dist.display()))?
        .collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    ensure!(!files.is_empty(), "{} is empty: `cargo xtask page` builds it", dist.display());

    println!("    {:<28} {:>10} {:>10}", "file", "bytes", "brotli");
    let mut sums = [(0, 0); PAGES.len()];
    for file in files {
        let bytes = fs::read(file.path())?;
        let packed = brotli_length(&bytes)?;
        let name = file.file_name().to_string_lossy().into_owned();
        println!("    {name:<28} {:>10} {packed:>10}", bytes.len());
        for (sum, _) in sums.iter_mut().zip(&PAGES).filter(|(_, page)| (page.needs)(&name)) {
            sum.0 += bytes.len();
            sum.1 += packed;
        }
    }
    for (page, (plain, packed)) in PAGES.iter().zip(sums) {
        println!("    {:<28} {plain:>10} {packed:>10}", page.name);
    }
    for (Page { name, bytes_max, .. }, (_, packed)) in PAGES.iter().zip(sums) {
        if packed > *bytes_max {
            bail!("{name} weighs {packed} bytes in brotli; at most {bytes_max} are allowed");
        }
    }
    Ok(())
}

fn is_the_first_views(file: &str) -> bool {
    !file.contains("sandbox") && !file.contains("lessons")
}

fn is_the_sandboxs(file: &str) -> bool {
    file.contains("sandbox") || is_every_pages(file)
}

fn is_the_lessons(file: &str) -> bool {
    file.contains("lessons") || is_every_pages(file)
}

fn is_every_pages(file: &str) -> bool {
    is_the_first_views(file) && file != "index.html" && !file.starts_with("postroom-web")
}

fn brotli_length(bytes: &[u8]) -> anyhow::Result<usize> {
    // What a server that compresses once and serves often would use.
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed.len())
}
