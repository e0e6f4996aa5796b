//! What can be changed of the part that is chosen.

use std::sync::Arc;

use postroom_simulator::{Scenario, Topology, limits::NAME_BYTES_MAX};
use yew::prelude::*;

use super::{
    Built, Edit, EditError, Field, Kind, Part, Setting, could_lead_to, edit, fields, leads_to,
};
use crate::{
    browser::{self, Timeout},
    panels::words::capitalised,
    stage,
};

/// The id of the field for the name.
const NAME: &str = "part-name";

/// What the form needs.
#[derive(Clone, PartialEq, Properties)]
pub(in crate::sandbox) struct FormProps {
    /// What is built on.
    pub(in crate::sandbox) scenario: Arc<Scenario<Topology>>,
    /// What is chosen.
    pub(in crate::sandbox) part: Part,
    /// Something was built.
    pub(in crate::sandbox) on_built: Callback<Built>,
}

/// What happens in the form.
pub(in crate::sandbox) enum Msg {
    /// Make this change.
    Edit(Edit, Option<&'static str>),
    /// What was given is not a number.
    NoNumber(Field),
    /// Where it could lead to, in the order of the list.
    Aim(usize),
}

/// The form.
pub(in crate::sandbox) struct Form {
    aim: usize,
    refusal: Option<String>,
}

/// Moves the focus to the name, once the form is drawn.
pub(super) fn focus_name() {
    Timeout::new(0, || browser::focus(NAME)).forget();
}

impl Component for Form {
    type Message = Msg;
    type Properties = FormProps;

    fn create(_: &Context<Self>) -> Self {
        Self { aim: 0, refusal: None }
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &FormProps) -> bool {
        if ctx.props().part != old.part {
            *self = Self { aim: 0, refusal: None };
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let refused = match msg {
            Msg::Aim(aim) => {
                self.aim = aim;
                return true;
            }
            Msg::NoNumber(Field { label, min, max, .. }) => EditError::Range { label, min, max },
            Msg::Edit(what, focus) => match edit(&ctx.props().scenario, &what) {
                Ok(edited) => {
                    let edited = Box::new(edited);
                    self.refusal = None;
                    ctx.props().on_built.emit(Built::Edited { edited, focus });
                    return true;
                }
                Err(error) => error,
            },
        };
        self.refusal = Some(format!("{}.", capitalised(&refused.to_string())));
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let FormProps { scenario, part, .. } = ctx.props();
        let onsubmit = |event: SubmitEvent| event.prevent_default();
        let delete = Edit::Delete(part.clone());
        let delete = ctx
            .link()
            .callback(move |_: MouseEvent| Msg::Edit(delete.clone(), Some("add-producer")));
        html! {
            <form class="part-form" aria-label={format!("Build: {}", part.name)} {onsubmit}>
                <p class="refusal" role="alert">{ self.refusal.as_deref().unwrap_or_default() }</p>
                { name(ctx, part) }
                <div class="part-fields">
                    { for fields(scenario, part).into_iter().map(|each| field(ctx, part, each)) }
                </div>
                { self.ways(ctx, scenario, part) }
                <button id="part-delete" type="button" class="quiet delete"
                    aria-keyshortcuts="Delete" onclick={delete}>
                    { format!("Delete this {}", part.kind.word()) }
                </button>
            </form>
        }
    }
}

impl Form {
    /// Where it leads, and where else it could.
    fn ways(&self, ctx: &Context<Self>, scenario: &Scenario<Topology>, part: &Part) -> Html {
        let link = ctx.link();
        let now = leads_to(scenario, part);
        let could = could_lead_to(scenario, part);
        let aim = could.get(self.aim).or(could.first()).cloned();
        let from = part.clone();
        let connect = link.batch_callback(move |_: MouseEvent| {
            let to = aim.clone()?;
            Some(Msg::Edit(Edit::Connect(from.clone(), to), None))
        });
        let onchange = link
            .batch_callback(|event: Event| browser::value_of(&event).parse().ok().map(Msg::Aim));
        html! {
            <>
                if !now.is_empty() {
                    <ul class="ways" aria-label="Leads to">
                        { for now.into_iter().map(|to| way(ctx, part, to)) }
                    </ul>
                }
                if !could.is_empty() {
                    <div class="keep">
                        <label for="part-to">{ "Connect to" }</label>
                        <select id="part-to" {onchange}>
                            { for could.iter().enumerate().map(|(index, to)| html! {
                                <option value={index.to_string()} selected={index == self.aim}>
                                    { in_words(part, to) }
                                </option>
                            }) }
                        </select>
                        <button id="part-connect" type="button" onclick={connect}>
                            { "Connect" }
                        </button>
                    </div>
                }
            </>
        }
    }
}

fn name(ctx: &Context<Form>, part: &Part) -> Html {
    let link = ctx.link().clone();
    let renamed = part.clone();
    let onchange = move |event: Event| {
        let edit = Edit::Rename(renamed.clone(), browser::value_of(&event));
        after_focus(&link, Msg::Edit(edit, None));
    };
    html! {
        <label class="part-name">
            <span>{ "Name" }</span>
            <input id={NAME} type="text" maxlength={NAME_BYTES_MAX.to_string()}
                autocomplete="off" value={part.name.clone()} {onchange} />
        </label>
    }
}

fn field(ctx: &Context<Form>, part: &Part, field: Field) -> Html {
    let Field { setting, label, unit, min, max, default, value } = field;
    let link = ctx.link().clone();
    let part = part.clone();
    let onchange = move |event: Event| {
        let msg = match browser::value_of(&event).trim().parse() {
            Ok(value) => Msg::Edit(Edit::Set(part.clone(), setting, value), None),
            Err(_) => Msg::NoNumber(field),
        };
        after_focus(&link, msg);
    };
    let id = id_of(setting);
    let note = default.map(|default| format!("{unit}; usually {}", stage::count(default)));
    html! {
        <label class="part-field">
            <span>{ label }</span>
            <input {id} type="number" inputmode="numeric" min={min.to_string()}
                max={max.to_string()} step="1" value={value.to_string()} {onchange} />
            <span class="hint">{ note.unwrap_or_else(|| unit.to_owned()) }</span>
        </label>
    }
}

fn way(ctx: &Context<Form>, part: &Part, to: Part) -> Html {
    let words = in_words(part, &to);
    // A worker always has a queue: it is led elsewhere by connecting it elsewhere.
    let can_end = (part.kind, to.kind) != (Kind::Queue, Kind::Worker);
    let ends = Edit::Disconnect(part.clone(), to);
    let onclick = ctx.link().callback(move |_: MouseEvent| Msg::Edit(ends.clone(), Some(NAME)));
    html! {
        <li>
            <span>{ format!("→ {words}") }</span>
            if can_end {
                <button type="button" class="quiet" aria-label={format!("Disconnect {words}")}
                    {onclick}>
                    { "Disconnect" }
                </button>
            }
        </li>
    }
}

fn in_words(from: &Part, to: &Part) -> String {
    match (from.kind, to.kind) {
        (Kind::Queue, Kind::Queue) => format!("dead letters to {}", to.name),
        (Kind::Worker, _) => format!("publishes to {}", to.name),
        (_, kind) => format!("{} {}", kind.word(), to.name),
    }
}

/// A field tells its change before the focus moves on: what is built afterwards leaves the focus
/// where it went.
fn after_focus(link: &yew::html::Scope<Form>, msg: Msg) {
    let link = link.clone();
    Timeout::new(0, move || link.send_message(msg)).forget();
}

/// The id of a setting's field.
fn id_of(setting: Setting) -> &'static str {
    match setting {
        Setting::PerMinute => "set-per-minute",
        Setting::BurstCount => "set-burst-count",
        Setting::BurstEvery => "set-burst-every",
        Setting::Lease => "set-lease",
        Setting::MaxDeliveries => "set-max-deliveries",
        Setting::FirstWait => "set-first-wait",
        Setting::LongestWait => "set-longest-wait",
        Setting::Capacity => "set-capacity",
        Setting::AtOnce => "set-at-once",
        Setting::CallTimeout => "set-call-timeout",
        Setting::LeastTime => "set-least-time",
        Setting::MostTime => "set-most-time",
        Setting::TypicalTime => "set-typical-time",
        Setting::FailPercent => "set-fail-percent",
        Setting::Remembers => "set-remembers",
        Setting::SendsAgain => "set-sends-again",
        Setting::ScaleTo => "set-scale-to",
        Setting::PerWorker => "set-per-worker",
        Setting::TargetAge => "set-target-age",
        Setting::StartTime => "set-start-time",
    }
}
