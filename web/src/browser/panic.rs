//! A mistake in the page is shown on the page, never as a blank one.

use std::panic;

use super::page::app_root;

/// From now on a panic replaces the page's content by words that say what happened.
pub fn show_panics() {
    panic::set_hook(Box::new(|info| {
        let Some(root) = app_root() else { return };
        root.set_text_content(Some(&format!(
            "Something went wrong in this page, and it has stopped. Reload it to start again. \
             Details for a bug report: {info}"
        )));
        let _ = root.set_attribute("class", "fatal");
        let _ = root.set_attribute("role", "alert");
    }));
}
