//! The one place where the page asks what time it is.

/// Milliseconds since the page was opened, never going backwards. 0 where there is no clock.
#[must_use]
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
