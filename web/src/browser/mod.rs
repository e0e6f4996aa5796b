//! Everything that is asked of the browser itself, in one folder: clock, frames, page address,
//! keys, media queries, network. Nothing else in the page names a browser API.

mod canvas;
mod clock;
mod frames;
mod input;
mod listener;
mod net;
mod page;
mod panic;
mod size;

pub use canvas::Canvas;
pub use clock::now_ms;
pub use frames::Frames;
pub use input::{is_checked, value_of};
pub use listener::Listener;
pub use net::{Failure, Stream, get_json, send_json};
pub use page::{
    Media, app_root, bring_into_view, focus, focused, hash, is_hidden, is_typing, on_hash_change,
    on_key_down, path, return_focus, set_title,
};
pub use panic::show_panic;
pub use size::WidthWatch;

// Nothing is added to these, but the rest of the page asks for them here too.
pub use gloo_timers::callback::Interval;
pub use web_sys::Element;
