//! All that a journal does to the outside, behind one small trait.

mod folder;
#[cfg(any(test, feature = "simulated"))]
mod simulated;

use std::io;

pub use self::folder::Folder;
#[cfg(any(test, feature = "simulated"))]
pub use self::simulated::{Call, Fault, PowerCut, SimulatedDisk, SimulatedFile};

/// One folder with files: the real one is [`Folder`].
///
/// A journal keeps to this order: whatever must be durable before something else is synced before
/// it. A disk may reorder, tear and drop all that was not.
pub trait Disk {
    /// A file that is open to be written.
    type File: DiskFile;

    /// Takes the folder for this process alone, for as long as it lives.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if another holds it.
    fn lock(&mut self) -> io::Result<()>;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// The system's.
    fn list(&self) -> io::Result<Vec<String>>;

    /// A whole file.
    ///
    /// # Errors
    /// The system's.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// A new, empty file, to be written; an older one of that name is emptied.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::StorageFull`] if there is no room.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// A file that is there, to be written on.
    ///
    /// # Errors
    /// The system's.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Gives a file another name, in one step; a file that has it already is replaced.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes the names durable: files that were created, renamed and removed.
    ///
    /// # Errors
    /// The system's.
    fn sync_names(&self) -> io::Result<()>;

    /// A number that nobody can guess: it tells a new segment's groups from all others.
    fn seed(&self) -> u64;
}

/// A file that is open to be written.
pub trait DiskFile {
    /// Writes all of `bytes` at `offset`; the file grows where it must.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::StorageFull`] if there is no room.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file to this length, or lengthens it with zeros.
    ///
    /// # Errors
    /// The system's.
    fn set_len(&mut self, len: u64) -> io::Result<()>;

    /// Makes durable what was written, and the length: `fdatasync`.
    ///
    /// # Errors
    /// The system's. What was not durable before may be lost then, and a second try would not tell.
    fn sync(&mut self) -> io::Result<()>;
}
