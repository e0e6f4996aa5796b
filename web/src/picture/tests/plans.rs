//! Where things stand, at every width.

use postroom_core::Address;
use postroom_simulator::{Arrivals, Drawing, DrawnPart, Place};

use super::world::run;
use crate::picture::{Caller, LanePlan, Layout, Plan, Point, Rect, Service};

fn layouts() -> Vec<Layout> {
    let run = run(Arrivals::Constant { per_minute: 60 }, None, &[]);
    let two = Layout::clone(run.picture.layout());
    let mut five = two.clone();
    five.lanes.extend([two.lanes[0].clone(), two.lanes[1].clone(), two.lanes[0].clone()]);
    five.lanes[4].dead_letters = None;
    five.lanes[4].workers[0].concurrency_max = 1_000;
    let mut shared = two.clone();
    let worker = shared.lanes[0].workers[0].clone();
    shared.lanes[0].workers = vec![worker; 3];
    shared.sources.push(two.sources[0].clone());
    let mut waiting = two.clone();
    let caller = |calls: &[&str]| {
        let calls = calls.iter().map(|name| (*name).to_owned()).collect();
        Caller { name: "checkout".into(), label: "Checkout".into(), calls }
    };
    waiting.callers = vec![caller(&["bank", "mail"]), caller(&["fax", "bank"]), caller(&[])];
    let service = |name: &str| Service { name: name.into(), label: name.into() };
    waiting.services = ["bank", "mail", "tax", "fax", "telex"].map(service).to_vec();
    let only = Layout {
        callers: waiting.callers.clone(),
        services: waiting.services.clone(),
        ..Layout::default()
    };
    let mut chain = two.clone();
    let to = [Address::Queue(chain.lanes[0].queue), Address::Topic(chain.topics[0].topic)];
    chain.lanes[1].workers[0].publishes = to.to_vec();
    vec![two, five, shared, waiting, only, chain]
}

fn plans() -> impl Iterator<Item = Plan> {
    const WIDTHS: [f64; 9] = [328.0, 358.0, 400.0, 739.0, 740.0, 860.0, 1_000.0, 1_240.0, 1_900.0];
    layouts().into_iter().flat_map(|layout| {
        WIDTHS.map(|width| {
            let mut plan = Plan::new(&layout, width);
            plan.place_more(&layout, None);
            plan
        })
    })
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

#[test]
fn boxes_stand_on_the_stage_and_apart() {
    for plan in plans() {
        let stage = Rect { x: 0.0, y: 0.0, w: plan.width, h: plan.height };
        let nodes = plan.sources.iter().chain(&plan.topics).map(|node| node.rect);
        let workers = plan.workers.iter().flat_map(|worker| [worker.table, worker.provider]);
        let nodes = nodes.chain(plan.callers.iter().map(|node| node.rect));
        let nodes = nodes.chain(plan.services.iter().map(|service| service.rect));
        let boxes: Vec<Rect> =
            nodes.chain(plan.lanes.iter().map(|lane| lane.cabinet)).chain(workers).collect();
        for (index, one) in boxes.iter().enumerate() {
            assert!(one.is_within(&stage), "{one:?} at width {}", plan.width);
            for other in &boxes[index + 1..] {
                assert!(!overlap(*one, *other), "{one:?} and {other:?} at width {}", plan.width);
            }
        }
    }
}

#[test]
fn compartments_are_in_their_cabinets_and_hold_letters() {
    for plan in plans() {
        for lane in &plan.lanes {
            for part in [lane.plate, lane.ready, lane.waiting, lane.dead] {
                assert!(part.is_within(&lane.cabinet), "{part:?} at width {}", plan.width);
            }
            assert!(lane.redrive.is_within(&lane.dead), "at width {}", plan.width);
            assert!(lane.slots >= 5 && lane.shelf >= 3 && lane.pile >= 1, "at {}", plan.width);
        }
    }
}

#[test]
fn buttons_are_large_enough_to_be_hit() {
    for plan in plans() {
        // WCAG 2.2 asks for 24 pixels; a finger wants more.
        let least = if plan.is_wide { 24.0 } else { 32.0 };
        for worker in &plan.workers {
            for button in worker.buttons {
                assert!(button.is_within(&worker.provider), "at width {}", plan.width);
                assert!(button.w >= 24.0 && button.h >= least, "{button:?} at {}", plan.width);
            }
        }
        for lane in &plan.lanes {
            assert!(lane.redrive.h >= least.min(28.0), "at width {}", plan.width);
        }
    }
}

#[test]
fn desks_stand_in_their_table_and_apart() {
    for plan in plans() {
        for worker in &plan.workers {
            for (index, desk) in worker.desks.iter().enumerate() {
                let table = worker.table;
                let is_inside = (table.x..table.right()).contains(&desk.x)
                    && (table.y + 15.0..table.bottom() - 15.0).contains(&desk.y);
                assert!(is_inside, "{desk:?} in {table:?} at width {}", plan.width);
                let apart = worker.desks[index + 1..].iter().all(|it| it.distance(*desk) >= 31.0);
                assert!(apart, "{:?} at width {}", worker.desks, plan.width);
            }
        }
    }
}

#[test]
fn tubes_end_where_letters_enter() {
    for plan in plans() {
        for (_, lane, tube) in plan.fan_out.iter().chain(&plan.direct) {
            let tray = plan.lanes[usize::from(*lane)].ready;
            let end = tube.points.last().copied().unwrap_or_default();
            assert!((end.x - tray.x).abs() < 1.0, "at width {}", plan.width);
            assert!((tray.y..tray.bottom()).contains(&end.y), "at width {}", plan.width);
        }
        assert!(plan.lanes.is_empty() || !plan.fan_out.is_empty());
    }
}

#[test]
fn ways_are_on_the_stage_and_end_where_they_lead() {
    for plan in plans() {
        let stage = Rect { x: 0.0, y: 0.0, w: plan.width, h: plan.height };
        let emits = plan.emits_to_lanes.iter().chain(&plan.emits_to_topics);
        let ways = emits.map(|(_, _, tube)| tube).chain(plan.requests.iter().flatten());
        for point in ways.flat_map(|tube| &tube.points) {
            let dot = Rect { x: point.x, y: point.y, w: 0.0, h: 0.0 };
            assert!(dot.is_within(&stage), "{point:?} at width {}", plan.width);
        }
        for (_, lane, tube) in &plan.emits_to_lanes {
            let end = tube.points.last().copied().unwrap_or_default();
            let dot = Rect { x: end.x, y: end.y, w: 0.0, h: 0.0 };
            assert!(dot.is_within(&plan.lanes[usize::from(*lane)].cabinet), "{end:?}");
        }
        let hops: Vec<usize> = plan.requests.iter().map(Vec::len).collect();
        assert!(hops.is_empty() || hops == [2, 2, 0], "{hops:?}");
    }
}

#[test]
fn parts_stand_where_they_were_put_and_the_ways_follow() {
    for layout in layouts() {
        for width in [358, 1_000] {
            let lane = &layout.lanes.first();
            let Some(lane) = lane else { continue };
            let place = |part, name: &str, x, y| Place { part, name: name.to_owned(), x, y };
            let places = vec![
                place(DrawnPart::Queue, &lane.name, 240, 700),
                place(DrawnPart::Producer, &layout.sources[0].name, 20, 900),
                place(DrawnPart::Worker, &lane.workers[0].provider, 40, 1_200),
                place(DrawnPart::Service, "nobody", 1, 1),
            ];
            let drawing = Drawing { width, places };
            let mut plan = Plan::new(&layout, width.into());
            plan.place_more(&layout, Some(&drawing));
            let stage = Rect { x: 0.0, y: 0.0, w: plan.width, h: plan.height };
            for place in &drawing.places[..3] {
                let corner = plan.corner(&layout, place.part, &place.name);
                let put = Point { x: place.x.into(), y: place.y.into() };
                assert_eq!(corner, Some(put), "{}", place.name);
            }
            let LanePlan { cabinet, ready, .. } = &plan.lanes[0];
            assert!(ready.is_within(cabinet) && cabinet.is_within(&stage));
            let worker = &plan.workers[0];
            assert!(worker.frame().is_within(&stage));
            let end = worker.feed.points.last().expect("it leads somewhere");
            assert!((end.x, end.y) == (worker.table.x, end.y) || end.y == worker.table.y);
            for (_, to, tube) in plan.fan_out.iter().chain(&plan.direct) {
                let end = tube.points.last().expect("it leads somewhere");
                assert_eq!(end.x, plan.lanes[usize::from(*to)].ready.x);
                let crooked = tube.points.windows(2).find(|pair| {
                    (pair[0].x - pair[1].x).abs() > 1.0 && (pair[0].y - pair[1].y).abs() > 1.0
                });
                assert_eq!(crooked, None, "ways run straight");
            }
        }
    }
}
