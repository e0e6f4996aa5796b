//! A scenario in a link: `#scenario=`, the link's version, the semantics' version, a checksum, and the
//! compressed text in base64url.
//!
//! A link comes from anywhere. It is read within limits, and whatever is wrong with it is said.
//! Compressing is the browser's part; this is the rest.

use std::hash::Hasher;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use postroom_core::{Digest, SEMANTICS_VERSION};
use postroom_simulator::limits::SCENARIO_BYTES_MAX;

use crate::app::LINK_PREFIX;

/// What stands before the rest in the part after `#`.
pub const SHARE_PREFIX: &str = LINK_PREFIX;
/// The version of links that this page writes and reads.
pub const SHARE_VERSION: u32 = 1;
/// Bytes in the part of a link after `#`.
pub const SHARE_BYTES_MAX: usize = 8 << 10;
/// Bytes of the text in a link, once it is no longer compressed.
pub const SHARED_TEXT_BYTES_MAX: usize = SCENARIO_BYTES_MAX;

/// Why a scenario was not shared, or a link does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Use a file instead.
    #[error(
        "the link would have {bytes} bytes, more than {SHARE_BYTES_MAX}: download the scenario \
         as a file, and send that"
    )]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Ask for a file.
    #[error("the link has {bytes} bytes, more than {SHARE_BYTES_MAX}: ask for a file instead")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Nobody shares such a thing in good faith.
    #[error("the link holds more than {SHARED_TEXT_BYTES_MAX} bytes of text: it is not opened")]
    Bomb,
    /// Copy all of it again.
    #[error("the link is damaged, most likely cut off: copy all of it again")]
    Damaged,
    /// Load a newer page.
    #[error("the link is from a newer page: reload this one, or ask for a file")]
    Newer,
    /// Use a current browser.
    #[error("this browser cannot compress texts: use a newer one, or a file")]
    Unsupported,
}

/// What a link says, still compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    semantics: u32,
    checksum: u64,
    /// The compressed text.
    pub bytes: Vec<u8>,
}

/// What a link held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The scenario's text.
    pub text: String,
    /// It was shared under other semantics: the same scenario may come out otherwise.
    pub other_semantics: bool,
}

/// The part after `#` for a text and its compressed form.
///
/// # Errors
/// [`ShareError::TooLarge`].
pub fn write(text: &str, packed: &[u8]) -> Result<String, ShareError> {
    let head = head(SEMANTICS_VERSION);
    let checksum = checksum(&head, text);
    let body = BASE64_URL_SAFE_NO_PAD.encode(packed);
    let link = format!("{SHARE_PREFIX}{head}.{}.{body}", hex(checksum));
    match link.len() {
        bytes if bytes > SHARE_BYTES_MAX => Err(ShareError::TooLarge { bytes }),
        _ => Ok(link),
    }
}

/// Takes a link apart: the part after `#`, without [`SHARE_PREFIX`].
///
/// # Errors
/// [`ShareError`] says what is wrong with it.
pub fn open(link: &str) -> Result<Packed, ShareError> {
    let bytes = SHARE_PREFIX.len() + link.len();
    if bytes > SHARE_BYTES_MAX {
        return Err(ShareError::TooLong { bytes });
    }
    let (version, rest) = link.split_once('.').ok_or(ShareError::Damaged)?;
    match number(version)? {
        version if version > SHARE_VERSION => return Err(ShareError::Newer),
        SHARE_VERSION => {}
        _ => return Err(ShareError::Damaged),
    }
    let mut parts = rest.split('.');
    let (Some(semantics), Some(checksum), Some(body), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ShareError::Damaged);
    };
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| ShareError::Damaged)?;
    let sum = u64::from_str_radix(checksum, 16).map_err(|_| ShareError::Damaged)?;
    let checksum = Some(sum).filter(|sum| hex(*sum) == checksum).ok_or(ShareError::Damaged)?;
    Ok(Packed { semantics: number(semantics)?, checksum, bytes })
}

impl Packed {
    /// Compares what the browser has unpacked with what the link says of it.
    ///
    /// # Errors
    /// [`ShareError::Damaged`].
    pub fn check(&self, unpacked: Vec<u8>) -> Result<Shared, ShareError> {
        let text = String::from_utf8(unpacked).map_err(|_| ShareError::Damaged)?;
        if checksum(&head(self.semantics), &text) != self.checksum {
            return Err(ShareError::Damaged);
        }
        Ok(Shared { text, other_semantics: self.semantics != SEMANTICS_VERSION })
    }
}

fn head(semantics: u32) -> String {
    format!("{SHARE_VERSION}.{semantics}")
}

/// Not against forgery, which needs no forging: anybody may write a scenario.
fn checksum(head: &str, text: &str) -> u64 {
    let mut digest = Digest::default();
    digest.write(head.as_bytes());
    digest.write(b".");
    digest.write(text.as_bytes());
    digest.finish()
}

fn hex(checksum: u64) -> String {
    format!("{checksum:016x}")
}

fn number(text: &str) -> Result<u32, ShareError> {
    // Signs and leading zeros are nothing that this page writes.
    let number = text.parse().map_err(|_| ShareError::Damaged)?;
    if u32::to_string(&number) == text { Ok(number) } else { Err(ShareError::Damaged) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if nothing could be compressed.
    fn link(text: &str) -> String {
        write(text, text.as_bytes()).unwrap()
    }

    fn read(link: &str) -> Result<Shared, ShareError> {
        let packed = open(link.strip_prefix(SHARE_PREFIX).unwrap())?;
        packed.check(packed.bytes.clone())
    }

    #[test]
    fn a_text_comes_back_as_it_was() {
        let text = "{\n  \"name\": \"ünïcode\" }";
        let shared = Shared { text: text.into(), other_semantics: false };
        assert_eq!(read(&link(text)), Ok(shared));
    }

    #[test]
    fn every_cut_and_every_changed_character_is_told() {
        let link = link(r#"{"name":"a queue"}"#);
        for end in SHARE_PREFIX.len()..link.len() {
            assert!(read(&link[..end]).is_err(), "cut after {end}");
        }
        for at in SHARE_PREFIX.len()..link.len() {
            for other in ['0', '7', 'Q', '_', '.', '%', '+'] {
                let mut changed = link.clone();
                changed.replace_range(at..=at, &other.to_string());
                assert!(changed == link || read(&changed).is_err(), "{other} at {at}");
            }
        }
    }

    #[test]
    fn other_versions_are_told_apart_from_damage() {
        assert_eq!(open("2.9.whatever there will be"), Err(ShareError::Newer));
        let text = "{}";
        let older = head(SEMANTICS_VERSION - 1);
        let sum = checksum(&older, text);
        let link =
            format!("{SHARE_PREFIX}{older}.{sum:016x}.{}", BASE64_URL_SAFE_NO_PAD.encode(text));
        assert_eq!(read(&link).map(|shared| shared.other_semantics), Ok(true));
        for link in ["", "1", "1.2", "1.2.0", "x.2.0.AA", "01.2.0.AA", "+1.2.0.AA", "1.2.0.AA.AA"] {
            assert_eq!(open(link), Err(ShareError::Damaged), "{link}");
        }
    }

    #[test]
    fn the_limit_is_the_longest_link() {
        let head = link("").len();
        // Three bytes are four characters.
        let longest = (SHARE_BYTES_MAX - head) / 4 * 3;
        let text = "x".repeat(longest);
        assert!(read(&link(&text)).is_ok());
        let over = format!("{text}xxx");
        let bytes = head + longest / 3 * 4 + 4;
        assert_eq!(write(&over, over.as_bytes()), Err(ShareError::TooLarge { bytes }));
        let long = "A".repeat(SHARE_BYTES_MAX);
        assert_eq!(
            open(&long),
            Err(ShareError::TooLong { bytes: SHARE_BYTES_MAX + SHARE_PREFIX.len() })
        );
    }
}
