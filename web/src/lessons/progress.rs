//! What the reader has done, kept in the browser and carried as a file.

use postroom_course::{Block, Course, Lesson};
use serde::{Deserialize, Serialize};

/// The version of progress that this page writes and reads.
pub const PROGRESS_VERSION: u32 = 1;
/// Bytes of a file of progress.
pub const PROGRESS_BYTES_MAX: usize = 64 * 1_024;

/// The exercises that are done, lesson by lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    version: u32,
    lessons: Vec<Done>,
}

/// The exercises of a lesson that are done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Done {
    lesson: String,
    exercises: Vec<String>,
}

/// Why a text is no progress.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgressError {
    /// Choose a smaller file.
    #[error(
        "this file has {bytes} bytes, more than any progress has ({PROGRESS_BYTES_MAX}): choose another"
    )]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Load a newer page.
    #[error("this progress was written by a newer page: reload this one")]
    Newer,
    /// Choose a file that this page wrote.
    #[error("this is no progress that this page has written: choose another file")]
    Damaged,
}

impl Default for Progress {
    fn default() -> Self {
        Self { version: PROGRESS_VERSION, lessons: Vec::new() }
    }
}

impl Progress {
    /// Reads what [`Progress::to_json`] wrote. What the course does not have is left out.
    ///
    /// # Errors
    /// [`ProgressError`] for what this page does not know.
    pub fn from_json(text: &str, course: &Course) -> Result<Self, ProgressError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        if text.len() > PROGRESS_BYTES_MAX {
            return Err(ProgressError::TooLarge { bytes: text.len() });
        }
        let versioned: Result<Versioned, _> = serde_json::from_str(text);
        let version = versioned.map_err(|_| ProgressError::Damaged)?.version;
        if version > PROGRESS_VERSION {
            return Err(ProgressError::Newer);
        }
        let read: Self = serde_json::from_str(text).map_err(|_| ProgressError::Damaged)?;
        if version != PROGRESS_VERSION {
            return Err(ProgressError::Damaged);
        }
        let mut progress = Self::default();
        for lesson in &course.lessons {
            for id in exercises(lesson).filter(|id| read.is_done(&lesson.id, id)) {
                progress.finish(&lesson.id, id);
            }
        }
        Ok(progress)
    }

    /// All of it as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// An exercise is done.
    pub fn finish(&mut self, lesson: &str, exercise: &str) {
        if self.is_done(lesson, exercise) {
            return;
        }
        let exercise = exercise.to_owned();
        match self.lessons.iter_mut().find(|done| done.lesson == lesson) {
            Some(done) => done.exercises.push(exercise),
            None => {
                self.lessons.push(Done { lesson: lesson.to_owned(), exercises: vec![exercise] });
            }
        }
    }

    /// Takes over what another one has done.
    pub fn join(&mut self, other: &Self) {
        for done in &other.lessons {
            done.exercises.iter().for_each(|exercise| self.finish(&done.lesson, exercise));
        }
    }

    /// Whether an exercise is done.
    #[must_use]
    pub fn is_done(&self, lesson: &str, exercise: &str) -> bool {
        let mut lessons = self.lessons.iter();
        let done = lessons.find(|done| done.lesson == lesson);
        done.is_some_and(|done| done.exercises.iter().any(|each| each == exercise))
    }

    /// Exercises of a lesson that are done, and all of them.
    #[must_use]
    pub fn of(&self, lesson: &Lesson) -> (usize, usize) {
        let done = exercises(lesson).filter(|id| self.is_done(&lesson.id, id)).count();
        (done, exercises(lesson).count())
    }
}

/// The ids of a lesson's exercises.
fn exercises(lesson: &Lesson) -> impl Iterator<Item = &str> {
    lesson.steps.iter().flat_map(|step| &step.blocks).filter_map(|block| match block {
        Block::Predict(predict) => Some(predict.id.as_str()),
        Block::Task(task) => Some(task.id.as_str()),
        Block::Quiz(quiz) => Some(quiz.id.as_str()),
        Block::Paragraph(_) | Block::List(_) | Block::Balance(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::course;

    #[test]
    fn progress_comes_back_as_it_was_written() {
        let course = course();
        let lesson = &course.lessons[0];
        let first = exercises(lesson).next().expect("an exercise").to_owned();
        let mut progress = Progress::default();
        progress.finish(&lesson.id, &first);
        progress.finish(&lesson.id, &first);
        let read = Progress::from_json(&progress.to_json(), &course).expect("it was written here");
        assert_eq!(read, progress);
        assert_eq!(read.of(lesson), (1, exercises(lesson).count()));

        let mut other = Progress::default();
        other.join(&read);
        assert_eq!(other, progress);
    }

    #[test]
    fn what_is_no_progress_is_answered_in_words() {
        let course = course();
        let read = |text: &str| Progress::from_json(text, &course);
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        let damaged = [
            "",
            "{}",
            "[]",
            "null",
            "{\"version\":0,\"lessons\":[]}",
            "<b>1</b>",
            &deep,
            "{\"version\":1,\"lessons\":[],\"more\":1}",
            "{\"version\":-1}",
            "{\"version\":1e99}",
        ];
        for text in damaged {
            assert_eq!(read(text), Err(ProgressError::Damaged), "{}", &text[..text.len().min(40)]);
        }
        assert_eq!(read("{\"version\":2,\"what\":true}"), Err(ProgressError::Newer));
        let bytes = PROGRESS_BYTES_MAX + 1;
        assert_eq!(read(&" ".repeat(bytes)), Err(ProgressError::TooLarge { bytes }));
        let empty = Progress::default().to_json();
        let padded = format!("{empty}{}", " ".repeat(PROGRESS_BYTES_MAX - empty.len()));
        assert_eq!(read(&padded), Ok(Progress::default()));
        let unknown = "{\"version\":1,\"lessons\":[{\"lesson\":\"<i>\",\"exercises\":[\"x\"]}]}";
        assert_eq!(read(unknown), Ok(Progress::default()), "what no lesson has is left out");
    }
}
