//! `postroom-journal` on a good, a torn and a damaged journal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use postroom_core::{At, Timestamp};
use postroom_journal::{Journal, Room, Settings, disk::Folder};
use serde_json::Value;

const SEGMENT: &str = "00000000000000000000.log";

/// A journal with three commands in two commits, that was closed.
fn journal(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    let settings = Settings { segment_bytes: 4 << 10, ..Settings::default() };
    let (mut journal, _) = Journal::open(Folder::new(&path), settings).unwrap();
    for (micros, command) in [(5, &br#"{"create":"orders"}"#[..]), (6, b"\x00\xff")] {
        let at = At::time(Timestamp::from_micros(micros));
        journal.append(at, command, Room::Ordinary).unwrap();
    }
    journal.commit().unwrap();
    journal.append(At::time(Timestamp::from_micros(7)), b"17", Room::Ordinary).unwrap();
    journal.commit().unwrap();
    journal.close().unwrap();
    path
}

fn run(words: &[&str], folder: &Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postroom-journal"));
    let Output { status, stdout, stderr } =
        command.arg(words[0]).arg(folder).args(&words[1..]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn damage(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let file = folder.join(SEGMENT);
    let mut bytes = fs::read(&file).unwrap();
    change(&mut bytes);
    fs::write(file, bytes).unwrap();
}

/// Where the zeros begin.
fn used(folder: &Path) -> usize {
    let bytes = fs::read(folder.join(SEGMENT)).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

#[test]
fn a_good_journal() {
    let folder = journal("good");
    let (code, out, _) = run(&["verify"], &folder);
    assert_eq!((code, out.as_str()), (Some(0), "whole: 3 commands, none missing\n"));
    let (code, out, _) = run(&["inspect"], &folder);
    assert_eq!(code, Some(0));
    assert!(out.contains(&format!("{SEGMENT}: commands 0 to 3 in 2 commits")), "{out}");
    let (code, out, _) = run(&["inspect", "--json"], &folder);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["state"], &report["end"]), (Some(0), &"whole".into(), &3.into()));
    assert_eq!(report["segments"][0]["commits"], 2);
}

#[test]
fn commands_are_exported_one_a_line() {
    let folder = journal("exported");
    let (code, out, _) = run(&["export"], &folder);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"command":{"create":"orders"},"entropy":0,"now":5,"position":0}"#,
            r#"{"command_hex":"00ff","entropy":0,"now":6,"position":1}"#,
            r#"{"command":17,"entropy":0,"now":7,"position":2}"#,
        ]
    );
}

#[test]
fn a_torn_journal() {
    let folder = journal("torn");
    let end = used(&folder).next_multiple_of(8);
    damage(&folder, |bytes| bytes[end..end + 40].fill(0xAB));
    let (code, out, _) = run(&["verify"], &folder);
    assert_eq!(code, Some(1));
    assert!(out.starts_with(&format!("torn: 40 bytes at byte {end} of {SEGMENT}")), "{out}");
    let (code, out, _) = run(&["verify", "--json"], &folder);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["torn"]["offset"]), (Some(1), &end.into()));
    // Looking has changed nothing; a start cuts it.
    assert_eq!(used(&folder), end + 40);
    let (_, recovered) = Journal::open(Folder::new(&folder), Settings::default()).unwrap();
    assert_eq!((recovered.end(), recovered.repair().unwrap().bytes), (3, 40));
    let (code, out, _) = run(&["verify"], &folder);
    assert_eq!((code, out.as_str()), (Some(0), "whole: 3 commands, none missing\n"));
}

#[test]
fn a_damaged_journal() {
    let folder = journal("damaged");
    damage(&folder, |bytes| bytes[100] ^= 1);
    for words in [&["verify"][..], &["inspect"], &["export"]] {
        let (code, out, err) = run(words, &folder);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{words:?}");
        assert!(err.contains(&format!("{SEGMENT} is damaged at byte 64")), "{err}");
    }
    let (code, out, _) = run(&["verify", "--json"], &folder);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["offset"]), (Some(2), &64.into()));
    assert!(Journal::open(Folder::new(&folder), Settings::default()).is_err());
}

#[test]
fn what_is_not_read_is_said() {
    let folder = journal("in use");
    let _held = Journal::open(Folder::new(&folder), Settings::default()).unwrap();
    let (code, _, err) = run(&["verify"], &folder);
    assert_eq!(code, Some(3));
    assert!(err.contains("stop it first"), "{err}");
    let nowhere = folder.join("nowhere");
    let (code, _, err) = run(&["verify"], &nowhere);
    assert_eq!(code, Some(3));
    assert!(err.contains("holds no journal"), "{err}");
    assert!(!nowhere.exists());
    let (code, _, err) = run(&["mend"], &folder);
    assert_eq!(code, Some(3));
    assert!(err.contains("Exit codes"), "{err}");
}
