//! What an earlier release wrote is read for ever, and leads where it led.
//!
//! After an intended change of outcome: raise `SEMANTICS_VERSION`, then run this with
//! `POSTROOM_BLESS=1`: it writes a folder for the new version. The folders of versions that were
//! released are never written again.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};

use postroom_core::{
    At, Body, Command, Digest, Engine, Receipt, Record, RecordError, RestoreError,
    SEMANTICS_VERSION, Snapshot, Timestamp, digest_of,
};

use crate::{
    cbor::{from_cbor, to_cbor},
    world::{Draw, Outcome, World},
};

/// Random commands after those that set the world up.
const COMMANDS: u32 = 400;

#[test]
fn the_present_version_has_its_golden_files() {
    let (records, digests, snapshot) = written_now();
    let folder = folder(SEMANTICS_VERSION);
    if std::env::var_os("POSTROOM_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("records.jsonl"), &records).unwrap();
        std::fs::write(folder.join("digests.txt"), &digests).unwrap();
        std::fs::write(folder.join("snapshot.json"), &snapshot).unwrap();
        return;
    }
    assert!(read(&folder, "records.jsonl") == records, "commands are written otherwise");
    assert!(read(&folder, "snapshot.json") == snapshot, "snapshots are written otherwise");
}

#[test]
fn golden_records_lead_where_they_led() {
    let folder = folder(SEMANTICS_VERSION);
    let (records, digests) = (read(&folder, "records.jsonl"), read(&folder, "digests.txt"));
    assert_eq!(records.lines().count(), digests.lines().count());
    let mut world = World::around(Engine::new());
    for (number, (text, golden)) in records.lines().zip(digests.lines()).enumerate() {
        let record: Record<Command> = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        let (at, command) = record.open().unwrap();
        let found = digest(&world.apply(at, command), &world);
        assert_eq!(
            found, golden,
            "record {number} leads elsewhere: undo that, or raise SEMANTICS_VERSION; {text}"
        );
    }
}

#[test]
fn every_command_is_among_the_golden_records() {
    // serde names all that it knows when it meets one that it does not.
    let known = serde_json::from_str::<Command>("\"no such command\"").unwrap_err().to_string();
    let known: BTreeSet<&str> = known.split('`').skip(3).step_by(2).collect();
    assert!(known.contains("publish_batch") && known.len() > 15, "{known:?}");
    let records = read(&folder(SEMANTICS_VERSION), "records.jsonl");
    let is_there = |name: &&&str| {
        records.contains(&format!("\"command\":\"{name}\""))
            || records.contains(&format!("\"command\":{{\"{name}\":"))
    };
    let missing: Vec<_> = known.iter().filter(|name| !is_there(name)).collect();
    assert!(missing.is_empty(), "no golden record of {missing:?}: let `World` send some");
}

#[test]
fn a_golden_snapshot_is_restored_and_written_again_to_the_byte() {
    let folder = folder(SEMANTICS_VERSION);
    let text = read(&folder, "snapshot.json");
    let engine = Engine::restore(serde_json::from_str(&text).unwrap()).unwrap();
    assert!(serde_json::to_string(&engine.snapshot()).unwrap() == text, "it is written otherwise");
    let digests = read(&folder, "digests.txt");
    assert_eq!(format!("{:016x}", engine.digest()), digests.lines().last().unwrap()[17..]);
}

#[test]
fn snapshots_of_every_version_that_is_read_are_restored() {
    for version in 2..=SEMANTICS_VERSION {
        let text = read(&folder(version), "snapshot.json");
        let restored = Engine::restore(serde_json::from_str(&text).unwrap());
        assert!(restored.is_ok(), "version {version}: {:?}", restored.err());
    }
}

#[test]
fn other_versions_are_refused_with_the_remedy_whatever_their_shape() {
    let newer = r#"{"semantics_version":99,"content":{"shape":[1,"new"]},"more":true}"#;
    let older = r#"{"semantics_version":1,"content":null}"#;
    let restore =
        |text| Engine::restore(serde_json::from_str::<Snapshot>(text).unwrap()).unwrap_err();
    assert_eq!(restore(newer), RestoreError::Newer { found: 99 });
    assert_eq!(restore(older), RestoreError::Older { found: 1 });
    let open = |text| serde_json::from_str::<Record<Command>>(text).unwrap().open().unwrap_err();
    assert_eq!(open(newer), RecordError::Newer { found: 99 });
    assert_eq!(open(older), RecordError::Older { found: 1 });
    for text in [restore(newer).to_string(), open(newer).to_string(), open(older).to_string()] {
        assert!(text.contains("with the release that wrote it"), "{text}");
    }
}

#[test]
fn misplaced_fields_are_refused() {
    let texts = [
        r#"{"content":{"at":{"now":0,"entropy":0},"command":"tick"},"semantics_version":VERSION}"#,
        r#"{"semantics_version":VERSION,"semantics_version":VERSION,"content":null}"#,
        r#"{"semantics_version":VERSION,"extra":1,"content":null}"#,
        r#"{"semantics_version":VERSION}"#,
        r#"{"semantics_version":VERSION,"content":{"at":{"now":0,"entropy":0},"command":"tick"},"content":1}"#,
        "{}",
        "[]",
        "17",
    ];
    for text in texts {
        let text = text.replace("VERSION", &SEMANTICS_VERSION.to_string());
        assert!(serde_json::from_str::<Record<Command>>(&text).is_err(), "{text} was read");
    }
}

#[test]
fn a_binary_format_holds_the_same() {
    let mut world = World::new();
    let mut draw = Draw(5);
    for _ in 0..300 {
        let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
        let bytes = to_cbor(&Record::new(at, &command));
        let record: Record<Command> = from_cbor(&bytes).unwrap();
        assert_eq!(record.semantics_version(), SEMANTICS_VERSION);
        assert_eq!(record.open(), Ok((at, command.clone())));
        world.apply(at, command);
    }
    let bytes = to_cbor(&world.engine.snapshot());
    let restored = Engine::restore(from_cbor(&bytes).unwrap()).unwrap();
    assert_eq!(restored.digest(), world.engine.digest());
}

#[test]
fn a_body_is_a_string_of_bytes_in_a_binary_format() {
    let bytes = [200_u8; 20];
    let body = Body::from(&bytes[..]);
    assert_eq!(to_cbor(&body).len(), 1 + bytes.len());
    assert_eq!(from_cbor::<Body>(&to_cbor(&body)).unwrap(), body);
    // As earlier releases wrote it.
    assert_eq!(from_cbor::<Body>(&to_cbor(&bytes.to_vec())).unwrap(), body);
}

/// Records, digests and the snapshot at the end, as the present code writes them.
fn written_now() -> (String, String, String) {
    let mut world = World::around(Engine::new());
    let (mut records, mut digests, mut draw) = (String::new(), String::new(), Draw(1));
    let mut write = |world: &mut World, at: At, command: Command| {
        records += &(json(&Record::new(at, &command)) + "\n");
        digests += &(digest(&world.apply(at, command), world) + "\n");
    };
    for command in World::setup().into_iter().chain(World::seldom()) {
        write(&mut world, At::time(Timestamp::ZERO), command);
    }
    for _ in 0..COMMANDS {
        let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
        write(&mut world, at, command);
    }
    (records, digests, json(&world.engine.snapshot()))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

/// Of what a command answered and said, and of the state that it left.
fn digest(Outcome { reply, events }: &Outcome, world: &World) -> String {
    let mut digest = Digest::default();
    // A reply holds no floats and no unordered maps: its text is its identity.
    format!("{reply:?}").hash(&mut digest);
    events.hash(&mut digest);
    format!("{:016x} {:016x}", digest.finish(), world.engine.digest())
}

fn read(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; write it with POSTROOM_BLESS=1", path.display())
    })
}

fn folder(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("formats/golden/{version}"))
}

#[test]
fn equal_receipts_have_equal_text() {
    let text = r#"{"queue":1,"slot":2,"seq":3,"lease":4}"#;
    let receipt: Receipt = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&receipt).unwrap(), text);
    assert_eq!(digest_of(&receipt), digest_of(&serde_json::from_str::<Receipt>(text).unwrap()));
}
