//! The list of shortcuts.

use yew::prelude::*;

use super::{Player, PlayerCommand, SHORTCUTS, keys::Keys};
use crate::browser;

/// The shortcuts, with `more` of the page's own, and the switch for those who do not want them.
pub fn help(player: &Player, more: Keys, on_command: &Callback<PlayerCommand>) -> Html {
    let onchange =
        on_command.reform(|event: Event| PlayerCommand::SetShortcuts(browser::is_checked(&event)));
    let close = on_command.reform(|_: MouseEvent| PlayerCommand::Close);
    html! {
        <section class="help card" id="help" aria-labelledby="help-title" tabindex="-1">
            <h2 id="help-title">{ "Keys" }</h2>
            <p>
                { "Tab reaches every queue, provider and button; Enter or Space presses it. \
                   Anywhere else:" }
            </p>
            <dl class="keys">
                { for SHORTCUTS.iter().chain(more).map(|(keys, does)| html! {
                    <div><dt>{ *keys }</dt><dd>{ *does }</dd></div>
                }) }
            </dl>
            <label class="choice">
                <input type="checkbox" checked={player.shortcuts} {onchange} />
                { " single keys are shortcuts" }
            </label>
            <button onclick={close}>{ "Close" }</button>
        </section>
    }
}
