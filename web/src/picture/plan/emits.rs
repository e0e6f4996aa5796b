//! The ways from workers to what they publish to.

use postroom_core::Address;

use super::{super::layout::Layout, Plan, Point, Rect, Tube};

/// From the edge of the stage to a line along it.
const MARGIN: f64 = 7.0;
/// From a lane to the line above it.
const ABOVE: f64 = 8.0;

/// Places the ways of everything that publishes when its work is done.
pub(super) fn place(plan: &mut Plan, layout: &Layout) {
    let workers = layout.lanes.iter().flat_map(|lane| &lane.workers);
    for (number, worker) in (0_u16..).zip(workers) {
        let Some(from) = plan.workers.get(usize::from(number)).map(|worker| worker.provider) else {
            continue;
        };
        for to in &worker.publishes {
            match to {
                Address::Queue(queue) => {
                    let lane = layout.lanes.iter().position(|lane| lane.queue == *queue);
                    if let Some(lane) = lane {
                        let tube = to_cabinet(plan, from, plan.lanes[lane].cabinet);
                        plan.emits_to_lanes.push((number, lane as u16, tube));
                    }
                }
                Address::Topic(topic) => {
                    let node = layout.topics.iter().position(|node| node.topic == *topic);
                    if let Some(node) = node {
                        let tube = to_topic(plan, from, plan.topics[node].rect);
                        plan.emits_to_topics.push((number, node as u16, tube));
                    }
                }
            }
        }
    }
}

/// Along the right edge and over the lane; on a phone along the left edge.
fn to_cabinet(plan: &Plan, from: Rect, to: Rect) -> Tube {
    let at = |x, y| Point { x, y };
    let start = from.middle().y;
    let points = if plan.is_wide {
        let (edge, over, x) = (plan.width - MARGIN, to.y - ABOVE, to.right() - 28.0);
        vec![at(from.right(), start), at(edge, start), at(edge, over), at(x, over), at(x, to.y)]
    } else {
        let (edge, y) = (to.x - 5.0, to.y + 16.0);
        vec![at(from.x, start), at(edge, start), at(edge, y), at(to.x, y)]
    };
    Tube { points }
}

/// The same to the left column.
fn to_topic(plan: &Plan, from: Rect, to: Rect) -> Tube {
    let at = |x, y| Point { x, y };
    let (start, end) = (from.middle().y, to.y + 14.0);
    let points = if plan.is_wide {
        let lanes = plan.lanes.iter().map(|lane| lane.cabinet.y - ABOVE);
        let over = lanes.min_by(|a, b| (a - end).abs().total_cmp(&(b - end).abs()));
        let (edge, over) = (plan.width - MARGIN, over.unwrap_or(end));
        let x = to.right() + 8.0;
        vec![
            at(from.right(), start),
            at(edge, start),
            at(edge, over),
            at(x, over),
            at(x, end),
            at(to.right(), end),
        ]
    } else {
        let edge = to.x - 5.0;
        vec![at(from.x, start), at(edge, start), at(edge, end), at(to.x, end)]
    };
    Tube { points }
}
