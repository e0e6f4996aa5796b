//! Links, with the browser's own compression.

use super::{
    share::{self, SHARED_TEXT_BYTES_MAX, ShareError},
    text::{TOO_LARGE, fits},
};
use crate::browser::{self, PackingError};

/// What a link brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    /// The scenario's text.
    pub text: String,
    /// What is to be said about it.
    pub remark: Option<&'static str>,
}

/// The whole link to a text, or why there is none.
pub(super) async fn make(text: &str) -> Result<String, String> {
    let packed = browser::pack(text.as_bytes()).await.map_err(words)?;
    let fragment = share::write(text, &packed).map_err(|error| error.to_string())?;
    Ok(format!("{}#{fragment}", browser::address()))
}

/// What a link brings: what stands after the prefix.
pub(super) async fn open(link: &str) -> Result<Arrived, String> {
    let packed = share::open(link).map_err(|error| error.to_string())?;
    let bytes = browser::unpack(&packed.bytes, SHARED_TEXT_BYTES_MAX).await.map_err(words)?;
    let shared = packed.check(bytes).map_err(|error| error.to_string())?;
    if !fits(&shared.text) {
        return Err(TOO_LARGE.to_owned());
    }
    let remark = "This link is from a release with other semantics: the same scenario may come \
                  out otherwise here.";
    Ok(Arrived { text: shared.text, remark: shared.other_semantics.then_some(remark) })
}

fn words(error: PackingError) -> String {
    let error = match error {
        PackingError::Unsupported => ShareError::Unsupported,
        PackingError::TooLarge => ShareError::Bomb,
        PackingError::Damaged => ShareError::Damaged,
    };
    error.to_string()
}
