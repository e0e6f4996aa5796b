//! What the browser keeps for this page between two visits.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, Storage, window};

/// Why the browser does not keep something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// Download a file instead.
    #[error(
        "this browser keeps nothing for this page (a private window, or site data is blocked): \
         download a file instead"
    )]
    Refused,
    /// Delete something.
    #[error(
        "there is no room left in this browser's storage: delete something, or download a file"
    )]
    Full,
}

/// What is kept under a key, if anything is.
///
/// # Errors
/// [`StorageError::Refused`].
pub fn load(key: &str) -> Result<Option<String>, StorageError> {
    storage()?.get_item(key).map_err(|_| StorageError::Refused)
}

/// Keeps a text under a key, in place of what was there.
///
/// # Errors
/// [`StorageError`]; then what was there is still there.
pub fn store(key: &str, text: &str) -> Result<(), StorageError> {
    storage()?.set_item(key, text).map_err(|error| failure(&error))
}

fn storage() -> Result<Storage, StorageError> {
    let storage = window().and_then(|window| window.local_storage().ok().flatten());
    storage.ok_or(StorageError::Refused)
}

fn failure(error: &JsValue) -> StorageError {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    // Firefox has a name of its own for it.
    if name.contains("Quota") || name.contains("QUOTA") {
        StorageError::Full
    } else {
        StorageError::Refused
    }
}
