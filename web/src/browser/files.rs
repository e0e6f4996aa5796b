//! Files that the reader opens and downloads, and the clipboard.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Event, HtmlAnchorElement, HtmlInputElement, Url, js_sys::Array, window,
};

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Choose a smaller one.
    #[error("the file has {bytes} bytes, more than {max}: choose a smaller one")]
    TooLarge {
        /// Its length.
        bytes: u64,
        /// The limit.
        max: usize,
    },
    /// Choose another one.
    #[error("the file cannot be read")]
    Unreadable,
}

/// Reads the file that the reader has just chosen as text; nothing if none was.
///
/// # Errors
/// [`FileError`] says why there is no text.
pub async fn read_file(event: Event, bytes_max: usize) -> Option<Result<String, FileError>> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let file = input.files()?.get(0)?;
    // So that choosing the same file again is a change.
    input.set_value("");
    let bytes = file.size() as u64;
    if bytes > bytes_max as u64 {
        return Some(Err(FileError::TooLarge { bytes, max: bytes_max }));
    }
    let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
    Some(text.ok_or(FileError::Unreadable))
}

/// Downloads a text as a file; whether the browser could begin.
#[must_use]
pub fn download(name: &str, text: &str) -> bool {
    begin_download(name, text).is_some()
}

/// Puts a text on the clipboard; whether the browser allowed it.
pub async fn copy_text(text: String) -> bool {
    let Some(window) = window() else { return false };
    // On a page without encryption there is no clipboard.
    if !window.is_secure_context() {
        return false;
    }
    JsFuture::from(window.navigator().clipboard().write_text(&text)).await.is_ok()
}

fn begin_download(name: &str, text: &str) -> Option<()> {
    let kind = BlobPropertyBag::new();
    // Of no kind: some browsers rename what is not called as its kind is.
    kind.set_type("application/octet-stream");
    let parts = Array::of1(&text.into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &kind).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link = window()?.document()?.create_element("a").ok()?;
    let link = link.dyn_into::<HtmlAnchorElement>().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has its own hold on the bytes by now.
    Url::revoke_object_url(&url).ok()
}
