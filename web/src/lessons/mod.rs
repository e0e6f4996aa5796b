//! The lessons, a page of their own: text in steps beside a run that the reader breaks and mends.

mod exercise;
pub mod grade;
mod list;
mod page;
pub mod progress;
mod prose;
mod room;
mod task;

use postroom_course::Course;

/// The lessons as they were compiled with this page.
#[must_use]
pub fn course() -> Course {
    let text = include_str!(concat!(env!("OUT_DIR"), "/course.json"));
    serde_json::from_str(text).unwrap_or_default()
}

/// Draws the page, for as long as it is open.
pub fn start() {
    crate::app::render::<page::Page>();
}
