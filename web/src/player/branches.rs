//! The futures that were begun, to go from one to another.

use postroom_simulator::BranchView;
use yew::prelude::*;

use super::{Player, PlayerCommand};
use crate::panels::words;

/// The futures; nothing while there is only one.
pub fn branch_list(player: &Player, on_command: &Callback<PlayerCommand>) -> Html {
    if player.branches.len() < 2 {
        return Html::default();
    }
    html! {
        <div class="branches" role="group" aria-label="Futures">
            <span class="branches-title">{ "Futures" }</span>
            { for player.branches.iter().map(|branch| branch_button(branch, player, on_command)) }
        </div>
    }
}

fn branch_button(
    branch: &BranchView,
    player: &Player,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let id = branch.id;
    let name = player.branch_names.iter().find(|(each, _)| *each == id);
    let name = name.map_or("as it first went", |(_, name)| name);
    let from = match branch.parent {
        Some(_) => format!("from {}", words::clock(branch.forked_us)),
        None => "from the start".to_owned(),
    };
    html! {
        <button
            key={id.number()}
            class="branch"
            aria-pressed={branch.current.to_string()}
            onclick={on_command.reform(move |_| PlayerCommand::SwitchBranch(id))}
        >
            <span class="branch-name">{ format!("{}. {name}", id.number() + 1) }</span>
            <span class="hint">{ format!("{from} to {}", words::clock(branch.end_us)) }</span>
        </button>
    }
}
