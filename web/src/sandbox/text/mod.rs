//! A scenario's text: its words, what is wrong with it and where.

mod locate;
mod mistake;
mod read;
mod size;
mod tokens;

pub use mistake::{Mistake, Spot, units};
pub use read::{Opened, WORDS_MAX, open, with_seed};
pub use size::{LINES_MAX, TOO_LARGE, fits, has_lines};
pub use tokens::{Kind, Token, tokens};
