//! A message's path so far, in words.

use postroom_core::{MessageId, Recorded, Timestamp};
use yew::prelude::*;

use super::{
    names::Names,
    path::Path,
    story::{Gap, tracks},
    words::{self, tone},
};

/// What the reader asks of a message.
pub struct MessageFacts<'f> {
    /// Which.
    pub message: MessageId,
    /// Its path; none if it is unknown at this time of the run.
    pub path: Option<&'f Path>,
    /// The ordered group that it belongs to, if it belongs to one and is in a queue.
    pub group: Option<String>,
    /// The time of the run.
    pub now: Timestamp,
}

/// A message's path: every copy, every attempt, why, and how long each took; what it answers, and
/// what answers it.
pub fn message_panel(
    facts: &MessageFacts<'_>,
    names: &Names,
    on_message: &Callback<MessageId>,
) -> Html {
    let title = format!("Message {}", words::id(facts.message.number));
    let Some(path) = facts.path.filter(|path| !path.steps.is_empty()) else {
        return html! {
            <>
                <h2 id="inspector-title">{ title }</h2>
                <p class="hint">{ "At this time it is not on its way." }</p>
            </>
        };
    };
    let started = path.steps[0].at;
    html! {
        <>
            <h2 id="inspector-title">{ title }</h2>
            <p class="hint">{ standing(path) }</p>
            if let Some(group) = &facts.group {
                <p class="hint">{ format!("In the ordered group “{group}”: one after the other.") }</p>
            }
            { lineage(path, names, on_message) }
            if path.left_out > 0 {
                <p class="hint">{ format!("{} early steps are left out.", path.left_out) }</p>
            }
            { for tracks(path, names, facts.now).iter().map(|track| html! {
                <section class="copy" key={track.place.clone()}>
                    <h3>{ &track.place }</h3>
                    <ol class="path">
                        { for track.hops.iter().map(|hop| html! {
                            <>
                                { between(hop.after, false) }
                                { path_step(hop.step, started, names) }
                            </>
                        }) }
                        { between(track.now, true) }
                    </ol>
                </section>
            }) }
        </>
    }
}

/// How it stands with all copies together.
fn standing(path: &Path) -> String {
    let ended = path.steps.last().map_or(path.steps[0].at, |step| step.at);
    match path.copies {
        0 => {
            let took = words::span(ended.since(path.steps[0].at));
            format!("All its copies are done, {took} after it was published.")
        }
        1 => "One copy is still in a queue.".to_owned(),
        copies => format!("{copies} copies are still in queues."),
    }
}

/// What it answers, and what answers it.
fn lineage(path: &Path, names: &Names, on_message: &Callback<MessageId>) -> Html {
    let link = |message: MessageId| {
        let name = format!("{} of {}", words::id(message.number), names.address(message.address));
        let on_message = on_message.clone();
        let onclick = move |_: MouseEvent| on_message.emit(message);
        html! { <button key={name.clone()} class="link" {onclick}>{ name }</button> }
    };
    html! {
        <>
            if let Some(cause) = path.cause {
                <p class="hint lineage">{ "It answers " }{ link(cause) }</p>
            }
            if !path.effects.is_empty() {
                <p class="hint lineage">
                    { "It is answered by " }
                    { for path.effects.iter().copied().map(link) }
                    if path.more_effects > 0 {
                        { format!("and {} more", path.more_effects) }
                    }
                </p>
            }
        </>
    }
}

/// The time between two steps; `is_now`: it is not over.
fn between(gap: Option<Gap>, is_now: bool) -> Html {
    let Some(Gap { doing, span }) = gap else { return Html::default() };
    let span = words::span(span);
    let text = if is_now { format!("{doing}, {span} so far") } else { format!("{doing}, {span}") };
    html! { <li class="path-gap">{ text }</li> }
}

fn path_step(step: &Recorded, started: Timestamp, names: &Names) -> Html {
    let tone = tone(&step.event);
    html! {
        <li class={classes!("path-step", tone.class())}>
            <span class="path-time">{ format!("+{}", words::span(step.at.since(started))) }</span>
            <span class="sign" aria-hidden="true">{ tone.sign() }</span>
            <span class="path-what">{ words::what(step, names) }</span>
        </li>
    }
}
