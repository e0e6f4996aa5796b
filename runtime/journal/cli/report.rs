//! What is said about a journal, for people and for programs.

use std::io::{self, Write};

use postroom_journal::{Damage, Look, Repair};
use serde_json::{Value, json};

/// One JSON document.
pub(crate) fn write(out: &mut impl Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{value:#}")
}

pub(crate) fn damage(damage: &Damage) -> Value {
    json!({
        "state": "damaged",
        "file": damage.file,
        "offset": damage.offset,
        "what": damage.what,
    })
}

pub(crate) fn verify<D>(out: &mut impl Write, look: &Look<D>) -> io::Result<()> {
    match look.torn() {
        None => writeln!(out, "whole: {} commands, none missing", look.end()),
        Some(torn) => writeln!(out, "{}\nbefore it: {} commands", torn_text(torn), look.end()),
    }
}

pub(crate) fn verify_json<D>(look: &Look<D>) -> Value {
    json!({
        "state": if look.torn().is_some() { "torn" } else { "whole" },
        "end": look.end(),
        "torn": look.torn().map(torn_json),
    })
}

pub(crate) fn inspect<D>(out: &mut impl Write, look: &Look<D>) -> io::Result<()> {
    verify(out, look)?;
    match look.snapshot() {
        Some(snapshot) => writeln!(
            out,
            "snapshot at {}: {} bytes, semantics {}",
            snapshot.position,
            snapshot.state.len(),
            snapshot.semantics_version
        )?,
        None => writeln!(out, "no snapshot: replay begins with the first command")?,
    }
    for segment in look.segments() {
        let (file, first, end) = (segment.file, segment.first, segment.end);
        let (commits, semantics) = (segment.commits, segment.semantics_version);
        let (used, len) = (segment.used, segment.len);
        writeln!(
            out,
            "{file}: commands {first} to {end} in {commits} commits, {used} of {len} bytes, \
             semantics {semantics}"
        )?;
    }
    for name in look.superfluous() {
        writeln!(out, "{name}: superfluous, the next start removes it")?;
    }
    Ok(())
}

pub(crate) fn inspect_json<D>(look: &Look<D>) -> Value {
    let segments = look.segments().map(|segment| {
        json!({
            "file": segment.file,
            "semantics_version": segment.semantics_version,
            "first": segment.first,
            "end": segment.end,
            "commits": segment.commits,
            "used_bytes": segment.used,
            "bytes": segment.len,
        })
    });
    let snapshot = look.snapshot().map(|snapshot| {
        json!({
            "position": snapshot.position,
            "semantics_version": snapshot.semantics_version,
            "bytes": snapshot.state.len(),
        })
    });
    let mut report = verify_json(look);
    report["snapshot"] = json!(snapshot);
    report["segments"] = segments.collect();
    report["superfluous"] = json!(look.superfluous());
    report
}

/// One line for each command. Its bytes are JSON if they are that, else hexadecimal digits: how
/// they are encoded is for the service that wrote them.
pub(crate) fn export<D>(out: &mut impl Write, look: &Look<D>) -> io::Result<()> {
    for entry in look.entries() {
        let mut line = json!({
            "position": entry.position,
            "now": entry.at.now.as_micros(),
            "entropy": entry.at.entropy.value(),
        });
        match serde_json::from_slice::<Value>(entry.command) {
            Ok(command) => line["command"] = command,
            Err(_) => line["command_hex"] = hex(entry.command).into(),
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn torn_text(torn: &Repair) -> String {
    format!(
        "torn: {} bytes at byte {} of {} are what a crash left of a commit that nobody was told \
         of; the next start cuts them",
        torn.bytes, torn.offset, torn.file
    )
}

fn torn_json(torn: &Repair) -> Value {
    json!({ "file": torn.file, "offset": torn.offset, "bytes": torn.bytes })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
