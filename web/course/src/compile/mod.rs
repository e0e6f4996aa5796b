//! The compiler: from the folders of `lessons/` to a course.

mod blocks;
mod exercise;
mod lesson;
mod mistake;
mod prose;
mod scenario;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

pub use self::{lesson::compile_lesson, mistake::Mistake};
use crate::document::Course;

/// Reads every lesson of a folder, in the order of their folders' names.
///
/// # Errors
/// Everything that is wrong with them.
pub fn compile(folder: &Path) -> Result<Course, Vec<Mistake>> {
    let mut names = folders(folder).map_err(|what| vec![what])?;
    names.sort();
    let (mut course, mut mistakes) = (Course::default(), Vec::new());
    for name in names {
        let mut read = |file: &str| {
            fs::read_to_string(folder.join(&name).join(file)).unwrap_or_else(|error| {
                mistakes.push(unreadable(format!("{name}/{file}"), &error));
                String::new()
            })
        };
        let (markdown, scenario) = (read("lesson.md"), read("scenario.json"));
        if markdown.is_empty() || scenario.is_empty() {
            continue;
        }
        match compile_lesson(&name, &markdown, &scenario) {
            Ok(lesson) => course.lessons.push(lesson),
            Err(more) => mistakes.extend(more),
        }
    }
    if mistakes.is_empty() { Ok(course) } else { Err(mistakes) }
}

fn folders(folder: &Path) -> Result<Vec<String>, Mistake> {
    let here = || folder.display().to_string();
    let entries = fs::read_dir(folder).map_err(|error| unreadable(here(), &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(here(), &error))?;
        if entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn unreadable(file: String, error: &std::io::Error) -> Mistake {
    Mistake { file, line: 1, what: format!("this cannot be read: {error}") }
}
