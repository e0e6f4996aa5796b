//! What the reader looks at more closely.

use std::rc::Rc;

use postroom_core::{Address, QueueId, Timestamp, TopicId};
use yew::prelude::*;

use crate::{
    panels::{MessageFacts, QueueFacts, glossary, message_panel, queue_panel},
    picture::{Layout, Worker},
    player::PlayerCommand,
    run::{Change, View},
    stage::{Mode, Selection},
};

/// The panel for what is selected; brief, if the page adds nothing of its own.
pub(super) fn inspector(
    view: &View,
    modes: &[(String, Mode)],
    selected: Option<&Selection>,
    group: Option<String>,
    now: Timestamp,
    is_brief: bool,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let layout = Rc::clone(view.picture.0.borrow().layout());
    match selected {
        None => html! {
            <>
                <h2 id="inspector-title">{ "Look inside" }</h2>
                <p class="hint">
                    { "Press a letter to see its path, or a queue or a provider to see how it \
                       stands. A letter is easiest to catch while time stands still." }
                </p>
                { glossary(&layout) }
            </>
        },
        Some(Selection::Message(message)) => {
            let facts =
                MessageFacts { message: *message, path: view.path_of(*message), group, now };
            let select = |message| PlayerCommand::Select(Selection::Message(message));
            message_panel(&facts, &view.names, &on_command.reform(select))
        }
        Some(Selection::Queue(queue)) => {
            queue_panel(&view.names.queue(*queue), queue_facts(view, &layout, *queue), now)
        }
        Some(Selection::Provider(name)) => {
            provider(view, &layout, modes, name, is_brief, on_command)
        }
        Some(Selection::Topic(topic)) => topic_panel(view, &layout, *topic),
        Some(Selection::Source(name)) => source_panel(view, &layout, name),
    }
}

fn queue_facts(view: &View, layout: &Layout, queue: QueueId) -> QueueFacts {
    let picture = view.picture.0.borrow();
    let lane = layout.lanes.iter().find(|lane| lane.queue == queue);
    let dead_letters = lane.and_then(|lane| lane.dead_letters);
    let guarded = lane.and_then(|lane| lane.workers.iter().find(|worker| worker.breaker));
    QueueFacts {
        depth: view.ages.depth(queue),
        counters: picture.counters(queue),
        oldest_since: view.ages.oldest_since(queue),
        keeps_dead: dead_letters.is_some(),
        oldest_dead_since: dead_letters.and_then(|dead| view.ages.oldest_since(dead)),
        breaker: guarded.map(|worker| picture.worker(worker.consumer).breaker),
    }
}

/// The ways a provider can behave, with what each means.
const MODES: [(Mode, &str, &str); 6] = [
    (Mode::Ok, "Works", "takes every message"),
    (Mode::Fail, "Fails", "refuses every call at once"),
    (Mode::Hang, "Hangs", "never answers"),
    (Mode::Slow, "Slow", "takes its time"),
    (Mode::Flaky, "Flaky", "fails now and then"),
    (Mode::Poisoned, "Chokes", "always fails at some messages"),
];

fn provider(
    view: &View,
    layout: &Layout,
    modes: &[(String, Mode)],
    name: &str,
    is_brief: bool,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let mut workers = layout.lanes.iter().flat_map(|lane| &lane.workers);
    let Some(worker) = workers.find(|worker| worker.provider == name) else {
        return Html::default();
    };
    let state = view.picture.0.borrow().worker(worker.consumer);
    let current = modes.iter().find(|(each, _)| each == name).map(|(_, mode)| *mode);
    html! {
        <>
            <h2 id="inspector-title">{ &worker.label }</h2>
            if is_brief {
                <p class="hint">
                    { format!(
                        "{} of at most {} calls under way; {} succeeded, {} failed.",
                        state.calls, state.concurrency, state.succeeded, state.failed
                    ) }
                </p>
            }
            <div class="modes" role="group" aria-label="How it behaves">
                { for MODES.iter().map(|(mode, word, meaning)| {
                    mode_button(view, worker, *mode, word, meaning, current, on_command)
                }) }
            </div>
        </>
    }
}

fn mode_button(
    view: &View,
    worker: &Worker,
    mode: Mode,
    word: &'static str,
    meaning: &'static str,
    current: Option<Mode>,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let change = Change::SetMode { provider: worker.provider.clone(), mode };
    let words = change.in_words(&view.names);
    let onclick = on_command
        .reform(move |_| PlayerCommand::Intervene { change: change.clone(), words: words.clone() });
    html! {
        <button aria-pressed={(current == Some(mode)).to_string()} {onclick}>
            { word }<span class="hint">{ meaning }</span>
        </button>
    }
}

fn topic_panel(view: &View, layout: &Layout, topic: TopicId) -> Html {
    let queues = layout.lanes.iter().filter(|lane| lane.topics.contains(&topic));
    let names: Vec<_> = queues.map(|lane| lane.label.as_str()).collect();
    html! {
        <>
            <h2 id="inspector-title">{ format!("Topic {}", view.names.topic(topic)) }</h2>
            <p>
                { format!("It keeps nothing: every message goes to {} at once, a copy to each, \
                           and from then on nothing is shared.", names.join(", ")) }
            </p>
        </>
    }
}

fn source_panel(view: &View, layout: &Layout, name: &str) -> Html {
    let Some(source) = layout.sources.iter().find(|source| source.name == name) else {
        return Html::default();
    };
    let places: Vec<_> = source
        .to
        .iter()
        .map(|address| {
            let kind = match address {
                Address::Queue(_) => "queue",
                Address::Topic(_) => "topic",
            };
            format!("the {kind} {}", view.names.address(*address))
        })
        .collect();
    html! {
        <>
            <h2 id="inspector-title">{ &source.label }</h2>
            <p>{ format!("It publishes to {} and waits for nobody.", places.join(" and to ")) }</p>
        </>
    }
}
