//! How far an element is scrolled.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::focused;

/// CSS pixels that `element` is scrolled down.
#[must_use]
pub fn scrolled(element: &Element) -> f64 {
    f64::from(element.scroll_top())
}

/// Scrolls `element` to so many CSS pixels from its top.
pub fn scroll_to(element: &Element, top: i32) {
    element.set_scroll_top(top);
}

/// The height of the first that `selector` finds in `element`, in CSS pixels; none if it finds
/// nothing, or what it finds is not laid out.
#[must_use]
pub fn height_of_first(element: &Element, selector: &str) -> Option<f64> {
    let height = element.query_selector(selector).ok()??.get_bounding_client_rect().height();
    (height > 0.0).then_some(height)
}

/// From the button in a table that has the focus, moves it to the one above, below, left or right of
/// it, as the arrow key of this name says; whether there is one. A row has one in its first cell, and
/// perhaps one more.
pub fn focus_beside(key: &str) -> bool {
    let button = beside(key).and_then(|button| button.dyn_into::<HtmlElement>().ok());
    button.is_some_and(|button| button.focus().is_ok())
}

fn beside(key: &str) -> Option<Element> {
    let cell = focused()?.closest("td").ok()??;
    let (row, is_first) = (cell.parent_element()?, cell.previous_element_sibling().is_none());
    let (row, is_first) = match key {
        "ArrowUp" => (row.previous_element_sibling()?, is_first),
        "ArrowDown" => (row.next_element_sibling()?, is_first),
        "ArrowLeft" => (row, true),
        "ArrowRight" => (row, false),
        _ => return None,
    };
    let first = row.query_selector("button").ok()?;
    let second = row.query_selector("td:not(:first-child) button").ok()?;
    if is_first { first } else { second.or(first) }
}
