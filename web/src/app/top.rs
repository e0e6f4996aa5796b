//! The head of the page: its name, and the way to its parts.

use yew::prelude::*;

use super::INBOX;
use crate::scenes;

/// What [`Top`] shows.
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct TopProps {
    /// What stands after `#` in the address of the part that is shown.
    pub current: AttrValue,
    /// Stands at the end of the line.
    #[prop_or_default]
    pub children: Html,
}

/// The head of the page.
#[component]
pub(crate) fn Top(props: &TopProps) -> Html {
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
                    let current = (props.current == hash).then_some("page");
                    html! { <a href={format!("#{hash}")} aria-current={current}>{ name }</a> }
                }) }
            </nav>
            { props.children.clone() }
        </header>
    }
}
