//! Prose, with the signs of the stage on the words that are marked.

use postroom_course::{Inline, Mark};
use yew::prelude::*;

/// A line of prose.
pub(super) fn prose(pieces: &[Inline]) -> Html {
    pieces.iter().map(piece).collect()
}

fn piece(piece: &Inline) -> Html {
    match piece {
        Inline::Text(words) => html! { { words } },
        Inline::Strong(words) => html! { <strong>{ words }</strong> },
        Inline::Emphasis(words) => html! { <em>{ words }</em> },
        Inline::Code(words) => html! { <code>{ words }</code> },
        Inline::Link(words, to) => html! {
            <a href={to.clone()} target="_blank" rel="noopener noreferrer">{ words }</a>
        },
        Inline::Mark(mark, words) => {
            let (class, lines) = sign(*mark);
            html! {
                <span class={classes!("mark", class)}>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d={lines} /></svg>
                    { words }
                </span>
            }
        }
    }
}

/// The class and the lines of a mark's sign, in a square of 24 by 24.
fn sign(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Message => ("is-message", "M3 5.5h18v13.5H3zM3.5 6.5 12 13.2l8.5-6.7"),
        Mark::Queue => ("is-queue", "M3 4h18v16H3zM3 12h18M9 4v16M15 4v16"),
        Mark::Topic => (
            "is-topic",
            "M3 12h6M9 12c4 0 4-7 9-7M9 12h9M9 12c4 0 4 7 9 7M16 3l2.5 2-2.5 2M16 10l2.5 2-2.5 2M16 17l2.5 2-2.5 2",
        ),
        Mark::Worker => ("is-worker", "M9.5 4h5v4l-1 4.5h4.5V17h-12v-4.5h4.5L9.5 8zM5 20.5h14"),
        Mark::Dead => ("is-dead", "M3 5.5h18v13.5H3zM9 9.5l6 6M15 9.5l-6 6"),
        Mark::Retry => ("is-retry", "M8 4 3.5 8.5 8 13M4 8.5h10a5.5 5.5 0 0 1 0 11H8"),
        Mark::Lease => ("is-lease", "M3.5 12a8.5 8.5 0 1 0 17 0a8.5 8.5 0 1 0-17 0M12 7v5.5l3.5 2"),
        Mark::Done => ("is-done", "M4 12.5l5.5 5.5L20 6.5"),
        Mark::Failed => ("is-failed", "M5 5l14 14M19 5 5 19"),
    }
}
