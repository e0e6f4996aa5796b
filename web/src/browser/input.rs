//! What the reader entered into an element that has just changed.

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, InputEvent};

use super::Listener;

/// The text of the field, list or slider that the event comes from.
#[must_use]
pub fn value_of(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        input.value()
    } else if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        select.value()
    } else if let Some(area) = target.dyn_ref::<HtmlTextAreaElement>() {
        area.value()
    } else {
        String::new()
    }
}

/// Whether the checkbox that the event comes from is checked.
#[must_use]
pub fn is_checked(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    target.is_some_and(|input| input.checked())
}

/// Asks of every text that is about to be put into a field, by pasting or otherwise, whether it is
/// refused: then it does not get there.
#[must_use]
pub fn on_insertion(mut is_refused: impl FnMut(&str) -> bool + 'static) -> Option<Listener> {
    let document = web_sys::window()?.document()?;
    Some(Listener::new(&document, "beforeinput", move |event| {
        let text = event.dyn_ref::<InputEvent>().and_then(InputEvent::data);
        if text.is_some_and(|text| is_refused(&text)) {
            event.prevent_default();
        }
    }))
}
