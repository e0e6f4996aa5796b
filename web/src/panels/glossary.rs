//! The field's words in plain ones.

use yew::prelude::*;

use crate::picture::Layout;

const BREAKER: (&str, &str) = (
    "Breaker",
    "Opens when too many calls fail, so that nobody calls a broken provider. Later a few calls \
     test it.",
);
const DEAD_LETTER: (&str, &str) =
    ("Dead letter", "Given up after its last attempt or its deadline, and kept with the reason.");
const REDRIVE: (&str, &str) = ("Redrive", "Sends dead letters back to their queue.");

/// What the words mean that this scene uses; nothing where it uses none.
pub fn glossary(layout: &Layout) -> Html {
    let words = words(layout);
    if words.is_empty() {
        return Html::default();
    }
    html! {
        <dl class="glossary">
            { for words.into_iter().map(|(word, meaning)| html! {
                <div><dt>{ word }</dt><dd>{ meaning }</dd></div>
            }) }
        </dl>
    }
}

fn words(layout: &Layout) -> Vec<(&'static str, &'static str)> {
    let mut words = Vec::new();
    if layout.lanes.iter().flat_map(|lane| &lane.workers).any(|worker| worker.breaker) {
        words.push(BREAKER);
    }
    if layout.lanes.iter().any(|lane| lane.dead_letters.is_some()) {
        words.extend([DEAD_LETTER, REDRIVE]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples;

    #[test]
    fn only_the_words_of_the_scene_are_explained() {
        let mut layout = samples::layout();
        let told =
            |layout: &Layout| words(layout).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        assert_eq!(told(&layout), ["Breaker", "Dead letter", "Redrive"]);
        layout.lanes[0].workers[0].breaker = false;
        assert_eq!(told(&layout), ["Dead letter", "Redrive"]);
        layout.lanes[0].dead_letters = None;
        assert!(told(&layout).is_empty());
    }
}
