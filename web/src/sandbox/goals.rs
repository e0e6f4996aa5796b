//! The goals of the scenario, and what many seeds say about them.

use std::sync::Arc;

use postroom_core::Timestamp;
use postroom_simulator::{Goal, Scenario, Topology};
use yew::prelude::*;

use super::proof::{Answers, Proof, SEEDS};
use crate::{
    browser::{self, Interval},
    panels::words,
    run::SLICE_MS,
};

/// Real milliseconds from one slice of the work to the next.
const PUMP_MS: u32 = 16;
/// Steps between two looks at the clock.
const STEPS_AT_ONCE: u64 = 256;
/// How far runs can go: in words, and in milliseconds.
const HORIZONS: [(&str, u64); 3] =
    [("1 minute", 60_000), ("5 minutes", 300_000), ("2 hours", 7_200_000)];

/// What [`Goals`] shows.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct GoalsProps {
    /// The scenario.
    pub scenario: Arc<Scenario<Topology>>,
    /// The reader wants to see this seed.
    pub on_seed: Callback<u64>,
}

/// What happens to the card.
pub(super) enum Msg {
    /// The runs are to go so far.
    Choose(usize),
    /// Ask all seeds.
    Ask,
    /// It is time for the next slice.
    Pump,
}

/// The card.
pub(super) struct Goals {
    horizon: usize,
    proof: Option<Proof>,
    pump: Option<Interval>,
}

impl Component for Goals {
    type Message = Msg;
    type Properties = GoalsProps;

    fn create(ctx: &Context<Self>) -> Self {
        let faults = ctx.props().scenario.faults.iter();
        let last_ms = faults.map(|fault| fault.until_ms.unwrap_or(fault.at_ms)).max().unwrap_or(0);
        let far = |(_, ms): &(&str, u64)| *ms >= 300_000 && *ms > last_ms;
        let horizon = HORIZONS.iter().position(far).unwrap_or(HORIZONS.len() - 1);
        Self { horizon, proof: None, pump: None }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Choose(horizon) => {
                self.horizon = horizon.min(HORIZONS.len() - 1);
                (self.proof, self.pump) = (None, None);
            }
            Msg::Ask => {
                let until = Timestamp::from_millis(HORIZONS[self.horizon].1);
                self.proof = Some(Proof::new(Arc::clone(&ctx.props().scenario), until));
                let link = ctx.link().clone();
                self.pump = Some(Interval::new(PUMP_MS, move || link.send_message(Msg::Pump)));
            }
            Msg::Pump => return self.work(),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let GoalsProps { scenario, on_seed } = ctx.props();
        let link = ctx.link();
        let onchange = link.callback(|event: Event| {
            Msg::Choose(browser::value_of(&event).parse().unwrap_or_default())
        });
        let progress = self.proof.as_ref().filter(|proof| !proof.is_done());
        html! {
            <section class="card goals" aria-labelledby="goals-title">
                <div class="goals-head">
                    <h2 id="goals-title">{ "Goals" }</h2>
                    <label class="choice">
                        { "after " }
                        <select {onchange}>
                            { for HORIZONS.iter().enumerate().map(|(n, (name, _))| html! {
                                <option value={n.to_string()} selected={n == self.horizon}>{ *name }</option>
                            }) }
                        </select>
                    </label>
                    <button disabled={progress.is_some()} onclick={link.callback(|_: MouseEvent| Msg::Ask)}>
                        { match progress {
                            Some(proof) => format!("Seed {} of {SEEDS}…", proof.asked() + 1),
                            None => format!("Check on {SEEDS} seeds"),
                        } }
                    </button>
                </div>
                <ul class="goal-list" aria-live="polite" aria-busy={progress.is_some().to_string()}>
                    { for scenario.goals.iter().enumerate().map(|(n, goal)| {
                        let done = self.proof.as_ref().filter(|proof| proof.is_done());
                        goal_row(goal, done.map(|proof| &proof.goals()[n]), on_seed)
                    }) }
                </ul>
            </section>
        }
    }
}

impl Goals {
    /// The next slice; whether there is news.
    fn work(&mut self) -> bool {
        let Some(proof) = &mut self.proof else { return false };
        let (asked, end_ms) = (proof.asked(), browser::now_ms() + SLICE_MS);
        let mut has_failed = false;
        while !proof.is_done() && !has_failed && browser::now_ms() < end_ms {
            has_failed = proof.work(STEPS_AT_ONCE).is_err();
        }
        let has_news = proof.asked() > asked;
        if proof.is_done() || has_failed {
            self.pump = None;
        }
        has_news || has_failed
    }
}

fn goal_row(goal: &Goal, answers: Option<&Answers>, on_seed: &Callback<u64>) -> Html {
    let (class, sign, says) = match answers {
        None => ("", "·", String::new()),
        Some(Answers { unmet: 0, .. }) => ("is-met", "✓", format!("met on all {SEEDS} seeds")),
        Some(answers) => {
            ("is-unmet", "✗", format!("not met on {} of {SEEDS} seeds", answers.unmet))
        }
    };
    let first = answers.and_then(|answers| answers.first);
    html! {
        <li key={goal.name.clone()} class={classes!("goal", class)}>
            <span class="goal-sign" aria-hidden="true">{ sign }</span>
            <span class="goal-name">{ words::capitalised(&goal.name) }</span>
            <span class="hint">{ says }</span>
            if let Some((seed, at)) = first {
                <button class="link" onclick={on_seed.reform(move |_: MouseEvent| seed)}>
                    { format!("See seed {seed}, {}", words::clock(at)) }
                </button>
            }
        </li>
    }
}
