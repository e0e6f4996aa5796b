//! Building by hand: what the parts are, what can be done with them, and the text of what comes
//! of it. Pure but for what is drawn.

mod bar;
mod connect;
mod edit;
mod error;
mod form;
mod names;
mod part;
mod pull;
mod scaling;
mod settings;
#[cfg(test)]
mod tests;
mod tidy;

pub(in crate::sandbox) use bar::{Bar, FIRST, KEYS};
pub use connect::{could_lead_to, leads_to};
pub use edit::{Edit, Edited, edit};
pub use error::EditError;
pub(in crate::sandbox) use form::Form;
pub use part::{Kind, Part};
pub use settings::{Field, Setting, fields};
pub use tidy::text_of;

/// What comes of building, for the page.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sandbox) enum Built {
    /// The text is to say this.
    Edited {
        /// What.
        edited: Box<Edited>,
        /// What has the focus then; by default what has it now.
        focus: Option<&'static str>,
    },
    /// The version before, with this part chosen if it is there.
    Undo(Option<Part>),
    /// The version that was undone, likewise.
    Redo(Option<Part>),
}
