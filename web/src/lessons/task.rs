//! A task: what to achieve, what may be set, and what the run says.

use postroom_course::{Act, Deed, How, Knob, Lesson, Setting, Task};
use postroom_simulator::{Judgement, Verdict};
use yew::prelude::*;

use super::{
    grade::{are_met, moment},
    page::{Msg, Page, Work},
    prose::prose,
};
use crate::{browser, panels::words, stage::count};

impl Page {
    /// The card of a task.
    pub(super) fn task(&self, ctx: &Context<Self>, lesson: &Lesson, task: &Task) -> Html {
        let none = Work::default();
        let work = self.work(&task.id).unwrap_or(&none);
        let link = ctx.link();
        let on = |msg: fn(String) -> Msg| {
            let id = task.id.clone();
            link.callback(move |_: MouseEvent| msg(id.clone()))
        };
        let end = words::clock(moment(task.until_s));
        let end = end.split('.').next().unwrap_or(&end);
        html! {
            <section class="card exercise task" id={task.id.clone()}>
                <h3>{ "Task " }{ self.tick(lesson, &task.id) }</h3>
                <p class="ask">{ prose(&task.ask) }</p>
                <ul class="goal-list">
                    { for task.goals.iter().enumerate().map(|(n, goal)| {
                        goal_row(&goal.name, work.judged.as_ref().and_then(|judged| judged.get(n)))
                    }) }
                </ul>
                { for lesson.knobs.iter().filter(|knob| task.knobs.contains(&knob.id)).map(|knob| {
                    self.knob(ctx, knob)
                }) }
                <p class="actions">
                    <button class="check" onclick={on(Msg::Check)}>{ format!("Run to {end} and check") }</button>
                    <button class="quiet" onclick={link.callback(|_: MouseEvent| Msg::Restart)}>{ "Start anew" }</button>
                </p>
                <div role="status">{ outcome(work) }</div>
                { for task.hints.iter().take(work.hints).map(|hint| html! { <p class="says">{ prose(hint) }</p> }) }
                <p class="actions">
                    if work.hints < task.hints.len() {
                        <button class="link" onclick={on(Msg::Hint)}>{ "Give me a hint" }</button>
                    }
                    <button class="link" aria-expanded={work.shows_solution.to_string()} onclick={on(Msg::Solution)}>
                        { if work.shows_solution { "Hide the solution" } else { "Show a solution" } }
                    </button>
                </p>
                if work.shows_solution {
                    { solution(lesson, task) }
                }
            </section>
        }
    }

    fn knob(&self, ctx: &Context<Self>, knob: &Knob) -> Html {
        let setting = self.settings.iter().find(|setting| setting.knob == knob.id);
        let is_set = |n: usize, words: &str| {
            setting.map_or(n == knob.initial, |setting| setting.choice == words)
        };
        let id = knob.id.clone();
        let onchange = ctx.link().callback(move |event: Event| {
            Msg::Turn(Setting { knob: id.clone(), choice: browser::value_of(&event) })
        });
        html! {
            <label class="knob">
                <span>{ &knob.words }</span>
                <select name={knob.id.clone()} {onchange}>
                    { for knob.choices.iter().enumerate().map(|(n, choice)| html! {
                        <option value={choice.words.clone()} selected={is_set(n, &choice.words)}>{ &choice.words }</option>
                    }) }
                </select>
            </label>
        }
    }
}

fn outcome(work: &Work) -> Html {
    let Some(judged) = &work.judged else { return Html::default() };
    if are_met(judged) {
        return html! { <p class="says is-right"><strong>{ "Done. " }</strong>{ "The run meets every goal." }</p> };
    }
    html! { <p class="says is-wrong"><strong>{ "Not yet. " }</strong>{ "Change something, or do something while time runs." }</p> }
}

fn goal_row(name: &str, judged: Option<&Judgement>) -> Html {
    let (class, sign, says) = match judged.map(|judged| judged.verdict) {
        None => ("", "·", "not checked"),
        Some(Verdict::Met) => ("is-met", "✓", "met"),
        Some(_) => ("is-unmet", "✗", "not met"),
    };
    let found = judged.and_then(|judged| judged.found.as_ref());
    html! {
        <li class={classes!("goal", class)}>
            <span class="goal-sign" role="img" aria-label={says}>{ sign }</span>
            <span class="goal-name">{ words::capitalised(name) }</span>
            if let Some(found) = found {
                <span class="hint">{ format!("it is {}", count(found.value)) }</span>
            }
        </li>
    }
}

fn solution(lesson: &Lesson, task: &Task) -> Html {
    let knob_words = |setting: &Setting| {
        let knob = lesson.knobs.iter().find(|knob| knob.id == setting.knob);
        knob.map(|knob| format!("{}: {}.", knob.words, setting.choice))
    };
    html! {
        <div class="says">
            <ul>
                { for task.solution.settings.iter().filter_map(knob_words).map(|words| html! { <li>{ words }</li> }) }
                { for task.solution.deeds.iter().map(|deed| html! { <li>{ deed_words(deed) }</li> }) }
            </ul>
            <p>{ prose(&task.solution.why) }</p>
        </div>
    }
}

fn deed_words(deed: &Deed) -> String {
    let at = words::clock(moment(deed.at_s));
    let at = at.split('.').next().unwrap_or(&at);
    match &deed.act {
        Act::Break { provider, how } => {
            let how = match how {
                How::Fail => "fail",
                How::Hang => "hang",
                How::Slow => "slow",
                How::Flaky => "flaky",
            };
            format!("At {at}, make {provider} {how}.")
        }
        Act::Heal { provider } => format!("At {at}, heal {provider}."),
        Act::Redrive { queue } => format!("At {at}, redrive the dead letters of {queue}."),
    }
}
