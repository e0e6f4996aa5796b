//! Which messages a subscription is for: by the subject and by the attributes. Pure matching.

mod number;
mod range;
mod subject;
#[cfg(test)]
mod tests;

pub(crate) use self::subject::check_subject;
pub use self::{
    number::{Number, NumberError},
    range::NumberRange,
    subject::{SubjectError, SubjectPattern},
};
