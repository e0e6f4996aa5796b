//! The page that holds this one in a frame.

use wasm_bindgen::JsCast;
use web_sys::{
    Event, MessageEvent, Window,
    js_sys::{JSON, Object},
    window,
};

use super::Listener;

/// Whether the address asks for the page as it looks in a frame: `?embed`.
#[must_use]
pub fn is_embedded() -> bool {
    let search = window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    search.trim_start_matches('?').split('&').any(|part| part == "embed")
}

/// Calls `heard` with each message of the page around this one, as JSON.
#[must_use]
pub fn on_message_from_parent(mut heard: impl FnMut(String) + 'static) -> Option<Listener> {
    let (window, parent) = (window()?, parent()?);
    Some(Listener::new(&window, "message", move |event: Event| {
        let Ok(event) = event.dyn_into::<MessageEvent>() else { return };
        if event.source().is_some_and(|source| Object::is(&source, &parent)) {
            let json = JSON::stringify(&event.data()).ok().and_then(|json| json.as_string());
            heard(json.unwrap_or_default());
        }
    }))
}

/// Tells the page around this one something, given as JSON. Whoever that is: nothing is told that
/// only the reader may know.
pub fn tell_parent(json: &str) {
    if let (Some(parent), Ok(message)) = (parent(), JSON::parse(json)) {
        let _ = parent.post_message(&message, "*");
    }
}

fn parent() -> Option<Window> {
    let window = window()?;
    let parent = window.parent().ok().flatten()?;
    (parent != window).then_some(parent)
}
