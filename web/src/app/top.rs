//! The head of the page: its name, and the way to its parts.

use yew::prelude::*;

use super::INBOX;
use crate::scenes;

/// The head of the page: `current` is what stands after `#` in the address of the part that is
/// shown, `end` stands at the end of the line.
pub(crate) fn top(current: &str, end: Html) -> Html {
    let parts = [
        (scenes::NOTIFICATIONS, "Notifications"),
        (scenes::QUEUE_AND_TOPIC, "Queue and topic"),
        (INBOX, "Service inbox"),
    ];
    html! {
        <header class="top">
            <h1>{ "Postroom" }</h1>
            <nav aria-label="Scenes">
                { for parts.into_iter().map(|(hash, name)| {
                    let current = (current == hash).then_some("page");
                    html! { <a href={format!("#{hash}")} aria-current={current}>{ name }</a> }
                }) }
            </nav>
            { end }
        </header>
    }
}
