//! What the first view weighs on the wire: every file of the page in brotli.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use brotli::enc::BrotliEncoderParams;

/// What all files of the first view may weigh together, in brotli.
const FIRST_VIEW_BYTES_MAX: usize = 300_000;

/// Prints each file's bytes, plain and in brotli, and their sums.
///
/// # Errors
/// When the page weighs more than [`FIRST_VIEW_BYTES_MAX`], or cannot be read.
pub(crate) fn check(dist: &Path) -> anyhow::Result<()> {
    let mut files: Vec<_> = fs::read_dir(dist)
        .with_context(|| format!("cannot read {}", dist.display()))?
        .collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    ensure!(!files.is_empty(), "{} is empty: `cargo xtask page` builds it", dist.display());

    println!("    {:<28} {:>10} {:>10}", "file", "bytes", "brotli");
    let (mut plain_sum, mut packed_sum) = (0, 0);
    for file in files {
        let bytes = fs::read(file.path())?;
        let packed = brotli_length(&bytes)?;
        println!("    {:<28} {:>10} {packed:>10}", file.file_name().to_string_lossy(), bytes.len());
        plain_sum += bytes.len();
        packed_sum += packed;
    }
    println!("    {:<28} {plain_sum:>10} {packed_sum:>10}", "together");
    if packed_sum > FIRST_VIEW_BYTES_MAX {
        bail!(
            "the first view weighs {packed_sum} bytes in brotli; at most {FIRST_VIEW_BYTES_MAX} are allowed"
        );
    }
    Ok(())
}

fn brotli_length(bytes: &[u8]) -> anyhow::Result<usize> {
    // What a server that compresses once and serves often would use.
    let params = BrotliEncoderParams { quality: 11, lgwin: 22, ..BrotliEncoderParams::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed.len())
}
