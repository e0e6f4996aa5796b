//! What a folder's files mean: the state to begin with, the commands after it, and where the
//! journal ends. [`Files::read`] reads; [`recover`] decides, from bytes alone.

use std::{io, mem};

use crate::{
    disk::Disk,
    error::{Damage, ReadError},
    frame::{Entry, Header, HeaderError},
    marks, names,
    scan::{self, Scan, Tail, scan},
    state::{self, Snapshot, SnapshotDamage},
};

/// The files of a journal that count.
#[derive(Debug, Default)]
pub(crate) struct Files {
    snapshot: Option<(String, Vec<u8>)>,
    /// Oldest first.
    segments: Vec<(String, u64, Vec<u8>)>,
    watermark: Vec<u8>,
    pub(crate) leftovers: Leftovers,
}

/// What else is in the folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leftovers {
    /// What a crash left behind, and what a newer snapshot made superfluous.
    pub(crate) superfluous: Vec<String>,
    pub(crate) has_watermark: bool,
}

impl Files {
    /// Reads what counts, and names what does not.
    pub(crate) fn read(disk: &impl Disk) -> io::Result<Self> {
        let mut files = Self::default();
        let mut names = disk.list()?;
        names.sort();
        let newest = names.iter().filter_map(|name| names::snapshot_position(name)).max();
        let firsts: Vec<u64> = names.iter().filter_map(|name| names::segment_first(name)).collect();
        for name in names {
            if let Some(position) = names::snapshot_position(&name) {
                if Some(position) == newest {
                    files.snapshot = Some((name.clone(), disk.read(&name)?));
                } else {
                    files.leftovers.superfluous.push(name);
                }
            } else if let Some(first) = names::segment_first(&name) {
                let next = firsts.iter().find(|other| **other > first);
                if next.is_some_and(|next| Some(*next) <= newest) {
                    files.leftovers.superfluous.push(name);
                } else {
                    let bytes = disk.read(&name)?;
                    files.segments.push((name, first, bytes));
                }
            } else if name == marks::FILE {
                files.watermark = disk.read(&name)?;
                files.leftovers.has_watermark = true;
            } else if name == names::SPARE || name == names::SNAPSHOT_NEW {
                files.leftovers.superfluous.push(name);
            }
        }
        Ok(files)
    }
}

/// What was found when a journal was read.
#[derive(Debug)]
pub struct Recovered {
    snapshot: Option<Snapshot>,
    segments: Vec<Segment>,
    start: u64,
    end: u64,
    repair: Option<Repair>,
}

/// A torn tail: what a crash left of a commit that was never confirmed. Opening the journal
/// overwrites it with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The file.
    pub file: String,
    /// Where the torn commit begins, in bytes.
    pub offset: u64,
    /// How long it is, up to its last byte that is not 0.
    pub bytes: u64,
}

/// A segment that was read.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) header: Header,
    pub(crate) scan: Scan,
    pub(crate) bytes: Vec<u8>,
}

impl Recovered {
    /// The state to begin with; none: an empty machine.
    #[must_use]
    pub fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Takes the state out, to be decoded without a copy.
    pub fn take_snapshot(&mut self) -> Option<Snapshot> {
        mem::take(&mut self.snapshot)
    }

    /// The commands to apply to that state, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let start = self.start;
        self.all_entries().filter(move |entry| entry.position >= start)
    }

    /// Also those that the snapshot covers, as far as they are there.
    pub(crate) fn all_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.segments.iter().flat_map(|segment| scan::entries(&segment.bytes, segment.header))
    }

    /// How many commands the journal has taken since it began.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The torn tail, if there was one.
    #[must_use]
    pub fn repair(&self) -> Option<&Repair> {
        self.repair.as_ref()
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The position of the first command that is not part of the snapshot.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }
}

/// Decides what the files mean.
pub(crate) fn recover(files: Files) -> Result<Recovered, ReadError> {
    let snapshot = files.snapshot.map(read_snapshot).transpose()?;
    let start = snapshot.as_ref().map_or(0, |snapshot| snapshot.position);
    let mut segments: Vec<Segment> = Vec::new();
    for (name, first, bytes) in files.segments {
        let segment = read_segment(name, first, bytes)?;
        match segments.last() {
            None if first > start => {
                return Err(damaged(&segment, 0, "the segment before it is missing"));
            }
            Some(before) if before.scan.tail != Tail::Clean => {
                let what = "a commit is not whole, and a later one is";
                return Err(damaged(before, before.scan.offset, what));
            }
            Some(before) if before.scan.position != first => {
                let what = "records are missing before the next segment";
                return Err(damaged(before, before.scan.offset, what));
            }
            _ => segments.push(segment),
        }
    }
    let durable = marks::decode(&files.watermark).max(start);
    let Some(last) = segments.last() else {
        if durable > 0 {
            let what = "all segments are missing";
            let file = snapshot.map_or(marks::FILE.to_owned(), |s| names::snapshot(s.position));
            return Err(ReadError::Damaged(Damage { file, offset: 0, what }));
        }
        return Ok(Recovered { snapshot, segments, start, end: start, repair: None });
    };
    if last.scan.position < durable {
        let what = "records are missing that were durable once";
        return Err(damaged(last, last.scan.offset, what));
    }
    let (end, offset) = (last.scan.position, last.scan.offset as u64);
    let repair = match last.scan.tail {
        Tail::Torn(bytes) => Some(Repair { file: last.name.clone(), offset, bytes: bytes as u64 }),
        _ => None,
    };
    Ok(Recovered { snapshot, segments, start, end, repair })
}

fn read_snapshot((file, bytes): (String, Vec<u8>)) -> Result<Snapshot, ReadError> {
    let damaged = |what| Damage { file: file.clone(), offset: 0, what };
    match state::decode(bytes) {
        Ok(snapshot) if Some(snapshot.position) == names::snapshot_position(&file) => Ok(snapshot),
        Ok(_) => Err(damaged("its name is another's").into()),
        Err(SnapshotDamage::Damaged(what)) => Err(damaged(what).into()),
        Err(SnapshotDamage::OtherFormat(found)) => Err(ReadError::OtherFormat { file, found }),
    }
}

fn read_segment(name: String, first: u64, bytes: Vec<u8>) -> Result<Segment, ReadError> {
    let damaged = |offset, what| Damage { file: name.clone(), offset, what };
    let header = match Header::decode(&bytes) {
        Ok(header) if header.first == first => header,
        Ok(_) => return Err(damaged(0, "its name is another's").into()),
        Err(HeaderError::Damaged) => {
            return Err(damaged(0, "its header is not what was written").into());
        }
        Err(HeaderError::OtherFormat(found)) => {
            return Err(ReadError::OtherFormat { file: name, found });
        }
    };
    let scan = scan(&bytes, header);
    if let Tail::Damaged(what) = scan.tail {
        return Err(damaged(scan.offset as u64, what).into());
    }
    Ok(Segment { name, header, scan, bytes })
}

fn damaged(segment: &Segment, offset: usize, what: &'static str) -> ReadError {
    ReadError::Damaged(Damage { file: segment.name.clone(), offset: offset as u64, what })
}
