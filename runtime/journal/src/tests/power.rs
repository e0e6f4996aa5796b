//! The power is cut at any call, and what was not synced is lost, kept, reordered or torn.

use std::ops::Range;

use super::{Planted, SMALL, User};
use crate::disk::{Fault, PowerCut, SimulatedDisk};

/// So many points at which the power is cut, unless `POSTROOM_POWER_CUTS=from..to` says which.
const CUTS: Range<u64> = 0..3_000;

#[test]
fn nothing_confirmed_is_lost_when_the_power_is_cut() {
    for seed in seeds() {
        if let Err(what) = story(seed, None) {
            panic!("{what}; again with POSTROOM_POWER_CUTS={seed}..{}", seed + 1);
        }
    }
}

#[test]
fn a_reply_before_the_sync_is_caught() {
    let caught = (0..100).filter_map(|seed| story(seed, Some(Planted::EarlyReply)).err());
    let caught: Vec<String> = caught.collect();
    assert!(caught.iter().any(|what| what.contains("were confirmed")), "{caught:?}");
}

#[test]
fn a_record_that_is_skipped_is_caught() {
    let caught = (0..100).filter_map(|seed| story(seed, Some(Planted::SkipRecord)).err());
    assert!(caught.count() > 0, "nobody noticed");
}

/// Work, a power cut at some call, recovery with another power cut in it, recovery, and work again,
/// three times over.
fn story(seed: u64, planted: Option<Planted>) -> Result<(), String> {
    let disk = SimulatedDisk::default();
    let mut user = User { planted, ..User::new(seed) };
    for _ in 0..3 {
        let mut journal = user.open(&disk, SMALL)?;
        let first = disk.calls().len();
        disk.fail_at(first + user.below(90) as usize, Fault::PowerOff);
        let worked = user.work(&mut journal, 25);
        drop(journal);
        disk.power_cut(cut(&mut user));
        if worked.is_err() {
            // Once more, in the midst of recovery.
            let first = disk.calls().len();
            disk.fail_at(first + user.below(12) as usize, Fault::PowerOff);
            match user.open(&disk, SMALL) {
                Err(what) if !what.contains("the power is off") => return Err(what),
                _ => disk.power_cut(cut(&mut user)),
            }
        }
    }
    user.open(&disk, SMALL).map(drop)
}

fn cut(user: &mut User) -> PowerCut {
    match user.below(4) {
        0 => PowerCut::KeepNothing,
        1 => PowerCut::KeepAll,
        _ => PowerCut::KeepSome(user.below(u64::MAX)),
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("POSTROOM_POWER_CUTS") else { return CUTS };
    let (from, to) = text.split_once("..").expect("POSTROOM_POWER_CUTS is from..to");
    from.parse().expect("from is a number")..to.parse().expect("to is a number")
}
