//! A disk in memory that loses power, fills up and fails when it is told to.

use std::{cell::RefCell, collections::BTreeMap, io, rc::Rc};

use postroom_core::mix;

use super::{Disk, DiskFile};

/// What is torn and reordered by a power cut, in bytes.
const SECTOR: usize = 512;

/// A disk in memory. Clones are the same disk, as seen by another process.
///
/// It tells what was synced from what was only written: see [`SimulatedDisk::power_cut`]. Every
/// call that changes something is counted, and one of them can be made to fail.
///
/// # Example: what was not synced is gone
/// ```
/// use postroom_journal::disk::{Disk, DiskFile, PowerCut, SimulatedDisk};
///
/// let disk = SimulatedDisk::default();
/// let mut file = disk.create("a")?;
/// disk.sync_names()?;
/// file.write_at(0, b"kept")?;
/// file.sync()?;
/// file.write_at(0, b"lost")?;
/// assert_eq!(disk.read("a")?, b"lost");
/// disk.power_cut(PowerCut::KeepNothing);
/// assert_eq!(disk.read("a")?, b"kept");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct SimulatedDisk {
    inner: Rc<RefCell<Inner>>,
    holds_lock: bool,
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerCut {
    /// All are lost.
    KeepNothing,
    /// All had reached the disk.
    KeepAll,
    /// A random part of the sectors and names had, by this seed; some sectors are torn.
    KeepSome(u64),
}

/// A call that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`Disk::create`]
    Create,
    /// [`Disk::rename`]
    Rename,
    /// [`Disk::remove`]
    Remove,
    /// [`Disk::sync_names`]
    SyncNames,
    /// [`DiskFile::write_at`]
    Write,
    /// [`DiskFile::set_len`]
    SetLen,
    /// [`DiskFile::sync`]
    Sync,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// With this error. A write has written half; after a failed sync nothing of the file that was
    /// not durable will ever be, though it can still be read, as on Linux.
    Error(io::ErrorKind),
    /// The power is cut before it: this and every later call fails.
    PowerOff,
}

#[derive(Debug, Default)]
struct Inner {
    files: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    unsynced_names: Vec<NameChange>,
    calls: Vec<Call>,
    fault: Option<(usize, Fault)>,
    is_off: bool,
    /// All files together, in bytes.
    capacity: Option<u64>,
    is_locked: bool,
    seeds: u64,
}

#[derive(Debug, Default)]
struct Inode {
    /// As a process reads it.
    bytes: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

#[derive(Clone, Debug)]
enum NameChange {
    Set(String, usize),
    Move(String, String, usize),
    Unset(String),
}

/// A file of a [`SimulatedDisk`].
#[derive(Debug)]
pub struct SimulatedFile {
    inner: Rc<RefCell<Inner>>,
    inode: usize,
}

impl SimulatedDisk {
    /// Lets the call with this number fail, counted from 0 by [`SimulatedDisk::calls`].
    pub fn fail_at(&self, call: usize, fault: Fault) {
        self.inner.borrow_mut().fault = Some((call, fault));
    }

    /// The calls so far that changed something.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.inner.borrow().calls.clone()
    }

    /// Gives it room for so many bytes in all; none: for any number.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.inner.borrow_mut().capacity = bytes;
    }

    /// The process ends, however: its lock is let go, and what it wrote can be read.
    pub fn end_process(&self) {
        let mut inner = self.inner.borrow_mut();
        inner.is_locked = false;
        inner.fault = None;
    }

    /// The power is cut, and comes back: what was not synced is lost, or not.
    pub fn power_cut(&self, cut: PowerCut) {
        self.end_process();
        let mut inner = self.inner.borrow_mut();
        inner.is_off = false;
        let mut luck = Luck(cut);
        let changes = std::mem::take(&mut inner.unsynced_names);
        for change in changes.into_iter().filter(|_| luck.keeps()) {
            change.apply(&mut inner.durable_names);
        }
        inner.names = inner.durable_names.clone();
        for file in &mut inner.files {
            for change in std::mem::take(&mut file.unsynced) {
                change.survive(&mut file.durable, &mut luck);
            }
            file.bytes.clone_from(&file.durable);
        }
    }

    /// Changes a file behind everybody's back, durably.
    ///
    /// # Panics
    /// If there is no such file.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.inner.borrow_mut();
        let inode = *inner.names.get(name).expect("the file is there");
        let file = &mut inner.files[inode];
        change(&mut file.bytes);
        file.durable.clone_from(&file.bytes);
        file.unsynced.clear();
    }
}

impl Inner {
    /// Counts a call, and lets it fail if it is its turn.
    fn call(&mut self, call: Call) -> io::Result<()> {
        let number = self.calls.len();
        self.calls.push(call);
        match self.fault {
            Some((at, Fault::PowerOff)) if at == number => self.is_off = true,
            Some((at, Fault::Error(kind))) if at == number => return Err(kind.into()),
            _ => {}
        }
        if self.is_off { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    fn inode(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn has_room_for(&self, more: usize) -> bool {
        let used: usize = self.names.values().map(|inode| self.files[*inode].bytes.len()).sum();
        more == 0 || self.capacity.is_none_or(|capacity| (used + more) as u64 <= capacity)
    }

    fn change_names(&mut self, change: NameChange) {
        change.clone().apply(&mut self.names);
        self.unsynced_names.push(change);
    }
}

impl Disk for SimulatedDisk {
    type File = SimulatedFile;

    fn lock(&mut self) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        if inner.is_locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        inner.is_locked = true;
        self.holds_lock = true;
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.inner.borrow().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let inner = self.inner.borrow();
        Ok(inner.files[inner.inode(name)?].bytes.clone())
    }

    fn create(&self, name: &str) -> io::Result<SimulatedFile> {
        let mut inner = self.inner.borrow_mut();
        inner.call(Call::Create)?;
        // Always a new file: what a truncated one held must not count.
        inner.files.push(Inode::default());
        let inode = inner.files.len() - 1;
        inner.change_names(NameChange::Set(name.to_owned(), inode));
        Ok(SimulatedFile { inner: Rc::clone(&self.inner), inode })
    }

    fn open(&self, name: &str) -> io::Result<SimulatedFile> {
        let inode = self.inner.borrow().inode(name)?;
        Ok(SimulatedFile { inner: Rc::clone(&self.inner), inode })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        inner.call(Call::Rename)?;
        let inode = inner.inode(from)?;
        inner.change_names(NameChange::Move(from.to_owned(), to.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        inner.call(Call::Remove)?;
        inner.inode(name)?;
        inner.change_names(NameChange::Unset(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        inner.call(Call::SyncNames)?;
        inner.durable_names = inner.names.clone();
        inner.unsynced_names.clear();
        Ok(())
    }

    fn seed(&self) -> u64 {
        let mut inner = self.inner.borrow_mut();
        inner.seeds += 1;
        mix(inner.seeds)
    }
}

impl Clone for SimulatedDisk {
    fn clone(&self) -> Self {
        Self { inner: Rc::clone(&self.inner), holds_lock: false }
    }
}

impl Drop for SimulatedDisk {
    fn drop(&mut self) {
        if self.holds_lock {
            self.inner.borrow_mut().is_locked = false;
        }
    }
}

impl DiskFile for SimulatedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        let offset = offset as usize;
        let called = inner.call(Call::Write);
        let grows = (offset + bytes.len()).saturating_sub(inner.files[self.inode].bytes.len());
        let (bytes, result) = match called {
            Err(error) if inner.is_off => return Err(error),
            Err(error) => (&bytes[..bytes.len() / 2], Err(error)),
            Ok(()) if !inner.has_room_for(grows) => {
                return Err(io::ErrorKind::StorageFull.into());
            }
            Ok(()) => (bytes, Ok(())),
        };
        let change = Change::Write { offset, bytes: bytes.to_vec() };
        let file = &mut inner.files[self.inode];
        change.apply(&mut file.bytes);
        file.unsynced.push(change);
        result
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        inner.call(Call::SetLen)?;
        let change = Change::SetLen(len as usize);
        let file = &mut inner.files[self.inode];
        change.apply(&mut file.bytes);
        file.unsynced.push(change);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut inner = self.inner.borrow_mut();
        let called = inner.call(Call::Sync);
        let is_off = inner.is_off;
        let file = &mut inner.files[self.inode];
        match called {
            Ok(()) => {
                for change in std::mem::take(&mut file.unsynced) {
                    change.apply(&mut file.durable);
                }
            }
            Err(_) if is_off => {}
            // The system marks the pages as clean: they will not be written again.
            Err(_) => file.unsynced.clear(),
        }
        called
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::SetLen(len) => file.resize(*len, 0),
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
        }
    }

    /// As [`Change::apply`], as far as luck has it: sector by sector.
    fn survive(&self, file: &mut Vec<u8>, luck: &mut Luck) {
        let Self::Write { offset, bytes } = self else {
            if luck.keeps() {
                self.apply(file);
            }
            return;
        };
        let mut start = 0;
        while start < bytes.len() {
            let to_border = SECTOR - (offset + start) % SECTOR;
            let end = bytes.len().min(start + to_border);
            let kept = if luck.keeps() { luck.torn(end - start) } else { 0 };
            if kept > 0 {
                let bytes = bytes[start..start + kept].to_vec();
                Self::Write { offset: offset + start, bytes }.apply(file);
            }
            start = end;
        }
    }
}

impl NameChange {
    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(name, inode) => _ = names.insert(name, inode),
            Self::Unset(name) => _ = names.remove(&name),
            Self::Move(from, to, inode) => {
                names.remove(&from);
                names.insert(to, inode);
            }
        }
    }
}

struct Luck(PowerCut);

impl Luck {
    fn keeps(&mut self) -> bool {
        match self.0 {
            PowerCut::KeepNothing => false,
            PowerCut::KeepAll => true,
            PowerCut::KeepSome(_) => self.next().is_multiple_of(2),
        }
    }

    /// How much of a sector arrives: one in 16 is torn.
    fn torn(&mut self, sector: usize) -> usize {
        let is_random = matches!(self.0, PowerCut::KeepSome(_));
        if is_random && self.next().is_multiple_of(16) {
            self.next() as usize % sector
        } else {
            sector
        }
    }

    fn next(&mut self) -> u64 {
        let PowerCut::KeepSome(state) = &mut self.0 else { return 0 };
        *state = mix(*state);
        *state
    }
}
