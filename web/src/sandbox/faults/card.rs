//! The card of faults: a sentence to be put together, and those that the scenario holds.

use std::sync::Arc;

use postroom_core::Timestamp;
use postroom_simulator::{Fault, Scenario, Topology};
use yew::prelude::*;

use super::{
    Draft, Whom,
    draft::{SECONDS_MAX, with_fault, without_fault},
};
use crate::{
    browser,
    panels::words::{capitalised, clock},
    player::PlayerCommand,
    run::Change,
    sandbox::build::{Built, Edited},
};

/// The button that writes the sentence.
const WRITE: &str = "fault-write";

/// What [`Faults`] shows.
#[derive(Clone, PartialEq, Properties)]
pub(in crate::sandbox) struct FaultsProps {
    /// The scenario.
    pub(in crate::sandbox) scenario: Arc<Scenario<Topology>>,
    /// The reader changes the run.
    pub(in crate::sandbox) on_command: Callback<PlayerCommand>,
    /// The reader changes the scenario.
    pub(in crate::sandbox) on_built: Callback<Built>,
}

/// What happens to the card.
pub(in crate::sandbox) enum Msg {
    /// Somebody else is chosen, in the order of the list.
    Whom(usize),
    /// Something else is chosen.
    Kind(usize),
    /// It begins then.
    From(u64),
    /// It ends then.
    Until(u64),
    /// The sentence is to be in the scenario.
    Write,
    /// A fault of the scenario is to go.
    Delete(usize),
}

/// The card.
pub(in crate::sandbox) struct Faults {
    draft: Draft,
    refusal: Option<String>,
}

impl Component for Faults {
    type Message = Msg;
    type Properties = FaultsProps;

    fn create(ctx: &Context<Self>) -> Self {
        Self { draft: Draft::first(&ctx.props().scenario, Timestamp::ZERO), refusal: None }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let scenario = &ctx.props().scenario;
        self.refusal = None;
        match msg {
            Msg::Whom(place) => {
                if let Some(whom) = Whom::all(scenario).into_iter().nth(place) {
                    self.draft = self.draft.clone().about(whom);
                }
            }
            Msg::Kind(place) => {
                if let Some(kind) = self.draft.whom.kinds().get(place) {
                    self.draft.kind = *kind;
                }
            }
            Msg::From(seconds) => self.draft.from_s = seconds,
            Msg::Until(seconds) => self.draft.until_s = seconds,
            Msg::Write => match with_fault(scenario, self.draft.fault()) {
                Ok(edited) => write(ctx, edited),
                Err(why) => self.refusal = Some(format!("{}.", capitalised(&why))),
            },
            Msg::Delete(place) => {
                if let Some(edited) = without_fault(scenario, place) {
                    write(ctx, edited);
                }
            }
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let faults = &ctx.props().scenario.faults;
        html! {
            <section class="card faults" aria-labelledby="faults-title">
                <h2 id="faults-title">{ "Faults" }</h2>
                { self.sentence(ctx) }
                { self.buttons(ctx) }
                <p class="refusal" role="alert">{ self.refusal.as_deref().unwrap_or_default() }</p>
                if !faults.is_empty() {
                    <ul class="fault-list" aria-label="In the scenario">
                        { for faults.iter().enumerate().map(|(place, fault)| row(ctx, place, fault)) }
                    </ul>
                }
            </section>
        }
    }
}

impl Faults {
    fn sentence(&self, ctx: &Context<Self>) -> Html {
        let Draft { whom, kind, from_s, until_s } = &self.draft;
        let all = Whom::all(&ctx.props().scenario);
        let whoms = all.iter().map(|each| (each.name(), each == whom)).collect();
        let kinds = whom.kinds().iter().map(|each| (each.words(), each == kind)).collect();
        html! {
            <div class="fault-sentence" role="group" aria-label="A fault">
                { choice(ctx, "Who", whoms, Msg::Whom) }
                { choice(ctx, "What happens", kinds, Msg::Kind) }
                { second(ctx, "from", *from_s, Msg::From) }
                if !kind.is_a_moment() {
                    { second(ctx, "to", *until_s, Msg::Until) }
                }
            </div>
        }
    }

    fn buttons(&self, ctx: &Context<Self>) -> Html {
        let said = format!("{} {}", capitalised(self.draft.whom.name()), self.draft.kind.words());
        let trouble = self.draft.trouble();
        let intervene = |change: Change, words: String| {
            ctx.props().on_command.reform(move |_: MouseEvent| PlayerCommand::Intervene {
                change: change.clone(),
                words: words.clone(),
            })
        };
        let begin = Change::Begin { trouble: trouble.clone(), words: said.clone() };
        let over =
            format!("{} no more: {}", capitalised(self.draft.whom.name()), self.draft.kind.words());
        let end = Change::End { trouble, words: over.clone() };
        html! {
            <div class="fault-buttons">
                <button id="fault-now" onclick={intervene(begin, said)}>{ "Begin it now" }</button>
                if !self.draft.kind.is_a_moment() {
                    <button class="quiet" onclick={intervene(end, over)}>{ "End it now" }</button>
                }
                <button id={WRITE} class="quiet"
                    title="At the times of the sentence, in every run"
                    onclick={ctx.link().callback(|_: MouseEvent| Msg::Write)}>
                    { "Write into the scenario" }
                </button>
            </div>
        }
    }
}

fn write(ctx: &Context<Faults>, edited: Edited) {
    let edited = Box::new(edited);
    ctx.props().on_built.emit(Built::Edited { edited, focus: Some(WRITE) });
}

fn choice(
    ctx: &Context<Faults>,
    label: &'static str,
    options: Vec<(&str, bool)>,
    msg: fn(usize) -> Msg,
) -> Html {
    let onchange = ctx
        .link()
        .batch_callback(move |event: Event| browser::value_of(&event).parse().ok().map(msg));
    html! {
        <select aria-label={label} {onchange}>
            { for options.into_iter().enumerate().map(|(place, (name, selected))| html! {
                <option value={place.to_string()} {selected}>{ name }</option>
            }) }
        </select>
    }
}

fn second(ctx: &Context<Faults>, label: &'static str, value: u64, msg: fn(u64) -> Msg) -> Html {
    let onchange = ctx.link().batch_callback(move |event: Event| {
        let seconds: Option<u64> = browser::value_of(&event).parse().ok();
        seconds.map(|seconds| msg(seconds.min(SECONDS_MAX)))
    });
    html! {
        <label class="choice">
            { label }
            <input type="number" min="0" max={SECONDS_MAX.to_string()} value={value.to_string()}
                {onchange} />
            { "s" }
        </label>
    }
}

fn row(ctx: &Context<Faults>, place: usize, fault: &Fault) -> Html {
    let words = in_words(fault);
    let onclick = ctx.link().callback(move |_: MouseEvent| Msg::Delete(place));
    html! {
        <li key={place}>
            <span>{ &words }</span>
            <button class="quiet" aria-label={format!("Delete: {words}")} {onclick}>
                { "Delete" }
            </button>
        </li>
    }
}

fn in_words(fault: &Fault) -> String {
    let at = |ms| clock(Timestamp::from_millis(ms));
    let what = capitalised(&fault.what.to_string());
    match fault.until_ms {
        Some(until_ms) => format!("{what} from {} to {}", at(fault.at_ms), at(until_ms)),
        None => format!("{what} at {}", at(fault.at_ms)),
    }
}

#[cfg(test)]
mod tests {
    use postroom_simulator::{Mode, Trouble};

    use super::*;

    #[test]
    fn a_fault_reads_as_a_sentence() {
        let hang = Fault::mode(10_000, "SMS", Mode::Hanging).until(40_000);
        assert_eq!(in_words(&hang), "Provider SMS hangs from 0:10.0 to 0:40.0");
        let burst = Fault::new(5_000, Trouble::Burst { producer: "shop".into(), count: 7 });
        assert_eq!(in_words(&burst), "Producer shop sends 7 at once at 0:05.0");
    }
}
