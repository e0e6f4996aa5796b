//! Lessons as the page shows them: a tree of blocks, made from what teachers write.
//!
//! [`Course`] is what the page reads, once, from JSON. The feature `compiler` makes it from the
//! folders of `lessons/`, and says everything that is wrong with them at once.

#[cfg(feature = "compiler")]
mod compile;
mod document;
mod knobs;

#[cfg(feature = "compiler")]
pub use self::compile::{Mistake, compile, compile_lesson};
pub use self::{
    document::{
        Act, Answer, Balance, Block, Course, Deed, How, Inline, Lesson, Mark, Predict, Quiz,
        Setting, Solution, Step, Task,
    },
    knobs::{Choice, Knob, KnobError},
};
