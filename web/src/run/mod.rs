//! A run behind the page: orders in, updates out, and what is folded from them.

mod change;
mod session;
mod system;
mod view;
mod watched;

pub(crate) use change::simulated;
pub use change::{Change, PartOrder};
pub use session::{SLICE_MS, Session, open};
pub use system::{REDRIVE_MAX, REDRIVE_PER_SECOND, System, find_queue};
pub use view::View;
pub use watched::Watched;
