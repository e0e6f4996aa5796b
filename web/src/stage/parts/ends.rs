//! The ends of parts: from there a line is pulled to the part that they are to lead to.

use yew::prelude::*;

use crate::{
    picture::{Layout, Plan, Rect},
    stage::words::px,
};

/// The attribute that says of which part an element is the end, as `queue:jobs`.
pub(crate) const END_MARK: &str = "data-end";

/// The attribute that says of which part an element is the grip, likewise.
pub(crate) const GRIP_MARK: &str = "data-grip";

/// The end of every part. Keys and forms do the same: they are for pointers alone.
pub(in crate::stage) fn ends(layout: &Layout, plan: &Plan) -> Html {
    let builds = parts(layout, plan).filter(|(kind, ..)| !matches!(*kind, "caller" | "service"));
    html! {
        <g class="ends" aria-hidden="true">
            { for builds.map(|(kind, name, rect)| end(kind, name, rect)) }
        </g>
    }
}

/// The grip of every part, by which a finger moves it. The mouse takes the part itself, and keys
/// move it, too.
pub(in crate::stage) fn grips(layout: &Layout, plan: &Plan) -> Html {
    html! {
        <g class="grips" aria-hidden="true">
            { for parts(layout, plan).map(|(kind, name, rect)| grip(kind, name, rect)) }
        </g>
    }
}

/// Every part with its kind, its name and the box of it.
fn parts<'a>(
    layout: &'a Layout,
    plan: &'a Plan,
) -> impl Iterator<Item = (&'static str, &'a str, Rect)> {
    let sources = layout.sources.iter().zip(&plan.sources);
    let sources = sources.map(|(each, plan)| ("producer", &*each.name, plan.rect));
    let topics = layout.topics.iter().zip(&plan.topics);
    let topics = topics.map(|(each, plan)| ("topic", &*each.name, plan.rect));
    let lanes = layout.lanes.iter().zip(&plan.lanes);
    let lanes = lanes.map(|(each, plan)| ("queue", &*each.name, plan.cabinet));
    let workers = layout.lanes.iter().flat_map(|lane| &lane.workers).zip(&plan.workers);
    let workers = workers.map(|(each, plan)| ("worker", &*each.provider, plan.frame()));
    let callers = layout.callers.iter().zip(&plan.callers);
    let callers = callers.map(|(each, plan)| ("caller", &*each.name, plan.rect));
    let services = layout.services.iter().zip(&plan.services);
    let services = services.map(|(each, plan)| ("service", &*each.name, plan.rect));
    sources.chain(topics).chain(lanes).chain(workers).chain(callers).chain(services)
}

fn grip(kind: &str, name: &str, rect: Rect) -> Html {
    let (x, y) = (rect.x + 1.0, rect.y + 14.0);
    let dots = |x: f64| {
        let column = [-4.0, 0.0, 4.0].map(|dy| format!("M{} {}h0", px(x), px(y + dy)));
        column.concat()
    };
    html! {
        <g class="grip" data-grip={format!("{kind}:{name}")}>
            <circle class="end-reach" cx={px(x)} cy={px(y)} r="15" />
            <rect class="grip-face" x={px(x - 6.0)} y={px(y - 9.0)} width="12" height="18" rx="4" />
            <path d={dots(x - 2.0) + &dots(x + 2.0)} />
        </g>
    }
}

fn end(kind: &str, name: &str, rect: Rect) -> Html {
    let x = rect.right() - 1.0;
    // Above, a cabinet says what it is; below, a provider has its buttons.
    let y = if kind == "queue" { rect.bottom() - 14.0 } else { rect.y + 14.0 };
    let (cx, cy) = (px(x), px(y));
    let plus = format!("M{} {cy}h8M{cx} {}v8", px(x - 4.0), px(y - 4.0));
    html! {
        <g class="end" data-end={format!("{kind}:{name}")}>
            <circle class="end-reach" cx={cx.clone()} cy={cy.clone()} r="15" />
            <circle class="end-dot" {cx} {cy} r="7.5" />
            <path d={plus} />
        </g>
    }
}
