//! Below the queues: those who call services and wait.

use super::{super::layout::Layout, NodePlan, Plan, Point, Rect, ServicePlan, Tube, hand};

const EDGE: f64 = 16.0;
const GAP: f64 = 12.0;
const CALLER: (f64, f64) = (124.0, 100.0);
const SERVICE: (f64, f64) = (176.0, 100.0);
/// From one service to the next, with a line between them.
const APART: f64 = 44.0;
/// On a phone.
const LEFT: f64 = 32.0;
const RIGHT: f64 = 8.0;
const TRUNK: f64 = 16.0;
const FLAT: f64 = 48.0;

/// Places the callers and services under all that is there.
pub(super) fn place(plan: &mut Plan, layout: &Layout) {
    if layout.callers.is_empty() && layout.services.is_empty() {
        return;
    }
    let nodes = plan.sources.iter().chain(&plan.topics).map(|node| node.rect.bottom());
    let lanes = plan.lanes.iter().map(|lane| lane.cabinet.bottom());
    let workers = plan.workers.iter().map(|worker| worker.table.bottom());
    let lowest = nodes.chain(lanes).chain(workers).fold(0.0, f64::max);
    let top = lowest + if lowest > 0.0 { 2.0 * GAP } else { EDGE };
    let bottom =
        if plan.is_wide { beside(plan, layout, top) } else { in_a_column(plan, layout, top) };
    plan.height = bottom + EDGE;
}

/// Finds the ways of the requests.
pub(super) fn lead(plan: &mut Plan, layout: &Layout) {
    for caller in &layout.callers {
        let calls = caller
            .calls
            .iter()
            .filter_map(|name| layout.services.iter().position(|service| service.name == *name));
        let calls: Vec<Rect> = calls.map(|index| plan.services[index].rect).collect();
        let index = plan.requests.len();
        let from = plan.callers[index].rect;
        let hops = std::iter::once(from).chain(calls.iter().copied()).zip(&calls);
        let (is_wide, is_drawn) = (plan.is_wide, plan.is_drawn);
        let hop = |(from, to): (Rect, &Rect)| match is_drawn {
            true => around(from, *to),
            false => hop(from, *to, is_wide),
        };
        plan.requests.push(hops.map(hop).collect());
    }
}

fn beside(plan: &mut Plan, layout: &Layout, top: f64) -> f64 {
    let mut bottom = top;
    for index in 0..layout.callers.len() {
        let y = top + index as f64 * (CALLER.1 + GAP);
        let rect = Rect { x: EDGE, y, w: CALLER.0, h: CALLER.1 };
        let sign = Point { x: rect.middle().x, y: y + 24.0 };
        plan.callers.push(NodePlan { rect, sign, is_flat: false });
        bottom = bottom.max(rect.bottom());
    }
    let left = EDGE + CALLER.0 + APART;
    let room = plan.width - left - EDGE + APART;
    let in_a_row = ((room / (SERVICE.0 + APART)) as usize).max(1);
    for index in 0..layout.services.len() {
        let (row, column) = (index / in_a_row, index % in_a_row);
        let x = left + column as f64 * (SERVICE.0 + APART);
        let y = top + row as f64 * (SERVICE.1 + GAP);
        let rect = Rect { x, y, w: SERVICE.0, h: SERVICE.1 };
        plan.services.push(ServicePlan { rect, buttons: buttons(rect) });
        bottom = bottom.max(rect.bottom());
    }
    bottom
}

fn in_a_column(plan: &mut Plan, layout: &Layout, top: f64) -> f64 {
    let (x, w) = (LEFT, plan.width - LEFT - RIGHT);
    let mut y = top;
    for _ in &layout.callers {
        let rect = Rect { x, y, w, h: FLAT };
        let sign = Point { x: x + 26.0, y: rect.middle().y };
        plan.callers.push(NodePlan { rect, sign, is_flat: true });
        y += FLAT + GAP;
    }
    for _ in &layout.services {
        let rect = Rect { x, y, w, h: SERVICE.1 };
        plan.services.push(ServicePlan { rect, buttons: buttons(rect) });
        y += SERVICE.1 + GAP;
    }
    y - GAP
}

fn buttons(rect: Rect) -> [Rect; 3] {
    let (w, h) = ((rect.w - 16.0) / 3.0 - 2.0, 32.0);
    [0.0, 1.0, 2.0].map(|index: f64| Rect {
        x: rect.x + 8.0 + index * (w + 3.0),
        y: rect.bottom() - h - 8.0,
        w,
        h,
    })
}

/// Between boxes that stand anywhere.
fn around(from: Rect, to: Rect) -> Tube {
    let start = Point { x: from.right(), y: from.middle().y };
    hand::way(from, start, to, Point { x: to.x, y: to.middle().y })
}

fn hop(from: Rect, to: Rect, is_wide: bool) -> Tube {
    let (start, end) = (from.middle().y, to.middle().y);
    let points = if is_wide {
        let x = to.x - APART / 2.0;
        let (from, to) = (Point { x: from.right(), y: start }, Point { x: to.x, y: end });
        if start == end {
            vec![from, to]
        } else {
            vec![from, Point { x, y: start }, Point { x, y: end }, to]
        }
    } else {
        let at = |x, y| Point { x, y };
        vec![at(from.x, start), at(TRUNK, start), at(TRUNK, end), at(to.x, end)]
    };
    Tube { points }
}
