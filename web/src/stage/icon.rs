//! Signs, drawn as lines: a part is known by its sign and its words, never by colour alone.

use yew::prelude::*;

use super::{Mode, words::px};
use crate::picture::Icon;

/// The lines of a sign in a square of 24 by 24.
fn lines(icon: Icon) -> &'static str {
    match icon {
        Icon::Parcel => "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9",
        Icon::Shop => "M4.5 11v9.5h15V11M3 10.5 5 4h14l2 6.5zM9.5 20.5v-6h5v6",
        Icon::Push => "M6 16.5v-5.5a6 6 0 0 1 12 0v5.5l2 2.2H4zM10 21.3h4",
        Icon::Email => "M3 5.5h18v13.5H3zM3.5 6.5 12 13.2l8.5-6.7",
        Icon::Sms => "M4 4.5h16v11.5h-8.5L7 20.5V16H4zM8 8.7h8M8 12h5",
        Icon::Worker => "M9.5 4h5v4l-1 4.5h4.5V17h-12v-4.5h4.5L9.5 8zM5 20.5h14",
        Icon::Waits => "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0M12 7v5l3.5 2.5",
        Icon::DeadLetters => "M3 5.5h18v13.5H3zM9 9.2l6 6M15 9.2l-6 6",
        Icon::Connect => "M2.5 12a3 3 0 1 0 6 0a3 3 0 1 0-6 0M8.5 12h12M16.5 8l4 4-4 4",
        Icon::FanOut => {
            "M3 12h6M9 12c4 0 4-7 9-7M9 12h9M9 12c4 0 4 7 9 7M16 3l2.5 2-2.5 2M16 10l2.5 2-2.5 2M16 17l2.5 2-2.5 2"
        }
    }
}

fn translate(x: f64, y: f64) -> String {
    format!("translate({} {})", px(x), px(y))
}

/// A sign with its upper left corner at (x, y).
pub(super) fn icon(icon: Icon, x: f64, y: f64, size: f64) -> Html {
    let place = format!("{} scale({})", translate(x, y), px(size / 24.0));
    html! { <path class="icon" transform={place} d={lines(icon)} aria-hidden="true" /> }
}

/// A sign in a line of words.
pub(crate) fn badge(icon: Icon) -> Html {
    html! {
        <svg class="badge" viewBox="0 0 24 24" aria-hidden="true"><path d={lines(icon)} /></svg>
    }
}

/// The sign of how a provider behaves, 12 by 12, with its upper left corner at (x, y).
pub(super) fn sign(mode: Mode, x: f64, y: f64) -> Html {
    let lines = match mode {
        Mode::Ok => "M1.5 6a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
        Mode::Fail => {
            "M6 0l1.3 2.8L10.2 1.8 9.2 4.7 12 6 9.2 7.3l1 2.9-2.9-1L6 12l-1.3-2.8-2.9 1 1-2.9L0 6l2.8-1.3-1-2.9 2.9 1z"
        }
        Mode::Hang => {
            "M2 .5h8M2 11.5h8M3 .8c0 3.5 2.2 3.7 3 5.2C5.2 7.5 3 7.7 3 11.2h6C9 7.7 6.8 7.5 6 6 6.8 4.5 9 4.3 9 .8z"
        }
        Mode::Slow => "M1 6a5 5 0 1 0 10 0a5 5 0 1 0-10 0M6 2.8V6l2.3 1.5",
        Mode::Flaky => "M.5 7.5c1.5-5 3-5 5.5-1.5s4 3.5 5.5-1.5",
        Mode::Poisoned => {
            "M6 .5C8 3 10.2 5 10.2 7.4a4.2 4.2 0 0 1-8.4 0C1.8 5 4 3 6 .5zM4.6 6l2.8 2.8M7.4 6 4.6 8.8"
        }
    };
    let class = match mode {
        Mode::Ok | Mode::Fail => "sign filled",
        Mode::Hang | Mode::Slow | Mode::Flaky | Mode::Poisoned => "sign",
    };
    let place = translate(x, y);
    html! { <path {class} transform={place} d={lines} aria-hidden="true" /> }
}

/// An arrow that turns back, 13 by 12.
pub(super) fn redrive_arrow(x: f64, y: f64) -> Html {
    let place = translate(x, y);
    let lines = "M4.5 1.5 1.2 4.8l3.3 3.3M1.5 4.8H8.5a3.2 3.2 0 0 1 0 6.4H5";
    html! { <path class="sign" transform={place} d={lines} aria-hidden="true" /> }
}
