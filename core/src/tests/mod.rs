//! What the crate says as a whole.

mod errors;
