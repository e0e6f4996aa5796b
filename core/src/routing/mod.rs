//! Which messages a subscription is for: by the subject and by the attributes. Pure matching.

mod compile;
mod condition;
mod document;
mod filter;
mod number;
mod range;
#[cfg(feature = "schema")]
mod schema;
mod subject;
#[cfg(test)]
mod tests;

pub use self::{
    condition::{AnythingBut, Condition},
    filter::{Filter, FilterError},
    number::{Number, NumberError},
    range::NumberRange,
    subject::{SubjectError, SubjectPattern, check_subject},
};
