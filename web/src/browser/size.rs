//! How wide an element is, whenever that changes.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

/// Watches the width of an element until it is dropped.
#[derive(Debug)]
pub struct WidthWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl WidthWatch {
    /// Calls `changed` with the inner width of `element` in CSS pixels, soon and at every change.
    #[must_use]
    pub fn start(element: Element, mut changed: impl FnMut(f64) + 'static) -> Option<Self> {
        let watched = element.clone();
        let closure =
            Closure::<dyn FnMut()>::new(move || changed(f64::from(watched.client_width())));
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(&element);
        Some(Self { observer, _closure: closure })
    }
}

impl Drop for WidthWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
