//! Where a segment ends, and whether what follows is a torn tail or damage. Pure.
//!
//! A group is written only when the one before it is durable. So a group that is not whole, with
//! a whole one after it, was whole once: that is damage. With nothing whole after it, it is what a
//! crash left of a commit that nobody was told of: a torn tail.

use crate::frame::{ALIGN, Entry, GROUP_HEADER_BYTES, Group, HEADER_BYTES, Header};

/// What a segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Where its last whole group begins; none if it holds none.
    pub(crate) last_group: Option<usize>,
    /// Where its last whole group ends.
    pub(crate) offset: usize,
    /// The position after its last whole record.
    pub(crate) position: u64,
    pub(crate) groups: u64,
    pub(crate) tail: Tail,
}

/// What comes after the last whole group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Zeros, or nothing.
    Clean,
    /// The rest of a commit that was never confirmed: so many bytes, up to the last that is not 0.
    Torn(usize),
    Damaged(&'static str),
}

/// Reads a segment to its end; `header` is its own.
pub(crate) fn scan(segment: &[u8], header: Header) -> Scan {
    let mut scan = Scan {
        last_group: None,
        offset: HEADER_BYTES,
        position: header.first,
        groups: 0,
        tail: Tail::Clean,
    };
    while let Some(group) = Group::at(segment, scan.offset, header.seed) {
        if group.first != scan.position {
            scan.tail = Tail::Damaged("a group stands where another belongs");
            return scan;
        }
        scan.last_group = Some(scan.offset);
        scan.offset += group.len;
        scan.position = group.end();
        scan.groups += 1;
    }
    scan.tail = tail(segment, scan.offset, header.seed);
    scan
}

/// The records of a scanned segment, oldest first.
pub(crate) fn entries(segment: &[u8], header: Header) -> impl Iterator<Item = Entry<'_>> {
    let mut offset = HEADER_BYTES;
    std::iter::from_fn(move || {
        let group = Group::at(segment, offset, header.seed)?;
        offset += group.len;
        Some(group.entries())
    })
    .flatten()
}

fn tail(segment: &[u8], offset: usize, seed: u64) -> Tail {
    let rest = segment.get(offset..).unwrap_or_default();
    let Some(last) = rest.iter().rposition(|byte| *byte != 0) else { return Tail::Clean };
    let last_start = (offset + last + 1).saturating_sub(GROUP_HEADER_BYTES);
    let is_followed = (offset + ALIGN..=last_start)
        .step_by(ALIGN)
        .any(|later| Group::at(segment, later, seed).is_some());
    if is_followed {
        Tail::Damaged("a commit is not whole, and a later one is")
    } else {
        Tail::Torn(last + 1)
    }
}
