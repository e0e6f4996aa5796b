//! A worker beside the page: the same program once more, on a thread of its own.

use std::cell::Cell;

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{DedicatedWorkerGlobalScope, Event, MessageEvent, Worker, js_sys};

use super::Listener;

#[wasm_bindgen]
extern "C" {
    /// `boot.js` says which script that is, and vouches for it.
    #[wasm_bindgen(catch, js_namespace = postroom, js_name = worker)]
    fn start_worker() -> Result<Worker, JsValue>;
}

/// What a page hears of its worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromWorker {
    /// It can be told what to do.
    Ready,
    /// It says something.
    Said(String),
    /// It never began: it could not be loaded.
    Absent,
    /// It broke down at its work.
    Broken,
}

/// A worker, for as long as this lives.
pub struct Helper {
    worker: Worker,
    _heard: Listener,
    _failed: Listener,
}

impl Helper {
    /// Starts a worker, with what this page has compiled already; none where the browser has no
    /// workers.
    #[must_use]
    pub fn start(heard: impl Fn(FromWorker) + Clone + 'static) -> Option<Self> {
        let worker = start_worker().ok()?;
        let is_ready = std::rc::Rc::new(Cell::new(false));
        let (on_fail, was_ready) = (heard.clone(), std::rc::Rc::clone(&is_ready));
        let _heard = Listener::new(&worker, "message", move |event| {
            let text = text_of(&event).unwrap_or_default();
            heard(if is_ready.replace(true) { FromWorker::Said(text) } else { FromWorker::Ready });
        });
        let _failed = Listener::new(&worker, "error", move |_| {
            on_fail(if was_ready.get() { FromWorker::Broken } else { FromWorker::Absent });
        });
        worker.post_message(&wasm_bindgen::module()).ok()?;
        Some(Self { worker, _heard, _failed })
    }

    /// Tells it something, once it is ready.
    pub fn tell(&self, text: &str) {
        // It fails only for what cannot be copied.
        let _ = self.worker.post_message(&text.into());
    }
}

/// Nobody waits for what it would have said: it ends at once.
impl Drop for Helper {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Whether this program runs in a worker. If so, `work` is called with what the page tells it, and
/// with what says something to the page.
pub fn serve(work: impl Fn(&str, &dyn Fn(&str)) + 'static) -> bool {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return false };
    let say = {
        let scope = scope.clone();
        // As above.
        move |text: &str| drop(scope.post_message(&text.into()))
    };
    say("");
    let listener = Listener::new(&scope, "message", move |event| {
        if let Some(text) = text_of(&event) {
            work(&text, &say);
        }
    });
    // The page ends the worker, and all that is in it.
    std::mem::forget(listener);
    true
}

fn text_of(event: &Event) -> Option<String> {
    event.dyn_ref::<MessageEvent>()?.data().as_string()
}
