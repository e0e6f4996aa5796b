//! How near the picture is looked at.

use std::rc::Rc;

use yew::prelude::*;

use crate::browser::{self, Anchor, Element};

/// As far as one can go.
const FARTHEST: f64 = 0.4;
/// As near as one can come.
const NEAREST: f64 = 3.0;
/// A press of a button.
const STEP: f64 = 1.25;
/// The share of the window's height that the whole picture may take.
const WINDOW_SHARE: f64 = 0.8;

/// How near, and what is held where it is since that changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Zoom {
    pub(super) factor: f64,
    pub(super) anchor: Option<Anchor>,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { factor: 1.0, anchor: None }
    }
}

/// A change of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ZoomBy {
    /// By this factor, about this point.
    Factor(f64, Anchor),
    /// So that all of a picture this high is seen.
    Fit(f64),
}

impl Reducible for Zoom {
    type Action = ZoomBy;

    fn reduce(self: Rc<Self>, by: ZoomBy) -> Rc<Self> {
        Rc::new(match by {
            ZoomBy::Factor(factor, anchor) => {
                let factor = (self.factor * factor).clamp(FARTHEST, NEAREST);
                // The whole width is found again though nobody aims so well.
                let is_whole = (factor - 1.0).abs() < 0.03;
                Self { factor: if is_whole { 1.0 } else { factor }, anchor: Some(anchor) }
            }
            ZoomBy::Fit(height) => {
                let factor = WINDOW_SHARE * browser::window_height() / height.max(1.0);
                Self { factor: factor.clamp(FARTHEST, 1.0), anchor: None }
            }
        })
    }
}

/// The buttons.
pub(super) fn buttons(view: &NodeRef, height: f64, on_zoom: &Callback<ZoomBy>) -> Html {
    let by = |factor: f64| {
        let (view, on_zoom) = (view.clone(), on_zoom.clone());
        move |event: MouseEvent| {
            event.stop_propagation();
            if let Some(view) = view.cast::<Element>() {
                on_zoom.emit(ZoomBy::Factor(factor, Anchor::middle(&view)));
            }
        }
    };
    let fit = on_zoom.reform(move |event: MouseEvent| {
        event.stop_propagation();
        ZoomBy::Fit(height)
    });
    html! {
        <div class="zoom" role="group" aria-label="How near">
            <button aria-label="Farther" onclick={by(1.0 / STEP)}>{ "−" }</button>
            <button onclick={fit}>{ "Fit" }</button>
            <button aria-label="Nearer" onclick={by(STEP)}>{ "+" }</button>
        </div>
    }
}

/// Wheel and fingers, for as long as what comes back is kept.
pub(super) fn listen(view: &Element, on_zoom: Callback<ZoomBy>) -> Vec<browser::Listener> {
    let held = view.clone();
    let zoomed = Rc::new(move |factor, at| {
        on_zoom.emit(ZoomBy::Factor(factor, Anchor::of(&held, at)));
    });
    browser::on_zoom(view, zoomed).into()
}
