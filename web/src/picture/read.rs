//! Reading the picture at a time: what is to be drawn of the letters, and where.

use postroom_core::{MessageId, Span, Timestamp};

use super::{
    Picture, WorkerState,
    ghost::Ghost,
    journey::{Journey, Leg, Look, Spot, Whereabouts},
    lane::{LaneState, Letter, Place, spans},
    mark::{Mark, Shape},
    plan::{self, CAPTION, Plan, Point, Rect},
};

/// From this many letters of one lane under way on, the rest is a number.
const MOVING_MAX: usize = 48;

/// How a picture is read.
struct Reading<'a> {
    plan: &'a Plan,
    now: u64,
    /// Nothing travels.
    is_still: bool,
    marks: &'a mut Vec<Mark>,
}

impl Picture {
    /// Puts everything that is to be drawn of the letters at `now` into `marks`, back to front.
    /// `is_still`: letters stand where they arrive, for those who want no motion.
    pub fn read(&self, plan: &Plan, now: Timestamp, is_still: bool, marks: &mut Vec<Mark>) {
        marks.clear();
        let mut reading = Reading { plan, now: now.as_micros(), is_still, marks };
        for (number, lane) in (0_u16..).zip(&self.lanes).take(plan.lanes.len()) {
            reading.rest(number, lane);
        }
        for (number, worker) in (0_u16..).zip(&self.workers).take(plan.workers.len()) {
            reading.at_desks(number, worker, &self.lanes[usize::from(worker.lane)]);
        }
        for (number, lane) in (0_u16..).zip(&self.lanes).take(plan.lanes.len()) {
            reading.move_lane(number, lane);
        }
        for ghost in self.ghosts.at(reading.now) {
            reading.ghost(ghost);
        }
    }
}

impl Reading<'_> {
    /// What has its place, arrived or about to.
    fn rest(&mut self, number: u16, lane: &LaneState) {
        let Some(parts) = self.plan.lanes.get(usize::from(number)) else { return };
        let (slots, ready) = shown(lane.ready.len(), parts.slots, 4);
        let (places, waiting) = shown(lane.waiting.len(), parts.shelf, 2);
        let pile = parts.pile;
        let bars = [
            (parts.ready, plan::HEAD + slots as f64 * plan::PITCH, ready),
            (parts.waiting, plan::HEAD + places as f64 * plan::WAIT_PITCH, waiting),
        ];
        for (tray, taken, count) in bars {
            if count > 0 {
                self.bar(number, tray, tray.w - taken - 4.0, count);
            }
        }
        for (index, message) in lane.dead.values().rev().take(pile).rev().enumerate() {
            let at = self.plan.pile(number, index as f64);
            let shape = Shape::Dead { tilt: tilt(*message) };
            self.place(number, lane, *message, at, shape);
        }
        for (index, message) in lane.waiting.places(self.now, places) {
            let at = self.plan.shelf(number, index);
            let Some(letter) = lane.letters.get(message) else { continue };
            self.place(number, lane, message, at, self.waiting(letter));
        }
        for (index, message) in lane.ready.places(self.now, slots) {
            let at = self.plan.slot(number, index);
            let Some(letter) = lane.letters.get(message) else { continue };
            let shape = Shape::Letter { failed: false, tries: letter.deliveries };
            self.place(number, lane, message, at, shape);
        }
    }

    /// A letter that has its place: there, or on its way there.
    fn place(
        &mut self,
        number: u16,
        lane: &LaneState,
        message: MessageId,
        at: Point,
        shape: Shape,
    ) {
        let Some(letter) = lane.letters.get(message) else { return };
        match self.whereabouts(&letter.journey) {
            Whereabouts::There(_) => {
                let (message, lane) = (Some(message), Some(number));
                let ends_in = self.ends_in(letter);
                self.marks.push(Mark { at, shape, message, lane, heading: None, ends_in });
            }
            Whereabouts::Moving { leg, share, last } => {
                let to = if last { at } else { self.plan.spot(leg.to) };
                self.moving(number, message, letter.deliveries, leg, share, to);
            }
            Whereabouts::NotYet => {}
        }
    }

    /// Whatever is on its way and has no place of its own.
    fn move_lane(&mut self, number: u16, lane: &LaneState) {
        let Some(parts) = self.plan.lanes.get(usize::from(number)) else { return };
        let (slots, _) = shown(lane.ready.len(), parts.slots, 4);
        let (places, _) = shown(lane.waiting.len(), parts.shelf, 2);
        let oldest_shown = lane.dead.keys().rev().nth(parts.pile - 1).unwrap_or(0);
        let (mut drawn, mut rest) = (0, 0);
        for message in &lane.moving {
            let Some(letter) = lane.letters.get(*message) else { continue };
            let is_placed = match letter.place {
                Place::Ready(key) => lane.ready.is_within(key, slots),
                Place::Waiting { key, .. } => lane.waiting.is_within(key, places),
                Place::Dead(ticket) => ticket >= oldest_shown,
                Place::Held(Some(work)) => work.desk.is_some(),
                Place::Held(None) | Place::Redriven => false,
            };
            if is_placed {
                continue;
            }
            match self.whereabouts(&letter.journey) {
                Whereabouts::Moving { .. } if drawn == MOVING_MAX => rest += 1,
                Whereabouts::Moving { leg, share, last } => {
                    let to = if last {
                        self.beyond(number, letter, leg.to)
                    } else {
                        self.plan.spot(leg.to)
                    };
                    self.moving(number, *message, letter.deliveries, leg, share, to);
                    drawn += 1;
                }
                Whereabouts::There(_) | Whereabouts::NotYet => {}
            }
        }
        if rest > 0 {
            let way = self.plan.fan_out.iter().chain(&self.plan.direct).find(|w| w.1 == number);
            let at = way.map_or_else(|| parts.ready.middle(), |(_, _, tube)| tube.middle());
            self.push(at, Shape::Stream { count: rest }, None, Some(number), None);
        }
    }

    /// Where a letter goes that is not among those shown one by one.
    fn beyond(&self, number: u16, letter: &Letter, goal: Spot) -> Point {
        match letter.place {
            Place::Ready(_) => self.plan.slot(number, f64::INFINITY),
            Place::Waiting { .. } => self.plan.shelf(number, f64::INFINITY),
            Place::Dead(_) | Place::Held(_) | Place::Redriven => self.plan.spot(goal),
        }
    }

    /// Who sits at a desk, or is about to.
    fn at_desks(&mut self, number: u16, worker: &WorkerState, lane: &LaneState) {
        let desks = self.plan.workers.get(usize::from(number)).map_or(0, |it| it.desks.len());
        for (desk, message) in (0_u16..).zip(&worker.desks).take(desks) {
            let Some(message) = *message else { continue };
            let Some(letter) = lane.letters.get(message) else { continue };
            let Place::Held(Some(work)) = letter.place else { continue };
            let whole = work.deadline.saturating_sub(work.since).max(1) as f64;
            let left = work.deadline.saturating_sub(self.now) as f64 / whole;
            let tries = letter.deliveries.saturating_sub(1);
            let shape = Shape::Working { left: left.min(1.0), tries };
            let at = self.plan.spot(Spot::Desk { worker: number, desk });
            self.place(worker.lane, lane, message, at, shape);
        }
    }

    fn ends_in(&self, letter: &Letter) -> Option<Span> {
        let end = match letter.place {
            Place::Held(Some(work)) => work.deadline,
            Place::Waiting { due: Some(due), .. } => due,
            _ => return None,
        };
        Some(Span::from_micros(end.saturating_sub(self.now)))
    }

    fn waiting(&self, letter: &Letter) -> Shape {
        let (left, blocked) = match letter.place {
            Place::Waiting { since, due: Some(due), .. } => {
                let whole = due.saturating_sub(since).max(1) as f64;
                (due.saturating_sub(self.now) as f64 / whole, false)
            }
            _ => (1.0, true),
        };
        Shape::Waiting { left: left.clamp(0.0, 1.0), tries: letter.deliveries, blocked }
    }

    fn ghost(&mut self, ghost: &Ghost) {
        let begins = if self.is_still { ghost.left } else { ghost.ends_from() };
        let ending = |now: u64| now.saturating_sub(begins) as f64 / spans::END as f64;
        match (self.whereabouts(&ghost.journey), ghost.end) {
            (Whereabouts::Moving { leg, share, .. }, _) => {
                let Some(message) = ghost.message else { return };
                let to = self.plan.spot(leg.to);
                let (at, heading) = self.on_the_way(leg, share, to);
                let shape = travelling(leg, share, message, 0);
                self.push(at, shape, Some(message), ghost.lane, heading);
            }
            (Whereabouts::There(spot), Some(end)) => {
                let share = ending(self.now);
                if share < 1.0 {
                    let at = self.plan.spot(spot);
                    let shape =
                        Shape::Ending { end, share: if self.is_still { 0.3 } else { share } };
                    self.push(at, shape, ghost.message, ghost.lane, None);
                }
            }
            (Whereabouts::There(_), None) | (Whereabouts::NotYet, _) => {}
        }
    }

    fn moving(
        &mut self,
        lane: u16,
        message: MessageId,
        deliveries: u32,
        leg: Leg,
        share: f64,
        to: Point,
    ) {
        let (at, heading) = self.on_the_way(leg, share, to);
        let shape = travelling(leg, share, message, deliveries.saturating_sub(1));
        self.push(at, shape, Some(message), Some(lane), heading);
    }

    /// The point `share` of the way along a leg, and the direction there.
    fn on_the_way(&self, leg: Leg, share: f64, to: Point) -> (Point, Option<Point>) {
        if let Look::Called(_) = leg.look {
            return (to, None);
        }
        let from = self.plan.spot(leg.from);
        let tube = self.plan.tube(leg.from, leg.to);
        let point = |share: f64| match tube {
            Some(tube) => tube.along(to, share),
            None => arc(from, to, share, lift(leg)),
        };
        let eased = ease(share);
        let (at, next) = (point(eased), point((eased + 0.02).min(1.0)));
        let step = at.distance(next).max(0.001);
        (at, Some(Point { x: (next.x - at.x) / step, y: (next.y - at.y) / step }))
    }

    fn bar(&mut self, lane: u16, tray: Rect, width: f64, count: u64) {
        let (y, h) = (tray.y + CAPTION + 2.0, tray.h - CAPTION - 8.0);
        let rect = Rect { x: tray.x + 8.0, y, w: width.max(40.0), h };
        let fill = fullness(count);
        self.push(rect.middle(), Shape::Bar { rect, fill, count }, None, Some(lane), None);
    }

    fn whereabouts(&self, journey: &Journey) -> Whereabouts {
        if self.is_still {
            Whereabouts::There(journey.goal())
        } else {
            journey.whereabouts(self.now)
        }
    }

    fn push(
        &mut self,
        at: Point,
        shape: Shape,
        message: Option<MessageId>,
        lane: Option<u16>,
        heading: Option<Point>,
    ) {
        self.marks.push(Mark { at, shape, message, lane, heading, ends_in: None });
    }
}

/// What a letter looks like on its way.
fn travelling(leg: Leg, share: f64, message: MessageId, tries: u32) -> Shape {
    match (leg.look, leg.to) {
        (Look::Called(took), _) => Shape::Working { left: 1.0 - took * share, tries },
        (_, Spot::Tray(_)) => Shape::Dead { tilt: tilt(message) * share * 2.0 },
        (look, _) => Shape::Letter { failed: look == Look::Failed, tries },
    }
}

/// How many of `count` are shown one by one where `places` fit, and how many are in a bar that
/// takes at least `bar` places.
fn shown(count: u64, places: usize, bar: usize) -> (usize, u64) {
    if count <= places as u64 {
        (places, 0)
    } else {
        let shown = places.saturating_sub(bar.max(places / 3)).max(1);
        (shown, count - shown as u64)
    }
}

/// How full a bar is: a tenth for one letter, all for ten thousand, with every doubling as much
/// more.
fn fullness(count: u64) -> f64 {
    let whole = (count + 1).ilog2();
    let rest = (count + 1) as f64 / (1_u64 << whole) as f64 - 1.0;
    ((f64::from(whole) + rest) / 13.2).clamp(0.1, 1.0)
}

/// Slow, fast, slow.
fn ease(share: f64) -> f64 {
    share * share * (3.0 - 2.0 * share)
}

/// How high a way through the air rises above a straight line, as a share of its length.
fn lift(leg: Leg) -> f64 {
    match leg.to {
        Spot::Tray(_) => 0.30,
        Spot::Shelf { .. } => 0.22,
        Spot::Slot { .. } => 0.25,
        _ => 0.0,
    }
}

fn arc(from: Point, to: Point, share: f64, lift: f64) -> Point {
    let straight = from.toward(to, share);
    let rise = lift * from.distance(to) * 4.0 * share * (1.0 - share);
    Point { y: straight.y - rise, ..straight }
}

/// An angle by which dead letters lie askew, always the same for one message.
fn tilt(message: MessageId) -> f64 {
    let scattered = postroom_core::mix(message.number) % 1_000;
    (scattered as f64 / 1_000.0 - 0.5) * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_takes_over_where_places_end() {
        assert_eq!(shown(10, 10, 4), (10, 0));
        let (one_by_one, in_bar) = shown(11, 10, 4);
        assert_eq!((one_by_one as u64) + in_bar, 11);
        assert!(one_by_one < 10, "the bar needs room");
        assert_eq!(shown(1_000_000, 10, 4), (6, 999_994));
    }

    #[test]
    fn a_bar_fills_from_a_tenth_to_the_whole() {
        assert_eq!((fullness(1), fullness(10_100)), (0.1, 1.0));
        assert!((1..10_000).all(|count| fullness(count) <= fullness(count + 1)));
        assert_eq!(fullness(u64::MAX - 1), 1.0);
    }

    #[test]
    fn ways_begin_and_end_where_they_should() {
        let (a, b) = (Point { x: 0.0, y: 0.0 }, Point { x: 10.0, y: 4.0 });
        assert_eq!((arc(a, b, 0.0, 0.3), arc(a, b, 1.0, 0.3)), (a, b));
        assert_eq!((ease(0.0), ease(0.5), ease(1.0)), (0.0, 0.5, 1.0));
    }
}
