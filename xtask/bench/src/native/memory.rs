//! What a waiting message occupies: resident memory of a fresh process, after less before.
//!
//! That includes what the allocator adds, and leaves out what was reserved but never touched.

use std::{hint::black_box, path::Path, process::Command};

use anyhow::{Context, bail, ensure};
use postroom_core::Body;

use super::{
    fan_out::{self, BULKY_BYTES},
    measure::Effort,
    report::Row,
};
use crate::{
    contender::{BODY_BYTES, Contender},
    floor::HeapFloor,
    ours::Ours,
};

/// The word with which this program starts itself to be measured.
pub(super) const CHILD: &str = "memory-of";

/// Where the kernel says how much of this process is resident.
const RESIDENT: &str = "/proc/self/smaps_rollup";

/// Few messages are measured many times over: pages are coarse.
const MESSAGES_LEAST: u32 = 100_000;

/// The most that a waiting message may occupy besides its payload.
const OVERHEAD_BYTES_MAX: usize = 200;

pub(super) fn can_be_measured() -> bool {
    Path::new(RESIDENT).exists()
}

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for count in effort.stored {
        let (ours, floor) = (measured("ours", *count)?, measured("floor", *count)?);
        let row = Row::new(format!("{count} messages of {BODY_BYTES} B"), "bytes", ours, floor);
        rows.push(row.ours_at_most((BODY_BYTES + OVERHEAD_BYTES_MAX) as f64));
    }
    let name = "100 KB, fanned out to three queues (floor: one body)";
    let ours = measured("fan-out", effort.bulky)?;
    rows.push(Row::new(name, "bytes", ours, BULKY_BYTES as f64).ratio_at_most(1.1));
    Ok(rows)
}

/// Bytes per message, in a process that does nothing else.
fn measured(what: &str, count: u32) -> anyhow::Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args([CHILD, what, &count.to_string()])
        .output()
        .context("this program starts itself")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    said.trim().parse().with_context(|| format!("not a number of bytes: {said:?}"))
}

/// The child's part: prints the bytes per message.
pub(super) fn child(arguments: &[&str]) -> anyhow::Result<()> {
    let [what, count] = *arguments else { bail!("a part of `cargo xtask bench core`: use that") };
    let count: u32 = count.parse().context("a count")?;
    let bytes = match what {
        "ours" => stored(|| Ours::new(()), count)?,
        "floor" => stored(HeapFloor::lazy, count)?,
        "fan-out" => fanned_out(count)?,
        other => bail!("nothing is called {other}"),
    };
    println!("{bytes}");
    Ok(())
}

fn stored<C: Contender>(make: impl Fn() -> C, count: u32) -> anyhow::Result<f64> {
    let times = MESSAGES_LEAST.div_ceil(count);
    let mut contenders: Vec<C> = (0..times).map(|_| make()).collect();
    let before = resident_bytes()?;
    for contender in &mut contenders {
        for number in 0..count {
            contender.publish(u64::from(number), &[7; BODY_BYTES]);
        }
    }
    let after = resident_bytes()?;
    black_box(&contenders);
    Ok((after - before) / f64::from(count * times))
}

fn fanned_out(count: u32) -> anyhow::Result<f64> {
    let mut ours = fan_out::Ours::new().context("the settings are in range")?;
    let before = resident_bytes()?;
    for _ in 0..count {
        ours.publish(Body::from(vec![7; BULKY_BYTES]));
    }
    let after = resident_bytes()?;
    black_box(&ours);
    Ok((after - before) / f64::from(count))
}

fn resident_bytes() -> anyhow::Result<f64> {
    let text =
        std::fs::read_to_string(RESIDENT).with_context(|| format!("cannot read {RESIDENT}"))?;
    let kilobytes: f64 = text
        .lines()
        .find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix("kB")?.trim().parse().ok())
        .with_context(|| format!("{RESIDENT} has no line `Rss: … kB`"))?;
    Ok(kilobytes * 1_024.0)
}
