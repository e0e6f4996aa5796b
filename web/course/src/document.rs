//! The block tree of a course.

use postroom_simulator::{Goal, goals::Metric};
use serde::{Deserialize, Serialize};

use crate::knobs::Knob;

/// All lessons, in the order in which they are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The lessons.
    pub lessons: Vec<Lesson>,
}

/// A lesson: text in steps, beside one scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Its name in addresses and in what is kept: that of its folder without the number.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it is about, before the first step.
    pub lead: Vec<Inline>,
    /// Minutes that it takes.
    pub minutes: u32,
    /// At least one.
    pub steps: Vec<Step>,
    /// The simulator's document.
    pub scenario: String,
    /// What a learner can set.
    pub knobs: Vec<Knob>,
}

/// What is shown at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its heading.
    pub title: String,
    /// What is in it.
    pub blocks: Vec<Block>,
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Prose.
    Paragraph(Vec<Inline>),
    /// A list.
    List(Vec<Vec<Inline>>),
    /// A number to predict.
    Predict(Box<Predict>),
    /// Something to achieve.
    Task(Box<Task>),
    /// A question with answers to choose from.
    Quiz(Quiz),
    /// Two sums that should be equal.
    Balance(Balance),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Words.
    Text(String),
    /// Words that matter.
    Strong(String),
    /// Words that are stressed.
    Emphasis(String),
    /// A name, as it is written in a program.
    Code(String),
    /// Words that carry a sign of the stage.
    Mark(Mark, String),
    /// Words that lead to another page: the words, and its address.
    Link(String, String),
}

/// What words can be marked with: what is seen on the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// A message.
    Message,
    /// A queue.
    Queue,
    /// A topic.
    Topic,
    /// A worker.
    Worker,
    /// A dead letter.
    Dead,
    /// Another try.
    Retry,
    /// The time for which a delivery is its worker's alone.
    Lease,
    /// What went well.
    Done,
    /// What failed.
    Failed,
}

/// A number to predict: the run has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predict {
    /// Unlike every other exercise's of the lesson.
    pub id: String,
    /// The question.
    pub ask: Vec<Inline>,
    /// What is measured.
    pub of: Metric,
    /// When, in seconds after the start.
    pub at_s: u32,
    /// An answer is right that is no further from the truth than this.
    pub tolerance: u64,
    /// How the knobs stand.
    pub settings: Vec<Setting>,
    /// What happens meanwhile.
    pub deeds: Vec<Deed>,
    /// Why it is so.
    pub why: Vec<Inline>,
}

/// Something to achieve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Unlike every other exercise's of the lesson.
    pub id: String,
    /// What.
    pub ask: Vec<Inline>,
    /// All of these are to be met.
    pub goals: Vec<Goal>,
    /// When the run ends, in seconds after its start.
    pub until_s: u32,
    /// The ids of the knobs that may be turned.
    pub knobs: Vec<String>,
    /// Shown one by one.
    pub hints: Vec<Vec<Inline>>,
    /// One way to do it.
    pub solution: Solution,
}

/// One way to meet a task's goals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// How the knobs are set.
    pub settings: Vec<Setting>,
    /// What is done while it runs.
    pub deeds: Vec<Deed>,
    /// Why it works.
    pub why: Vec<Inline>,
}

/// How one knob stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The knob's id.
    pub knob: String,
    /// The words of the choice.
    pub choice: String,
}

/// Something that a learner does while time runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When, in seconds after the start.
    pub at_s: u32,
    /// What.
    pub act: Act,
}

/// What a learner can do on the stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A provider is made to behave badly.
    Break {
        /// Which.
        provider: String,
        /// How.
        how: How,
    },
    /// A provider behaves well again.
    Heal {
        /// Which.
        provider: String,
    },
    /// A queue's dead letters go back to work.
    Redrive {
        /// The queue, not its dead letters.
        queue: String,
    },
}

/// How a provider can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Every call fails at once.
    Fail,
    /// No call is ever answered.
    Hang,
    /// Answers take long.
    Slow,
    /// Some calls fail.
    Flaky,
}

/// A question with answers to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    /// Unlike every other exercise's of the lesson.
    pub id: String,
    /// The question.
    pub ask: Vec<Inline>,
    /// One of them is right.
    pub answers: Vec<Answer>,
}

/// An answer to a quiz.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it says.
    pub words: Vec<Inline>,
    /// Whether it is right.
    pub right: bool,
    /// Why it is right or wrong.
    pub why: Vec<Inline>,
}

/// What was to be charged, and what was: both from the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The provider that takes the money.
    pub provider: String,
    /// What each message costs, in cents.
    pub price_cents: u32,
}
