//! Looking at something from nearer or farther: by a wheel with Control held, which is also what a
//! touchpad's pinch is, and by two fingers.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, TouchEvent, WheelEvent, window};

use super::Listener;

/// A turn of the wheel by so many pixels makes things half or twice as large.
const WHEEL_TWICE: f64 = 400.0;

/// A point of a scrolled element that stays where it is while what is in it grows or shrinks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// From the element's left and upper edge.
    at: (f64, f64),
    /// The share of what is in it that lies before that.
    share: (f64, f64),
}

impl Anchor {
    /// The point of the window, in `element`.
    #[must_use]
    pub fn of(element: &Element, client: (f64, f64)) -> Self {
        let frame = element.get_bounding_client_rect();
        let at = (client.0 - frame.left(), client.1 - frame.top());
        let share = |scrolled: i32, at: f64, whole: i32| {
            (f64::from(scrolled) + at) / f64::from(whole.max(1))
        };
        let share = (
            share(element.scroll_left(), at.0, element.scroll_width()),
            share(element.scroll_top(), at.1, element.scroll_height()),
        );
        Self { at, share }
    }

    /// The middle of `element`.
    #[must_use]
    pub fn middle(element: &Element) -> Self {
        let frame = element.get_bounding_client_rect();
        let client = (frame.left() + frame.width() / 2.0, frame.top() + frame.height() / 2.0);
        Self::of(element, client)
    }

    /// Scrolls `element` so that the point is where it was.
    pub fn hold(self, element: &Element) {
        let scroll = |share: f64, whole: i32, at: f64| (share * f64::from(whole) - at) as i32;
        element.set_scroll_left(scroll(self.share.0, element.scroll_width(), self.at.0));
        element.set_scroll_top(scroll(self.share.1, element.scroll_height(), self.at.1));
    }
}

/// Calls `zoomed` with a factor, and the point of the window that it is about.
#[must_use]
pub fn on_zoom(element: &Element, zoomed: Rc<dyn Fn(f64, (f64, f64))>) -> [Listener; 3] {
    let apart = Rc::new(Cell::new(None));
    let wheel = {
        let zoomed = Rc::clone(&zoomed);
        Listener::deciding(element, "wheel", move |event: Event| {
            let Some(event) = event.dyn_ref::<WheelEvent>().filter(|it| it.ctrl_key()) else {
                return;
            };
            event.prevent_default();
            let factor = (-event.delta_y() / WHEEL_TWICE).clamp(-1.0, 1.0).exp2();
            zoomed(factor, (event.client_x().into(), event.client_y().into()));
        })
    };
    let pinch = {
        let apart = Rc::clone(&apart);
        Listener::deciding(element, "touchmove", move |event: Event| {
            let Some((distance, middle)) = event.dyn_ref().and_then(two_fingers) else { return };
            event.prevent_default();
            if let Some(before) = apart.replace(Some(distance)) {
                zoomed(distance / before, middle);
            }
        })
    };
    let end = Listener::new(element, "touchend", move |_| apart.set(None));
    [wheel, pinch, end]
}

/// How far two fingers are apart, and the point between them.
fn two_fingers(event: &TouchEvent) -> Option<(f64, (f64, f64))> {
    let touches = event.touches();
    let (one, other) = (touches.get(0)?, touches.get(1)?);
    let (x, y) = (f64::from(one.client_x()), f64::from(one.client_y()));
    let (to_x, to_y) = (f64::from(other.client_x()), f64::from(other.client_y()));
    let distance = ((to_x - x).powi(2) + (to_y - y).powi(2)).sqrt().max(1.0);
    Some((distance, ((x + to_x) / 2.0, (y + to_y) / 2.0)))
}

/// The height of the window.
#[must_use]
pub fn window_height() -> f64 {
    let height = window().and_then(|window| window.inner_height().ok()?.as_f64());
    height.unwrap_or(f64::INFINITY)
}
