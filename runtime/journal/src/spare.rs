//! Segments being written, and the next one, which is filled with zeros ahead of its use.
//!
//! Zeros that were written are room that the disk cannot refuse later, and a commit into them
//! changes neither the file's length nor its blocks: its sync has less to do.

use std::io;

use crate::{
    disk::{Disk, DiskFile},
    error::is_full,
    frame::{HEADER_BYTES, Header},
    limits::FILL_BYTES,
    names,
    recover::Segment,
    scan::Tail,
};

/// The segment that groups are written to.
#[derive(Debug)]
pub(crate) struct Writing<F> {
    pub(crate) name: String,
    pub(crate) file: F,
    pub(crate) seed: u64,
    /// Where the next group goes.
    pub(crate) offset: u64,
    len: u64,
}

impl<F: DiskFile> Writing<F> {
    /// Goes on with a segment that was found. What follows its last group is made zeros.
    pub(crate) fn again(disk: &impl Disk<File = F>, found: &Segment) -> io::Result<Self> {
        let mut file = disk.open(&found.name)?;
        let offset = found.scan.offset;
        // It may have been written and not synced, or synced with an error and forgotten. All
        // earlier groups were synced before it was written.
        if let Some(last) = found.scan.last_group {
            file.write_at(last as u64, &found.bytes[last..offset])?;
        }
        if let Tail::Torn(bytes) = found.scan.tail {
            file.write_at(offset as u64, &vec![0; bytes])?;
        }
        file.sync()?;
        let (name, seed) = (found.name.clone(), found.header.seed);
        Ok(Self { name, file, seed, offset: offset as u64, len: found.bytes.len() as u64 })
    }

    pub(crate) fn has_room(&self, bytes: u64) -> bool {
        self.offset + bytes <= self.len
    }
}

/// The next segment.
#[derive(Debug)]
pub(crate) struct Spare<F> {
    /// How long it shall be.
    len: u64,
    file: Option<F>,
    filled: u64,
    is_full: bool,
}

impl<F: DiskFile> Spare<F> {
    pub(crate) fn new(len: u64) -> Self {
        Self { len, file: None, filled: 0, is_full: false }
    }

    /// Whether the disk had no room for more of it.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.filled == self.len
    }

    /// Fills it by so many bytes more, or until the disk is full.
    pub(crate) fn fill(&mut self, disk: &impl Disk<File = F>, bytes: u64) -> io::Result<()> {
        let goal = self.filled.saturating_add(bytes).min(self.len);
        match self.fill_up_to(disk, goal) {
            Err(error) if is_full(&error) => self.is_full = true,
            filled => {
                filled?;
                self.is_full = false;
            }
        }
        Ok(())
    }

    /// Makes it the segment that begins with this position. It gets its name only when all of it is
    /// durable: a segment is never found half made.
    pub(crate) fn begin(
        &mut self,
        disk: &impl Disk<File = F>,
        semantics_version: u32,
        first: u64,
    ) -> io::Result<Writing<F>> {
        self.fill_up_to(disk, self.len)?;
        let mut file = self.file.take().ok_or(io::ErrorKind::NotFound)?;
        self.filled = 0;
        let seed = disk.seed();
        file.write_at(0, &Header { semantics_version, first, seed }.encode())?;
        file.sync()?;
        let name = names::segment(first);
        disk.rename(names::SPARE, &name)?;
        disk.sync_names()?;
        Ok(Writing { name, file, seed, offset: HEADER_BYTES as u64, len: self.len })
    }

    fn fill_up_to(&mut self, disk: &impl Disk<File = F>, goal: u64) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => disk.create(names::SPARE)?,
        };
        let mut written = Ok(());
        while written.is_ok() && self.filled < goal {
            let bytes = (goal - self.filled).min(FILL_BYTES as u64);
            written = file.write_at(self.filled, &ZEROS[..bytes as usize]);
            if written.is_ok() {
                self.filled += bytes;
            }
        }
        self.file = Some(file);
        written
    }
}

static ZEROS: [u8; FILL_BYTES] = [0; FILL_BYTES];
