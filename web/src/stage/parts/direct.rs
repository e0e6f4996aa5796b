//! Those who call and wait, and the services that they call.

use yew::prelude::*;

use super::{Hands, name_at, path, plate, upon, words_at, worker::mode_button};
use crate::{
    picture::{Caller, Icon, NodePlan, Plan, Point, Service, ServicePlan},
    stage::{
        Mode, Served, Waiting,
        icon::{icon, sign},
        words,
    },
};

/// The lines along which requests go, and their answers come back.
pub(in crate::stage) fn requests(plan: &Plan) -> Html {
    let lines = plan.requests.iter().flatten();
    let lines = lines.map(|tube| html! { <path class="request" d={path(tube)} /> });
    html! { <g class="requests" aria-hidden="true">{ for lines }</g> }
}

/// Somebody who calls services one after the other, and waits for each.
pub(in crate::stage) fn caller(caller: &Caller, plan: NodePlan, view: Waiting) -> Html {
    let NodePlan { rect, sign: at, is_flat } = plan;
    let answered = format!("{} answered", words::count(view.answered));
    let unanswered = format!("{} not", words::count(view.unanswered));
    let label = format!(
        "{} waits: {} under way, {answered}, {unanswered}",
        caller.label,
        words::count(view.under_way)
    );
    let (class, words) = if is_flat {
        ("", Point { x: rect.x + 52.0, y: rect.y + 21.0 })
    } else {
        ("middle", Point { x: rect.middle().x, y: rect.y + 54.0 })
    };
    let below = |dy: f64| Point { y: words.y + dy, ..words };
    html! {
        <g role="img" aria-label={label}>
            <g class={classes!("caller", class)}>
                { plate("box", rect, 10) }
                { icon(Icon::Waits, at.x - 12.0, at.y - 12.0, 24.0) }
                { name_at(class, words, &caller.label, rect.right() - if is_flat { words.x } else { rect.x } - 12.0) }
                if is_flat {
                    { words_at("says", below(18.0), format!("{answered}, {unanswered}")) }
                } else {
                    { words_at("says", below(18.0), answered) }
                    if view.unanswered > 0 {
                        { words_at("state bad", below(35.0), unanswered) }
                    }
                }
            </g>
        </g>
    }
}

/// Somebody who answers.
pub(in crate::stage) fn service(
    service: &Service,
    plan: ServicePlan,
    mode: Mode,
    view: Served,
    hands: &Hands,
) -> Html {
    let ServicePlan { rect, buttons } = plan;
    let done = format!("{} done", words::count(view.taken));
    let waiting = match view.waiting {
        0 => String::new(),
        waiting => format!(", {} in line", words::count(waiting)),
    };
    let state = words::mode(mode);
    let label = format!("{}: {state}; {done}{waiting}", service.label);
    let x = rect.x + 42.0;
    html! {
        <g class={classes!("service", words::mode_class(mode))} role="group"
            aria-label={service.label.clone()}>
            <g role="img" aria-label={label}>
                { plate("box", rect, 10) }
                { icon(Icon::Worker, rect.x + 10.0, rect.y + 9.0, 22.0) }
                { name_at("", Point { x, y: rect.y + 21.0 }, &service.label, rect.w - 120.0) }
                { sign(mode, x, rect.y + 29.0) }
            </g>
            { upon(html! {
                <>
                    { words_at("state", Point { x: x + 17.0, y: rect.y + 39.0 }, state) }
                    { words_at("says end", Point { x: rect.right() - 10.0, y: rect.y + 20.0 }, done) }
                    { words_at("says end", Point { x: rect.right() - 10.0, y: rect.y + 39.0 },
                        waiting.trim_start_matches(", ").to_owned()) }
                </>
            }) }
            { for [Mode::Ok, Mode::Fail, Mode::Hang].into_iter().zip(buttons).map(|(to, rect)| {
                mode_button((&service.name, &service.label), to, mode, rect, false, hands)
            }) }
        </g>
    }
}
