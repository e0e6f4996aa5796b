//! The bytes of a snapshot: a header, then the state. Pure: no file is touched here.

use crate::{
    frame::{FORMAT_VERSION, checksum, u32_at, u64_at},
    limits::SNAPSHOT_BYTES_MAX,
};

const MAGIC: &[u8; 8] = b"POSTSNAP";
const HEADER_BYTES: usize = 40;

/// A state that a journal kept, and where it stands among the commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The position of the first command that is not part of it.
    pub position: u64,
    /// The version of the semantics that wrote it.
    pub semantics_version: u32,
    /// The state, as whoever handed it over encoded it.
    pub state: Vec<u8>,
}

/// Why a snapshot is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotDamage {
    Damaged(&'static str),
    OtherFormat(u32),
}

pub(crate) fn encode_header(position: u64, semantics_version: u32, state: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&semantics_version.to_le_bytes());
    bytes.extend_from_slice(&position.to_le_bytes());
    bytes.extend_from_slice(&(state.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&checksum(position, 0, state).to_le_bytes());
    let sum = checksum(0, 0, &bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

pub(crate) fn decode(mut file: Vec<u8>) -> Result<Snapshot, SnapshotDamage> {
    let header =
        file.get(..HEADER_BYTES).ok_or(SnapshotDamage::Damaged("it ends in its header"))?;
    if &header[..8] != MAGIC || checksum(0, 0, &header[..36]) != u32_at(header, 36) {
        return Err(SnapshotDamage::Damaged("its header is not what was written"));
    }
    let format = u32_at(header, 8);
    if format != FORMAT_VERSION {
        return Err(SnapshotDamage::OtherFormat(format));
    }
    let (semantics_version, position) = (u32_at(header, 12), u64_at(header, 16));
    let (len, sum) = (u64_at(header, 24), u32_at(header, 32));
    if len > SNAPSHOT_BYTES_MAX || file.len() as u64 - HEADER_BYTES as u64 != len {
        return Err(SnapshotDamage::Damaged("its length is not what was written"));
    }
    if checksum(position, 0, &file[HEADER_BYTES..]) != sum {
        return Err(SnapshotDamage::Damaged("its state is not what was written"));
    }
    file.drain(..HEADER_BYTES);
    Ok(Snapshot { position, semantics_version, state: file })
}
