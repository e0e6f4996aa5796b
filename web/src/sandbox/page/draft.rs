//! A text of the reader's own survives closing the page.

use super::Page;
use crate::{browser, sandbox::templates::TEMPLATES};

/// Where the browser keeps it.
const DRAFT_KEY: &str = "postroom.sandbox.draft";

impl Page {
    /// Keeps the text if it is the reader's own: neither a template nor what the address names. A
    /// browser that keeps nothing is no reason to disturb whoever writes.
    pub(super) fn keep_draft(&mut self) {
        let text = self.desk.text();
        let is_named = !browser::hash().is_empty();
        if is_named && self.arrived.as_deref() == Some(text) {
            return;
        }
        if !TEMPLATES.iter().any(|template| template.document == text) {
            let _ = browser::store(DRAFT_KEY, text);
            self.has_drafted = true;
            if is_named {
                // What the address names would otherwise take the draft's place after a reload.
                browser::forget_hash();
            }
        } else if self.has_drafted {
            // What was written on this visit was undone.
            forget_draft();
        }
    }
}

/// What was kept, if it was anything.
pub(super) fn draft() -> Option<String> {
    browser::load(DRAFT_KEY).ok().flatten().filter(|text| !text.is_empty())
}

/// Keeps nothing: the reader begins anew.
pub(super) fn forget_draft() {
    let _ = browser::store(DRAFT_KEY, "");
}
