//! The bytes of a segment: a header, then groups of records. Pure: no file is touched here.
//!
//! All numbers are little-endian. A segment is a [`Header`] of 64 bytes, then groups, each at an
//! offset that is a multiple of 8, then zeros. A group is what one commit wrote: 32 bytes that say
//! how long it is and which position comes first, then its records. Checksums cover the segment's
//! seed and the group's offset, so that neither what an older file left behind nor a body that
//! imitates a group is ever taken for one.

use postroom_core::{At, Entropy, Timestamp};

/// The version of this layout.
pub const FORMAT_VERSION: u32 = 1;

pub(crate) const HEADER_BYTES: usize = 64;
pub(crate) const GROUP_HEADER_BYTES: usize = 32;
pub(crate) const RECORD_HEADER_BYTES: usize = 20;
pub(crate) const ALIGN: usize = 8;

const SEGMENT_MAGIC: &[u8; 8] = b"POSTROOM";
const GROUP_MAGIC: &[u8; 4] = b"PGRP";

/// One command in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// How many commands came before it.
    pub position: u64,
    /// When it was applied, and with what entropy.
    pub at: At,
    /// The command, as whoever appended it encoded it.
    pub command: &'a [u8],
}

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) semantics_version: u32,
    /// The position of its first record.
    pub(crate) first: u64,
    pub(crate) seed: u64,
}

/// Why a segment's beginning is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderError {
    Damaged,
    OtherFormat(u32),
}

impl Header {
    pub(crate) fn encode(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(SEGMENT_MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.semantics_version.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.seed.to_le_bytes());
        let sum = checksum(0, 0, &bytes[..32]);
        bytes[32..36].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let bytes = bytes.get(..HEADER_BYTES).ok_or(HeaderError::Damaged)?;
        let is_whole = &bytes[..8] == SEGMENT_MAGIC
            && checksum(0, 0, &bytes[..32]) == u32_at(bytes, 32)
            && bytes[36..].iter().all(|byte| *byte == 0);
        match u32_at(bytes, 8) {
            _ if !is_whole => Err(HeaderError::Damaged),
            FORMAT_VERSION => Ok(Self {
                semantics_version: u32_at(bytes, 12),
                first: u64_at(bytes, 16),
                seed: u64_at(bytes, 24),
            }),
            other => Err(HeaderError::OtherFormat(other)),
        }
    }
}

/// A group of records on its way to a segment.
#[derive(Debug)]
pub(crate) struct GroupBuilder {
    /// Room for the header, then the records.
    bytes: Vec<u8>,
    count: u32,
}

impl GroupBuilder {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; GROUP_HEADER_BYTES], count: 0 }
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Its length on disk.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len().next_multiple_of(ALIGN) as u64
    }

    /// The length it would have on disk with one more command of this length.
    pub(crate) fn len_with(&self, command: usize) -> usize {
        (self.bytes.len() + RECORD_HEADER_BYTES + command).next_multiple_of(ALIGN)
    }

    pub(crate) fn push(&mut self, at: At, command: &[u8]) {
        self.bytes.extend_from_slice(&(command.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(&at.now.as_micros().to_le_bytes());
        self.bytes.extend_from_slice(&at.entropy.value().to_le_bytes());
        self.bytes.extend_from_slice(command);
        self.count += 1;
    }

    /// The bytes to write at `offset` of the segment with this seed.
    pub(crate) fn seal(&mut self, seed: u64, offset: u64, first: u64) -> &[u8] {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGN), 0);
        let (header, body) = self.bytes.split_at_mut(GROUP_HEADER_BYTES);
        header[..4].copy_from_slice(GROUP_MAGIC);
        header[4..8].copy_from_slice(&(body.len() as u32).to_le_bytes());
        header[8..16].copy_from_slice(&first.to_le_bytes());
        header[16..20].copy_from_slice(&self.count.to_le_bytes());
        header[20..24].copy_from_slice(&checksum(seed, offset, body).to_le_bytes());
        let sum = checksum(seed, offset, &header[..24]);
        header[24..28].copy_from_slice(&sum.to_le_bytes());
        &self.bytes
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.truncate(GROUP_HEADER_BYTES);
        self.count = 0;
    }
}

/// A whole group, as it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    pub(crate) first: u64,
    pub(crate) count: u32,
    /// With its header, in bytes.
    pub(crate) len: usize,
    body: &'a [u8],
}

impl<'a> Group<'a> {
    /// The group at this offset of a segment, if one is there, whole.
    pub(crate) fn at(segment: &'a [u8], offset: usize, seed: u64) -> Option<Self> {
        let rest = segment.get(offset..)?;
        let header = rest.get(..GROUP_HEADER_BYTES)?;
        if &header[..4] != GROUP_MAGIC
            || checksum(seed, offset as u64, &header[..24]) != u32_at(header, 24)
            || u32_at(header, 28) != 0
        {
            return None;
        }
        let len = GROUP_HEADER_BYTES + u32_at(header, 4) as usize;
        let body = rest.get(GROUP_HEADER_BYTES..len)?;
        let group = Self { first: u64_at(header, 8), count: u32_at(header, 16), len, body };
        let is_whole = checksum(seed, offset as u64, body) == u32_at(header, 20);
        (is_whole && len.is_multiple_of(ALIGN) && group.holds_its_records()).then_some(group)
    }

    /// Its records, oldest first.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        let mut rest = self.body;
        (self.first..self.end()).map_while(move |position| {
            let (at, command, after) = split_record(rest)?;
            rest = after;
            Some(Entry { position, at, command })
        })
    }

    /// The position after its last record.
    pub(crate) fn end(&self) -> u64 {
        self.first.saturating_add(self.count.into())
    }

    fn holds_its_records(self) -> bool {
        let held: usize =
            self.entries().map(|entry| RECORD_HEADER_BYTES + entry.command.len()).sum();
        let count = self.entries().count();
        count > 0 && count == self.count as usize && held.next_multiple_of(ALIGN) == self.body.len()
    }
}

/// A record's time and command, and what follows it.
fn split_record(bytes: &[u8]) -> Option<(At, &[u8], &[u8])> {
    let header = bytes.get(..RECORD_HEADER_BYTES)?;
    let len = u32_at(header, 0) as usize;
    let rest = &bytes[RECORD_HEADER_BYTES..];
    let command = rest.get(..len)?;
    let now = Timestamp::from_micros(u64_at(header, 4));
    let at = At { now, entropy: Entropy::new(u64_at(header, 12)) };
    Some((at, command, &rest[len..]))
}

/// CRC-32 over a seed, a place and bytes.
pub(crate) fn checksum(seed: u64, place: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&place.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}
