//! A message's path so far, in words.

use postroom_core::{MessageId, Recorded, Timestamp};
use yew::prelude::*;

use super::{
    names::Names,
    path::Path,
    words::{self, tone},
};

/// A message's path: every copy, every attempt, and why. It has no steps if nothing has befallen
/// the message at this time of the run, or nothing of which the run still knows.
pub fn message_panel(message: MessageId, path: Option<&Path>, names: &Names) -> Html {
    let title = format!("Message {}", words::id(message.number));
    let Some(path) = path.filter(|path| !path.steps.is_empty()) else {
        return html! {
            <>
                <h2 id="inspector-title">{ title }</h2>
                <p class="hint">{ "At this time it is not on its way." }</p>
            </>
        };
    };
    let started = path.steps[0].at;
    let still = match path.copies {
        0 => "All its copies are done.".to_owned(),
        1 => "One copy is still in a queue.".to_owned(),
        copies => format!("{copies} copies are still in queues."),
    };
    html! {
        <>
            <h2 id="inspector-title">{ title }</h2>
            <p class="hint">{ still }</p>
            if path.left_out > 0 {
                <p class="hint">{ format!("{} early steps are left out.", path.left_out) }</p>
            }
            { for by_place(path, names).iter().map(|(place, steps)| html! {
                <section class="copy" key={place.clone()}>
                    <h3>{ place }</h3>
                    <ol class="path">
                        { for steps.iter().map(|step| path_step(step, started, names)) }
                    </ol>
                </section>
            }) }
        </>
    }
}

/// The steps of each copy together, in the order in which the copies came about. What befalls a
/// dead letter belongs to the copy that died.
fn by_place<'p>(path: &'p Path, names: &Names) -> Vec<(String, Vec<&'p Recorded>)> {
    let mut places: Vec<(String, Vec<&Recorded>)> = Vec::new();
    for step in &path.steps {
        let place = words::home(&step.event, names);
        match places.iter_mut().find(|(each, _)| *each == place) {
            Some((_, steps)) => steps.push(step),
            None => places.push((place, vec![step])),
        }
    }
    places
}

fn path_step(step: &Recorded, started: Timestamp, names: &Names) -> Html {
    let tone = tone(&step.event);
    html! {
        <li class={classes!("path-step", tone.class())}>
            <span class="path-time">{ format!("+{}", words::span(step.at.since(started))) }</span>
            <span class="sign" aria-hidden="true">{ tone.sign() }</span>
            <span class="path-what">{ words::what(step, names) }</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{dead_lettered, layout, message, published, queued, redriven};

    #[test]
    fn a_dead_letter_stays_with_its_copy() {
        let story = [published(0, 1), queued(0, 1), dead_lettered(9, 1), redriven(12, 1)];
        let path = Path::of(message(1), &story);
        let names = Names::of(&layout());
        let places = by_place(&path, &names);
        let told: Vec<_> = places.iter().map(|(place, steps)| (&**place, steps.len())).collect();
        assert_eq!(told, [("notifications", 1), ("SMS", 3)]);
    }
}
