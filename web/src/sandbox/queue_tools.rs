//! What the reader can tell a queue while it runs: pause, go on, discard what is in it.

use yew::prelude::*;

use crate::{
    app::Shown,
    player::{Player, PlayerCommand},
    run::{Change, PartOrder},
    stage::Selection,
};

/// The tools for the queue that is selected; nothing for anything else.
pub(super) fn queue_tools(
    shown: &Shown,
    player: &Player,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let Some(Selection::Queue(queue)) = player.selected else { return Html::default() };
    let counters = shown.view.picture.0.borrow().counters(queue);
    let name = shown.view.names.queue(queue);
    let tell = |order: PartOrder, does: &str| {
        let words = format!("{name} {does}");
        let change = Change::Tell { order, words: words.clone() };
        on_command.reform(move |_: MouseEvent| PlayerCommand::Intervene {
            change: change.clone(),
            words: words.clone(),
        })
    };
    html! {
        <div class="source-tools" role="group" aria-label="From now on">
            <p class="hint">
                { if counters.is_paused { "It is paused. From now on:" } else { "From now on:" } }
            </p>
            <div class="rates">
                if counters.is_paused {
                    <button id="queue-pause" onclick={tell(PartOrder::ResumeQueue(queue), "resumed")}>
                        { "Hand out again" }
                    </button>
                } else {
                    <button id="queue-pause" onclick={tell(PartOrder::PauseQueue(queue), "paused")}>
                        { "Hand out nothing" }
                    </button>
                }
                <button id="queue-purge" onclick={tell(PartOrder::Purge(queue), "purged")}>
                    { "Discard all in it" }
                </button>
            </div>
        </div>
    }
}
