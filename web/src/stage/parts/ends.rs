//! The ends of parts: from there a line is pulled to the part that they are to lead to.

use yew::prelude::*;

use crate::{
    picture::{Layout, Plan, Rect},
    stage::words::px,
};

/// The attribute that says of which part an element is the end, as `queue:jobs`.
pub(crate) const END_MARK: &str = "data-end";

/// The end of every part. Keys and forms do the same: they are for pointers alone.
pub(in crate::stage) fn ends(layout: &Layout, plan: &Plan) -> Html {
    let sources = layout.sources.iter().zip(&plan.sources);
    let sources = sources.map(|(each, plan)| end("producer", &each.name, plan.rect));
    let topics = layout.topics.iter().zip(&plan.topics);
    let topics = topics.map(|(each, plan)| end("topic", &each.name, plan.rect));
    let lanes = layout.lanes.iter().zip(&plan.lanes);
    let lanes = lanes.map(|(each, plan)| end("queue", &each.name, plan.cabinet));
    let workers = layout.lanes.iter().flat_map(|lane| &lane.workers).zip(&plan.workers);
    let workers = workers.map(|(each, plan)| end("worker", &each.provider, plan.provider));
    html! {
        <g class="ends" aria-hidden="true">
            { for sources.chain(topics).chain(lanes).chain(workers) }
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
