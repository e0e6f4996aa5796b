//! A document in a link: `#scenario=`, its kind, and its text in base64url.
//!
//! A link comes from anywhere, so it is read within limits, and whatever is wrong with it is said.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// What stands before the kind in the part after `#`.
pub const LINK_PREFIX: &str = "scenario=";
/// Bytes in the encoded document.
pub const LINK_BYTES_MAX: usize = 8 << 10;

/// Why a link holds no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Share a smaller scenario.
    #[error("the link holds {bytes} bytes, more than {LINK_BYTES_MAX}: share a smaller scenario")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Copy the link again: most often its end is missing.
    #[error("the link is damaged, most likely cut off: copy all of it again")]
    Damaged,
}

/// The kind and the document in what stands after [`LINK_PREFIX`].
///
/// # Errors
/// [`LinkError`] says what is wrong with it.
pub(super) fn decode(link: &str) -> Result<(&str, String), LinkError> {
    let (kind, text) = link.split_once('.').ok_or(LinkError::Damaged)?;
    check_length(text)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| LinkError::Damaged)?;
    let document = String::from_utf8(bytes).map_err(|_| LinkError::Damaged)?;
    Ok((kind, document))
}

fn check_length(text: &str) -> Result<(), LinkError> {
    match text.len() {
        bytes if bytes > LINK_BYTES_MAX => Err(LinkError::TooLarge { bytes }),
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The link to a document, without `#`.
    pub(in super::super) fn encode(kind: &str, document: &str) -> String {
        format!("{LINK_PREFIX}{kind}.{}", BASE64_URL_SAFE_NO_PAD.encode(document))
    }

    #[test]
    fn a_document_comes_back_as_it_was() {
        let document = r#"{"name":"queue beside topic, ünïcode"}"#;
        let link = encode("topology", document);
        let read = decode(link.strip_prefix(LINK_PREFIX).unwrap());
        assert_eq!(read, Ok(("topology", document.to_owned())));
    }

    #[test]
    fn the_limit_is_the_last_length_that_is_read() {
        assert!(decode(&format!("x.{}", "A".repeat(LINK_BYTES_MAX))).is_ok());
        let bytes = LINK_BYTES_MAX + 1;
        let over = format!("x.{}", "A".repeat(bytes));
        assert_eq!(decode(&over), Err(LinkError::TooLarge { bytes }));
    }

    #[test]
    fn what_is_no_base64url_is_damaged() {
        for link in ["", "x", "x.A", "x.AA=", "x.A%41", "x.ü", "x._w"] {
            assert_eq!(decode(link), Err(LinkError::Damaged), "{link}");
        }
    }
}
