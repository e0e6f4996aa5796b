//! The head of the page: its name, and the way to its parts.

use yew::prelude::*;

use super::{INBOX, QUEUE_AND_TOPIC, TEMPLATE_PREFIX};
use crate::scenes;

/// The page of the sandbox.
pub(crate) const SANDBOX: &str = "sandbox.html";

/// The page of the lessons.
pub(crate) const LESSONS: &str = "lessons.html";

/// The head of the page: `home` is the way to the home page from this one, `current` the part that
/// is shown, `end` stands at the end of the line.
pub(crate) fn top(home: &str, current: &str, end: Html) -> Html {
    let parts = [
        (scenes::NOTIFICATIONS, "Notifications"),
        (QUEUE_AND_TOPIC, "Queue and topic"),
        (INBOX, "Service inbox"),
        (SANDBOX, "Sandbox"),
        (LESSONS, "Lessons"),
    ];
    html! {
        <header class="top">
            <h1>{ "Postroom" }</h1>
            <nav aria-label="Parts of Postroom">
                { for parts.into_iter().map(|(part, name)| {
                    let href = match part {
                        SANDBOX | LESSONS => format!("./{part}"),
                        QUEUE_AND_TOPIC => format!("./{SANDBOX}#{TEMPLATE_PREFIX}{part}"),
                        scene => format!("{home}#{scene}"),
                    };
                    let current = (current == part).then_some("page");
                    html! { <a {href} aria-current={current}>{ name }</a> }
                }) }
            </nav>
            { end }
        </header>
    }
}
