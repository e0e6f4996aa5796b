//! A scenario's text: its words, what is wrong with it and where.

mod locate;
mod mistake;
mod read;
mod tokens;

pub use mistake::{Mistake, Spot};
pub use read::{Opened, WORDS_MAX, open};
pub use tokens::{Kind, Token, tokens};
