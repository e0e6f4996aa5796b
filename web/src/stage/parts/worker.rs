//! The table of a worker, the breaker on its line, and the provider.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::{Hands, chosen, name_at, plate, upon, words_at};
use crate::{
    picture::{Breaker, Point, Presence, Rect, Worker, WorkerPlan, WorkerView},
    stage::{
        Mode, Selection, StageAction,
        icon::{icon, sign},
        press::Press,
        words::{self, px},
    },
};

/// One worker, and how it stands.
#[derive(Clone, Copy)]
pub(in crate::stage) struct AtWork<'a> {
    pub(in crate::stage) worker: &'a Worker,
    pub(in crate::stage) plan: &'a WorkerPlan,
    pub(in crate::stage) view: WorkerView,
    pub(in crate::stage) mode: Mode,
    pub(in crate::stage) is_chosen: bool,
    pub(in crate::stage) now: Timestamp,
}

pub(in crate::stage) fn worker(at_work: AtWork<'_>, hands: &Hands) -> Html {
    html! {
        <>
            { table(at_work) }
            { breaker(at_work) }
            { provider(at_work, hands) }
        </>
    }
}

fn table(AtWork { worker, plan, view, now, .. }: AtWork<'_>) -> Html {
    let table = plan.table;
    let is_throttled = view.throttled_until.is_some_and(|until| until > now);
    let desks = plan.desks.iter().map(|desk| {
        html! { <circle class="desk" cx={px(desk.x)} cy={px(desk.y)} r="15.5" /> }
    });
    let at_once = words::count(view.concurrency.into());
    let says = format!("{} of {at_once}", words::count(view.calls));
    let (limit, held_back) = match view.presence {
        Presence::Crashed => ("crashed".to_owned(), ", crashed"),
        Presence::CutOff => ("cut off".to_owned(), ", cut off from the queue"),
        Presence::Here if view.is_paused && view.calls > 0 => {
            ("pausing".to_owned(), ", pausing: it takes no more")
        }
        Presence::Here if view.is_paused => ("paused".to_owned(), ", paused"),
        Presence::Here if is_throttled => {
            ("rate limit".to_owned(), ", held back by the rate limit")
        }
        Presence::Here if worker.concurrency_max > worker.concurrency => {
            (format!("{at_once}, up to {}", words::count(worker.concurrency_max.into())), "")
        }
        Presence::Here => (format!("{at_once} at once"), ""),
    };
    let (x, top) = (table.middle().x, table.y + 17.0);
    html! {
        <g class="table" role="img"
            aria-label={format!("Workers of {}: {says} at work{held_back}", worker.label)}>
            { plate("box", table, 10) }
            { for desks }
            if !plan.is_small {
                { words_at("caption middle", Point { x, y: top }, "workers") }
                { words_at("caption middle", Point { x, y: table.bottom() - 10.0 }, limit) }
            }
        </g>
    }
}

/// A switch on the line to the provider: closed it lets calls pass, open it does not.
fn breaker(AtWork { worker, plan, view, now, .. }: AtWork<'_>) -> Html {
    let (Some(start), Some(end)) = (plan.line.points.first(), plan.line.points.last()) else {
        return Html::default();
    };
    let at = plan.switch;
    // The line may run to the left.
    let side = if end.x < start.x { -1.0 } else { 1.0 };
    let (near, far) = (at.x - 15.0 * side, at.x + 15.0 * side);
    let line = |from: f64, to: f64| {
        html! { <path class="wire" d={format!("M{} {}H{}", px(from), px(at.y), px(to))} /> }
    };
    if !worker.breaker {
        return html! { <g class="line">{ line(start.x, end.x) }</g> };
    }
    let (class, tip, says, label) = match view.breaker {
        Breaker::Closed => ("closed", 0.0, "closed".to_owned(), "closed, calls pass".to_owned()),
        Breaker::Open { until } => {
            let left = words::seconds(until.since(now));
            ("open", -20.0, format!("open {left}"), format!("open, tries again in {left}"))
        }
        Breaker::ForcedOpen => {
            ("open", -20.0, "forced open".to_owned(), "forced open, no calls pass".to_owned())
        }
        Breaker::Disabled => {
            ("closed", 0.0, "disabled".to_owned(), "disabled, all calls pass".to_owned())
        }
        Breaker::HalfOpen => {
            ("half-open", -8.0, "testing".to_owned(), "half open, a few calls test it".to_owned())
        }
    };
    let pole = |x: f64| {
        html! { <circle class="pole" cx={px(x)} cy={px(at.y)} r="4" /> }
    };
    html! {
        <g class={classes!("line", "breaker", class)} role="img"
            aria-label={format!("Breaker to {}: {label}", worker.label)}>
            { line(start.x, near) }
            { line(far, end.x) }
            <path class="blade" d={format!("M{} {}L{} {}", px(near), px(at.y), px(far), px(at.y + tip))} />
            { pole(near) }
            { pole(far) }
            { words_at("caption middle", Point { y: at.y + 23.0, ..at }, "breaker") }
            { words_at("state middle", Point { y: at.y + 39.0, ..at }, says) }
        </g>
    }
}

fn provider(AtWork { worker, plan, view, mode, is_chosen, .. }: AtWork<'_>, hands: &Hands) -> Html {
    let state = words::mode(mode);
    let (passed, failed) = (words::delivered(view.succeeded), words::failed(view.failed));
    let label = format!("{}: {state}; calls: {passed}, {failed}", worker.label);
    let Point { x, y } = plan.words;
    // Words that end at the hatch leave it less room.
    let size = if plan.is_small || plan.words.x < plan.door.x { 18.0 } else { 22.0 };
    let hatch = plan.door;
    let end = if x > hatch.x { plan.provider.right() } else { hatch.x - size };
    let room = end - x - 10.0;
    let above = Point { x: plan.provider.x + 12.0, y: plan.provider.y + 17.0 };
    html! {
        <g class={classes!("provider-with-buttons", words::mode_class(mode))} role="group"
            aria-label={worker.label.clone()}>
            <Press class={classes!("provider", chosen(is_chosen))} {label}
                part={format!("worker:{}", worker.provider)}
                on_press={hands.choose(Selection::Provider(worker.provider.clone()))}>
                { plate("box", plan.provider, 10) }
                <circle class="hatch" cx={px(hatch.x)} cy={px(hatch.y)}
                    r={px(size * 0.86)} />
                { icon(worker.icon, hatch.x - size / 2.0, hatch.y - size / 2.0, size) }
                { name_at("", Point { x, y }, &worker.label, room) }
                { sign(mode, x, y + 8.0) }
            </Press>
            if !plan.is_small {
                { upon(html! {
                    <>
                        if plan.words.x > hatch.x {
                            { words_at("caption", above, "provider") }
                        }
                        { words_at("state", Point { x: x + 17.0, y: y + 18.0 }, state) }
                        { words_at("says", Point { x, y: y + 36.0 }, passed) }
                        if view.failed > 0 {
                            { words_at("says", Point { x, y: y + 52.0 }, failed) }
                        }
                    </>
                }) }
            }
            { for [Mode::Ok, Mode::Fail, Mode::Hang].into_iter().zip(plan.buttons)
                .map(|(to, rect)| mode_button((&worker.provider, &worker.label), to, mode, rect, plan.is_small, hands)) }
        </g>
    }
}

/// A button that makes somebody behave so; `who` is a name and what the reader sees of it.
pub(super) fn mode_button(
    who: (&str, &str),
    to: Mode,
    current: Mode,
    rect: Rect,
    is_small: bool,
    hands: &Hands,
) -> Html {
    let (word, class, label) = match to {
        Mode::Fail => ("Fail", "fail", format!("Make {} fail", who.1)),
        Mode::Hang => ("Hang", "hang", format!("Make {} hang", who.1)),
        _ => ("Heal", "heal", format!("Heal {}", who.1)),
    };
    let provider = who.0.to_owned();
    let middle = rect.middle();
    html! {
        <Press class={classes!("button", "mode", class)} {label} pressed={Some(to == current)}
            on_press={hands.act(StageAction::SetMode { provider, mode: to })}>
            { plate("face", rect, 6) }
            if is_small {
                <title>{ word }</title>
                { sign(to, middle.x - 6.0, middle.y - 6.0) }
            } else {
                { words_at("word", Point { y: middle.y + 4.0, ..middle }, word) }
            }
        </Press>
    }
}
