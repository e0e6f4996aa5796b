//! Every call to the disk fails once, in every way; the disk fills up, and has space again.

use std::io::ErrorKind;

use super::{SMALL, User, at};
use crate::{
    AppendError, Journal, OpenError, ReadError, Room,
    disk::{Call, Fault, PowerCut, SimulatedDisk},
};

#[test]
fn a_fault_at_any_call_loses_nothing_confirmed() {
    let calls = calls_of_a_story();
    for kind in [Call::Create, Call::Rename, Call::Remove, Call::SyncNames, Call::Write, Call::Sync]
    {
        assert!(calls.contains(&kind), "the story makes no {kind:?}");
    }
    for (call, kind) in calls.iter().enumerate() {
        for error in [ErrorKind::Other, ErrorKind::StorageFull] {
            for cut in [None, Some(PowerCut::KeepNothing), Some(PowerCut::KeepSome(call as u64))] {
                if let Err(what) = story(call, Fault::Error(error), cut) {
                    panic!("{kind:?}, the call {call}, fails with {error:?}, {cut:?}: {what}");
                }
            }
        }
    }
}

/// What a story without faults asks of the disk.
fn calls_of_a_story() -> Vec<Call> {
    let disk = SimulatedDisk::default();
    let mut user = User::new(1);
    let mut journal = user.open(&disk, SMALL).expect("a new journal opens");
    user.work(&mut journal, 40).expect("nothing fails");
    disk.calls()
}

/// A fault, perhaps a power cut, a start with a power cut in it, and then more of them: what a start
/// has found must be durable.
fn story(call: usize, fault: Fault, cut: Option<PowerCut>) -> Result<(), String> {
    let disk = SimulatedDisk::default();
    let mut user = User::new(1);
    disk.fail_at(call, fault);
    if let Ok(mut journal) = user.open(&disk, SMALL)
        && user.work(&mut journal, 40).is_err()
        && !journal.is_full()
        && (journal.append(at(0), b"more", Room::Reserve).is_ok() || journal.commit().is_ok())
    {
        return Err("it went on after it had failed".to_owned());
    }
    disk.end_process();
    if let Some(cut) = cut {
        disk.power_cut(cut);
    }
    // The power goes in the midst of the next start.
    disk.fail_at(disk.calls().len() + call % 9, Fault::PowerOff);
    match user.open(&disk, SMALL) {
        Err(what) if !what.contains("the power is off") => return Err(what),
        _ => disk.power_cut(PowerCut::KeepSome(call as u64)),
    }
    user.open(&disk, SMALL)?;
    for seed in 0..4 {
        disk.power_cut(if seed == 0 { PowerCut::KeepNothing } else { PowerCut::KeepSome(seed) });
        let mut journal = user.open(&disk, SMALL)?;
        user.work(&mut journal, 3)?;
    }
    Ok(())
}

#[test]
fn a_full_disk_refuses_new_work_and_takes_it_again_when_there_is_space() {
    let disk = SimulatedDisk::default();
    let (mut journal, _) = Journal::open(disk.clone(), SMALL).expect("a new journal opens");
    disk.set_capacity(Some(3 * SMALL.segment_bytes));
    let take = |journal: &mut Journal<_>, room| {
        let taken = journal.append(at(0), &[7; 100], room);
        taken.map(|_| journal.commit().expect("what was taken has its room"))
    };
    let mut taken = 0;
    let refused = loop {
        match take(&mut journal, Room::Ordinary) {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, AppendError::DiskFull), "{refused}");
    assert!(journal.is_full() && taken > 20, "{taken} were taken");
    let mut finished = 0;
    while take(&mut journal, Room::Reserve).is_ok() {
        finished += 1;
    }
    assert!(finished >= 10, "there was room for {finished} settlements only");
    assert!(matches!(journal.snapshot(&[1; 9_000]), Err(crate::SnapshotError::DiskFull)));

    disk.set_capacity(None);
    let end = take(&mut journal, Room::Ordinary).expect("there is space again");
    assert_eq!(end, taken + finished + 1);
    drop(journal);
    let (_, recovered) = Journal::open(disk, SMALL).expect("it is whole");
    assert_eq!(recovered.entries().count() as u64, end);
}

#[test]
fn a_full_disk_is_opened_and_read() {
    let disk = SimulatedDisk::default();
    let mut user = User::new(3);
    let mut journal = user.open(&disk, SMALL).expect("a new journal opens");
    user.work(&mut journal, 30).expect("nothing fails");
    drop(journal);
    disk.set_capacity(Some(0));
    let mut journal = user.open(&disk, SMALL).expect("it needs no more space to be read");
    let refused = loop {
        match journal.append(at(0), b"more", Room::Ordinary) {
            Ok(_) => _ = journal.commit().expect("there is room in the segment"),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, AppendError::DiskFull), "{refused}");
}

#[test]
fn a_journal_belongs_to_one_process() {
    let disk = SimulatedDisk::default();
    let (journal, _) = Journal::open(disk.clone(), SMALL).expect("a new journal opens");
    let second = Journal::open(disk.clone(), SMALL).expect_err("it is taken");
    assert!(matches!(second, OpenError::Read(ReadError::Locked)), "{second}");
    drop(journal);
    assert!(Journal::open(disk, SMALL).is_ok());
}
