//! Where everything stands, in pixels: a function of the layout and the width there is.

use postroom_simulator::{Drawing, DrawnPart};

use super::{journey::Spot, layout::Layout, shelf::PLACES_MAX};

mod direct;
mod emits;
mod hand;
mod narrow;
mod wide;

/// Desks that are drawn of one worker; further calls are only counted.
pub const DESKS_MAX: usize = 8;

/// From this width on, lanes run beside the source; below, everything is one column.
const WIDE_FROM: f64 = 740.0;

/// From the end of a tray to the middle of its first letter.
pub(crate) const HEAD: f64 = 22.0;

/// From one letter to the next in a tray.
pub(crate) const PITCH: f64 = 34.0;

/// The height of the caption inside a compartment.
pub(crate) const CAPTION: f64 = 20.0;

/// A point, in CSS pixels from the top left of the stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub w: f64,
    /// Its height.
    pub h: f64,
}

/// A way that letters take, as a line with corners.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tube {
    /// Its corners, ends included.
    pub points: Vec<Point>,
}

/// Where everything stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The width it was made for.
    pub width: f64,
    /// The height it takes.
    pub height: f64,
    /// Whether lanes run beside the source.
    pub is_wide: bool,
    /// Whether parts stand where somebody has put them.
    pub is_drawn: bool,
    /// One per source.
    pub sources: Vec<NodePlan>,
    /// One per topic.
    pub topics: Vec<NodePlan>,
    /// One per lane.
    pub lanes: Vec<LanePlan>,
    /// One per worker, lane by lane.
    pub workers: Vec<WorkerPlan>,
    /// From a source to a topic: (source, topic, way).
    pub to_topics: Vec<(u16, u16, Tube)>,
    /// From a topic to a lane: (topic, lane, way).
    pub fan_out: Vec<(u16, u16, Tube)>,
    /// From a source straight to a lane: (source, lane, way).
    pub direct: Vec<(u16, u16, Tube)>,
    /// From a worker's provider to a lane: (worker, lane, way).
    pub emits_to_lanes: Vec<(u16, u16, Tube)>,
    /// From a worker's provider to a topic: (worker, topic, way).
    pub emits_to_topics: Vec<(u16, u16, Tube)>,
    /// One per caller.
    pub callers: Vec<NodePlan>,
    /// One per service.
    pub services: Vec<ServicePlan>,
    /// The ways of each caller's requests, from itself to its first service and on.
    pub requests: Vec<Vec<Tube>>,
}

/// Where a source or a topic stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NodePlan {
    /// Its box.
    pub rect: Rect,
    /// The middle of its sign, where letters come and go.
    pub sign: Point,
    /// Whether its words are beside the sign, not below.
    pub is_flat: bool,
}

/// Where the parts of a lane stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LanePlan {
    /// The cabinet around all compartments.
    pub cabinet: Rect,
    /// The name plate.
    pub plate: Rect,
    /// The compartment of what is ready; its head is on the right.
    pub ready: Rect,
    /// The compartment of what waits.
    pub waiting: Rect,
    /// The dead-letter tray.
    pub dead: Rect,
    /// The redrive button.
    pub redrive: Rect,
    /// Letters in the ready compartment that are shown one by one.
    pub slots: usize,
    /// Letters in the waiting compartment that are shown one by one.
    pub shelf: usize,
    /// Dead letters that are shown one by one.
    pub pile: usize,
}

/// Where the parts of a worker stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkerPlan {
    /// Its lane.
    pub lane: u16,
    /// The table with its desks.
    pub table: Rect,
    /// Its desks, as many as there is room for.
    pub desks: Vec<Point>,
    /// The way from the tray to the table.
    pub feed: Tube,
    /// The way from the table to the provider.
    pub line: Tube,
    /// The breaker on it.
    pub switch: Point,
    /// The provider.
    pub provider: Rect,
    /// Where letters go in.
    pub door: Point,
    /// Where its words begin.
    pub words: Point,
    /// Its buttons: heal, fail, hang.
    pub buttons: [Rect; 3],
    /// Whether there is little room, so that words are left out.
    pub is_small: bool,
}

/// Where a service that is called directly stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServicePlan {
    /// Its box.
    pub rect: Rect,
    /// Its buttons: heal, fail, hang.
    pub buttons: [Rect; 3],
}

impl Plan {
    /// Where the parts of `layout` stand on a stage `width` pixels wide.
    #[must_use]
    pub fn new(layout: &Layout, width: f64) -> Self {
        if width >= WIDE_FROM { wide::plan(layout, width) } else { narrow::plan(layout, width) }
    }

    /// Finds the places of what not every page draws: those who call and wait, services, and the
    /// ways of what workers publish.
    pub fn place_more(&mut self, layout: &Layout, drawing: Option<&Drawing>) {
        direct::place(self, layout);
        if let Some(drawing) = drawing {
            hand::place(self, layout, drawing);
        }
        emits::place(self, layout);
        direct::lead(self, layout);
        if self.is_drawn {
            hand::fit(self);
        }
    }

    /// The upper left corner of a part that can be moved.
    #[must_use]
    pub fn corner(&self, layout: &Layout, part: DrawnPart, name: &str) -> Option<Point> {
        hand::frame_of(self, layout, part, name).map(|frame| Point { x: frame.x, y: frame.y })
    }

    /// The height at which letters run through a lane.
    fn axis(&self, lane: usize) -> f64 {
        self.lanes.get(lane).map_or(0.0, LanePlan::axis)
    }

    /// The place of slot `index` of a lane, counted from the head; fractions lie between slots.
    pub(crate) fn slot(&self, lane: u16, index: f64) -> Point {
        self.lanes.get(usize::from(lane)).map_or_else(Point::default, |lane| {
            let tray = lane.ready;
            let most = lane.slots as f64 - 0.5;
            let from_right = if index > most { tray.w - 40.0 } else { HEAD + index * PITCH };
            Point { x: tray.right() - from_right, y: lane.axis() }
        })
    }

    /// The place of a waiting letter, counted from the next one due.
    pub(crate) fn shelf(&self, lane: u16, index: f64) -> Point {
        self.lanes.get(usize::from(lane)).map_or_else(Point::default, |lane| {
            let shelf = lane.waiting;
            let most = lane.shelf as f64 - 0.5;
            let from_right = if index > most { shelf.w - 26.0 } else { 17.0 + index * WAIT_PITCH };
            Point { x: shelf.right() - from_right, y: shelf.y + (shelf.h + CAPTION) / 2.0 }
        })
    }

    /// The place of dead letter `index` of those shown.
    pub(crate) fn pile(&self, lane: u16, index: f64) -> Point {
        self.lanes.get(usize::from(lane)).map_or_else(Point::default, |lane| {
            let tray = lane.dead;
            let x = tray.x + 22.0 + index * DEAD_PITCH;
            Point { x, y: tray.y + (tray.h + CAPTION) / 2.0 }
        })
    }

    pub(crate) fn spot(&self, spot: Spot) -> Point {
        match spot {
            Spot::Source(source) => sign_of(self.sources.get(usize::from(source))),
            Spot::Topic(topic) => sign_of(self.topics.get(usize::from(topic))),
            Spot::Slot { lane, index } => self.slot(lane, index),
            Spot::Shelf { lane, index } => self.shelf(lane, index),
            Spot::Exit(lane) => {
                let slot = self.slot(lane, 0.0);
                Point { x: slot.x + PITCH, ..slot }
            }
            Spot::Desk { worker, desk } => {
                // A desk that is left out stands behind the last one.
                let desks = self.workers.get(usize::from(worker)).map(|worker| &worker.desks);
                let desk = desks.and_then(|desks| desks.get(usize::from(desk)).or(desks.last()));
                desk.copied().unwrap_or_default()
            }
            Spot::Provider(worker) => {
                self.workers.get(usize::from(worker)).map_or_else(Point::default, |w| w.door)
            }
            Spot::Tray(lane) => self.pile(lane, 0.0),
        }
    }

    /// The way through tubes from one spot to another, if there is one.
    pub(crate) fn tube(&self, from: Spot, to: Spot) -> Option<&Tube> {
        let lane_of = |spot| match spot {
            Spot::Slot { lane, .. } | Spot::Shelf { lane, .. } | Spot::Tray(lane) => Some(lane),
            _ => None,
        };
        let of = |tubes: &'_ [(u16, u16, Tube)], from, to| {
            tubes.iter().position(|(a, b, _)| (*a, *b) == (from, to))
        };
        match (from, to) {
            (Spot::Exit(lane), Spot::Desk { worker, .. }) if self.is_drawn => {
                let exit = self.lanes.get(usize::from(lane))?.ready.right();
                let feed = &self.workers.get(usize::from(worker))?.feed;
                feed.points.first().filter(|start| start.x == exit).map(|_| feed)
            }
            (Spot::Source(source), Spot::Topic(topic)) => {
                of(&self.to_topics, source, topic).map(|index| &self.to_topics[index].2)
            }
            (Spot::Source(source), to) => {
                of(&self.direct, source, lane_of(to)?).map(|index| &self.direct[index].2)
            }
            (Spot::Topic(topic), to) => {
                of(&self.fan_out, topic, lane_of(to)?).map(|index| &self.fan_out[index].2)
            }
            (Spot::Provider(worker), Spot::Topic(topic)) => {
                let index = of(&self.emits_to_topics, worker, topic);
                index.map(|index| &self.emits_to_topics[index].2)
            }
            (Spot::Provider(worker), to) => {
                let index = of(&self.emits_to_lanes, worker, lane_of(to)?);
                index.map(|index| &self.emits_to_lanes[index].2)
            }
            _ => None,
        }
    }
}

/// From one waiting letter to the next.
pub(crate) const WAIT_PITCH: f64 = 24.5;

/// From one dead letter to the next.
pub(crate) const DEAD_PITCH: f64 = 12.0;

fn sign_of(node: Option<&NodePlan>) -> Point {
    node.map_or_else(Point::default, |node| node.sign)
}

/// How many letters fit into `width` at `pitch`.
fn fitting(width: f64, pitch: f64) -> usize {
    ((width / pitch).max(1.0) as usize).min(PLACES_MAX)
}

impl WorkerPlan {
    /// The box around the table and the provider.
    #[must_use]
    pub fn frame(&self) -> Rect {
        let (table, provider) = (self.table, self.provider);
        let (x, y) = (table.x.min(provider.x), table.y.min(provider.y));
        let right = table.right().max(provider.right());
        let bottom = table.bottom().max(provider.bottom());
        Rect { x, y, w: right - x, h: bottom - y }
    }
}

impl LanePlan {
    /// The height at which letters run through it.
    fn axis(&self) -> f64 {
        self.ready.y + (self.ready.h + CAPTION) / 2.0
    }

    /// The walls between the pigeonholes of the ready compartment, from the head.
    pub fn walls(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.slots).map(|slot| self.ready.right() - HEAD - (slot as f64 + 0.5) * PITCH)
    }
}

impl Point {
    /// The point `share` of the way to `to`.
    #[must_use]
    pub fn toward(self, to: Self, share: f64) -> Self {
        Self { x: self.x + (to.x - self.x) * share, y: self.y + (to.y - self.y) * share }
    }

    fn shift(&mut self, by: Self) {
        self.x += by.x;
        self.y += by.y;
    }

    /// How far it is to `to`.
    #[must_use]
    pub fn distance(self, to: Self) -> f64 {
        let (x, y) = (to.x - self.x, to.y - self.y);
        (x * x + y * y).sqrt()
    }
}

impl Rect {
    fn shift(&mut self, by: Point) {
        self.x += by.x;
        self.y += by.y;
    }

    /// Its right edge.
    #[must_use]
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Its lower edge.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// Its middle.
    #[must_use]
    pub fn middle(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// It without `by` on every side.
    #[must_use]
    pub fn inset(&self, by: f64) -> Self {
        Self { x: self.x + by, y: self.y + by, w: self.w - 2.0 * by, h: self.h - 2.0 * by }
    }

    /// Whether it lies within `other`.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.x >= other.x
            && self.y >= other.y
            && self.right() <= other.right()
            && self.bottom() <= other.bottom()
    }
}

impl Tube {
    /// The point `share` of the way along it and on to `to`.
    pub(crate) fn along(&self, to: Point, share: f64) -> Point {
        let stops = || self.points.iter().copied().chain([to]);
        let steps = || stops().zip(stops().skip(1));
        let whole: f64 = steps().map(|(a, b)| a.distance(b)).sum();
        let mut left = whole * share;
        for (a, b) in steps() {
            let step = a.distance(b);
            if left <= step {
                return a.toward(b, if step > 0.0 { left / step } else { 0.0 });
            }
            left -= step;
        }
        to
    }

    /// The point in its middle.
    #[must_use]
    pub fn middle(&self) -> Point {
        self.points.last().map_or_else(Point::default, |end| self.along(*end, 0.5))
    }
}
