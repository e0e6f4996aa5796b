//! The stage where there is width: source and topic on the left, lanes side by side with it.

use postroom_core::Address;

use super::{
    super::layout::{Lane, Layout},
    CAPTION, DEAD_PITCH, DESKS_MAX, LanePlan, PITCH, Plan, Point, Rect, Tube, WAIT_PITCH,
    WorkerPlan, fitting,
};

const EDGE: f64 = 16.0;
const COLUMN: f64 = 124.0;
const TRUNK: f64 = 44.0;
const TABLE: f64 = 78.0;
const LINE: f64 = 84.0;
const PROVIDER: f64 = 170.0;
const LANE: f64 = 160.0;
const SMALL_WORKER: f64 = 52.0;
const GAP: f64 = 12.0;
const NODE: f64 = 92.0;

pub(super) fn plan(layout: &Layout, width: f64) -> Plan {
    let mut plan = Plan { width, is_wide: true, ..Plan::default() };
    let left = EDGE + COLUMN + TRUNK;
    let cabinet = width - left - 18.0 - TABLE - LINE - PROVIDER - EDGE;
    let mut y = EDGE;
    for (number, lane) in (0_u16..).zip(&layout.lanes) {
        let height = LANE.max(lane.workers.len() as f64 * (SMALL_WORKER + 6.0) + 12.0);
        let frame = Rect { x: left, y, w: cabinet, h: height };
        plan.lanes.push(lane_plan(frame));
        place_workers(&mut plan, number, lane, frame);
        y += height + GAP;
    }
    plan.height = (y - GAP + EDGE).max(2.0 * NODE + 3.0 * EDGE);
    place_left_column(&mut plan, layout);
    plan
}

fn lane_plan(cabinet: Rect) -> LanePlan {
    let inner = cabinet.inset(10.0);
    let plate = Rect { x: inner.x, y: cabinet.y + 7.0, w: inner.w, h: 20.0 };
    let shelves = (cabinet.bottom() - 10.0 - plate.bottom() - 4.0 - 6.0) / 2.0;
    let ready = Rect { x: inner.x, y: plate.bottom() + 4.0, w: inner.w, h: shelves };
    let lower = ready.bottom() + 6.0;
    let w = (inner.w * 0.5).floor();
    let waiting = Rect { x: inner.x, y: lower, w: w - 3.0, h: shelves };
    let dead = Rect { x: inner.x + w + 3.0, y: lower, w: inner.w - w - 3.0, h: shelves };
    let redrive = Rect { x: dead.right() - 82.0, y: dead.bottom() - 32.0, w: 78.0, h: 28.0 };
    LanePlan {
        slots: fitting(ready.w - 12.0, PITCH),
        shelf: fitting(waiting.w - 8.0, WAIT_PITCH),
        pile: fitting(dead.w - 90.0 - 24.0, DEAD_PITCH),
        cabinet,
        plate,
        ready,
        waiting,
        dead,
        redrive,
    }
}

fn place_workers(plan: &mut Plan, number: u16, lane: &Lane, frame: Rect) {
    let Some(parts) = plan.lanes.last() else { return };
    let axis = parts.ready.y + (parts.ready.h + CAPTION) / 2.0;
    let (x, exit) = (frame.right() + 18.0, parts.ready.right());
    let is_small = lane.workers.len() > 1;
    for (index, worker) in lane.workers.iter().enumerate() {
        let (y, h) = if is_small {
            let step = (frame.h - 4.0) / lane.workers.len() as f64;
            (frame.y + 2.0 + index as f64 * step, step - 6.0)
        } else {
            (frame.y, frame.h)
        };
        let table = Rect { x, y, w: TABLE, h };
        let at = if is_small { table.middle().y } else { axis };
        let provider = Rect { x: table.right() + LINE, y, w: PROVIDER, h };
        let knee = frame.right() + 9.0;
        let from = Point { x: exit, y: axis };
        let feed = [from, Point { x: knee, y: axis }, Point { x: knee, y: at }];
        let end = Point { x: table.x, y: at };
        let door = Point { x: provider.x + 22.0, y: at };
        plan.workers.push(WorkerPlan {
            lane: number,
            desks: desks(table, worker.concurrency, is_small),
            feed: Tube { points: feed.into_iter().chain([end]).collect() },
            line: Tube {
                points: vec![Point { x: table.right(), y: at }, Point { x: provider.x, y: at }],
            },
            switch: Point { x: table.right() + LINE / 2.0, y: at },
            buttons: buttons(provider, is_small),
            table,
            provider,
            door,
            is_small,
        });
    }
}

fn buttons(provider: Rect, is_small: bool) -> [Rect; 3] {
    let (w, h) = if is_small { (26.0, 24.0) } else { (50.0, 30.0) };
    let y = provider.bottom() - h - if is_small { 4.0 } else { 8.0 };
    let right = provider.right() - 8.0;
    [2.0, 1.0, 0.0].map(|from_right: f64| Rect { x: right - w - from_right * (w + 2.0), y, w, h })
}

/// Desks in two columns, or in one row where there is little height.
fn desks(table: Rect, concurrency: u32, is_small: bool) -> Vec<Point> {
    let count = (concurrency as usize).min(if is_small { 2 } else { DESKS_MAX });
    let columns = count.min(2).max(1);
    let rows = count.div_ceil(columns);
    let top = if is_small { table.y } else { table.y + CAPTION + 4.0 };
    let middle = Point { x: table.middle().x, y: (top + table.bottom()) / 2.0 };
    let pitch = if rows > 3 { 32.0 } else { 34.0 };
    (0..count)
        .map(|desk| Point {
            x: middle.x + ((desk % columns) as f64 - (columns as f64 - 1.0) / 2.0) * 36.0,
            y: middle.y + ((desk / columns) as f64 - (rows as f64 - 1.0) / 2.0) * pitch,
        })
        .collect()
}

fn place_left_column(plan: &mut Plan, layout: &Layout) {
    let lane_axis = |plan: &Plan, lane: usize| {
        let ready = plan.lanes[lane].ready;
        ready.y + (ready.h + CAPTION) / 2.0
    };
    for (index, _) in layout.sources.iter().enumerate() {
        let y = EDGE + index as f64 * (NODE + EDGE);
        plan.sources.push(Rect { x: EDGE, y, w: COLUMN, h: NODE });
    }
    let used = plan.sources.last().map_or(EDGE, |last| last.bottom() + 36.0);
    for (number, node) in (0_u16..).zip(&layout.topics) {
        let lanes: Vec<usize> = (0..layout.lanes.len())
            .filter(|lane| layout.lanes[*lane].topics.contains(&node.topic))
            .collect();
        let axes = lanes.iter().map(|lane| lane_axis(plan, *lane)).sum::<f64>();
        let middle = axes / lanes.len().max(1) as f64;
        let lowest = plan.height - EDGE - NODE;
        let y = (middle - NODE / 2.0).clamp(used.min(lowest), lowest);
        let rect = Rect { x: EDGE, y, w: COLUMN, h: NODE };
        plan.topics.push(rect);
        for lane in lanes {
            let tube = step(rect, lane_axis(plan, lane), plan.lanes[lane].ready.x, 0.5);
            plan.fan_out.push((number, lane as u16, tube));
        }
    }
    for (number, source) in (0_u16..).zip(&layout.sources) {
        let rect = plan.sources[usize::from(number)];
        for to in &source.to {
            match to {
                Address::Topic(topic) => {
                    let Some(to) = layout.topics.iter().position(|node| node.topic == *topic)
                    else {
                        continue;
                    };
                    let end = plan.topics[to];
                    let x = rect.middle().x;
                    let points = vec![Point { x, y: rect.bottom() }, Point { x, y: end.y }];
                    plan.to_topics.push((number, to as u16, Tube { points }));
                }
                Address::Queue(queue) => {
                    let Some(lane) = layout.lanes.iter().position(|lane| lane.queue == *queue)
                    else {
                        continue;
                    };
                    let tube = step(rect, lane_axis(plan, lane), plan.lanes[lane].ready.x, 0.8);
                    plan.direct.push((number, lane as u16, tube));
                }
            }
        }
    }
}

/// From the right edge of `from` across the trunk to a lane at height `y`.
fn step(from: Rect, y: f64, x: f64, knee: f64) -> Tube {
    let start = Point { x: from.right(), y: from.middle().y };
    let knee = from.right() + TRUNK * knee;
    let end = Point { x, y };
    let corners = [start, Point { x: knee, y: start.y }, Point { x: knee, y }, end];
    Tube { points: corners.to_vec() }
}
