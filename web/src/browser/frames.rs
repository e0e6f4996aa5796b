//! Animation frames.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use wasm_bindgen::{JsCast, closure::Closure};

type Tick = Closure<dyn FnMut(f64)>;

/// Calls back on every animation frame until it is dropped. Hidden pages get none.
pub struct Frames {
    handle: Rc<Cell<Option<i32>>>,
    // The closure asks for the next frame by itself, so it holds itself until the drop.
    tick: Rc<RefCell<Option<Tick>>>,
}

impl Frames {
    /// Calls `draw` with the time of the frame in milliseconds, on the scale of
    /// [`now_ms`](super::now_ms).
    #[must_use]
    pub fn start(mut draw: impl FnMut(f64) + 'static) -> Self {
        let handle = Rc::new(Cell::new(None));
        let tick: Rc<RefCell<Option<Tick>>> = Rc::default();
        let (own_handle, own_tick) = (Rc::clone(&handle), Rc::clone(&tick));
        *tick.borrow_mut() = Some(Closure::new(move |time_ms| {
            draw(time_ms);
            // `None` after a drop: then no further frame is wanted.
            if own_handle.get().is_some() {
                own_handle.set(request(&own_tick));
            }
        }));
        handle.set(request(&tick));
        Self { handle, tick }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.handle.take()) {
            let _ = window.cancel_animation_frame(handle);
        }
        // Being dropped from within its own callback, the closure must outlive it.
        if let Some(tick) = self.tick.try_borrow_mut().ok().and_then(|mut tick| tick.take()) {
            gloo_timers::callback::Timeout::new(0, move || drop(tick)).forget();
        }
    }
}

fn request(tick: &RefCell<Option<Tick>>) -> Option<i32> {
    let tick = tick.borrow();
    let function = tick.as_ref()?.as_ref().unchecked_ref();
    web_sys::window()?.request_animation_frame(function).ok()
}
