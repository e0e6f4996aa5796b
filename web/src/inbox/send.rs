//! A small form that sends a notification.

use yew::prelude::*;

use super::api::Draft;
use crate::browser;

/// What [`SendForm`] needs.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct SendFormProps {
    pub(super) on_send: Callback<Draft>,
}

/// Title, text, and a button.
#[component]
pub(super) fn SendForm(props: &SendFormProps) -> Html {
    let title = use_state(|| "Your parcel is on its way".to_owned());
    let body = use_state(|| "It arrives the day after tomorrow.".to_owned());
    let typed = |state: &UseStateHandle<String>| {
        let setter = state.setter();
        Callback::from(move |event: InputEvent| setter.set(browser::value_of(&event)))
    };
    let onsubmit = {
        let draft = Draft { title: (*title).clone(), body: (*body).clone() };
        props.on_send.reform(move |event: SubmitEvent| {
            event.prevent_default();
            draft.clone()
        })
    };
    html! {
        <form class="send card" {onsubmit}>
            <label>
                { "Title" }
                <input
                    type="text"
                    required=true
                    maxlength="200"
                    value={(*title).clone()}
                    oninput={typed(&title)}
                />
            </label>
            <label>
                { "Text" }
                <input type="text" maxlength="4000" value={(*body).clone()} oninput={typed(&body)} />
            </label>
            <button type="submit">{ "Send on all three channels" }</button>
        </form>
    }
}
