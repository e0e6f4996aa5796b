//! A run behind the page: orders in, updates out, and what is folded from them.

mod change;
mod fold;
mod memory;
mod session;
mod system;
mod view;
mod watched;

pub(crate) use change::simulated;
pub use change::{Change, PartOrder};
pub use fold::Fold;
pub use memory::{MEMORY_BYTES_MAX, Memory, PLACE_EVENTS, PLACES_ASIDE_MAX, PLACES_MAX};
pub use session::{SLICE_MS, Session, open};
pub use system::{REDRIVE_MAX, REDRIVE_PER_SECOND, System, find_queue};
pub use view::{Folded, View};
pub use watched::Watched;
