//! The futures that were begun, to go from one to another.

use std::collections::BTreeMap;

use postroom_simulator::{BranchId, BranchView};
use yew::prelude::*;

use super::PlayerCommand;
use crate::panels::words;

/// What [`BranchList`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct BranchListProps {
    /// In the order of their making.
    pub branches: Vec<BranchView>,
    /// What began them.
    pub names: BTreeMap<BranchId, String>,
    /// The reader's wish.
    pub on_command: Callback<PlayerCommand>,
}

/// The futures; nothing while there is only one.
#[component]
pub fn BranchList(props: &BranchListProps) -> Html {
    if props.branches.len() < 2 {
        return Html::default();
    }
    html! {
        <div class="branches" role="group" aria-label="Futures">
            <span class="branches-title">{ "Futures" }</span>
            { for props.branches.iter().map(|branch| branch_button(branch, props)) }
        </div>
    }
}

fn branch_button(branch: &BranchView, props: &BranchListProps) -> Html {
    let id = branch.id;
    let name = props.names.get(&id).map_or("as it first went", String::as_str);
    let from = match branch.parent {
        Some(_) => format!("from {}", words::clock(branch.forked_us)),
        None => "from the start".to_owned(),
    };
    html! {
        <button
            key={id.number()}
            class="branch"
            aria-pressed={branch.current.to_string()}
            onclick={props.on_command.reform(move |_| PlayerCommand::SwitchBranch(id))}
        >
            <span class="branch-name">{ format!("{}. {name}", id.number() + 1) }</span>
            <span class="hint">{ format!("{from} to {}", words::clock(branch.end_us)) }</span>
        </button>
    }
}
