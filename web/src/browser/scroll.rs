//! How far an element is scrolled.

use web_sys::Element;

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
