//! The stage on a phone: one column, and a trunk line down its left edge.

use postroom_core::Address;

use super::{
    super::layout::Layout, CAPTION, DEAD_PITCH, DESKS_MAX, LanePlan, NodePlan, PITCH, Plan, Point,
    Rect, Tube, WAIT_PITCH, WorkerPlan, fitting,
};

const LEFT: f64 = 32.0;
const RIGHT: f64 = 8.0;
const TRUNK: f64 = 16.0;
const TOP: f64 = 10.0;
const NODE: f64 = 48.0;
const SHELF: f64 = 60.0;
const WORKER: f64 = 134.0;
const TABLE: f64 = 80.0;
const LINE: f64 = 68.0;
const GAP: f64 = 14.0;

pub(super) fn plan(layout: &Layout, width: f64) -> Plan {
    let mut plan = Plan { width, is_wide: false, ..Plan::default() };
    let w = width - LEFT - RIGHT;
    let node = |y| {
        let rect = Rect { x: LEFT, y, w, h: NODE };
        NodePlan { rect, sign: Point { x: LEFT + 26.0, y: rect.middle().y }, is_flat: true }
    };
    let mut y = TOP;
    for _ in &layout.sources {
        plan.sources.push(node(y));
        y += NODE + 22.0;
    }
    for _ in &layout.topics {
        plan.topics.push(node(y));
        y += NODE + 22.0;
    }
    for (number, lane) in (0_u16..).zip(&layout.lanes) {
        let cabinet = Rect { x: LEFT, y, w, h: 30.0 + 2.0 * SHELF + 6.0 + 10.0 };
        plan.lanes.push(lane_plan(cabinet, lane.dead_letters.is_some()));
        y = cabinet.bottom() + 10.0;
        for worker in &lane.workers {
            place_worker(&mut plan, number, worker.concurrency_max, y);
            y += WORKER + 8.0;
        }
        y += GAP;
    }
    plan.height = y - GAP + 4.0;
    place_tubes(&mut plan, layout);
    plan
}

fn lane_plan(cabinet: Rect, has_tray: bool) -> LanePlan {
    let inner = cabinet.inset(8.0);
    let plate = Rect { x: inner.x, y: cabinet.y + 6.0, w: inner.w, h: 20.0 };
    let w = (inner.w * 0.46).floor();
    let lower = Rect { x: inner.x, y: plate.bottom() + 4.0, w: inner.w, h: SHELF };
    let waiting = if has_tray { Rect { w: w - 3.0, ..lower } } else { lower };
    let dead = Rect { x: inner.x + w + 3.0, w: inner.w - w - 3.0, ..lower };
    let ready = Rect { y: lower.bottom() + 6.0, ..lower };
    let redrive = Rect { x: dead.right() - 80.0, y: dead.bottom() - 36.0, w: 76.0, h: 32.0 };
    LanePlan {
        slots: fitting(ready.w - 12.0, PITCH),
        shelf: fitting(waiting.w - 5.0, WAIT_PITCH),
        pile: fitting(dead.w - 86.0 - 30.0 + DEAD_PITCH, DEAD_PITCH),
        cabinet,
        plate,
        ready,
        waiting,
        dead,
        redrive,
    }
}

/// The table stands under the head of the tray, the provider to its left.
fn place_worker(plan: &mut Plan, lane: u16, concurrency: u32, y: f64) {
    let Some(parts) = plan.lanes.last() else { return };
    let cabinet = parts.cabinet;
    let table = Rect { x: cabinet.right() - TABLE, y, w: TABLE, h: WORKER };
    let provider = Rect { x: cabinet.x, y, w: cabinet.w - TABLE - LINE, h: WORKER };
    let at = y + 40.0;
    let door = Point { x: provider.right() - 22.0, y: at };
    let words = Point { x: provider.x + 12.0, y: y + 21.0 };
    let drop = table.middle().x;
    let feed = vec![Point { x: drop, y: parts.ready.bottom() }, Point { x: drop, y: table.y }];
    let line = vec![Point { x: table.x, y: at }, Point { x: provider.right(), y: at }];
    plan.workers.push(WorkerPlan {
        lane,
        desks: desks(table, concurrency),
        feed: Tube { points: feed },
        line: Tube { points: line },
        switch: Point { x: table.x - LINE / 2.0, y: at },
        buttons: buttons(provider),
        table,
        provider,
        door,
        words,
        is_small: false,
    });
}

fn buttons(provider: Rect) -> [Rect; 3] {
    let w = (provider.w - 12.0 - 4.0) / 3.0;
    [0.0, 1.0, 2.0].map(|index: f64| Rect {
        x: provider.x + 6.0 + index * (w + 2.0),
        y: provider.bottom() - 42.0,
        w,
        h: 36.0,
    })
}

fn desks(table: Rect, concurrency: u32) -> Vec<Point> {
    let count = (concurrency as usize).min(DESKS_MAX).min(6);
    let columns = count.clamp(1, 2);
    let rows = count.div_ceil(columns);
    let pitch = if rows > 2 { 31.0 } else { 35.0 };
    let top = (table.y + CAPTION + table.bottom() - 18.0 - (rows as f64 - 1.0) * pitch) / 2.0;
    (0..count)
        .map(|desk| Point {
            x: table.middle().x + ((desk % columns) as f64 - (columns as f64 - 1.0) / 2.0) * 36.0,
            y: top + (desk / columns) as f64 * pitch,
        })
        .collect()
}

fn place_tubes(plan: &mut Plan, layout: &Layout) {
    for (number, node) in (0_u16..).zip(&layout.topics) {
        for (index, lane) in layout.lanes.iter().enumerate() {
            if lane.topics.contains(&node.topic) {
                let tube = down(plan, plan.topics[usize::from(number)], index);
                plan.fan_out.push((number, index as u16, tube));
            }
        }
    }
    for (number, source) in (0_u16..).zip(&layout.sources) {
        let from = plan.sources[usize::from(number)];
        for to in &source.to {
            if let Address::Queue(queue) = to
                && let Some(lane) = layout.lanes.iter().position(|lane| lane.queue == *queue)
            {
                plan.direct.push((number, lane as u16, down(plan, from, lane)));
            }
            if let Address::Topic(topic) = to
                && let Some(to) = layout.topics.iter().position(|node| node.topic == *topic)
            {
                let x = from.sign.x;
                let points = vec![
                    Point { x, y: from.rect.bottom() },
                    Point { x, y: plan.topics[to].rect.y },
                ];
                plan.to_topics.push((number, to as u16, Tube { points }));
            }
        }
    }
}

/// From the left edge of a node down the trunk to a lane.
fn down(plan: &Plan, from: NodePlan, lane: usize) -> Tube {
    let (start, end) = (from.sign.y, plan.axis(lane));
    let corners = [
        Point { x: from.rect.x, y: start },
        Point { x: TRUNK, y: start },
        Point { x: TRUNK, y: end },
        Point { x: plan.lanes[lane].ready.x, y: end },
    ];
    Tube { points: corners.to_vec() }
}
