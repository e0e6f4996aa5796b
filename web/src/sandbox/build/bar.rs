//! The palette of parts above the picture, and the keys for what is chosen in it.

use std::sync::Arc;

use postroom_simulator::{Scenario, Topology};
use yew::prelude::*;

use super::{
    Built, Edit, Kind, Part, edit, form,
    pull::{self, Pull, Pulled},
};
use crate::{
    browser::{self, Listener},
    panels::words::capitalised,
    picture::Icon,
    player::Keys,
    stage,
};

/// The id of the button that connects.
pub(in crate::sandbox) const CONNECT: &str = "build-connect";
/// The id of the palette's first button.
pub(in crate::sandbox) const FIRST: &str = "add-producer";

/// The keys for building, for the help.
pub(in crate::sandbox) const KEYS: Keys = &[
    ("c", "connect the chosen part to another"),
    ("F2", "rename it"),
    ("Delete", "delete it"),
    ("Alt ← → ↑ ↓", "move it; with Shift, farther"),
    ("Ctrl Z", "undo; with Shift, redo"),
];

/// What the palette needs.
#[derive(Clone, PartialEq, Properties)]
pub(in crate::sandbox) struct BarProps {
    /// What is built on.
    pub(in crate::sandbox) scenario: Arc<Scenario<Topology>>,
    /// What is chosen in the picture.
    pub(in crate::sandbox) part: Option<Part>,
    /// Single keys are shortcuts.
    pub(in crate::sandbox) shortcuts: bool,
    /// Choose this part.
    pub(in crate::sandbox) on_part: Callback<Part>,
    /// Something was built.
    pub(in crate::sandbox) on_built: Callback<Built>,
}

/// What happens in the palette.
pub(in crate::sandbox) enum Msg {
    /// Make this change.
    Edit(Edit),
    /// Put every part back.
    Tidy,
    /// Begin to connect this part, or stop connecting.
    Connect(Option<Part>),
    /// A key went down, with the part that had the focus.
    Key(Key, Option<Part>),
    /// A line is pulled from a part, or on, or is let go.
    Pull(Pulled),
}

/// A key for building.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Key {
    Connect,
    Rename,
    Delete,
    Stop,
    Undo,
    Redo,
}

/// The palette.
pub(in crate::sandbox) struct Bar {
    /// What is to be connected to the part that is chosen next.
    connecting: Option<Part>,
    /// The name of the part is to get the focus, once the part is chosen.
    naming: bool,
    refusal: Option<String>,
    pull: Option<Pull>,
    _keys: Option<Listener>,
    _pulling: [Option<Listener>; 5],
}

impl Component for Bar {
    type Message = Msg;
    type Properties = BarProps;

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link().clone();
        let is_embedded = browser::is_embedded();
        let _keys = browser::on_key_down(move |event| {
            if let Some(key) = key_of(&event).filter(|_| !is_embedded) {
                // A part that is merely focused has not been chosen, and Escape closes more.
                if key != Key::Stop {
                    event.prevent_default();
                }
                link.send_message(Msg::Key(key, focused_part()));
            }
        });
        let _pulling = pull::listen(ctx.link().callback(Msg::Pull));
        Self { connecting: None, naming: false, refusal: None, pull: None, _keys, _pulling }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Edit(edit) => self.make(ctx, edit, None),
            Msg::Connect(part) => {
                self.refusal = None;
                self.connecting = part;
            }
            Msg::Tidy => self.make(ctx, Edit::Tidy, Some(FIRST)),
            Msg::Pull(pulled) => self.pulled(ctx, pulled),
            Msg::Key(key, focused) => return self.press(ctx, key, focused),
        }
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &BarProps) -> bool {
        let BarProps { part, .. } = ctx.props();
        if *part != old.part {
            self.refusal = None;
            if let (Some(to), Some(from)) = (part.clone(), self.connecting.take()) {
                if from == to {
                    self.connecting = Some(from);
                } else {
                    self.make(ctx, Edit::Connect(from, to), Some(CONNECT));
                }
            }
            if std::mem::take(&mut self.naming) {
                form::focus_name();
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let BarProps { part, .. } = ctx.props();
        let link = ctx.link();
        let connecting = self.connecting.is_some();
        let to_connect = part.clone().filter(|_| !connecting);
        let tidy = link.callback(|_: MouseEvent| Msg::Tidy);
        let connect = link.callback(move |_: MouseEvent| Msg::Connect(to_connect.clone()));
        html! {
            <div class={classes!("build-bar", (connecting || self.pull.is_some()).then_some("is-connecting"))}>
                { self.pull.as_ref().map(Pull::line) }
                <div class="palette" role="group" aria-label="Add a part">
                    <span class="palette-title" aria-hidden="true">{ "Add" }</span>
                    { for PALETTE.iter().map(|&(id, word, icon, ref what)| {
                        let edit = what.edit(part.clone());
                        let onclick = link.callback(move |_: MouseEvent| Msg::Edit(edit.clone()));
                        html! {
                            <button {id} class="add" aria-label={format!("Add: {word}")} {onclick}>
                                { stage::badge(icon) }<span>{ word }</span>
                            </button>
                        }
                    }) }
                    <button
                        id={CONNECT}
                        class="add connect"
                        aria-keyshortcuts="c"
                        aria-pressed={connecting.to_string()}
                        disabled={part.is_none() && !connecting}
                        onclick={connect}
                    >
                        { stage::badge(Icon::Connect) }<span>{ "Connect" }</span>
                    </button>
                </div>
                <div class="build-line">
                <p class={classes!("build-says", self.refusal.as_ref().map(|_| "is-refused"))}
                    role="status">
                    { self.says(ctx.props()) }
                </p>
                    if ctx.props().scenario.drawing.is_some() {
                        <button id="tidy" class="quiet" onclick={tidy}
                            title="Put every part back to where the layout has it">
                            { "Tidy" }
                        </button>
                    }
                </div>
            </div>
        }
    }
}

impl Bar {
    fn make(&mut self, ctx: &Context<Self>, what: Edit, focus: Option<&'static str>) {
        self.connecting = None;
        match edit(&ctx.props().scenario, &what) {
            Ok(edited) => {
                let edited = Box::new(edited);
                self.refusal = None;
                ctx.props().on_built.emit(Built::Edited { edited, focus });
            }
            Err(error) => self.refusal = Some(format!("{}.", capitalised(&error.to_string()))),
        }
    }

    fn pulled(&mut self, ctx: &Context<Self>, pulled: Pulled) {
        match pulled {
            Pulled::From(pull) => {
                self.refusal = None;
                self.connecting = None;
                self.pull = Some(pull);
            }
            Pulled::To { at, over } => {
                if let Some(pull) = &mut self.pull {
                    pull.to = at;
                    pull.over = over;
                }
            }
            Pulled::LetGo => match self.pull.take() {
                // An end that is merely pressed: the other part is chosen next.
                Some(pull) if pull.is_a_press() => {
                    self.connecting = Some(pull.part.clone());
                    ctx.props().on_part.emit(pull.part);
                }
                Some(Pull { part, over: Some(over), .. }) if over != part => {
                    self.make(ctx, Edit::Connect(part, over), Some(CONNECT));
                }
                _ => {}
            },
            Pulled::Lost => self.pull = None,
        }
    }

    fn press(&mut self, ctx: &Context<Self>, key: Key, focused: Option<Part>) -> bool {
        let BarProps { part, shortcuts, on_part, on_built, .. } = ctx.props();
        let on = focused.or_else(|| part.clone());
        match (key, on) {
            (Key::Undo, _) => on_built.emit(Built::Undo(part.clone())),
            (Key::Redo, _) => on_built.emit(Built::Redo(part.clone())),
            (Key::Stop, _) => {
                self.connecting = None;
                self.pull = None;
            }
            (Key::Connect, Some(on)) if *shortcuts => {
                self.refusal = None;
                self.connecting = Some(on.clone());
                on_part.emit(on);
            }
            (Key::Delete, Some(on)) => self.make(ctx, Edit::Delete(on), Some(FIRST)),
            (Key::Rename, Some(on)) if part.as_ref() == Some(&on) => form::focus_name(),
            (Key::Rename, Some(on)) => {
                self.naming = true;
                on_part.emit(on);
            }
            _ => return false,
        }
        true
    }

    fn says(&self, props: &BarProps) -> String {
        if let Some(refusal) = &self.refusal {
            return refusal.clone();
        }
        if let Some(Pull { part, over, .. }) = &self.pull {
            let from = capitalised(&part.name);
            return match over {
                Some(over) if over != part => format!("{from} → {}", capitalised(&over.name)),
                _ => format!("{from} → let go on the part that it is to lead to."),
            };
        }
        if let Some(from) = &self.connecting {
            return format!(
                "Where does {} lead? Choose a part in the picture; Connect or Esc stops.",
                capitalised(&from.name)
            );
        }
        let Scenario { system, producers, .. } = &*props.scenario;
        match &props.part {
            Some(part) => {
                format!(
                    "What you add is connected to {}, where it can be.",
                    capitalised(&part.name)
                )
            }
            None if system.queues.is_empty() && producers.is_empty() => {
                "Nothing is here yet. Add a queue, a worker and a producer: they find each other."
                    .to_owned()
            }
            None => {
                "Choose a part to rename, set, connect or delete it; drag it to move it.".to_owned()
            }
        }
    }
}

/// What a button of the palette adds.
enum Adds {
    One(Kind),
    DeadLetters,
}

impl Adds {
    fn edit(&self, beside: Option<Part>) -> Edit {
        match self {
            Self::One(kind) => Edit::Add { kind: *kind, beside },
            Self::DeadLetters => Edit::AddDeadLetters { beside },
        }
    }
}

const PALETTE: [(&str, &str, Icon, Adds); 5] = [
    (FIRST, "Producer", Icon::Shop, Adds::One(Kind::Producer)),
    ("add-topic", "Topic", Icon::FanOut, Adds::One(Kind::Topic)),
    ("add-queue", "Queue", Icon::Parcel, Adds::One(Kind::Queue)),
    ("add-worker", "Worker", Icon::Worker, Adds::One(Kind::Worker)),
    ("add-dead-letters", "Dead letters", Icon::DeadLetters, Adds::DeadLetters),
];

fn key_of(event: &KeyboardEvent) -> Option<Key> {
    if browser::is_typing(event) || event.alt_key() || event.repeat() {
        return None;
    }
    let with_control = event.ctrl_key() || event.meta_key();
    Some(match (event.key().as_str(), with_control, event.shift_key()) {
        ("z", true, false) => Key::Undo,
        ("Z" | "z", true, true) | ("y", true, false) => Key::Redo,
        ("c", false, false) => Key::Connect,
        ("F2", false, false) => Key::Rename,
        ("Delete", false, false) => Key::Delete,
        ("Escape", false, false) => Key::Stop,
        _ => return None,
    })
}

fn focused_part() -> Option<Part> {
    Part::of_mark(&browser::focused()?.get_attribute(stage::PART_MARK)?)
}
