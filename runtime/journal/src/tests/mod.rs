//! Crashes, damage and faults, on a disk in memory.

mod damage;
mod faults;
mod limits;
mod power;
mod versions;

use std::collections::BTreeMap;

use postroom_core::{At, Entropy, Timestamp, mix};

use crate::{AppendError, Journal, Recovered, Room, Settings, SnapshotError, disk::SimulatedDisk};

/// Mistakes, planted to see the checks fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planted {
    /// The fourth record is not written.
    SkipRecord,
    /// A commit is confirmed before it is durable.
    EarlyReply,
}

/// Small, so that segments change often.
pub(crate) const SMALL: Settings = Settings { segment_bytes: 4 << 10, semantics_version: 2 };

/// A user of a journal, who knows what was confirmed.
#[derive(Debug, Default)]
pub(crate) struct User {
    draw: u64,
    /// Writes a snapshot now and then.
    snapshots: bool,
    /// Every command ever appended, by position.
    sent: BTreeMap<u64, Vec<u8>>,
    /// All before this position was confirmed.
    confirmed: u64,
    /// Where each group ends that a crash may leave: the last that was not confirmed, too.
    borders: Vec<u64>,
    planted: Option<Planted>,
}

impl User {
    pub(crate) fn new(seed: u64) -> Self {
        Self { draw: seed, snapshots: true, ..Self::default() }
    }

    fn below(&mut self, end: u64) -> u64 {
        self.draw = mix(self.draw);
        self.draw % end
    }

    /// A command that tells its position, of some length, and now and then long enough for several
    /// sectors.
    fn command(&mut self, position: u64) -> Vec<u8> {
        let longest = if self.below(8) == 0 { 1_500 } else { 60 };
        let filler = self.below(longest) as usize;
        let mut command = position.to_le_bytes().to_vec();
        command.extend((0..filler).map(|_| self.below(256) as u8));
        command
    }

    /// Opens the journal, checks what it holds and goes on from there.
    ///
    /// # Errors
    /// What the journal says.
    pub(crate) fn open(
        &mut self,
        disk: &SimulatedDisk,
        settings: Settings,
    ) -> Result<Journal<SimulatedDisk>, String> {
        let (mut journal, recovered) =
            Journal::open(disk.clone(), settings).map_err(|error| error.to_string())?;
        self.check(&recovered)?;
        let end = recovered.end();
        self.sent.split_off(&end);
        self.borders.retain(|border| *border < end);
        self.borders.push(end);
        // What was found is durable, and may be told.
        self.confirmed = end;
        journal.planted = self.planted;
        Ok(journal)
    }

    /// Some work: commits of a few commands, and a snapshot now and then; until all is done, or
    /// something fails.
    ///
    /// # Errors
    /// What the journal says.
    pub(crate) fn work(
        &mut self,
        journal: &mut Journal<SimulatedDisk>,
        commits: u64,
    ) -> Result<(), String> {
        for _ in 0..commits {
            for _ in 0..=self.below(4) {
                let position = self.confirmed.max(journal.position());
                let command = self.command(position);
                match journal.append(at(position), &command, Room::Ordinary) {
                    Ok(position) => _ = self.sent.insert(position, command),
                    Err(AppendError::GroupFull) => break,
                    Err(error) => return Err(error.to_string()),
                }
            }
            self.borders.push(self.sent.last_key_value().map_or(0, |(last, _)| last + 1));
            let end = journal.commit().map_err(|error| error.to_string())?;
            self.confirmed =
                self.confirmed.max(self.sent.last_key_value().map_or(end, |l| l.0 + 1));
            if self.snapshots && self.below(12) == 0 {
                match journal.snapshot(&state_at(end)) {
                    Ok(()) | Err(SnapshotError::DiskFull) => {}
                    Err(error) => return Err(error.to_string()),
                }
            }
        }
        Ok(())
    }

    /// All that was confirmed is there, in its place, and what was not is there in whole groups.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn check(&self, recovered: &Recovered) -> Result<(), String> {
        let end = recovered.end();
        if end < self.confirmed {
            return Err(format!("{} were confirmed and {end} are there", self.confirmed));
        }
        if end > 0 && end != self.confirmed && !self.borders.contains(&end) {
            return Err(format!("{end} is in the middle of a group of {:?}", self.borders));
        }
        let mut next = match recovered.snapshot() {
            Some(snapshot) if snapshot.state != state_at(snapshot.position) => {
                return Err(format!("the state at {} is another", snapshot.position));
            }
            Some(snapshot) => snapshot.position,
            None => 0,
        };
        for entry in recovered.entries() {
            let sent = self.sent.get(&next).map(Vec::as_slice);
            if entry.position != next || entry.at != at(next) || Some(entry.command) != sent {
                return Err(format!("at {next} there is {entry:?}"));
            }
            next += 1;
        }
        if next == end { Ok(()) } else { Err(format!("records end at {next}, not at {end}")) }
    }
}

/// What a user's snapshot holds.
fn state_at(position: u64) -> Vec<u8> {
    position.to_le_bytes().repeat(100)
}

fn at(position: u64) -> At {
    At { now: Timestamp::from_micros(position * 10), entropy: Entropy::new(mix(position)) }
}
