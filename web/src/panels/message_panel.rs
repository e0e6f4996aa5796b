//! A message's path so far, in words.

use std::rc::Rc;

use postroom_core::{MessageId, Recorded, Timestamp};
use yew::prelude::*;

use super::{
    names::Names,
    paths::Path,
    words::{self, tone},
};

/// What [`MessagePanel`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct MessagePanelProps {
    /// The message.
    pub message: MessageId,
    /// Its path; none if it is unknown at this time of the run, or forgotten.
    pub path: Option<Path>,
    /// What the parts are called.
    pub names: Rc<Names>,
}

/// A message's path: every copy, every attempt, and why.
#[component]
pub fn MessagePanel(props: &MessagePanelProps) -> Html {
    let title = format!("Message {}", words::id(props.message.number));
    let Some(path) = props.path.as_ref().filter(|path| !path.steps.is_empty()) else {
        return html! {
            <>
                <h2 id="inspector-title">{ title }</h2>
                <p class="hint">{ "At this time it is not on its way." }</p>
            </>
        };
    };
    let started = path.steps[0].at;
    let still = match path.copies {
        0 => "All its copies are done.".to_owned(),
        1 => "One copy is still in a queue.".to_owned(),
        copies => format!("{copies} copies are still in queues."),
    };
    html! {
        <>
            <h2 id="inspector-title">{ title }</h2>
            <p class="hint">{ still }</p>
            <ol class="path">
                { for path.steps.iter().enumerate().map(|(n, step)| html! {
                    <>
                        { path_step(step, started, &props.names) }
                        if n == 0 && path.left_out > 0 {
                            <li class="path-gap">
                                { format!("{} steps left out", path.left_out) }
                            </li>
                        }
                    </>
                }) }
            </ol>
        </>
    }
}

fn path_step(step: &Recorded, started: Timestamp, names: &Names) -> Html {
    let tone = tone(&step.event);
    html! {
        <li class={classes!("path-step", tone.class())}>
            <span class="path-time">{ format!("+{}", words::span(step.at.since(started))) }</span>
            <span class="sign" aria-hidden="true">{ tone.sign() }</span>
            <span class="path-place">{ words::place(&step.event, names) }</span>
            <span class="path-what">{ words::what(step, names) }</span>
        </li>
    }
}
