//! A mistake in the page is shown on the page, never as a blank one.

use std::{
    panic::PanicHookInfo,
    sync::atomic::{AtomicBool, Ordering},
};

use super::page::app_root;

/// Replaces the page's content by words that say what happened. What goes wrong after the first
/// mistake follows from it, and is not shown.
pub fn show_panic(info: &PanicHookInfo<'_>) {
    static IS_SHOWN: AtomicBool = AtomicBool::new(false);
    if IS_SHOWN.swap(true, Ordering::Relaxed) {
        return;
    }
    web_sys::console::error_1(&info.to_string().into());
    let Some(root) = app_root() else { return };
    root.set_text_content(Some(&format!(
        "Something went wrong in this page, and it has stopped. Reload it to start again. \
         For a bug report: {info}"
    )));
    let _ = root.set_attribute("class", "fatal");
    let _ = root.set_attribute("role", "alert");
}
