//! The guide on the page: a few steps, ticked as they happen.

use yew::prelude::*;

use super::guide::Guide;

/// The steps of the guide; nothing where there are none.
pub fn guide_list(guide: &Guide) -> Html {
    let current = guide.current();
    if guide.steps().len() == 0 {
        return Html::default();
    }
    html! {
        <ol class="guide" aria-label="Try this">
            { for guide.steps().enumerate().map(|(n, (text, is_done))| {
                let is_current = current == Some(n);
                let class = classes!(
                    "guide-step",
                    is_done.then_some("is-done"),
                    is_current.then_some("is-current"),
                );
                html! {
                    <li {class} aria-current={is_current.then_some("step")}>
                        <span class="guide-mark" aria-hidden="true">
                            { if is_done { "✓".to_owned() } else { (n + 1).to_string() } }
                        </span>
                        <span>{ text }</span>
                        if is_done {
                            <span class="visually-hidden">{ " (done)" }</span>
                        }
                    </li>
                }
            }) }
        </ol>
    }
}
