//! What was moved by hand: parts stand where they were put, and the ways follow them.

use postroom_simulator::{Drawing, DrawnPart};

use super::{super::layout::Layout, LanePlan, NodePlan, Plan, Point, Rect, Tube, WorkerPlan};

/// From the farthest part to the edge of the picture.
const EDGE: f64 = 16.0;
/// A way runs so far straight on before it turns.
const STUB: f64 = 14.0;

/// Puts the parts of a drawing where it says. What leads to one of them or away is found anew.
pub(super) fn place(plan: &mut Plan, layout: &Layout, drawing: &Drawing) {
    let mut own = vec![false; plan.workers.len()];
    let mut is_moved = false;
    for place in &drawing.places {
        let Some(part) = find(layout, place.part, &place.name) else { continue };
        let Some(frame) = frame(plan, part) else { continue };
        let by = Point { x: f64::from(place.x) - frame.x, y: f64::from(place.y) - frame.y };
        is_moved = true;
        match part {
            Part::Source(index) => shift_node(&mut plan.sources[index], by),
            Part::Topic(index) => shift_node(&mut plan.topics[index], by),
            Part::Caller(index) => shift_node(&mut plan.callers[index], by),
            Part::Service(index) => {
                let service = &mut plan.services[index];
                service.rect.shift(by);
                service.buttons.iter_mut().for_each(|rect| rect.shift(by));
            }
            Part::Lane(index) => {
                shift_lane(plan, index, by);
                // Workers stay beside their queue unless they were moved themselves.
                let workers = plan.workers.iter_mut().zip(&own);
                let beside =
                    workers.filter(|(worker, own)| usize::from(worker.lane) == index && !**own);
                beside.for_each(|(worker, _)| shift_worker(worker, by));
            }
            Part::Worker(index) => {
                shift_worker(&mut plan.workers[index], by);
                own[index] = true;
            }
        }
    }
    if is_moved {
        plan.is_drawn = true;
        lead(plan);
    }
}

/// Makes the picture as large as what is in it.
pub(super) fn fit(plan: &mut Plan) {
    let ways =
        [&plan.to_topics, &plan.fan_out, &plan.direct, &plan.emits_to_lanes, &plan.emits_to_topics];
    let ways = ways.into_iter().flatten().map(|(_, _, tube)| tube);
    let ways = ways.chain(plan.workers.iter().map(|worker| &worker.feed));
    let ways = ways.chain(plan.requests.iter().flatten());
    let corners: Vec<Point> = ways.flat_map(|tube| tube.points.iter().copied()).collect();
    let ends = frames(plan).map(|rect| Point { x: rect.right(), y: rect.bottom() });
    let ends: Vec<Point> = ends.chain(corners).collect();
    let right = ends.iter().map(|end| end.x).fold(0.0, f64::max);
    let bottom = ends.iter().map(|end| end.y).fold(0.0, f64::max);
    plan.width = plan.width.max(right + EDGE / 2.0);
    plan.height = bottom + EDGE;
}

/// The box around a part, by its kind and name.
pub(super) fn frame_of(plan: &Plan, layout: &Layout, part: DrawnPart, name: &str) -> Option<Rect> {
    frame(plan, find(layout, part, name)?)
}

/// The place of a part in its list.
#[derive(Clone, Copy)]
enum Part {
    Source(usize),
    Topic(usize),
    Lane(usize),
    Worker(usize),
    Caller(usize),
    Service(usize),
}

fn find(layout: &Layout, part: DrawnPart, name: &str) -> Option<Part> {
    let workers = || layout.lanes.iter().flat_map(|lane| &lane.workers);
    Some(match part {
        DrawnPart::Producer => Part::Source(layout.sources.iter().position(|it| it.name == name)?),
        DrawnPart::Topic => Part::Topic(layout.topics.iter().position(|it| it.name == name)?),
        DrawnPart::Queue => Part::Lane(layout.lanes.iter().position(|it| it.name == name)?),
        DrawnPart::Worker => Part::Worker(workers().position(|it| it.provider == name)?),
        DrawnPart::Caller => Part::Caller(layout.callers.iter().position(|it| it.name == name)?),
        DrawnPart::Service => Part::Service(layout.services.iter().position(|it| it.name == name)?),
    })
}

fn frame(plan: &Plan, part: Part) -> Option<Rect> {
    match part {
        Part::Source(index) => plan.sources.get(index).map(|node| node.rect),
        Part::Topic(index) => plan.topics.get(index).map(|node| node.rect),
        Part::Caller(index) => plan.callers.get(index).map(|node| node.rect),
        Part::Service(index) => plan.services.get(index).map(|service| service.rect),
        Part::Lane(index) => plan.lanes.get(index).map(|lane| lane.cabinet),
        Part::Worker(index) => plan.workers.get(index).map(WorkerPlan::frame),
    }
}

fn frames(plan: &Plan) -> impl Iterator<Item = Rect> {
    let nodes = plan.sources.iter().chain(&plan.topics).chain(&plan.callers).map(|node| node.rect);
    let lanes = plan.lanes.iter().map(|lane| lane.cabinet);
    let services = plan.services.iter().map(|service| service.rect);
    nodes.chain(lanes).chain(services).chain(plan.workers.iter().map(WorkerPlan::frame))
}

fn shift_node(node: &mut NodePlan, by: Point) {
    node.rect.shift(by);
    node.sign.shift(by);
}

fn shift_lane(plan: &mut Plan, lane: usize, by: Point) {
    let lane = &mut plan.lanes[lane];
    let rects = [
        &mut lane.cabinet,
        &mut lane.plate,
        &mut lane.ready,
        &mut lane.waiting,
        &mut lane.dead,
        &mut lane.redrive,
    ];
    rects.into_iter().for_each(|rect| rect.shift(by));
}

fn shift_worker(worker: &mut WorkerPlan, by: Point) {
    let points = worker.desks.iter_mut().chain(&mut worker.line.points);
    let points = points.chain([&mut worker.switch, &mut worker.door, &mut worker.words]);
    points.for_each(|point| point.shift(by));
    let rects = worker.buttons.iter_mut().chain([&mut worker.table, &mut worker.provider]);
    rects.for_each(|rect| rect.shift(by));
}

/// Finds all ways between the parts anew.
fn lead(plan: &mut Plan) {
    let Plan { sources, topics, lanes, workers, .. } = plan;
    for (from, lane, tube) in &mut plan.fan_out {
        *tube = to_lane(topics[usize::from(*from)], &lanes[usize::from(*lane)]);
    }
    for (from, lane, tube) in &mut plan.direct {
        *tube = to_lane(sources[usize::from(*from)], &lanes[usize::from(*lane)]);
    }
    for (from, topic, tube) in &mut plan.to_topics {
        let (from, to) = (sources[usize::from(*from)], topics[usize::from(*topic)]);
        let end = Point { x: to.rect.x, y: to.sign.y };
        *tube = drop(from.rect, to.rect).unwrap_or_else(|| from_node(from, to.rect, end));
    }
    for worker in workers {
        let lane = &lanes[usize::from(worker.lane)];
        worker.feed = drop(lane.cabinet, worker.table).unwrap_or_else(|| {
            let start = Point { x: lane.ready.right(), y: lane.axis() };
            let level = worker.line.points.first().map_or(worker.table.y, |point| point.y);
            way(lane.cabinet, start, worker.table, Point { x: worker.table.x, y: level })
        });
    }
}

fn to_lane(from: NodePlan, lane: &LanePlan) -> Tube {
    from_node(from, lane.cabinet, Point { x: lane.ready.x, y: lane.axis() })
}

fn from_node(from: NodePlan, to: Rect, end: Point) -> Tube {
    way(from.rect, Point { x: from.rect.right(), y: from.sign.y }, to, end)
}

/// Straight down to what stands below.
fn drop(from: Rect, to: Rect) -> Option<Tube> {
    let x = to.middle().x;
    let is_below = to.y > from.bottom() && (from.x..from.right()).contains(&x);
    is_below.then(|| Tube { points: vec![Point { x, y: from.bottom() }, Point { x, y: to.y }] })
}

/// From the right of a box to the left of another, around both where there is no room between.
pub(super) fn way(from: Rect, start: Point, to: Rect, end: Point) -> Tube {
    let at = |x, y| Point { x, y };
    let points = if start.x + 2.0 * STUB <= end.x {
        let x = f64::midpoint(start.x.max(from.right()), end.x.min(to.x));
        if (start.y - end.y).abs() < 1.0 {
            vec![start, end]
        } else {
            vec![start, at(x, start.y), at(x, end.y), end]
        }
    } else {
        let out = from.right() + STUB;
        let into = (to.x - STUB).max(3.0);
        let between = if to.y >= from.bottom() {
            f64::midpoint(from.bottom(), to.y)
        } else if from.y >= to.bottom() {
            f64::midpoint(to.bottom(), from.y)
        } else {
            (from.y.min(to.y) - STUB).max(3.0)
        };
        vec![start, at(out, start.y), at(out, between), at(into, between), at(into, end.y), end]
    };
    Tube { points }
}
