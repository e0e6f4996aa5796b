//! A journal that is only read: what it holds, without changing anything.

use crate::{
    disk::Disk,
    error::ReadError,
    frame::Entry,
    recover::{Files, Recovered, Repair, recover},
    state::Snapshot,
};

/// A journal as it lies on the disk. No other process has it open meanwhile.
///
/// # Example: what a journal holds
/// ```
/// use postroom_journal::{Journal, Look, Settings, disk::Folder};
///
/// # let path = std::env::temp_dir().join(format!("postroom-look-{}", std::process::id()));
/// drop(Journal::open(Folder::new(&path), Settings::default())?);
/// let look = Look::at(Folder::new(&path))?;
/// assert_eq!((look.end(), look.torn()), (0, None));
/// # std::fs::remove_dir_all(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Look<D> {
    /// Holds the lock.
    _disk: D,
    recovered: Recovered,
    superfluous: Vec<String>,
}

/// A segment of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentView<'a> {
    /// Its file.
    pub file: &'a str,
    /// The version of the semantics that wrote it.
    pub semantics_version: u32,
    /// The position of its first command.
    pub first: u64,
    /// The position after its last command.
    pub end: u64,
    /// How many commits it holds.
    pub commits: u64,
    /// Bytes in use.
    pub used: u64,
    /// Bytes in all.
    pub len: u64,
}

impl<D: Disk> Look<D> {
    /// Reads all of it, and checks it as opening it would.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn at(mut disk: D) -> Result<Self, ReadError> {
        disk.lock().map_err(ReadError::of_lock)?;
        let files = Files::read(&disk)?;
        let superfluous = files.leftovers.superfluous.clone();
        Ok(Self { recovered: recover(files)?, _disk: disk, superfluous })
    }
}

impl<D> Look<D> {
    /// The state that replay begins with.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.recovered.snapshot()
    }

    /// Every command that is still there, also those that the snapshot covers.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.recovered.all_entries()
    }

    /// How many commands the journal has taken since it began.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.recovered.end()
    }

    /// What the next start will cut.
    #[must_use]
    pub fn torn(&self) -> Option<&Repair> {
        self.recovered.repair()
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView<'_>> {
        self.recovered.segments().iter().map(|segment| SegmentView {
            file: &segment.name,
            semantics_version: segment.header.semantics_version,
            first: segment.header.first,
            end: segment.scan.position,
            commits: segment.scan.groups,
            used: segment.scan.offset as u64,
            len: segment.bytes.len() as u64,
        })
    }

    /// Files that the next start removes.
    #[must_use]
    pub fn superfluous(&self) -> &[String] {
        &self.superfluous
    }
}
