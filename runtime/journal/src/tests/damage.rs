//! A small journal, damaged in every way: what is missing is never passed over.

use super::{SMALL, User};
use crate::{
    ReadError,
    disk::{Disk, SimulatedDisk},
    marks, names,
    recover::{Files, recover},
};

/// A journal that was closed, in three shapes: young, over several segments, with a snapshot.
fn journals() -> [(SimulatedDisk, User); 3] {
    [(3, None), (16, None), (40, Some(36))].map(|(commits, snapshot)| {
        let disk = SimulatedDisk::default();
        let mut user = User { snapshots: false, ..User::new(commits) };
        let mut journal = user.open(&disk, SMALL).expect("a new journal opens");
        for commit in 0..commits {
            user.work(&mut journal, 1).expect("nothing fails");
            if snapshot == Some(commit) {
                let state = super::state_at(journal.position());
                journal.snapshot(&state).expect("nothing fails");
            }
        }
        journal.close().expect("nothing fails");
        (disk, user)
    })
}

/// Whether the journal is refused; if it is read, nothing that was confirmed may be missing.
fn is_refused(disk: &SimulatedDisk, user: &User, damage: &str) -> bool {
    match recover(Files::read(disk).unwrap()) {
        Err(ReadError::Io(error)) => panic!("{damage}: {error}"),
        Err(_) => true,
        Ok(recovered) => {
            user.check(&recovered).unwrap_or_else(|what| panic!("{damage}: {what}"));
            false
        }
    }
}

/// Does something to each file in turn that holds what was confirmed, and mends it again.
fn damage_each(mut damage: impl FnMut(&SimulatedDisk, &User, &str, &[u8])) {
    for (disk, user) in journals() {
        let names = disk.list().unwrap();
        for name in names {
            if names::segment_first(&name).is_some() || names::snapshot_position(&name).is_some() {
                let whole = disk.read(&name).unwrap();
                damage(&disk, &user, &name, &whole);
                disk.damage(&name, |bytes| bytes.clone_from(&whole));
                assert!(!is_refused(&disk, &user, "none"), "it is whole again");
            }
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    damage_each(|disk, user, name, whole| {
        let used = whole.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for place in 0..whole.len() {
            for bit in 0..8 {
                disk.damage(name, |bytes| bytes[place] ^= 1 << bit);
                let is_refused = is_refused(disk, user, &format!("{name}, byte {place}"));
                assert!(is_refused || place >= used, "{name}: bit {bit} of byte {place}");
                disk.damage(name, |bytes| bytes[place] ^= 1 << bit);
            }
        }
    });
}

#[test]
fn every_cut_is_noticed() {
    damage_each(|disk, user, name, whole| {
        let used = whole.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for len in (0..whole.len()).rev() {
            disk.damage(name, |bytes| bytes.truncate(len));
            let is_refused = is_refused(disk, user, &format!("{name}, cut at {len}"));
            assert!(is_refused || len >= used, "{name}: cut at {len} of {used}");
        }
    });
}

#[test]
fn blocks_that_are_zeroed_stale_or_swapped_are_noticed() {
    const BLOCK: usize = 512;
    // What another journal holds in the same places.
    let stale = SimulatedDisk::default();
    let mut other = User::new(99);
    let mut journal = other.open(&stale, SMALL).expect("a new journal opens");
    other.work(&mut journal, 6).expect("nothing fails");
    let stale = stale.read(&names::segment(0)).unwrap();
    damage_each(|disk, user, name, whole| {
        let starts = (0..whole.len()).step_by(BLOCK);
        let check = |block: &[u8], start: usize, what: &str| {
            let end = whole.len().min(start + BLOCK);
            if block.len() < end - start || block[..end - start] == whole[start..end] {
                return;
            }
            disk.damage(name, |bytes| bytes[start..end].copy_from_slice(&block[..end - start]));
            let is_refused = is_refused(disk, user, &format!("{name}, {what} at {start}"));
            let was_empty = whole[start..].iter().all(|byte| *byte == 0);
            assert!(is_refused || was_empty, "{name}: {what} at {start}");
            disk.damage(name, |bytes| bytes.copy_from_slice(whole));
        };
        for start in starts.clone() {
            check(&[0; BLOCK], start, "zeros");
            check(&stale[start.min(stale.len())..], start, "stale");
            for from in starts.clone() {
                check(&whole[from..], start, "another block");
            }
        }
    });
}

#[test]
fn a_missing_file_is_noticed() {
    for (disk, user) in journals() {
        for name in disk.list().unwrap() {
            let counts =
                names::segment_first(&name).is_some() || names::snapshot_position(&name).is_some();
            let copy = SimulatedDisk::default();
            for kept in disk.list().unwrap().iter().filter(|kept| **kept != name) {
                copy.create(kept).unwrap();
                copy.damage(kept, |bytes| *bytes = disk.read(kept).unwrap());
            }
            assert_eq!(is_refused(&copy, &user, &name), counts, "{name} is missing");
        }
    }
}

#[test]
fn a_damaged_watermark_claims_nothing_that_was_not() {
    for (disk, user) in journals() {
        let whole = disk.read(marks::FILE).unwrap();
        for place in 0..whole.len() {
            for bit in 0..8 {
                disk.damage(marks::FILE, |bytes| bytes[place] ^= 1 << bit);
                assert!(!is_refused(&disk, &user, "the watermark"), "byte {place}");
                disk.damage(marks::FILE, |bytes| bytes.clone_from(&whole));
            }
        }
    }
}

#[test]
fn damage_says_where_it_is_and_changes_nothing() {
    let [(disk, _), ..] = journals();
    let name = names::segment(0);
    disk.damage(&name, |bytes| bytes[100] ^= 1);
    let before = disk.read(&name).unwrap();
    let error = crate::Journal::open(disk.clone(), SMALL).expect_err("it is damaged");
    let text = error.to_string();
    assert!(
        text.contains(&format!("{name} is damaged at byte 64: a commit is not whole")),
        "{text}"
    );
    assert_eq!(disk.read(&name).unwrap(), before);
}
