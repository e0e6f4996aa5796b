//! Everything that is asked of the browser itself, in one folder: clock, frames, page address,
//! keys, media queries, network, storage, files. Nothing else in the page names a browser API.

mod canvas;
mod clock;
mod files;
mod frame;
mod frames;
mod input;
mod listener;
mod net;
mod packing;
mod page;
mod panic;
mod pointer;
mod scroll;
mod size;
mod storage;
mod worker;
mod zoom;

pub use canvas::Canvas;
pub use clock::now_ms;
pub use files::{FileError, copy_text, download, read_file};
pub use frame::{is_embedded, on_message_from_parent, tell_parent};
pub use frames::Frames;
pub use input::{is_checked, on_insertion, value_of};
pub use listener::Listener;
pub use net::{Failure, Stream, get_json, send_json};
pub use packing::{PackingError, pack, unpack};
pub use page::{
    Media, address, app_root, bring_into_view, focus, focus_on, focused, forget_hash, go_to,
    has_focus, hash, is_hidden, is_typing, on_hash_change, on_key_down, on_key_up, path,
    return_focus, select_in, set_title,
};
pub use panic::show_panic;
pub use pointer::{
    Stir, attribute_at, attribute_in, attribute_of, hold_touches, is_inside, on_pointer,
};
pub use scroll::{focus_beside, height_of_first, scroll_to, scrolled};
pub use size::WidthWatch;
pub use storage::{StorageError, load, store};
pub use worker::{FromWorker, Helper, serve};
pub use zoom::{Anchor, on_zoom, window_height};

// Nothing is added to these, but the rest of the page asks for them here too.
pub use gloo_timers::callback::{Interval, Timeout};
pub use wasm_bindgen_futures::spawn_local;
pub use web_sys::Element;
