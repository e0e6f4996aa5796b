//! The cabinet of a queue: what is ready, what waits, what is dead.

use postroom_core::{QueueId, Timestamp};
use yew::prelude::*;

use super::{Hands, chosen, name_at, plate, upon, words_at};
use crate::{
    picture::{Counters, Lane, LanePlan, Point, Rect},
    stage::{
        Selection, StageAction,
        icon::{icon, redrive_arrow},
        press::Press,
        words::{self, px},
    },
};

pub(in crate::stage) fn cabinet(
    lane: &Lane,
    plan: &LanePlan,
    counters: Counters,
    next_try: Option<Timestamp>,
    is_chosen: bool,
    hands: &Hands,
    now: Timestamp,
) -> Html {
    let paused = if counters.is_paused { ", paused" } else { "" };
    let label = format!(
        "{} queue{paused}: {} ready, {} in flight, {} waiting to be tried again, {} dead letters",
        lane.label, counters.ready, counters.in_flight, counters.waiting, counters.dead
    );
    let corner = Point { x: plan.plate.right(), y: plan.plate.y + 15.0 };
    let caption = match next_try {
        _ if counters.is_paused => "paused".to_owned(),
        Some(due) => format!("next try in {}", words::seconds(due.since(now))),
        None => "queue".to_owned(),
    };
    html! {
        <>
            <Press class={classes!("cabinet", chosen(is_chosen))} {label}
                part={format!("queue:{}", lane.name)}
                on_press={hands.choose(Selection::Queue(lane.queue))}>
                { plate("wood", plan.cabinet, 10) }
                { name_plate(lane, plan.plate) }
            </Press>
            { upon(html! {
                <>
                    { words_at("caption end", corner, caption) }
                    { compartment(plan.ready, "ready", counters.ready) }
                    { walls(plan) }
                    { compartment(plan.waiting, "waiting", counters.waiting) }
                    if lane.dead_letters.is_some() {
                        { compartment(plan.dead, "dead letters", counters.dead) }
                    }
                </>
            }) }
            if lane.dead_letters.is_some() {
                { redrive(lane.queue, &lane.label, plan.redrive, counters.dead, hands) }
            }
        </>
    }
}

/// A label in a brass holder, as on a drawer.
fn name_plate(lane: &Lane, at: Rect) -> Html {
    let width = (50.0 + 9.2 * lane.label.chars().count() as f64).min(at.w - 100.0);
    let rect = Rect { w: width, ..at };
    let screw = |x: f64| {
        html! { <circle class="screw" cx={px(x)} cy={px(rect.middle().y)} r="1.6" /> }
    };
    html! {
        <>
            { plate("brass", rect, 4) }
            { plate("label", Rect { x: rect.x + 8.0, y: rect.y + 2.0, w: rect.w - 16.0, h: rect.h - 4.0 }, 2) }
            { screw(rect.x + 4.0) }
            { screw(rect.right() - 4.0) }
            { icon(lane.icon, rect.x + 12.0, rect.y + 2.5, 15.0) }
            { name_at("", Point { x: rect.x + 32.0, y: rect.y + 15.0 }, &lane.label, width - 42.0) }
        </>
    }
}

/// A compartment: its hole, and its caption with a number.
fn compartment(rect: Rect, caption: &'static str, count: u64) -> Html {
    let base = rect.y + 15.0;
    html! {
        <>
            { plate("hole", rect, 5) }
            { plate("hole-shade", Rect { h: 16.0, ..rect }, 5) }
            { words_at("caption", Point { x: rect.x + 8.0, y: base }, caption) }
            { words_at("count end", Point { x: rect.right() - 8.0, y: base }, words::count(count)) }
        </>
    }
}

/// The walls between the pigeonholes of what is ready.
fn walls(plan: &LanePlan) -> Html {
    let (top, bottom) = (px(plan.ready.y + 22.0), px(plan.ready.bottom() - 2.0));
    let lines: String = plan.walls().map(|x| format!("M{} {top}V{bottom}", px(x))).collect();
    html! { <path class="walls" d={lines} /> }
}

fn redrive(queue: QueueId, label: &str, rect: Rect, dead: u64, hands: &Hands) -> Html {
    let middle = rect.middle();
    html! {
        <Press class="button redrive" disabled={dead == 0}
            label={format!("Redrive the dead letters of {label}")}
            on_press={hands.act(StageAction::Redrive { queue })}>
            { plate("face", rect, 6) }
            { redrive_arrow(rect.x + 7.0, middle.y - 6.0) }
            { words_at("word", Point { x: middle.x + 9.0, y: middle.y + 4.0 }, "Redrive") }
        </Press>
    }
}
