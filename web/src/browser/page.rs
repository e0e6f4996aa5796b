//! The page itself: its address, title, focus, keys, visibility and media queries.

use std::ops::Range;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Element, Event, HtmlElement, HtmlTextAreaElement, KeyboardEvent, MediaQueryList,
    ScrollIntoViewOptions, ScrollLogicalPosition, window,
};

use super::Listener;

/// The path of the address: `/` or `/inbox`.
#[must_use]
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The part of the address after `#`, without it.
#[must_use]
pub fn hash() -> String {
    let hash = window().and_then(|window| window.location().hash().ok());
    hash.map(|hash| hash.trim_start_matches('#').to_owned()).unwrap_or_default()
}

/// The address, but for `?`, `#` and what stands after them.
#[must_use]
pub fn address() -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// Takes `#` and what stands after it out of the address; nobody is told.
pub fn forget_hash() {
    if let Some((window, history)) = window().and_then(|it| it.history().ok().map(|h| (it, h))) {
        let place = window.location();
        let here = place.pathname().unwrap_or_default() + &place.search().unwrap_or_default();
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&here));
    }
}

/// Goes to another page, which takes this one's place in the tab's history.
pub fn go_to(address: &str) {
    if let Some(window) = window() {
        let _ = window.location().replace(address);
    }
}

/// Names the page in the tab.
pub fn set_title(title: &str) {
    if let Some(document) = window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// The element that the page is drawn into.
#[must_use]
pub fn app_root() -> Option<Element> {
    find("app")
}

/// Whether the element of this id has the focus.
#[must_use]
pub fn has_focus(id: &str) -> bool {
    focused().is_some_and(|element| element.id() == id)
}

/// Moves the focus to the element of this id, if there is one.
pub fn focus(id: &str) {
    if let Some(element) = find(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the first element that can have it and has this attribute with this value;
/// whether there is one.
pub fn focus_on(name: &str, value: &str) -> bool {
    let Some(document) = window().and_then(|window| window.document()) else { return false };
    let Ok(found) = document.query_selector_all(&format!("[{name}][tabindex]")) else {
        return false;
    };
    let mut all =
        (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<Element>().ok());
    let element = all.find(|element| element.get_attribute(name).as_deref() == Some(value));
    if let Some(element) = &element {
        // As in `return_focus`.
        let _ = element.unchecked_ref::<HtmlElement>().focus();
    }
    element.is_some()
}

/// Moves the focus to the text field of this id, and selects these UTF-16 units in it.
pub fn select_in(id: &str, units: Range<usize>) {
    if let Some(area) = find(id).and_then(|found| found.dyn_into::<HtmlTextAreaElement>().ok()) {
        let unit = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let _ = area.focus();
        let _ = area.set_selection_range(unit(units.start), unit(units.end));
    }
}

/// The element that has the focus, if one has it.
#[must_use]
pub fn focused() -> Option<Element> {
    let document = window()?.document()?;
    let body = document.body().map(Element::from);
    document.active_element().filter(|element| Some(element) != body.as_ref())
}

/// Moves the focus to `element` if the element that had it is gone from the page; to the element
/// of id `else_to` if `element` is gone too, or there is none.
pub fn return_focus(element: Option<&Element>, else_to: &str) {
    if focused().is_some() {
        return;
    }
    match element.filter(|element| element.is_connected()) {
        Some(element) => {
            // Parts of a drawing have the same method and are no HTML elements.
            let _ = element.unchecked_ref::<HtmlElement>().focus();
        }
        None => focus(else_to),
    }
}

/// Scrolls as little as needed to show the element of this id, if there is one.
pub fn bring_into_view(id: &str) {
    if let Some(element) = find(id) {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn find(id: &str) -> Option<Element> {
    window()?.document()?.get_element_by_id(id)
}

/// Whether nobody sees the page: another tab is in front, or the window is minimised.
#[must_use]
pub fn is_hidden() -> bool {
    window().and_then(|window| window.document()).is_some_and(|document| document.hidden())
}

/// Calls `changed` when the part after `#` changes, by a link or by hand.
#[must_use]
pub fn on_hash_change(mut changed: impl FnMut() + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "hashchange", move |_| changed()))
}

/// Calls `pressed` on every key that goes down anywhere in the page.
#[must_use]
pub fn on_key_down(mut pressed: impl FnMut(KeyboardEvent) + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "keydown", move |event: Event| {
        if let Ok(event) = event.dyn_into::<KeyboardEvent>() {
            pressed(event);
        }
    }))
}

/// Calls `released` whenever a key goes up anywhere in the page.
#[must_use]
pub fn on_key_up(mut released: impl FnMut(KeyboardEvent) + 'static) -> Option<Listener> {
    let window = window()?;
    Some(Listener::new(&window, "keyup", move |event: Event| {
        if let Ok(event) = event.dyn_into::<KeyboardEvent>() {
            released(event);
        }
    }))
}

/// Whether the key belongs to the element that has the focus: a text field, a list to choose
/// from, or, for the space bar and the arrows, a button, a link or a slider.
#[must_use]
pub fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
        return false;
    };
    let kind = element.get_attribute("type").unwrap_or_default();
    let takes_text = match element.tag_name().to_ascii_lowercase().as_str() {
        "textarea" | "select" => true,
        "input" => !matches!(kind.as_str(), "range" | "checkbox" | "radio" | "button"),
        _ => false,
    };
    let key = event.key();
    let operates = match key.as_str() {
        " " | "Enter" => element
            .closest("button, a, summary, input, [role=button], [tabindex='0']")
            .is_ok_and(|found| found.is_some()),
        "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" => {
            element.closest("input, [role=tablist]").is_ok_and(|found| found.is_some())
        }
        _ => false,
    };
    takes_text || operates
}

/// A media query, and whoever wants to hear of its change.
pub struct Media {
    query: MediaQueryList,
    _listener: Listener,
}

impl Media {
    /// Whether the reader asks for less motion; `changed` hears of a change.
    #[must_use]
    pub fn reduced_motion(changed: impl FnMut() + 'static) -> Option<Self> {
        Self::new("(prefers-reduced-motion: reduce)", changed)
    }

    /// Whether the query holds now.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.query.matches()
    }

    fn new(query: &str, mut changed: impl FnMut() + 'static) -> Option<Self> {
        let query = window()?.match_media(query).ok()??;
        let _listener = Listener::new(&query, "change", move |_| changed());
        Some(Self { query, _listener })
    }
}
