//! The player: where the reader is in time. Pure state and one reducer, and the controls of it.

mod branches;
mod help;
mod keys;
mod reducer;
mod speed;
mod transport;

pub use branches::branch_list;
pub use help::help;
pub use keys::{Keys, SHORTCUTS, shortcut};
pub use reducer::{LAG_MAX, Order, Player, PlayerCommand};
pub use speed::Speed;
pub use transport::{Additions, icon, transport};
