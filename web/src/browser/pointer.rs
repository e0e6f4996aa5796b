//! Mouse, finger and pen alike: where they go down, move and go up.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent, window};

use super::Listener;

/// What a pointer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stir {
    /// It goes down.
    Down,
    /// It moves.
    Move,
    /// It goes up.
    Up,
    /// The browser took it for something of its own, such as scrolling.
    Cancel,
}

/// Calls `stirred` whenever a pointer does this anywhere in the page.
#[must_use]
pub fn on_pointer(stir: Stir, mut stirred: impl FnMut(PointerEvent) + 'static) -> Option<Listener> {
    let name = match stir {
        Stir::Down => "pointerdown",
        Stir::Move => "pointermove",
        Stir::Up => "pointerup",
        Stir::Cancel => "pointercancel",
    };
    let window = window()?;
    Some(Listener::new(&window, name, move |event: Event| {
        if let Ok(event) = event.dyn_into::<PointerEvent>() {
            stirred(event);
        }
    }))
}

/// Keeps touches that begin at something with this attribute from scrolling the page. Style sheets
/// cannot say it of a part of a drawing.
#[must_use]
pub fn hold_touches(name: &'static str) -> Option<Listener> {
    let window = window()?;
    Some(Listener::deciding(&window, "touchstart", move |event: Event| {
        if attribute_of(&event, name).is_some() {
            event.prevent_default();
        }
    }))
}

/// The attribute of what is at a point of the window, or of what that stands in.
#[must_use]
pub fn attribute_at(x: f64, y: f64, name: &str) -> Option<String> {
    attribute(&window()?.document()?.element_from_point(x as f32, y as f32)?, name)
}

/// The attribute of what an event began at, or of what that stands in.
#[must_use]
pub fn attribute_of(event: &Event, name: &str) -> Option<String> {
    attribute(event.target()?.dyn_ref::<Element>()?, name)
}

/// The attribute of the first thing in an element that has it and that a CSS selector names.
#[must_use]
pub fn attribute_in(element: &Element, selector: &str, name: &str) -> Option<String> {
    element.query_selector(&format!("{selector}[{name}]")).ok()??.get_attribute(name)
}

/// Whether an event began in an element.
#[must_use]
pub fn is_inside(element: &Element, event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| element.contains(Some(&target)))
}

fn attribute(element: &Element, name: &str) -> Option<String> {
    element.closest(&format!("[{name}]")).ok()??.get_attribute(name)
}
