//! What opens above the text: what is kept in the browser, and the link to share.

use yew::prelude::*;

use super::{
    share::SHARE_BYTES_MAX,
    shelf::{SHELF_NAME_MAX, Shelf},
};
use crate::{browser, panels::words, stage};

/// Which one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawer {
    /// What is kept in the browser.
    Kept,
    /// The link to share.
    Share,
    /// The scenario as a program.
    Rust,
}

impl Drawer {
    /// The id of the button that opens it.
    pub(super) const fn button(self) -> &'static str {
        match self {
            Self::Kept => "open-kept",
            Self::Share => "open-share",
            Self::Rust => "open-rust",
        }
    }
}

/// The id of the name to keep the text under.
pub(super) const NAME: &str = "keep-name";

/// What the reader does with what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// The name to keep it under is now this.
    Name(String),
    /// Keep the text under that name.
    Keep,
    /// Put the one of this name on the desk.
    Open(String),
    /// Keep the one of this name no longer.
    Delete(String),
}

/// What is kept, and under which name the text would be.
pub(super) fn kept(
    shelf: &Result<Shelf, String>,
    name: &str,
    on_keeping: &Callback<Keeping>,
) -> Html {
    let oninput = on_keeping.reform(|event: InputEvent| Keeping::Name(browser::value_of(&event)));
    let onsubmit = on_keeping.reform(|event: SubmitEvent| {
        event.prevent_default();
        Keeping::Keep
    });
    html! {
        <div id="drawer" class="drawer">
            { match shelf {
                Err(why) => html! { <p>{ words::capitalised(why) }{ "." }</p> },
                Ok(shelf) => html! {
                    <>
                        <form class="keep" {onsubmit}>
                            <label for={NAME}>{ "Keep it in this browser as" }</label>
                            <input
                                id={NAME}
                                type="text"
                                maxlength={SHELF_NAME_MAX.to_string()}
                                value={name.to_owned()}
                                {oninput}
                            />
                            <button type="submit">{ "Keep" }</button>
                        </form>
                        { kept_list(shelf, on_keeping) }
                    </>
                },
            } }
        </div>
    }
}

fn kept_list(shelf: &Shelf, on_keeping: &Callback<Keeping>) -> Html {
    if shelf.scenarios().is_empty() {
        return html! { <p class="hint">{ "Nothing is kept here yet." }</p> };
    }
    html! {
        <ul class="kept" aria-label="Kept scenarios">
            { for shelf.scenarios().iter().map(|kept| {
                let (name, also) = (kept.name.clone(), kept.name.clone());
                let open = on_keeping.reform(move |_: MouseEvent| Keeping::Open(name.clone()));
                let delete = on_keeping.reform(move |_: MouseEvent| Keeping::Delete(also.clone()));
                html! {
                    <li key={kept.name.clone()}>
                        <button class="link" aria-label={format!("Open {}", kept.name)} onclick={open}>
                            { &kept.name }
                        </button>
                        <button class="quiet" aria-label={format!("Delete {}", kept.name)} onclick={delete}>
                            { "Delete" }
                        </button>
                    </li>
                }
            }) }
        </ul>
    }
}

/// The link: none while it is being made.
pub(super) fn share(link: Option<&Result<String, String>>, on_copy: &Callback<()>) -> Html {
    let onclick = on_copy.reform(|_: MouseEvent| ());
    html! {
        <div id="drawer" class="drawer">
            { match link {
                None => html! { <p class="hint">{ "The link is being made…" }</p> },
                Some(Err(why)) => html! { <p role="alert">{ words::capitalised(why) }{ "." }</p> },
                Some(Ok(link)) => html! {
                    <>
                        <div class="keep">
                            <label for="share-link">{ "A link to this scenario" }</label>
                            <input id="share-link" type="text" readonly=true value={link.clone()} />
                            <button {onclick}>{ "Copy" }</button>
                        </div>
                        <p class="hint">
                            { format!(
                                "All of the text is in the link ({} of at most {} bytes): no server \
                                 keeps it. What you did while it ran is not in it.",
                                stage::count(fragment_bytes(link)),
                                stage::count(SHARE_BYTES_MAX as u64),
                            ) }
                        </p>
                    </>
                },
            } }
        </div>
    }
}

/// The program, if the text is a scenario.
pub(super) fn rust(
    program: Option<&str>,
    on_copy: &Callback<()>,
    on_download: &Callback<()>,
) -> Html {
    let onclick = on_copy.reform(|_: MouseEvent| ());
    let download = on_download.reform(|_: MouseEvent| ());
    html! {
        <div id="drawer" class="drawer">
            if let Some(program) = program {
                <div class="program-head">
                    <p>{ "The same system on the engine: fill in the work, and run it." }</p>
                    <button {onclick}>{ "Copy" }</button>
                    <button class="quiet" onclick={download}>{ "Download" }</button>
                </div>
                <pre class="program" tabindex="0" role="region" aria-label="The program">
                    <code id="program">{ program }</code>
                </pre>
            } else {
                <p>{ "Mend the text first: only a scenario can be a program." }</p>
            }
        </div>
    }
}

fn fragment_bytes(link: &str) -> u64 {
    link.split_once('#').map_or(0, |(_, fragment)| fragment.len() as u64)
}
