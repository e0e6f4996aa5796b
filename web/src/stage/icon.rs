//! Signs, drawn as lines: a part is known by its sign and its words, never by colour alone.

use yew::prelude::*;

use crate::picture::Icon;

/// The lines of a sign in a square of 24 by 24.
fn lines(icon: Icon) -> &'static str {
    match icon {
        Icon::Parcel => "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9",
        Icon::Shop => "M4.5 11v9.5h15V11M3 10.5 5 4h14l2 6.5zM9.5 20.5v-6h5v6",
        Icon::Push => "M6 16.5v-5.5a6 6 0 0 1 12 0v5.5l2 2.200H4zM10 21.300h4",
        Icon::Email => "M3 5.5h18v13.5H3zM3.5 6.5 12 13.200l8.5-6.700",
        Icon::Sms => "M4 4.5h16v11.5h-8.5L7 20.5V16H4zM8 8.700h8M8 12h5",
        Icon::Worker => "M9.5 4h5v4l-1 4.5h4.5V17h-12v-4.5h4.5L9.5 8zM5 20.5h14",
        Icon::FanOut => {
            "M3 12h6M9 12c4 0 4-7 9-7M9 12h9M9 12c4 0 4 7 9 7M16 3l2.5 2-2.5 2M16 10l2.5 2-2.5 2M16 17l2.5 2-2.5 2"
        }
    }
}

/// A sign with its upper left corner at (x, y).
pub(super) fn icon(icon: Icon, x: f64, y: f64, size: f64) -> Html {
    let place = format!("translate({x} {y}) scale({})", size / 24.0);
    html! { <path class="icon" transform={place} d={lines(icon)} aria-hidden="true" /> }
}
