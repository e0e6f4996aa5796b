//! The parts of the stage: tubes, sources, topics, cabinets, tables, breakers, providers.

mod cabinet;
mod direct;
mod ends;
mod node;
mod worker;

use yew::prelude::*;

pub(crate) use self::ends::{END_MARK, GRIP_MARK};
pub(super) use self::{
    cabinet::cabinet,
    direct::{caller, requests, service},
    ends::{ends, grips},
    node::{source, topic},
    worker::{AtWork, worker},
};
use super::{Selection, StageAction, words::px};
use crate::picture::{Plan, Point, Rect, Tube};

/// What every part needs to answer a press.
#[derive(Clone, PartialEq)]
pub(super) struct Hands {
    /// Something was chosen; with the mouse event, since a letter may lie on top.
    pub(super) choose: Callback<(Selection, Option<MouseEvent>)>,
    pub(super) act: Callback<StageAction>,
}

impl Hands {
    fn choose(&self, selection: Selection) -> Callback<Option<MouseEvent>> {
        self.choose.reform(move |event| (selection.clone(), event))
    }

    fn act(&self, action: StageAction) -> Callback<Option<MouseEvent>> {
        self.act.reform(move |_| action.clone())
    }
}

fn chosen(is_chosen: bool) -> Option<&'static str> {
    is_chosen.then_some("chosen")
}

/// A rectangle with round corners.
fn plate(class: &'static str, rect: Rect, corner: u32) -> Html {
    html! {
        <rect {class} x={px(rect.x)} y={px(rect.y)} width={px(rect.w)}
            height={px(rect.h)} rx={corner.to_string()} />
    }
}

/// Words, with their base line at a point; the class says whether they begin, end or are centred
/// there.
fn words_at(class: &'static str, at: Point, words: impl Into<AttrValue>) -> Html {
    html! { <text {class} x={px(at.x)} y={px(at.y)}>{ words.into() }</text> }
}

/// What lies upon a part that can be pressed and lets the press through. The part's label says it
/// too; inside the part it would be one with its name.
fn upon(what: Html) -> Html {
    html! { <g class="upon" aria-hidden="true">{ what }</g> }
}

/// A letter of a name is about so wide.
const LETTER: f64 = 8.2;
/// Letters of a name that are shown.
const NAME_MAX: usize = 24;

/// A name that has so much room: a long one is set closer, one that is very long is cut.
fn name_at(class: &'static str, at: Point, name: &str, room: f64) -> Html {
    let letters = name.chars().count();
    let shown = match name.char_indices().nth(NAME_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    };
    let is_long = letters.min(NAME_MAX + 1) as f64 * LETTER > room;
    let length = is_long.then(|| px(room));
    html! {
        <text class={classes!("name", class)} x={px(at.x)} y={px(at.y)} textLength={length}
            lengthAdjust="spacingAndGlyphs">
            { shown }
        </text>
    }
}

/// All ways that letters take.
pub(super) fn tubes(plan: &Plan) -> Html {
    let ways = plan.to_topics.iter().chain(&plan.fan_out).chain(&plan.direct);
    let ways = ways.map(|(_, _, tube)| tube);
    let paths: Vec<String> = ways.chain(plan.workers.iter().map(|w| &w.feed)).map(path).collect();
    let layer = |class: &'static str| {
        paths.iter().map(move |d| html! { <path {class} d={d.clone()} /> }).collect::<Html>()
    };
    html! { <g class="tubes" aria-hidden="true">{ layer("tube-wall") }{ layer("tube") }</g> }
}

/// The ways of what workers publish.
pub(super) fn emits(plan: &Plan) -> Html {
    let emits = plan.emits_to_lanes.iter().chain(&plan.emits_to_topics);
    let emits = emits.map(|(_, _, tube)| {
        html! { <><path class="emit" d={path(tube)} /><path class="emit-tip" d={tip(tube)} /></> }
    });
    html! { <g class="emits" aria-hidden="true">{ for emits }</g> }
}

/// The tip of an arrow at the end of a way, which runs straight to the right, left or down there.
fn tip(tube: &Tube) -> String {
    let [.., before, end] = tube.points.as_slice() else { return String::new() };
    let Point { x, y } = *end;
    let side = if before.x < x { -7.0 } else { 7.0 };
    let (a, b) = if before.x == x {
        (Point { x: x - 4.5, y: y - 7.0 }, Point { x: x + 4.5, y: y - 7.0 })
    } else {
        (Point { x: x + side, y: y - 4.5 }, Point { x: x + side, y: y + 4.5 })
    };
    format!("M{} {}L{} {}L{} {}z", px(x), px(y), px(a.x), px(a.y), px(b.x), px(b.y))
}

/// How far a tube begins to bend before its corner.
const BEND: f64 = 14.0;

/// The line of a tube, with round corners.
fn path(tube: &Tube) -> String {
    let points = &tube.points;
    let bend = |from: Point, to: Point| {
        let length = from.distance(to);
        from.toward(to, if length > 0.0 { (BEND / length).min(0.5) } else { 0.0 })
    };
    let at = |Point { x, y }: Point| format!("{} {}", px(x), px(y));
    let mut line = String::new();
    for (index, point) in points.iter().enumerate() {
        let step = if index == 0 { 'M' } else { 'L' };
        match points.get(index + 1) {
            Some(next) if index > 0 => {
                let (from, to) = (bend(*point, points[index - 1]), bend(*point, *next));
                line += &format!("L{}Q{} {}", at(from), at(*point), at(to));
            }
            _ => line += &format!("{step}{}", at(*point)),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_round_and_ends_are_kept() {
        let corner = |x: f64, y: f64| Point { x, y };
        let points = vec![corner(0.0, 0.0), corner(100.0, 0.0), corner(100.0, 100.0)];
        assert_eq!(path(&Tube { points }), "M0 0L86 0Q100 0 100 14L100 100");
        let points = vec![corner(0.0, 0.0), corner(4.0, 0.0), corner(4.0, 4.0)];
        assert_eq!(
            path(&Tube { points }),
            "M0 0L2 0Q4 0 4 2L4 4",
            "a short step bends in its middle"
        );
    }
}
