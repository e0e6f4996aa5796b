//! The stage where there is width: source and topic on the left, lanes side by side with it.

use postroom_core::Address;

use super::{
    super::layout::{Lane, Layout},
    DEAD_PITCH, DESKS_MAX, LanePlan, NodePlan, PITCH, Plan, Point, Rect, Tube, WAIT_PITCH,
    WorkerPlan, fitting,
};

const EDGE: f64 = 16.0;
const TABLE: f64 = 78.0;
const GUTTER: f64 = 18.0;
/// From one desk to the next.
const DESK_PITCH: f64 = 34.0;
/// The height of the words above and below the desks.
const WORDS: f64 = 22.0;
const SMALL_WORKER: f64 = 47.0;
const GAP: f64 = 12.0;
const NODE: f64 = 92.0;

/// What depends on how much room there is.
#[derive(Clone, Copy)]
struct Measures {
    column: f64,
    trunk: f64,
    line: f64,
    provider: f64,
    lane: f64,
}

const ROOMY: Measures =
    Measures { column: 124.0, trunk: 44.0, line: 84.0, provider: 170.0, lane: 160.0 };
const TIGHT: Measures =
    Measures { column: 112.0, trunk: 36.0, line: 68.0, provider: 168.0, lane: 160.0 };
/// From this width on there is room.
const ROOMY_FROM: f64 = 860.0;
/// With more lanes than this they are lower, so that all are seen at once.
const HIGH_LANES_MAX: usize = 3;
const LOW_LANE: f64 = 134.0;

pub(super) fn plan(layout: &Layout, width: f64) -> Plan {
    let mut plan = Plan { width, is_wide: true, ..Plan::default() };
    let mut measures = if width < ROOMY_FROM { TIGHT } else { ROOMY };
    if layout.lanes.len() > HIGH_LANES_MAX {
        measures.lane = LOW_LANE;
    }
    let left = EDGE + measures.column + measures.trunk;
    let right = GUTTER + TABLE + measures.line + measures.provider + EDGE;
    let mut y = EDGE;
    for (number, lane) in (0_u16..).zip(&layout.lanes) {
        let height = measures.lane.max(lane.workers.len() as f64 * (SMALL_WORKER + 6.0) + 4.0);
        let frame = Rect { x: left, y, w: width - left - right, h: height };
        plan.lanes.push(lane_plan(frame, lane.dead_letters.is_some()));
        place_workers(&mut plan, number, lane, frame, measures);
        y += height + GAP;
    }
    plan.height = (y - GAP + EDGE).max(2.0 * NODE + 3.0 * EDGE);
    place_left_column(&mut plan, layout, measures);
    plan
}

fn lane_plan(cabinet: Rect, has_tray: bool) -> LanePlan {
    let inner = cabinet.inset(10.0);
    let plate = Rect { x: inner.x, y: cabinet.y + 7.0, w: inner.w, h: 20.0 };
    let shelves = (cabinet.bottom() - 10.0 - plate.bottom() - 4.0 - 6.0) / 2.0;
    let ready = Rect { x: inner.x, y: plate.bottom() + 4.0, w: inner.w, h: shelves };
    let lower = ready.bottom() + 6.0;
    let w = (inner.w * 0.44).max(inner.w.min(236.0) / 2.0).floor();
    let waiting_width = if has_tray { w - 3.0 } else { inner.w };
    let waiting = Rect { x: inner.x, y: lower, w: waiting_width, h: shelves };
    let dead = Rect { x: inner.x + w + 3.0, y: lower, w: inner.w - w - 3.0, h: shelves };
    let h = if shelves < 50.0 { 24.0 } else { 28.0 };
    let redrive = Rect { x: dead.right() - 84.0, y: dead.bottom() - h - 3.0, w: 80.0, h };
    LanePlan {
        slots: fitting(ready.w - 12.0, PITCH),
        shelf: fitting(waiting.w - 5.0, WAIT_PITCH),
        pile: fitting(dead.w - 88.0 - 30.0 + DEAD_PITCH, DEAD_PITCH),
        cabinet,
        plate,
        ready,
        waiting,
        dead,
        redrive,
    }
}

fn place_workers(plan: &mut Plan, number: u16, lane: &Lane, frame: Rect, measures: Measures) {
    let Some(parts) = plan.lanes.last() else { return };
    let axis = parts.axis();
    let (x, exit) = (frame.right() + GUTTER, parts.ready.right());
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
        let provider = Rect { x: table.right() + measures.line, y, w: measures.provider, h };
        let knee = frame.right() + GUTTER / 2.0;
        let from = Point { x: exit, y: axis };
        let feed = [from, Point { x: knee, y: axis }, Point { x: knee, y: at }];
        let end = Point { x: table.x, y: at };
        let door = Point { x: provider.x + 28.0, y: at };
        plan.workers.push(WorkerPlan {
            lane: number,
            desks: desks(table, worker.concurrency_max, is_small, at),
            feed: Tube { points: feed.into_iter().chain([end]).collect() },
            line: Tube {
                points: vec![Point { x: table.right(), y: at }, Point { x: provider.x, y: at }],
            },
            switch: Point { x: table.right() + measures.line / 2.0, y: at },
            buttons: buttons(provider, is_small),
            table,
            provider,
            door,
            words: Point {
                x: provider.x + 53.0,
                y: if is_small { provider.y + 15.0 } else { at - 12.0 },
            },
            is_small,
        });
    }
}

fn buttons(provider: Rect, is_small: bool) -> [Rect; 3] {
    let (w, h, edge) = if is_small { (26.0, 24.0, 3.0) } else { (50.0, 30.0, 8.0) };
    let y = provider.bottom() - h - edge;
    let right = provider.right() - 7.0;
    [2.0, 1.0, 0.0].map(|from_right: f64| Rect { x: right - w - from_right * (w + 2.0), y, w, h })
}

/// Desks in two columns, level with the tray where they fit; or in one row where there is little
/// height. Those for which there is no room are left out.
fn desks(table: Rect, concurrency: u32, is_small: bool, axis: f64) -> Vec<Point> {
    let rows_max = if is_small { 1 } else { fitting(table.h - 2.0 * WORDS, DESK_PITCH) };
    let count = (concurrency as usize).min(DESKS_MAX).min(2 * rows_max);
    let columns = count.clamp(1, 2);
    let rows = count.div_ceil(columns);
    let half = (rows as f64 - 1.0) / 2.0 * DESK_PITCH;
    let reach = half + DESK_PITCH / 2.0;
    let (highest, lowest) = (table.y + WORDS + reach, table.bottom() - WORDS - reach);
    let middle = if is_small { axis } else { axis.max(highest).min(lowest.max(highest)) };
    (0..count)
        .map(|desk| Point {
            x: table.middle().x + ((desk % columns) as f64 - (columns as f64 - 1.0) / 2.0) * 36.0,
            y: middle - half + (desk / columns) as f64 * DESK_PITCH,
        })
        .collect()
}

fn place_left_column(plan: &mut Plan, layout: &Layout, measures: Measures) {
    let node = |y| {
        let rect = Rect { x: EDGE, y, w: measures.column, h: NODE };
        NodePlan { rect, sign: Point { x: rect.middle().x, y: y + 28.0 }, is_flat: false }
    };
    for (index, _) in layout.sources.iter().enumerate() {
        plan.sources.push(node(EDGE + index as f64 * (NODE + EDGE)));
    }
    let used = plan.sources.last().map_or(EDGE, |last| last.rect.bottom() + 36.0);
    for (number, topic) in (0_u16..).zip(&layout.topics) {
        let lanes: Vec<usize> = (0..layout.lanes.len())
            .filter(|lane| layout.lanes[*lane].topics.contains(&topic.topic))
            .collect();
        let axes: f64 = lanes.iter().map(|lane| plan.axis(*lane)).sum();
        let lowest = plan.height - EDGE - NODE;
        let level = axes / lanes.len().max(1) as f64 - 28.0;
        plan.topics.push(node(level.max(used).min(lowest)));
        for lane in lanes {
            let tube = step(plan, plan.topics[usize::from(number)], lane);
            plan.fan_out.push((number, lane as u16, tube));
        }
    }
    for (number, source) in (0_u16..).zip(&layout.sources) {
        let from = plan.sources[usize::from(number)];
        for to in &source.to {
            match to {
                Address::Topic(topic) => {
                    let to = layout.topics.iter().position(|node| node.topic == *topic);
                    if let Some(to) = to {
                        let points = vec![
                            Point { x: from.sign.x, y: from.rect.bottom() },
                            Point { x: from.sign.x, y: plan.topics[to].rect.y },
                        ];
                        plan.to_topics.push((number, to as u16, Tube { points }));
                    }
                }
                Address::Queue(queue) => {
                    let lane = layout.lanes.iter().position(|lane| lane.queue == *queue);
                    if let Some(lane) = lane {
                        plan.direct.push((number, lane as u16, step(plan, from, lane)));
                    }
                }
            }
        }
    }
}

/// From the right edge of a node across the trunk to a lane.
fn step(plan: &Plan, from: NodePlan, lane: usize) -> Tube {
    let start = Point { x: from.rect.right(), y: from.sign.y };
    let x = from.rect.right() + (plan.lanes[lane].cabinet.x - from.rect.right()) / 2.0;
    let end = Point { x: plan.lanes[lane].ready.x, y: plan.axis(lane) };
    let corners = if (start.y - end.y).abs() < 1.0 {
        vec![start, end]
    } else {
        vec![start, Point { x, y: start.y }, Point { x, y: end.y }, end]
    };
    Tube { points: corners }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_desks_finds_room_at_any_table() {
        for height in [40.0, 134.0, 160.0, 400.0] {
            let table = Rect { x: 0.0, y: 50.0, w: TABLE, h: height };
            for concurrency in [1, 2, 3, 8, 1_000] {
                let desks = desks(table, concurrency, false, table.middle().y);
                assert!((1..=DESKS_MAX.min(concurrency as usize)).contains(&desks.len()));
                for desk in desks {
                    let heights = table.y + WORDS..=table.bottom();
                    assert!(heights.contains(&desk.y), "{height} {concurrency} {desk:?}");
                }
            }
        }
    }
}
