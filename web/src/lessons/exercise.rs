//! The blocks of a step: prose, questions, and predictions.

use postroom_course::{Block, Lesson, Predict, Quiz};
use yew::prelude::*;

use super::{
    grade::is_right,
    page::{Msg, Page},
    prose::prose,
};
use crate::{browser, stage::count};

impl Page {
    /// A block of the step that is open.
    pub(super) fn block(&self, ctx: &Context<Self>, lesson: &Lesson, block: &Block) -> Html {
        match block {
            Block::Paragraph(pieces) => html! { <p>{ prose(pieces) }</p> },
            Block::List(items) => html! {
                <ul>{ for items.iter().map(|item| html! { <li>{ prose(item) }</li> }) }</ul>
            },
            Block::Quiz(quiz) => self.quiz(ctx, lesson, quiz),
            Block::Predict(predict) => self.predict(ctx, lesson, predict),
            Block::Task(task) => self.task(ctx, lesson, task),
            Block::Balance(_) => Html::default(),
        }
    }

    /// The sign of an exercise that is done.
    pub(super) fn tick(&self, lesson: &Lesson, exercise: &str) -> Html {
        if !self.progress.is_done(&lesson.id, exercise) {
            return Html::default();
        }
        html! { <span class="tick" role="img" aria-label="done">{ "✓" }</span> }
    }

    fn quiz(&self, ctx: &Context<Self>, lesson: &Lesson, quiz: &Quiz) -> Html {
        let chosen = self.work(&quiz.id).and_then(|work| work.chosen);
        let answer = chosen.and_then(|chosen| quiz.answers.get(chosen));
        html! {
            <fieldset class="card exercise quiz" id={quiz.id.clone()}>
                <legend>{ "Question " }{ self.tick(lesson, &quiz.id) }</legend>
                <p class="ask">{ prose(&quiz.ask) }</p>
                { for quiz.answers.iter().enumerate().map(|(n, answer)| {
                    let id = quiz.id.clone();
                    let onchange = ctx.link().callback(move |_: Event| Msg::Answer(id.clone(), n));
                    html! {
                        <label class="answer">
                            <input type="radio" name={quiz.id.clone()} checked={chosen == Some(n)} {onchange} />
                            <span>{ prose(&answer.words) }</span>
                        </label>
                    }
                }) }
                <div role="status">
                    if let Some(answer) = answer {
                        <p class={if answer.right { "says is-right" } else { "says is-wrong" }}>
                            <strong>{ if answer.right { "Right. " } else { "Not so. " } }</strong>
                            { prose(&answer.why) }
                        </p>
                    }
                </div>
            </fieldset>
        }
    }

    fn predict(&self, ctx: &Context<Self>, lesson: &Lesson, predict: &Predict) -> Html {
        let work = self.work(&predict.id);
        let id = predict.id.clone();
        let oninput = ctx
            .link()
            .callback(move |event: InputEvent| Msg::Guess(id.clone(), browser::value_of(&event)));
        let id = predict.id.clone();
        let onsubmit = ctx.link().callback(move |event: SubmitEvent| {
            event.prevent_default();
            Msg::Grade(id.clone())
        });
        let graded = work.and_then(|work| work.graded);
        let field = format!("{}-answer", predict.id);
        html! {
            <form class="card exercise predict" id={predict.id.clone()} {onsubmit}>
                <h3>{ "Predict, then run " }{ self.tick(lesson, &predict.id) }</h3>
                <label class="ask" for={field.clone()}>{ prose(&predict.ask) }</label>
                <p class="guess">
                    <input id={field} inputmode="numeric" autocomplete="off" maxlength="12"
                        value={work.map(|work| work.guess.clone()).unwrap_or_default()} {oninput} />
                    <button type="submit">{ "Ask the run" }</button>
                </p>
                <div role="status">
                    if let Some(work) = work.filter(|work| !work.remark.is_empty()) {
                        <p class="says is-wrong">{ &work.remark }</p>
                    }
                    if let Some((guess, truth)) = graded {
                        { verdict(guess, truth, predict) }
                    }
                </div>
            </form>
        }
    }
}

fn verdict(guess: u64, truth: u64, predict: &Predict) -> Html {
    let right = is_right(guess, truth, predict.tolerance);
    let says = match (right, guess == truth) {
        (true, true) => "Exactly. ",
        (true, false) => "Near enough. ",
        (false, _) => "Not quite. ",
    };
    html! {
        <p class={if right { "says is-right" } else { "says is-wrong" }}>
            <strong>{ says }</strong>
            { format!("You said {}, the run says {}. ", count(guess), count(truth)) }
            { prose(&predict.why) }
        </p>
    }
}
