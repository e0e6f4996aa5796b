//! The numbers of two runs beside each other.

use postroom_core::{DeadReason, Span};
use yew::prelude::*;

use super::tally::Figures;
use crate::{panels::words, stage};

/// One line: what is counted, and both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    what: String,
    hint: &'static str,
    sides: [String; 2],
}

/// The numbers of both runs; a line that differs is marked by a sign and by weight.
pub(super) fn table(names: &[String; 2], sides: &[Figures; 2]) -> Html {
    html! {
        <table class="figures">
            <thead>
                <tr>
                    <td></td>
                    { for names.iter().map(|name| html! { <th scope="col">{ name }</th> }) }
                    <td></td>
                </tr>
            </thead>
            <tbody>{ for lines(sides).into_iter().map(drawn) }</tbody>
        </table>
    }
}

fn drawn(line: Line) -> Html {
    let Line { what, hint, sides: [left, right] } = line;
    let differs = left != right;
    let (sign, says) = if differs { ("≠", "differs") } else { ("=", "the same") };
    html! {
        <tr key={what.clone()} class={classes!(differs.then_some("is-different"))}>
            <th scope="row">{ what }<span class="hint">{ hint }</span></th>
            <td>{ left }</td>
            <td>{ right }</td>
            <td class="figure-sign">
                <span aria-hidden="true">{ sign }</span>
                <span class="visually-hidden">{ says }</span>
            </td>
        </tr>
    }
}

fn lines(sides: &[Figures; 2]) -> Vec<Line> {
    let count = |what: &str, hint, of: fn(&Figures) -> u64| Line {
        what: what.to_owned(),
        hint,
        sides: [0, 1].map(|side| stage::count(of(&sides[side]))),
    };
    let time = |what: &str, hint, of: fn(&Figures) -> Option<Span>| Line {
        what: what.to_owned(),
        hint,
        sides: [0, 1].map(|side| of(&sides[side]).map_or_else(|| "–".to_owned(), words::span)),
    };
    let mut lines = vec![
        count("Published", "messages accepted", |it| it.published),
        count("Handled", "copies acknowledged", |it| it.handled),
        count("Waiting", "copies in the queues", |it| it.waiting),
        time("Oldest", "has been there for", |it| it.oldest),
        count("Done again", "though it was done before", |it| it.repeated),
        time("Half done within", "from arrival to the end", |it| it.p50),
        time("99 of 100 within", "from arrival to the end", |it| it.p99),
    ];
    lines.extend(reasons(sides).into_iter().map(|reason| Line {
        what: "Dead".to_owned(),
        hint: words::dead(reason),
        sides: [0, 1].map(|side| stage::count(dead(&sides[side], reason))),
    }));
    lines
}

/// Why copies died on either side.
fn reasons(sides: &[Figures; 2]) -> Vec<DeadReason> {
    let all = sides.iter().flat_map(|side| side.dead.iter().map(|(reason, _)| *reason));
    let mut reasons: Vec<_> = all.collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

fn dead(side: &Figures, reason: DeadReason) -> u64 {
    let found = side.dead.iter().find(|(each, _)| *each == reason);
    found.map_or(0, |(_, copies)| *copies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_either_side_has_a_line() {
        let left = Figures { published: 12, dead: vec![(DeadReason::Deadline, 3)], ..none() };
        let right = Figures { published: 12, dead: vec![(DeadReason::Exhausted, 1)], ..none() };
        let lines = lines(&[left, right]);
        let of = |what: &str| {
            let found = lines.iter().filter(|line| line.what == what);
            found.map(|line| line.sides.clone()).collect::<Vec<_>>()
        };
        assert_eq!(of("Published"), [["12", "12"]]);
        assert_eq!(of("Dead"), [["0", "1"], ["3", "0"]]);
        assert_eq!(of("Oldest"), [["–", "–"]], "nothing waits");
    }

    fn none() -> Figures {
        Figures::default()
    }
}
