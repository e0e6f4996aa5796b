//! The page as a whole: which part of it an address shows, and its frame.

mod frame_clock;
mod home;
mod inspector;
mod show;
mod shown;
mod top;

use yew::prelude::*;

use self::home::Home;
pub(crate) use self::{
    frame_clock::SharedFrameClock,
    show::{House, OnShow, Show},
    shown::{Scenery, Shown, keys, time},
    top::{LESSONS, SANDBOX, top},
};
use crate::{browser, inbox::Inbox};

/// What stands after `#` in the address of the inbox, for file servers that know no `/inbox`.
pub(crate) const INBOX: &str = "inbox";

/// What stands before the id of a template in the part after `#`.
pub(crate) const TEMPLATE_PREFIX: &str = "template=";

/// The template that is named at the head of the page, by its id.
pub(crate) const QUEUE_AND_TOPIC: &str = "queue-and-topic";

/// What stands first in a link to a scenario, which the sandbox opens.
pub(crate) const LINK_PREFIX: &str = "scenario=";

/// Draws the page, for as long as it is open.
pub fn start() {
    render::<Page>();
}

/// Draws a page that asks for nothing.
pub(crate) fn render<P: BaseComponent<Properties = ()>>() {
    yew::set_custom_panic_hook(Box::new(browser::show_panic));
    match browser::app_root() {
        Some(root) => yew::Renderer::<P>::with_root(root).render(),
        None => yew::Renderer::<P>::new().render(),
    };
}

/// The page: home or the inbox, as the address says.
#[component]
pub fn Page() -> Html {
    let hash = use_state(browser::hash);
    use_effect_with((), {
        let setter = hash.setter();
        move |()| {
            let listener = browser::on_hash_change(move || setter.set(browser::hash()));
            move || drop(listener)
        }
    });
    if hash.starts_with(LINK_PREFIX) {
        browser::go_to(&format!("./{SANDBOX}#{}", *hash));
        return Html::default();
    }
    if *hash == QUEUE_AND_TOPIC {
        browser::go_to(&format!("./{SANDBOX}#{TEMPLATE_PREFIX}{QUEUE_AND_TOPIC}"));
        return Html::default();
    }
    if *hash == INBOX || (hash.is_empty() && browser::path().ends_with("/inbox")) {
        return html! { <Inbox /> };
    }
    html! { <Show<Home> /> }
}
