//! The text as one can write it: a plain text field above its coloured words.

use yew::prelude::*;

use super::{
    desk::Desk,
    text::{Kind, Mistake, Spot, has_lines, tokens},
};
use crate::browser;

/// The text field's id.
pub(super) const TEXT: &str = "scenario-text";
/// The id of the word that is wrong.
pub(super) const WRONG: &str = "wrong-word";
/// Longer texts are shown in one colour: the browser would lay out their words anew at each key.
const COLOURED_BYTES_MAX: usize = 24 << 10;
/// Longer texts are left to the text field alone, without numbers of lines, for the same reason.
const LAID_OUT_BYTES_MAX: usize = 96 << 10;
/// And so are texts of more lines.
const LAID_OUT_LINES_MAX: usize = 2_000;

/// What the reader does with the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stroke {
    /// The text is now this.
    Type(String),
    /// Back to the version before.
    Undo,
    /// On to the version that was undone.
    Redo,
    /// Go to the word that is wrong.
    ShowMistake,
}

/// The text field.
pub(super) fn editor(desk: &Desk, on_stroke: &Callback<Stroke>) -> Html {
    let text = desk.text();
    let mistake = desk.mistake();
    let spot = mistake.and_then(|mistake| mistake.spot.as_ref());
    let oninput = on_stroke.reform(|event: InputEvent| Stroke::Type(browser::value_of(&event)));
    let onkeydown = {
        let on_stroke = on_stroke.clone();
        move |event: KeyboardEvent| {
            if let Some(stroke) = stroke(&event) {
                event.prevent_default();
                on_stroke.emit(stroke);
            }
        }
    };
    let is_laid_out = text.len() <= LAID_OUT_BYTES_MAX && has_lines(text, LAID_OUT_LINES_MAX);
    html! {
        <>
            <div class={classes!("editor-scroll", (!is_laid_out).then_some("is-plain"))}>
                if is_laid_out {
                    <pre class="editor-lines" aria-hidden="true">{ lines(text, spot) }</pre>
                }
                <div class="editor-sheet">
                    if is_laid_out {
                        <pre class="editor-words" aria-hidden="true">
                            { words(text, spot) }{ "\n" }
                        </pre>
                    }
                    <textarea
                        id={TEXT}
                        aria-labelledby="text-title"
                        aria-describedby="text-state"
                        aria-invalid={mistake.is_some().to_string()}
                        spellcheck="false"
                        autocapitalize="off"
                        autocomplete="off"
                        wrap="off"
                        value={text.to_owned()}
                        {oninput}
                        {onkeydown}
                    />
                </div>
            </div>
            { state(desk, mistake, on_stroke) }
        </>
    }
}

/// The browser's own undo knows nothing of templates and files, so these keys are taken from it.
fn stroke(event: &KeyboardEvent) -> Option<Stroke> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
        return None;
    }
    match (event.key().as_str(), event.shift_key()) {
        ("z", false) => Some(Stroke::Undo),
        ("Z" | "z", true) | ("y", false) => Some(Stroke::Redo),
        _ => None,
    }
}

fn state(desk: &Desk, mistake: Option<&Mistake>, on_stroke: &Callback<Stroke>) -> Html {
    let Some(mistake) = mistake else {
        let (sign, words) = if desk.is_unread() { ("…", "") } else { ("✓", "This runs.") };
        return html! {
            <p id="text-state" class="text-state" role="status">
                <span aria-hidden="true">{ sign }</span>{ " " }{ words }
            </p>
        };
    };
    let onclick = on_stroke.reform(|_: MouseEvent| Stroke::ShowMistake);
    html! {
        <p id="text-state" class="text-state is-wrong" role="status">
            if let Some(spot) = &mistake.spot {
                <button class="link" {onclick}>
                    { format!("Line {}, column {}", spot.line, spot.column) }
                </button>
                { ": " }
            }
            { &mistake.words }{ "." }
        </p>
    }
}

/// The numbers of the lines.
fn lines(text: &str, spot: Option<&Spot>) -> Html {
    let numbers =
        |from: usize, to: usize| (from..=to).map(|n| format!("{n}\n")).collect::<String>();
    let last = text.matches('\n').count() + 1;
    match spot {
        None => html! { { numbers(1, last) } },
        Some(Spot { line, .. }) => html! {
            <>
                { numbers(1, line - 1) }
                <span class="is-wrong">{ format!("{line}\n") }</span>
                { numbers(line + 1, last) }
            </>
        },
    }
}

/// The text in colours, and the wrong word marked. Nothing of it is read as markup.
fn words(text: &str, spot: Option<&Spot>) -> Html {
    let mut pieces = Vec::new();
    let mut shown = 0;
    let plain = |from: usize, to: usize| html! { { &text[from..to] } };
    let all = if text.len() <= COLOURED_BYTES_MAX { tokens(text) } else { Vec::new() };
    let is_wrong = |start: usize| spot.is_some_and(|spot| spot.range.start == start);
    for token in all {
        let class = match token.kind {
            Kind::Key => "word-key",
            Kind::Text => "word-text",
            Kind::Number => "word-number",
            Kind::Word => "word-other",
            Kind::Sign if !is_wrong(token.start) => continue,
            Kind::Sign => "word-sign",
        };
        pieces.push(plain(shown, token.start));
        let word = &text[token.range()];
        pieces.push(if is_wrong(token.start) {
            html! { <mark id={WRONG} {class}>{ word }</mark> }
        } else {
            html! { <span {class}>{ word }</span> }
        });
        shown = token.end;
    }
    if let Some(spot) = spot.filter(|spot| spot.range.start >= shown) {
        pieces.push(plain(shown, spot.range.start));
        pieces.push(html! { <mark id={WRONG}>{ &text[spot.range.clone()] }</mark> });
        shown = spot.range.end;
    }
    pieces.push(plain(shown, text.len()));
    html! { { for pieces } }
}
