//! The journal itself: groups of commands written and synced, snapshots, segments.

use std::io;

use postroom_core::{At, RecordError, SEMANTICS_VERSION};

use crate::{
    disk::{Disk, DiskFile},
    error::{AppendError, Failed, OpenError, ReadError, SnapshotError, is_full},
    frame::{GroupBuilder, HEADER_BYTES},
    limits::{
        FILL_BYTES, SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SNAPSHOT_BYTES_MAX,
    },
    marks, names,
    recover::{Files, Leftovers, Recovered, recover},
    spare::{Spare, Writing},
    state,
};

/// How a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a segment is, in bytes; two of them are prepared ahead, so the journal takes at
    /// least twice this on disk. A commit must fit in one. From 4 KiB to 1 GiB, default 16 MiB.
    pub segment_bytes: u64,
    /// The version of the semantics of the machine that is journaled. Default the engine's own,
    /// [`SEMANTICS_VERSION`].
    pub semantics_version: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { segment_bytes: SEGMENT_BYTES_DEFAULT, semantics_version: SEMANTICS_VERSION }
    }
}

/// Which room a command may use when the disk is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// New work: refused as soon as the disk is full.
    Ordinary,
    /// What lets work come to its end (a settlement, a tick): it may use what is prepared, as long
    /// as that lasts.
    Reserve,
}

/// A durable journal of one machine's commands, open to be written.
///
/// The order is: [`append`](Self::append) a command, apply it, [`commit`](Self::commit), and only
/// then release its reply and its effects. Many commands may share a commit.
///
/// # Example: written, and read again
/// ```
/// use postroom_core::{At, Timestamp};
/// use postroom_journal::{Journal, Room, Settings, disk::Folder};
///
/// # let path = std::env::temp_dir().join(format!("postroom-journal-{}", std::process::id()));
/// let (mut journal, _) = Journal::open(Folder::new(&path), Settings::default())?;
/// journal.append(At::time(Timestamp::from_millis(5)), b"create orders", Room::Ordinary)?;
/// journal.append(At::time(Timestamp::from_millis(6)), b"publish 17", Room::Ordinary)?;
/// journal.commit()?;
/// drop(journal);
///
/// let (_, recovered) = Journal::open(Folder::new(&path), Settings::default())?;
/// let commands: Vec<&[u8]> = recovered.entries().map(|entry| entry.command).collect();
/// assert_eq!(commands, [&b"create orders"[..], b"publish 17"]);
/// # std::fs::remove_dir_all(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Journal<D: Disk> {
    disk: D,
    settings: Settings,
    segment: Writing<D::File>,
    spare: Spare<D::File>,
    watermark: D::File,
    marks: u64,
    group: GroupBuilder,
    /// The position of the first record of the group.
    next: u64,
    /// The segments that are not this one, and the snapshot: dropped when a newer one is durable.
    older: Vec<String>,
    has_failed: bool,
    #[cfg(test)]
    pub(crate) planted: Option<crate::tests::Planted>,
}

impl<D: Disk> Journal<D> {
    /// Opens a journal, or begins one in an empty folder, and says what it holds. A torn tail is
    /// repaired; what is damaged is refused and left as it is.
    ///
    /// All that it says it holds is durable, also what an earlier process had not synced.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(mut disk: D, settings: Settings) -> Result<(Self, Recovered), OpenError> {
        let bytes = settings.segment_bytes;
        if !(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&bytes) {
            return Err(OpenError::SegmentBytes { bytes });
        }
        disk.lock().map_err(ReadError::of_lock)?;
        let files = Files::read(&disk).map_err(ReadError::Io)?;
        let leftovers = files.leftovers.clone();
        let recovered = recover(files)?;
        check_semantics(&recovered, settings.semantics_version)?;
        let journal = Self::prepare(disk, settings, &recovered, &leftovers);
        Ok((journal.map_err(OpenError::Io)?, recovered))
    }

    /// Takes a command into the group that the next commit writes, and says its position. A
    /// command that is refused must not be applied.
    ///
    /// # Errors
    /// [`AppendError`]; the group is as it was.
    pub fn append(&mut self, at: At, command: &[u8], room: Room) -> Result<u64, AppendError> {
        self.check()?;
        let len = self.group.len_with(command.len()) as u64;
        let capacity = self.settings.segment_bytes - HEADER_BYTES as u64;
        if len > capacity {
            return Err(if self.group.count() == 0 {
                AppendError::TooLarge { bytes: command.len() }
            } else {
                AppendError::GroupFull
            });
        }
        self.find_room(len, room)?;
        let position = self.position();
        #[cfg(test)]
        if self.planted == Some(crate::tests::Planted::SkipRecord) && position == 3 {
            self.planted = None;
            return Ok(position);
        }
        self.group.push(at, command);
        Ok(position)
    }

    /// Writes the group and waits until it is durable: what it holds may be released then. Without
    /// a group it does nothing. Says the position after the last durable command.
    ///
    /// # Errors
    /// [`Failed`], for good: release nothing.
    pub fn commit(&mut self) -> Result<u64, Failed> {
        self.check()?;
        if self.group.count() == 0 {
            return Ok(self.next);
        }
        let written = self.write_group();
        self.fail_if("to write a commit", written)?;
        Ok(self.next)
    }

    /// Writes the state that all commands so far lead to, and drops what it makes superfluous:
    /// older segments and the older snapshot. Recovery begins with it then.
    ///
    /// # Errors
    /// [`SnapshotError`]; without a snapshot the journal still holds everything.
    pub fn snapshot(&mut self, state: &[u8]) -> Result<(), SnapshotError> {
        self.check()?;
        if self.group.count() > 0 {
            return Err(SnapshotError::Uncommitted);
        }
        let bytes = state.len() as u64;
        if bytes > SNAPSHOT_BYTES_MAX {
            return Err(SnapshotError::TooLarge { bytes });
        }
        match self.write_snapshot(state) {
            Err(error) if is_full(&error) => {
                let removed = self.remove_half_snapshot();
                self.fail_if("to remove half a snapshot", removed)?;
                return Err(SnapshotError::DiskFull);
            }
            written => self.fail_if("to write a snapshot", written)?,
        }
        let dropped = self.drop_older();
        Ok(self.fail_if("to drop what a snapshot replaces", dropped)?)
    }

    /// The position of the next command.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.next + u64::from(self.group.count())
    }

    /// Whether the disk was full when it was last written to: only [`Room::Reserve`] is taken.
    /// Every refused command tries anew, so work goes on by itself.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.spare.is_full()
    }

    /// Makes the watermark durable too, so that even damage to the last commit is told from a torn
    /// tail, and closes the journal. What waits for a commit is gone.
    ///
    /// # Errors
    /// [`Failed`]; all that was committed is durable nevertheless.
    pub fn close(mut self) -> Result<(), Failed> {
        self.check()?;
        let synced = self.watermark.sync();
        self.fail_if("to close", synced)
    }

    fn prepare(
        disk: D,
        settings: Settings,
        recovered: &Recovered,
        leftovers: &Leftovers,
    ) -> io::Result<Self> {
        // What made them superfluous is durable before they go.
        disk.sync_names()?;
        for name in &leftovers.superfluous {
            disk.remove(name)?;
        }
        let semantics_version = settings.semantics_version;
        let segment = match recovered.segments().last() {
            Some(last) if last.header.semantics_version == semantics_version => {
                Writing::again(&disk, last)?
            }
            _ => Spare::new(settings.segment_bytes).begin(
                &disk,
                semantics_version,
                recovered.end(),
            )?,
        };
        let watermark = if leftovers.has_watermark {
            disk.open(marks::FILE)?
        } else {
            let mut file = disk.create(marks::FILE)?;
            file.write_at(0, &marks::NONE)?;
            disk.sync_names()?;
            file
        };
        let mut older: Vec<String> =
            recovered.segments().iter().map(|segment| segment.name.clone()).collect();
        older.retain(|name| *name != segment.name);
        older.extend(recovered.snapshot().map(|snapshot| names::snapshot(snapshot.position)));
        let mut journal = Self {
            disk,
            settings,
            segment,
            spare: Spare::new(settings.segment_bytes),
            watermark,
            marks: 0,
            group: GroupBuilder::new(),
            next: recovered.end(),
            older,
            has_failed: false,
            #[cfg(test)]
            planted: None,
        };
        journal.mark()?;
        Ok(journal)
    }

    /// Makes sure that a group of this length can be written.
    fn find_room(&mut self, len: u64, room: Room) -> Result<(), AppendError> {
        if self.spare.is_full() {
            let filled = self.spare.fill(&self.disk, FILL_BYTES as u64);
            self.fail_if("to prepare the next segment", filled)?;
        }
        let fits = self.segment.has_room(len);
        if !fits && !self.spare.is_full() {
            let filled = self.spare.fill(&self.disk, self.settings.segment_bytes);
            self.fail_if("to prepare the next segment", filled)?;
        }
        let may_use = !self.spare.is_full() || room == Room::Reserve;
        if self.spare.is_complete() || (fits && may_use) {
            Ok(())
        } else {
            Err(AppendError::DiskFull)
        }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let len = self.group.len();
        if !self.segment.has_room(len) {
            let semantics_version = self.settings.semantics_version;
            let next = self.spare.begin(&self.disk, semantics_version, self.next)?;
            self.older.push(std::mem::replace(&mut self.segment, next).name);
        }
        let (seed, offset) = (self.segment.seed, self.segment.offset);
        self.segment.file.write_at(offset, self.group.seal(seed, offset, self.next))?;
        #[cfg(test)]
        let is_early = self.planted == Some(crate::tests::Planted::EarlyReply);
        #[cfg(not(test))]
        let is_early = false;
        if !is_early {
            self.segment.file.sync()?;
        }
        self.segment.offset += len;
        self.next += u64::from(self.group.count());
        self.group.clear();
        self.mark()?;
        // At twice the pace of the commits: it is ready when this segment is half full, and a disk
        // that fills up is noticed while there is room for what work under way still has to say.
        self.spare.fill(&self.disk, 2 * len)
    }

    fn mark(&mut self) -> io::Result<()> {
        let (offset, bytes) = marks::encode(self.next, self.marks);
        self.marks += 1;
        self.watermark.write_at(offset, &bytes)
    }

    fn write_snapshot(&mut self, state: &[u8]) -> io::Result<()> {
        let header = state::encode_header(self.next, self.settings.semantics_version, state);
        let mut file = self.disk.create(names::SNAPSHOT_NEW)?;
        file.write_at(0, &header)?;
        file.write_at(header.len() as u64, state)?;
        file.sync()?;
        self.disk.rename(names::SNAPSHOT_NEW, &names::snapshot(self.next))?;
        self.disk.sync_names()
    }

    fn remove_half_snapshot(&self) -> io::Result<()> {
        match self.disk.remove(names::SNAPSHOT_NEW) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn drop_older(&mut self) -> io::Result<()> {
        let newest = names::snapshot(self.next);
        for name in self.older.drain(..) {
            if name != newest {
                self.disk.remove(&name)?;
            }
        }
        self.older.push(newest);
        Ok(())
    }

    fn check(&self) -> Result<(), Failed> {
        if self.has_failed {
            let source = io::Error::other("it has failed before");
            return Err(Failed { doing: "before this call", source });
        }
        Ok(())
    }

    fn fail_if<T>(&mut self, doing: &'static str, result: io::Result<T>) -> Result<T, Failed> {
        result.map_err(|source| {
            self.has_failed = true;
            Failed { doing, source }
        })
    }
}

/// Commands of other semantics may lead elsewhere: none of them may be left to apply.
fn check_semantics(recovered: &Recovered, present: u32) -> Result<(), RecordError> {
    let start = recovered.start();
    let to_apply = recovered.segments().iter().filter(|segment| segment.scan.position > start);
    for segment in to_apply {
        let found = segment.header.semantics_version;
        if found > present {
            return Err(RecordError::Newer { found });
        }
        if found < present {
            return Err(RecordError::Older { found });
        }
    }
    Ok(())
}
