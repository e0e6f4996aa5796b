//! At the limits, and one beyond.

use super::{SMALL, at};
use crate::{
    AppendError, Journal, OpenError, Room, Settings, SnapshotError,
    disk::SimulatedDisk,
    frame::{GROUP_HEADER_BYTES, HEADER_BYTES, RECORD_HEADER_BYTES},
    limits::{SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN},
};

const LONGEST: usize =
    SMALL.segment_bytes as usize - HEADER_BYTES - GROUP_HEADER_BYTES - RECORD_HEADER_BYTES;

fn journal() -> Journal<SimulatedDisk> {
    Journal::open(SimulatedDisk::default(), SMALL).expect("a new journal opens").0
}

#[test]
fn segments_have_bounds() {
    for (bytes, is_good) in
        [(SEGMENT_BYTES_MIN - 1, false), (SEGMENT_BYTES_MIN, true), (SEGMENT_BYTES_MAX + 1, false)]
    {
        let settings = Settings { segment_bytes: bytes, ..SMALL };
        match Journal::open(SimulatedDisk::default(), settings) {
            Ok(_) => assert!(is_good, "{bytes}"),
            Err(OpenError::SegmentBytes { bytes: said }) => assert!(!is_good && said == bytes),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn the_longest_command_fills_a_segment() {
    let mut journal = journal();
    let refused = journal.append(at(0), &[1; LONGEST + 1], Room::Ordinary);
    assert!(matches!(refused, Err(AppendError::TooLarge { bytes }) if bytes == LONGEST + 1));
    for position in 0..3 {
        let taken = journal.append(at(0), &[1; LONGEST], Room::Ordinary);
        assert_eq!(taken.expect("it just fits"), position);
        assert_eq!(journal.commit().expect("nothing fails"), position + 1);
    }
}

#[test]
fn a_group_fills_a_segment_at_most() {
    let mut journal = journal();
    journal.append(at(0), &[1; LONGEST], Room::Ordinary).expect("it just fits");
    let refused = journal.append(at(0), b"", Room::Ordinary);
    assert!(matches!(refused, Err(AppendError::GroupFull)));
    assert_eq!(journal.commit().expect("nothing fails"), 1);
    assert_eq!(journal.append(at(0), b"", Room::Ordinary).expect("the group is empty"), 1);
}

#[test]
fn nothing_to_commit_asks_nothing_of_the_disk() {
    let disk = SimulatedDisk::default();
    let (mut journal, _) = Journal::open(disk.clone(), SMALL).expect("a new journal opens");
    let before = disk.calls().len();
    assert_eq!(journal.commit().expect("nothing fails"), 0);
    assert_eq!(disk.calls().len(), before);
}

#[test]
fn a_snapshot_waits_for_no_commands() {
    let mut journal = journal();
    journal.append(at(0), b"waits", Room::Ordinary).expect("there is room");
    assert!(matches!(journal.snapshot(b"state"), Err(SnapshotError::Uncommitted)));
    journal.commit().expect("nothing fails");
    journal.snapshot(b"state").expect("nothing waits");
    journal.snapshot(b"state").expect("the same once more");
}
