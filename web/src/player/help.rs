//! The list of shortcuts.

use yew::prelude::*;

use super::{PlayerCommand, SHORTCUTS};
use crate::browser;

/// What [`Help`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct HelpProps {
    /// Whether single keys are shortcuts.
    pub shortcuts: bool,
    /// The reader's wish.
    pub on_command: Callback<PlayerCommand>,
}

/// The shortcuts, and the switch for those who do not want them.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let onchange = props
        .on_command
        .reform(|event: Event| PlayerCommand::SetShortcuts(browser::is_checked(&event)));
    let close = props.on_command.reform(|_: MouseEvent| PlayerCommand::Close);
    html! {
        <section class="help card" id="help" aria-labelledby="help-title" tabindex="-1">
            <h2 id="help-title">{ "Keys" }</h2>
            <p>
                { "Tab reaches every queue, provider and button; Enter or Space presses it. \
                   Anywhere else:" }
            </p>
            <dl class="keys">
                { for SHORTCUTS.iter().map(|(keys, does)| html! {
                    <div><dt>{ *keys }</dt><dd>{ *does }</dd></div>
                }) }
            </dl>
            <label class="choice">
                <input type="checkbox" checked={props.shortcuts} {onchange} />
                { " single keys are shortcuts" }
            </label>
            <button onclick={close}>{ "Close" }</button>
        </section>
    }
}
