//! The list of lessons, and the way from one step to the next.

use postroom_course::{Course, Lesson};
use yew::prelude::*;

use super::{
    page::{Msg, Page, STEP_TITLE},
    prose::prose,
};

/// All lessons, with what the reader has done.
pub(super) fn list(page: &Page, ctx: &Context<Page>) -> Html {
    let link = ctx.link();
    html! {
            <main class="lesson-list">
                <h2 id={STEP_TITLE} tabindex="-1">{ "Lessons" }</h2>
                <p class="lead">{ "Break a system, mend it, and find out whether you were right: the run decides." }</p>
                <ol class="lessons">
                    { for page.course.lessons.iter().map(|lesson| entry(page, lesson)) }
                </ol>
                <div class="progress-file">
                    <button class="quiet" onclick={link.callback(|_: MouseEvent| Msg::Export)}>
                        { "Save your progress as a file" }
                    </button>
    <label class="quiet file">
                        { "Add progress from a file" }
                        <input
                            class="visually-hidden"
                            type="file"
                            accept=".json,application/json"
                            onchange={link.callback(Msg::Import)}
                        />
                    </label>
                </div>
                <p class="notice" role="status">{ &page.notice }</p>
            </main>
        }
}

fn entry(page: &Page, lesson: &Lesson) -> Html {
    let (done, all) = page.progress.of(lesson);
    let says = match done {
        0 => format!("{all} exercises, {} minutes", lesson.minutes),
        done if done == all => format!("done: all {all} exercises"),
        done => format!("{done} of {all} exercises done"),
    };
    html! {
        <li class={classes!("card", (done == all).then_some("is-done"))}>
            <h3><a href={format!("#{}", lesson.id)}>{ &lesson.title }</a></h3>
            <p>{ prose(&lesson.lead) }</p>
            <p class="lesson-progress">
                <progress max={all.to_string()} value={done.to_string()} aria-label={lesson.title.clone()}></progress>
                <span>{ says }</span>
            </p>
        </li>
    }
}

/// Where the reader is in a lesson.
pub(super) fn crumbs(lesson: &Lesson, step: usize) -> Html {
    html! {
        <p class="crumbs">
            <a href="#">{ "Lessons" }</a>
            { format!(" · {} · step {} of {}", lesson.title, step + 1, lesson.steps.len()) }
        </p>
    }
}

/// The way back, and the way on.
pub(super) fn ways(course: &Course, number: usize, step: usize) -> Html {
    let Some(lesson) = course.lessons.get(number) else { return Html::default() };
    let at = |step: usize| format!("#{}/{}", lesson.id, step + 1);
    let back = (step > 0).then(|| at(step - 1));
    let next = (step + 1 < lesson.steps.len()).then(|| (at(step + 1), "Next".to_owned()));
    let next = next.or_else(|| {
        let next = course.lessons.get(number + 1)?;
        Some((format!("#{}", next.id), format!("Next lesson: {}", next.title)))
    });
    let (to, words) = next.unwrap_or_else(|| ("#".to_owned(), "All lessons".to_owned()));
    html! {
        <nav class="ways" aria-label="Steps">
            if let Some(href) = back {
                <a class="way" {href}>{ "Back" }</a>
            }
            <a id="next" class="way is-next" href={to}>{ words }</a>
        </nav>
    }
}
