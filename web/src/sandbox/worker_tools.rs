//! What the reader can tell a worker while it runs: pause, go on, work on more or fewer at once.

use postroom_simulator::limits::AT_ONCE_MAX;
use yew::prelude::*;

use crate::{
    app::Shown,
    player::{Player, PlayerCommand},
    run::{Change, PartOrder},
    stage::Selection,
};

/// The tools for the worker whose provider is selected; nothing for anything else.
pub(super) fn worker_tools(
    shown: &Shown,
    player: &Player,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let Some(Selection::Provider(name)) = &player.selected else { return Html::default() };
    let picture = shown.view.picture.0.borrow();
    let mut workers = picture.layout().lanes.iter().flat_map(|lane| &lane.workers);
    let Some(worker) = workers.find(|worker| worker.provider == *name) else {
        return Html::default();
    };
    let state = picture.worker(worker.consumer);
    let at_once = state.concurrency;
    let tell = |order: PartOrder, does: String| {
        let words = format!("{} {does}", worker.label);
        let change = Change::Tell { order, words: words.clone() };
        on_command.reform(move |_: MouseEvent| PlayerCommand::Intervene {
            change: change.clone(),
            words: words.clone(),
        })
    };
    let scale =
        |to: u32| tell(PartOrder::Scale(worker.consumer, to), format!("works on {to} at once"));
    let pause = tell(PartOrder::PauseWorker(worker.consumer), "paused".to_owned());
    let resume = tell(PartOrder::ResumeWorker(worker.consumer), "goes on".to_owned());
    let stands = match (state.is_paused, state.calls) {
        (false, _) => String::new(),
        (true, 0) => "It is paused. ".to_owned(),
        (true, 1) => "It pauses as soon as its call is over. ".to_owned(),
        (true, calls) => format!("It pauses as soon as its {calls} calls are over. "),
    };
    html! {
        <div class="source-tools" role="group" aria-label="From now on">
            <p class="hint">{ format!("{stands}Works on {at_once} at once. From now on:") }</p>
            <div class="rates">
                <button id="worker-fewer" disabled={at_once <= 1}
                    onclick={scale(at_once.saturating_sub(1).max(1))}>
                    { "One fewer" }
                </button>
                <button id="worker-more" disabled={at_once >= AT_ONCE_MAX}
                    onclick={scale((at_once + 1).min(AT_ONCE_MAX))}>
                    { "One more" }
                </button>
                if state.is_paused {
                    <button id="worker-pause" onclick={resume}>{ "Take more again" }</button>
                } else {
                    <button id="worker-pause" onclick={pause}>{ "Take no more" }</button>
                }
            </div>
        </div>
    }
}
