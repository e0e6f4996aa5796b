//! What other releases wrote.

use postroom_core::RecordError;

use super::{SMALL, User};
use crate::{
    FORMAT_VERSION, Journal, OpenError, ReadError, Settings,
    disk::{Disk, SimulatedDisk},
    frame::checksum,
    names,
};

const OLDER: Settings = Settings { semantics_version: 1, ..SMALL };
const NEWER: Settings = Settings { semantics_version: 3, ..SMALL };

#[test]
fn commands_of_other_semantics_are_refused_with_the_remedy() {
    for (present, remedy) in
        [(OLDER, RecordError::Newer { found: 2 }), (NEWER, RecordError::Older { found: 2 })]
    {
        let (disk, _) = written();
        let before = disk.read(&names::segment(0)).unwrap();
        match Journal::open(disk.clone(), present) {
            Err(OpenError::Semantics(error)) => assert_eq!(error, remedy),
            other => panic!("{:?}", other.map(drop)),
        }
        assert_eq!(disk.read(&names::segment(0)).unwrap(), before);
    }
}

#[test]
fn a_snapshot_of_other_semantics_is_gone_on_from() {
    let (disk, mut user) = written();
    let mut journal = user.open(&disk, SMALL).expect("it is whole");
    let state = super::state_at(journal.position());
    journal.snapshot(&state).expect("nothing fails");
    drop(journal);
    let (journal, recovered) = Journal::open(disk.clone(), NEWER).expect("no command is left");
    let snapshot = recovered.snapshot().expect("it was just written");
    assert_eq!((snapshot.semantics_version, &snapshot.state), (2, &state));
    drop(journal);
    for _ in 0..3 {
        let mut journal = user.open(&disk, NEWER).expect("it is whole");
        user.work(&mut journal, 5).expect("nothing fails");
    }
}

#[test]
fn another_format_is_refused_by_its_number() {
    let (disk, _) = written();
    disk.damage(&names::segment(0), |bytes| {
        bytes[8..12].copy_from_slice(&(FORMAT_VERSION + 1).to_le_bytes());
        let sum = checksum(0, 0, &bytes[..32]);
        bytes[32..36].copy_from_slice(&sum.to_le_bytes());
    });
    match Journal::open(disk, SMALL) {
        Err(OpenError::Read(ReadError::OtherFormat { found, .. })) => {
            assert_eq!(found, FORMAT_VERSION + 1);
        }
        other => panic!("{:?}", other.map(drop)),
    }
}

fn written() -> (SimulatedDisk, User) {
    let disk = SimulatedDisk::default();
    let mut user = User::new(5);
    let mut journal = user.open(&disk, SMALL).expect("a new journal opens");
    user.work(&mut journal, 3).expect("nothing fails");
    drop(journal);
    (disk, user)
}
