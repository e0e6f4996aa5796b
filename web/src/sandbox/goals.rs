//! The goals of the scenario, and what many seeds say about them.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use postroom_core::Timestamp;
use postroom_simulator::{Goal, Scenario, Topology};
use yew::prelude::*;

use super::proof::{Answer, Answers, Finding, Proof, Question, SEEDS};
use crate::{
    browser::{self, FromWorker, Helper, Interval},
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
    /// What was answered last.
    pub answered: Last,
    /// The reader wants to see this.
    pub on_finding: Callback<Finding>,
}

/// What was answered last: it stays while the reader looks at other seeds.
#[derive(Clone, Default)]
pub(super) struct Last(Rc<RefCell<Option<Answered>>>);

/// The page has one.
impl PartialEq for Last {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What was asked, and answered.
struct Answered {
    scenario: Arc<Scenario<Topology>>,
    horizon: usize,
    answers: Answers,
}

/// What happens to the card.
pub(super) enum Msg {
    /// The runs are to go so far.
    Choose(usize),
    /// Ask all seeds.
    Ask,
    /// Ask no further ones.
    Stop,
    /// Of the worker.
    Heard(FromWorker),
    /// It is time for the next slice.
    Pump,
}

/// Who asks the seeds.
enum Asking {
    /// A worker, beside the page.
    Beside(Helper),
    /// The page itself in slices, where there is no worker.
    Here { proof: Box<Proof>, _pump: Interval },
}

/// The card.
pub(super) struct Goals {
    horizon: usize,
    asking: Option<Asking>,
    has_broken: bool,
}

impl Component for Goals {
    type Message = Msg;
    type Properties = GoalsProps;

    fn create(ctx: &Context<Self>) -> Self {
        let GoalsProps { scenario, answered, .. } = ctx.props();
        let mut answered = answered.0.borrow_mut();
        let is_same = |last: &Answered| {
            *last.scenario == Scenario { seed: last.scenario.seed, ..Scenario::clone(scenario) }
        };
        if !answered.as_ref().is_some_and(is_same) {
            *answered = None;
        }
        let horizon =
            answered.as_ref().map_or_else(|| first_horizon(scenario), |last| last.horizon);
        Self { horizon, asking: None, has_broken: false }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let answered = &ctx.props().answered.0;
        match msg {
            Msg::Choose(horizon) => {
                self.horizon = horizon.min(HORIZONS.len() - 1);
                self.asking = None;
                answered.replace(None);
            }
            Msg::Ask => {
                self.has_broken = false;
                let (scenario, horizon) = (Arc::clone(&ctx.props().scenario), self.horizon);
                answered.replace(Some(Answered { scenario, horizon, answers: Answers::default() }));
                let heard = ctx.link().callback(Msg::Heard);
                let helper = Helper::start(move |what| heard.emit(what));
                self.asking = Some(helper.map_or_else(|| self.here(ctx), Asking::Beside));
            }
            Msg::Stop => self.asking = None,
            Msg::Heard(what) => self.hear(ctx, what),
            Msg::Pump => return self.work(ctx),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let GoalsProps { scenario, answered, on_finding } = ctx.props();
        let link = ctx.link();
        let onchange = link.callback(|event: Event| {
            Msg::Choose(browser::value_of(&event).parse().unwrap_or_default())
        });
        let answered = answered.0.borrow();
        let answers = answered.as_ref().map(|last| &last.answers);
        let asked = answers.map_or(0, |answers| answers.asked);
        let is_asking = self.asking.is_some();
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
                    // One button, so that whoever pressed it has it under the finger to stop.
                    <button
                        id="ask-seeds"
                        onclick={link.callback(move |_: MouseEvent| if is_asking { Msg::Stop } else { Msg::Ask })}
                    >
                        { if is_asking { "Stop".to_owned() } else { format!("Check on {SEEDS} seeds") } }
                    </button>
                </div>
                if is_asking {
                    <p class="hint goals-progress">
                        <progress max={SEEDS.to_string()} value={asked.to_string()} aria-label="Seeds checked" />
                        { format!("{asked} of {SEEDS} seeds") }
                    </p>
                } else if self.has_broken {
                    <p class="hint" role="alert">
                        { format!("The check broke down after {asked} seeds. Check fewer minutes, or reload the page.") }
                    </p>
                }
                <ul class="goal-list" aria-live="polite" aria-busy={is_asking.to_string()}>
                    { for scenario.goals.iter().enumerate().map(|(n, goal)| {
                        goal_row(goal, asked, answers.and_then(|answers| answers.goals.get(n)), on_finding)
                    }) }
                </ul>
            </section>
        }
    }
}

impl Goals {
    fn question(&self, ctx: &Context<Self>) -> Question {
        Question {
            scenario: Arc::clone(&ctx.props().scenario),
            until: Timestamp::from_millis(HORIZONS[self.horizon].1),
            seeds: SEEDS,
        }
    }

    /// Asks without a worker.
    fn here(&self, ctx: &Context<Self>) -> Asking {
        let link = ctx.link().clone();
        let _pump = Interval::new(PUMP_MS, move || link.send_message(Msg::Pump));
        Asking::Here { proof: Box::new(Proof::new(self.question(ctx))), _pump }
    }

    fn hear(&mut self, ctx: &Context<Self>, what: FromWorker) {
        // Whoever has stopped wants to hear no more.
        let Some(Asking::Beside(helper)) = &self.asking else { return };
        match what {
            FromWorker::Ready => {
                let question = serde_json::to_string(&self.question(ctx));
                helper.tell(&question.expect("a question is plain data"));
            }
            FromWorker::Said(text) => match serde_json::from_str(&text) {
                Ok(answers) => self.keep(ctx, answers),
                Err(_) => self.break_down(),
            },
            FromWorker::Absent => self.asking = Some(self.here(ctx)),
            FromWorker::Broken => self.break_down(),
        }
    }

    /// The next slice; whether there is news.
    fn work(&mut self, ctx: &Context<Self>) -> bool {
        let Some(Asking::Here { proof, .. }) = &mut self.asking else { return false };
        let (asked, end_ms) = (proof.answers().asked, browser::now_ms() + SLICE_MS);
        let mut has_failed = false;
        while !proof.is_done() && !has_failed && browser::now_ms() < end_ms {
            has_failed = proof.work(STEPS_AT_ONCE).is_err();
        }
        let has_news = proof.answers().asked > asked;
        if has_news {
            let answers = proof.answers().clone();
            self.keep(ctx, answers);
        }
        if has_failed {
            self.break_down();
        }
        has_news || has_failed
    }

    fn keep(&mut self, ctx: &Context<Self>, answers: Answers) {
        if answers.asked >= SEEDS {
            self.asking = None;
        }
        if let Some(last) = &mut *ctx.props().answered.0.borrow_mut() {
            last.answers = answers;
        }
    }

    fn break_down(&mut self) {
        (self.asking, self.has_broken) = (None, true);
    }
}

/// Answers what the page asks of its worker, if this program is that worker.
pub(super) fn serve() -> bool {
    browser::serve(|question, say| {
        let question = serde_json::from_str(question).expect("the page asks in its own words");
        let mut proof = Proof::new(question);
        while !proof.is_done() {
            proof.work(u64::MAX).expect("the page runs this scenario");
            say(&serde_json::to_string(proof.answers()).expect("answers are plain data"));
        }
    })
}

/// As far as the faults go at least.
fn first_horizon(scenario: &Scenario<Topology>) -> usize {
    let faults = scenario.faults.iter();
    let last_ms = faults.map(|fault| fault.until_ms.unwrap_or(fault.at_ms)).max().unwrap_or(0);
    let far = |(_, ms): &(&str, u64)| *ms >= 300_000 && *ms > last_ms;
    HORIZONS.iter().position(far).unwrap_or(HORIZONS.len() - 1)
}

fn goal_row(
    goal: &Goal,
    asked: u64,
    answer: Option<&Answer>,
    on_finding: &Callback<Finding>,
) -> Html {
    let seeds = if asked == SEEDS { "seeds" } else { "seeds so far" };
    let (class, sign, says) = match answer {
        None => ("", "·", String::new()),
        Some(Answer { unmet: 0, .. }) => ("is-met", "✓", format!("met on all {asked} {seeds}")),
        Some(answer) => {
            ("is-unmet", "✗", format!("not met on {} of {asked} {seeds}", answer.unmet))
        }
    };
    html! {
        <li key={goal.name.clone()} class={classes!("goal", class)}>
            <span class="goal-sign" aria-hidden="true">{ sign }</span>
            <span class="goal-name">{ words::capitalised(&goal.name) }</span>
            <span class="hint">{ says }</span>
            if let Some(first) = answer.and_then(|answer| answer.first.as_ref()) {
                { finding(first, on_finding) }
            }
        </li>
    }
}

/// Where it failed first, and the way there.
fn finding(finding: &Finding, on_finding: &Callback<Finding>) -> Html {
    let (on_finding, see) = (on_finding.clone(), finding.clone());
    let onclick = move |_: MouseEvent| on_finding.emit(see.clone());
    html! {
        <div class="finding">
            <button class="link" {onclick}>
                { format!("See seed {}, {}", finding.seed, words::clock(finding.at)) }
            </button>
            if let Some(message) = finding.message {
                <p class="hint">{ format!("Message {} is to blame:", words::id(message.number)) }</p>
                <ol>
                    { for finding.path.iter().map(|(at, what)| html! {
                        <li><span class="path-time">{ words::clock(*at) }</span>{ " " }{ what }</li>
                    }) }
                </ol>
            }
        </div>
    }
}
