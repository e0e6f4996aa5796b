//! The sandbox, a page of its own: a scenario's text beside its picture.

pub mod as_rust;
mod bench;
pub mod build;
pub mod charts;
pub mod compare;
pub mod desk;
mod drawer;
mod editor;
pub mod embed;
pub mod faults;
mod goals;
pub mod levels;
mod link;
pub mod marks;
mod page;
mod plot;
pub mod proof;
mod queue_tools;
pub mod share;
pub mod shelf;
mod source_tools;
pub mod templates;
pub mod text;
mod timeline;
mod worker_tools;

/// Draws the page, for as long as it is open; in a worker beside the page, works for it.
pub fn start() {
    if !goals::serve() {
        crate::app::render::<page::Page>();
    }
}
